from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.slo.bucket import BUCKET
from app.slo.correction import Correction, check, excludes, rows_of

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONCE = Correction(slo_id=1, labels={}, starts_at=NOW - HOUR, ends_at=NOW, reason="Database upgrade")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": NOW - 2 * HOUR}, "ends_at"),
        ({"ends_at": NOW - HOUR}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=40)}, "ends_at"),
        ({"repeats": "daily", "ends_at": NOW + 30 * HOUR}, "ends_at"),
        ({"starts_at": NOW - timedelta(days=31), "ends_at": NOW - timedelta(days=30)}, "starts_at"),
        ({"starts_at": NOW + timedelta(days=500), "ends_at": NOW + timedelta(days=501)}, "starts_at"),
        ({"until": NOW - timedelta(days=3)}, "until"),
        ({"repeats": "yearly"}, "repeats"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_what_cannot_be_left_out_is_refused_beside_the_field(changes, field, babel_context):
    check(ONCE, NOW)
    with pytest.raises(Refused) as refused:
        check(replace(ONCE, **changes), NOW)
    assert field in refused.value.fields


def begins(made, days=14):
    return [start for start, _ in made.spans(NOW, NOW + timedelta(days=days))]


def test_every_sunday_at_two_stays_two_when_clocks_change():
    sundays = Correction(
        slo_id=None,
        labels={},
        starts_at=datetime(2026, 3, 22, 1, 0, tzinfo=UTC),
        ends_at=datetime(2026, 3, 22, 2, 0, tzinfo=UTC),
        repeats="weekly",
        time_zone="Europe/Berlin",
        reason="Backups",
    )
    spans = sundays.spans(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 12, tzinfo=UTC))
    assert [start.isoformat() for start, _ in spans] == [
        "2026-03-22T01:00:00+00:00",
        "2026-03-29T01:00:00+00:00",  # 02:00 does not exist that night: clocks show 03:00
        "2026-04-05T00:00:00+00:00",
    ]


def test_weekdays_months_and_an_end():
    daily = replace(ONCE, repeats="daily")
    assert len(begins(daily)) == 14
    assert [at.weekday() for at in begins(replace(daily, repeats="weekly", weekdays=(0, 4)))] == [4, 0, 4, 0]
    assert begins(replace(daily, repeats="monthly"), 70) == [datetime(2026, 5, 31, 11, 0, tzinfo=UTC)]
    assert len(begins(replace(daily, until=NOW + timedelta(days=3)))) == 3


@given(
    start=st.integers(-3000, 3000), minutes=st.integers(1, 1500), repeats=st.sampled_from(["once", "daily"])
)
def test_a_span_that_touches_a_row_leaves_it_out_whole(start, minutes, repeats):
    begin = NOW + timedelta(minutes=start)
    made = replace(
        ONCE, starts_at=begin, ends_at=begin + timedelta(minutes=min(minutes, 1400)), repeats=repeats
    )
    rows = rows_of(made.spans(begin, begin + timedelta(days=1)))
    at = rows[0][0]
    assert at <= begin < at + BUCKET
    assert excludes(rows, at)
    assert not excludes(rows[:1], rows[0][1])


def test_it_is_for_one_for_its_group_for_a_label_or_for_all():
    assert ONCE.is_for({1, 7}, {})
    assert not ONCE.is_for({2}, {})
    by_label = replace(ONCE, slo_id=None, labels={"team": "shop"})
    assert by_label.is_for({2}, {"team": "shop", "tier": "1"})
    assert not by_label.is_for({2}, {"team": "other"})
    assert replace(ONCE, slo_id=None).is_for({2}, {})
