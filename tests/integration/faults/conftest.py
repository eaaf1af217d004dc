from __future__ import annotations

from collections.abc import Iterator

import pytest

from storefront import flags
from tests.shopping import gateway, shop

__all__ = ["gateway", "shop"]


@pytest.fixture(autouse=True)
def all_flags_off_afterwards() -> Iterator[None]:
    yield
    flags.stop()
