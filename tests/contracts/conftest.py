from __future__ import annotations

import itertools

import pytest

ROLE = {"control": "backroom", "storefront": "shop"}


@pytest.fixture
def fresh_database(services):
    """Makes an empty database for an owner's migrations; answers its URL."""
    made, numbers = [], itertools.count()
    admin = services.cluster.connect("postgres")

    def make(owner: str) -> str:
        name = f"fresh_{owner}_{next(numbers)}"
        admin.execute(f"CREATE DATABASE {name} OWNER {ROLE[owner]}")
        made.append(name)
        return services.cluster.url(ROLE[owner], name, "only-for-tests")

    yield make
    for name in made:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()
