"""Cards, the gateway in front of them, and what it answered."""
