"""Silences: Alertmanager keeps them; we show, make and end them, and remind before one ends."""
