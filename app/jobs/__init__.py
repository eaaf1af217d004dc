"""Scheduled jobs: each run with its time, duration, outcome and lateness, and "run now"."""
