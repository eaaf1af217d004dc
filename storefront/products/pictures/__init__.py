"""Drawings of the goods, made from a product's shape, colour and style. Pure: the same things, the same bytes."""
