from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.slo.bucket import BUCKET, measured
from app.slo.slices import as_rows, valued

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def worth(good, total, method, target="0.9"):
    made = valued(measured(AT, good, total), method, Decimal(target))
    return made.good, made.bad, made.total, made.state


def test_a_slice_is_good_when_enough_of_its_events_are():
    assert worth(95, 100, "timeslices") == (1, 0, 1, "ok")
    assert worth(90, 100, "timeslices") == (1, 0, 1, "ok")
    assert worth(89, 100, "timeslices") == (0, 1, 1, "ok")
    assert worth(89, 100, "ratio_timeslices") == (0.89, pytest.approx(0.11), 1, "ok")
    assert worth(89, 100, "occurrences") == (89, 11, 100, "ok")


def test_a_slice_without_traffic_is_no_slice():
    assert worth(0, 0, "timeslices") == (0, 0, 0, "no_traffic")
    assert worth(None, None, "ratio_timeslices") == (0, 0, 0, "no_data")


def test_short_slices_make_one_row():
    minutes = [
        valued(measured(AT + n * MINUTE, good, 10), "timeslices", Decimal("0.9"))
        for n, good in enumerate((10, 0, 9, 0, 10, 10))
    ]
    first, second = as_rows(minutes, MINUTE)
    assert (first.starts_at, first.bad, first.total) == (AT, 2, 5)
    assert (second.starts_at, second.bad, second.total) == (AT + BUCKET, 0, 1)


def test_a_long_slice_is_shared_out_among_its_rows():
    rows = as_rows([valued(measured(AT, 0, 10), "timeslices", Decimal("0.9"))], timedelta(hours=1))
    assert len(rows) == 12
    assert sum(row.bad for row in rows) == pytest.approx(1)
    assert rows[-1].starts_at == AT + 11 * BUCKET


def test_a_row_knows_what_one_of_its_slices_knows():
    slices = [measured(AT, None, None), measured(AT + MINUTE, 0, 0), measured(AT + 2 * MINUTE, 1, 1)]
    (row,) = as_rows(slices, MINUTE)
    assert (row.state, row.total) == ("ok", 1)
    (row,) = as_rows(slices[:2], MINUTE)
    assert row.state == "no_traffic"
