"""Each table of both databases says how long its rows are kept."""

from __future__ import annotations

import importlib

import pytest

from app.db import Base
from app.retention import KEPT, RETENTION
from app.schedule import SCHEDULE
from local.machine import ROOT
from storefront.db import Base as ShopBase

# Files beside the features that own a table.
BESIDE = {
    "app": ("idempotency",),
    "storefront": ("error_reports", "exposures", "impressions", "outbox", "rates", "usage"),
}


def tables(package: str) -> set[str]:
    for path in (ROOT / package).rglob("*models.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for name in BESIDE[package]:
        importlib.import_module(f"{package}.{name}")
    base = ShopBase if package == "storefront" else Base
    return set(base.metadata.tables)


@pytest.mark.parametrize("package", ["app", "storefront"])
def test_every_table_is_listed_once_and_exists(package):
    is_shop, there = package == "storefront", tables(package)
    assert RETENTION.unlisted(there, is_shop=is_shop) == set()
    bounded = RETENTION.bounded_in_shop if is_shop else RETENTION.bounded
    listed = [name for one in KEPT if one.is_shop is is_shop for name in one.tables] + sorted(bounded)
    assert len(listed) == len(set(listed))
    assert set(listed) <= there


def test_what_a_job_removes_is_removed_by_a_job_of_the_schedule():
    names = {job.name for job in SCHEDULE}
    assert {one.job for one in KEPT if one.job} <= names
