from __future__ import annotations

import pytest

from storefront.users import throttle
from tests.catalogued import broken_app, catalogue_app, client
from tests.shopping import gateway, shop

__all__ = ["broken_app", "catalogue_app", "client", "gateway", "shop"]


@pytest.fixture(autouse=True)
def nobody_has_tried_yet(redis):
    redis.flushall()
    throttle._local.counts.clear()
