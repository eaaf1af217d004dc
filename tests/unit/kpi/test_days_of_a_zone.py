"""Buckets of a zone, the days they are compared with, and quantiles of buckets."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.kpi import asking, calendar
from app.kpi.definitions import DIMENSIONS, KPIS
from app.kpi.histogram import quantile
from app.series.glossary import GLOSSARY

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(0, 400), st.sampled_from(calendar.GRAINS))
def test_buckets_follow_each_other_without_a_gap(first: date, length: int, grain: calendar.Grain) -> None:
    last = first + timedelta(days=length)
    starts = calendar.span(first, last, grain)
    assert starts[0] <= first
    assert calendar.end(starts[-1], grain) >= last
    for one, following in pairwise(starts):
        assert calendar.end(one, grain) + calendar.DAY == following


@given(DAYS, st.integers(0, 100))
def test_the_same_weekdays_are_compared(first: date, length: int) -> None:
    start, end = calendar.before(first, first + timedelta(days=length), "weekdays")
    assert start.weekday() == first.weekday()
    assert (end - start).days == length
    assert end < first


def test_a_leap_day_is_compared_with_the_day_before_march() -> None:
    assert calendar.before(date(2028, 2, 29), date(2028, 2, 29), "year")[0] == date(2027, 2, 28)
    assert calendar.before(date(2026, 3, 1), date(2026, 3, 7), "previous") == (
        date(2026, 2, 22),
        date(2026, 2, 28),
    )


def test_a_day_of_a_zone_has_as_many_hours_as_its_clocks_say() -> None:
    def hours(day: date) -> float:
        zone = "Europe/London"
        return (
            calendar.midnight(day + calendar.DAY, zone) - calendar.midnight(day, zone)
        ).total_seconds() / 3600

    assert (hours(date(2026, 3, 29)), hours(date(2026, 10, 25)), hours(date(2026, 6, 1))) == (23, 25, 24)


def test_a_quantile_is_found_within_its_bucket() -> None:
    assert quantile({1.0: 50, 2.0: 100, inf: 100}) == pytest.approx(1.5)
    assert quantile({1.0: 0, 2.0: 0, inf: 4}) == 2.0  # beyond the last bound nothing is known
    assert quantile({}) is None
    assert quantile({1.0: 0, inf: 0}) is None


def test_only_groups_that_are_kept_may_be_asked_for() -> None:
    known = KPIS["gross-sales"].by
    assert asking.dimension(known, "device", {"locale": "de", "source": "shop"}) == "locale,device"
    for by, where in (
        ("moon", {}),
        ("category", {"variant": "a:b"}),
        ("locale", {"country": "DE", "device": "x"}),
    ):
        with pytest.raises(Refused):
            asking.dimension(known, by, where)
    with pytest.raises(Refused):
        asking.check_zone("Moon/Crater")


@pytest.mark.parametrize("kpi", KPIS.values(), ids=KPIS)
def test_every_kpi_is_explained(kpi) -> None:
    assert GLOSSARY[kpi.series].formula
    assert set(kpi.by) <= set(DIMENSIONS)
    assert bool(kpi.denominator) == (kpi.fold == "ratio")
