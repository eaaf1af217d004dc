from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.slo.bucket import BUCKET, HOUR, Counts, floor, measured, spans

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("good", "total", "state", "bad"),
    [
        (95.0, 100.0, "ok", 5.0),
        (None, None, "no_data", 0.0),
        (3.0, None, "no_data", 0.0),
        (0.0, 0.0, "no_traffic", 0.0),
        (None, 0.0, "no_traffic", 0.0),
        (None, 20.0, "ok", 20.0),  # no good event was ever counted, so all were bad
        (100.2, 100.0, "ok", 0.0),  # increase() extrapolates: more good than all
        (-1.0, 10.0, "ok", 10.0),
        (99.99999999999, 100.0, "ok", 0.0),  # the noise of floating point is not a failed request
    ],
)
def test_counts_become_a_row_that_is_never_nan(good, total, state, bad):
    row = measured(AT, good, total)
    assert (row.state, row.bad) == (state, bad)
    assert row.good + row.bad == pytest.approx(row.total)


def test_a_row_that_still_runs_says_so():
    assert not measured(AT, 1, 2, is_complete=False).is_complete


def test_no_events_give_no_ratio():
    assert Counts().error_ratio is None
    assert Counts(1, 4).error_ratio == 0.25
    assert Counts(1, 4) + Counts(1, 4) == Counts(2, 8)
    assert Counts(1, 4).good == 3


def test_moments_fall_into_their_five_minutes_and_hours():
    assert floor(AT + timedelta(minutes=9, seconds=59)) == AT + BUCKET
    assert floor(AT + timedelta(minutes=59), HOUR) == AT


def test_neighbouring_gaps_are_asked_for_together():
    starts = [AT, AT + BUCKET, AT + 3 * BUCKET, AT + 4 * BUCKET, AT + 9 * BUCKET]
    assert spans(reversed(starts)) == [
        (AT, AT + BUCKET),
        (AT + 3 * BUCKET, AT + 4 * BUCKET),
        (AT + 9 * BUCKET, AT + 9 * BUCKET),
    ]
    assert spans([]) == []
