"""Looks: layout, macros, style sheets, small scripts. Knows no feature of the shop."""
