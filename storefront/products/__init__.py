"""The catalogue: categories, products, variants with stock, their pictures, listing and search."""
