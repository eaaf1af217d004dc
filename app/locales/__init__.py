"""Words of the shop in every language: edited, checked, released, rolled back."""
