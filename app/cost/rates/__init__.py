"""Currencies: what a unit of each was worth, and since when."""
