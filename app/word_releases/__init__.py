"""Releases of words shown to a share of shoppers first: watched, stepped up, halted."""
