"""Looks: layout, macros, tokens and scripts. Knows no feature."""
