from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.slo.bucket import BUCKET
from app.slo.window import Window, is_zone

MOMENTS = st.integers(1_704_067_200, 1_830_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Beirut"])


@pytest.mark.parametrize(
    ("kind", "zone", "at", "start", "end"),
    [
        ("week", "UTC", "2026-03-04T10:00Z", "2026-03-02T00:00Z", "2026-03-09T00:00Z"),
        ("month", "Europe/Berlin", "2026-03-31T21:59Z", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
        ("month", "Europe/Berlin", "2026-03-31T22:00Z", "2026-03-31T22:00Z", "2026-04-30T22:00Z"),
        ("quarter", "America/New_York", "2026-12-31T12:00Z", "2026-10-01T04:00Z", "2027-01-01T05:00Z"),
        ("month", "UTC", "2026-12-05T00:00Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z"),
    ],
)
def test_a_calendar_begins_at_midnight_where_people_are(kind, zone, at, start, end):
    bounds = Window(kind, 30, zone).bounds(datetime.fromisoformat(at))
    assert bounds == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(("at", "hours"), [("2026-03-27T12:00Z", 167), ("2026-10-22T12:00Z", 169)])
def test_the_week_in_which_clocks_change_has_another_length(at, hours):
    start, end = Window("week", 7, "Europe/Berlin").bounds(datetime.fromisoformat(at))
    assert (end - start) / timedelta(hours=1) == hours


@given(at=MOMENTS, zone=ZONES, kind=st.sampled_from(["rolling", "week", "month", "quarter"]))
def test_windows_hold_their_moment_and_join_without_gap(at, zone, kind):
    window = Window(kind, 28, zone)
    start, end = window.bounds(at)
    assert start <= at < end
    assert start.timestamp() % BUCKET.total_seconds() == 0
    past = window.past(at, 5)
    assert past[0][1] == start
    assert all(later[0] == earlier[1] for later, earlier in itertools.pairwise(past))


def test_what_is_no_zone_is_known():
    assert is_zone("Europe/Berlin")
    assert not any(is_zone(name) for name in ("Mars", "", "/etc/passwd", "../UTC", "Europe"))
