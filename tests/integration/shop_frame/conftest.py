from tests.catalogued import broken_app, catalogue_app, client

__all__ = ["broken_app", "catalogue_app", "client"]
