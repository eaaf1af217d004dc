"""The first page: is the shop all right, what changed, what is degraded."""
