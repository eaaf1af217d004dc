"""The single checks of checks.py, by what they look at."""
