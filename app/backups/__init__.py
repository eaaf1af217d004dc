"""Backups: made, sealed, proven by restoring them, forgotten in order, and brought back."""
