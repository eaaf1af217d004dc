"""Promises that an investment pays back, held against what was measured."""
