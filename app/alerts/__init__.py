"""What fires, since when, who took it, and whether monitoring itself still sees."""
