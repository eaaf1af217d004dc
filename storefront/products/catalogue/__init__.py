"""An invented house-ware catalogue, made from tables and a seed. Pure: the same seed, the same shop."""
