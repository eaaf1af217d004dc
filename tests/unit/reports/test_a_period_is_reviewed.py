"""Periods by their names, when they are over, and what differs when a review is computed again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound
from app.reports.period import KINDS, around, last_settled, read_period
from app.reports.report import Figure, Section, from_json, moved, to_json, worst_first


@given(st.sampled_from(KINDS), st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_a_period_is_found_by_its_name_and_has_neighbours(kind, day) -> None:
    period = around(kind, day)
    assert period.first <= day <= period.last
    assert read_period(period.name) == period
    assert period.before().after() == period


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_names_are_those_of_calendars(name: str, first: date, last: date) -> None:
    period = read_period(name)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "name", ["", "week", "2026-W54", "2026-13", "2026-Q5", "2026-1", "99999", "-", "2026-W1-W2", "0001"]
)
def test_what_is_no_period_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        read_period(name)


def test_a_period_is_reviewed_some_hours_after_its_end() -> None:
    assert last_settled("week", datetime(2026, 11, 23, 5, tzinfo=UTC)).name == "2026-W46"
    assert last_settled("week", datetime(2026, 11, 23, 6, tzinfo=UTC)).name == "2026-W47"
    assert last_settled("year", datetime(2027, 1, 1, 7, tzinfo=UTC)).name == "2026"


def figure(value: float | None, **more: object) -> Figure:
    return Figure("kpi", "orders", "count", "up", value, **more)  # type: ignore[arg-type]


def test_figures_come_back_as_they_went() -> None:
    sections = [Section("kpis", (figure(3.0, before=2.0, verdict="more"), figure(None, reason="no data")))]
    assert from_json(to_json(sections)) == sections


def test_a_figure_knows_whether_it_is_wrong() -> None:
    assert figure(3.0, target=5.0).state == "risk"
    assert figure(1.0, before=3.0, verdict="more").is_worse
    assert not figure(1.0, before=3.0, verdict="within").is_worse
    assert figure(None).state == "nodata"
    assert [one.value for one in worst_first([figure(None), figure(9.0), figure(1.0, target=2.0)])] == [
        1.0,
        9.0,
        None,
    ]


def test_only_what_differs_is_said_to_have_moved() -> None:
    kept = [
        Section("kpis", (figure(3.0),)),
        Section("cost", (Figure("cost.total_cents", "", "cents", "down", None),)),
    ]
    same = [Section("kpis", (figure(3.0 + 1e-12),)), kept[1]]
    assert moved(kept, same) == {}
    later = [Section("kpis", (figure(4.0),)), kept[1]]
    assert [(one.kept.value, one.now) for one in moved(kept, later).values()] == [(3.0, 4.0)]
    assert [one.now for one in moved(kept, []).values()] == [None]
