from tests.shopping import gateway, shop

__all__ = ["gateway", "shop"]
