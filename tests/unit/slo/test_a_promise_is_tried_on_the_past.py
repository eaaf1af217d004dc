"""What an objective would have meant: weeks missed, alerts that would have fired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.slo.bucket import BUCKET, Counts
from app.slo.budget import Step
from app.slo.burn import windows
from app.slo.preview import WEEK, past_spans, preview, within_reach

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def history(days: float, bad_from: datetime = NOW, bad_to: datetime = NOW, bad: float = 50.0) -> list[Step]:
    """A hundred events each five minutes until now."""
    first = NOW - DAY * days
    starts = [first + BUCKET * number for number in range(int(DAY * days / BUCKET))]
    return [Step(at, Counts(bad if bad_from <= at < bad_to else 0.0, 100.0)) for at in starts]


def tried(rows: list[Step], objective: str = "0.99", weeks: int = 12):
    share = Decimal(objective)
    return preview(rows, float(share), windows(30, share), 5, NOW, weeks)


def test_one_bad_day_misses_its_week_and_no_other():
    made = tried(history(28, NOW - DAY * 10, NOW - DAY * 9))
    assert [week.is_met(0.99) for week in made.weeks] == [True, True, False, True]
    assert (made.missed, made.judged) == (1, 4)


def test_a_week_of_which_little_is_known_is_not_judged():
    made = tried(history(9))
    assert [week.is_met(0.99) for week in made.weeks] == [None, True]
    assert made.weeks[0].known_share == pytest.approx(2 / 7, abs=0.001)


def test_no_history_says_nothing():
    made = tried([])
    assert (made.weeks, made.alarms, made.judged, made.days_known) == ((), (), 0, 0)
    assert tried([Step(NOW - DAY, None)]).weeks == ()


def test_a_week_without_traffic_is_neither_kept_nor_missed():
    rows = [Step(row.starts_at, Counts(0, 0)) for row in history(7)]
    assert tried(rows).weeks[0].is_met(0.99) is None


def test_an_outage_pages_once_and_ends_when_its_short_window_is_calm():
    outage = NOW - DAY * 3
    made = tried(history(28, outage, outage + timedelta(hours=2)))
    (page,) = [alarm for alarm in made.alarms if alarm.severity == "page"]
    assert outage < page.began <= outage + timedelta(minutes=20)
    assert page.ended is not None
    assert outage + timedelta(hours=2) <= page.ended <= outage + timedelta(hours=3)


def test_what_burns_now_has_no_end():
    made = tried(history(28, NOW - timedelta(hours=2)))
    assert [alarm.ended for alarm in made.alarms if alarm.severity == "page"] == [None]


def test_few_bad_events_wake_nobody():
    quiet = [
        Step(row.starts_at, Counts(1.0 if row.starts_at == NOW - DAY else 0.0, 1.0)) for row in history(7)
    ]
    assert tried(quiet).alarms == ()


def test_a_gap_is_no_outage():
    rows = [row for row in history(28) if not NOW - DAY * 3 <= row.starts_at < NOW - DAY * 2]
    made = tried(rows)
    assert made.alarms == ()
    assert made.days_known == pytest.approx(27)


@given(st.lists(st.sampled_from([0.0, 0.2, 1.0, 5.0, 40.0]), min_size=28, max_size=28))
def test_a_stricter_promise_is_never_kept_more_often(daily):
    rows = [Step(row.starts_at, Counts(daily[min(27, n // 288)], 100.0)) for n, row in enumerate(history(28))]
    weeks = past_spans(rows, NOW, WEEK, 4)
    missed = [count for _, count, _ in within_reach(weeks, [0.9, 0.95, 0.99, 0.999, 0.9999])]
    assert missed == sorted(missed)
