"""Prices in other currencies, as those who run the shop set them: `python -m storefront.prices`."""
