"""Weeks and months, and what a report says of each objective."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound
from app.slo.bucket import Counts
from app.slo.report import Figures, Subject, around, last_whole, read_period, report

NOW = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)  # a Thursday
WEEK = last_whole("week", NOW)


def subject(key: str, objective: float = 0.99) -> Subject:
    return Subject(key, key.title(), "ops", objective)


def test_the_last_whole_week_ends_before_the_one_that_runs():
    assert (WEEK.name, f"{WEEK.start:%a %d}", f"{WEEK.end:%a %d}") == ("2026-W47", "Mon 16", "Mon 23")
    assert last_whole("month", NOW).name == "2026-10"


@given(st.integers(1_000_000_000, 4_000_000_000), st.sampled_from(["week", "month"]))
def test_periods_join_without_a_gap(seconds, kind):
    at = datetime.fromtimestamp(seconds, UTC)
    period = around(kind, at)
    assert period.start <= at < period.end
    assert period.before().end == period.start
    assert period.after().start == period.end
    assert read_period(period.name, period.end) == period


@pytest.mark.parametrize(
    "text", ["2026-W54", "2026-13", "2026", "", "2026-W4", "next", "2026-W48-1", "2027-01", "١٢"]
)
def test_what_is_no_period_has_no_report(text):
    with pytest.raises(NotFound):
        read_period(text, NOW)


def test_the_missed_one_comes_first_and_the_unknown_last():
    now = {"kept": Figures(Counts(5, 1000)), "missed": Figures(Counts(20, 1000))}
    made = report(WEEK, NOW, [subject("kept"), subject("unknown"), subject("missed")], now, {})
    assert [line.subject.key for line in made.lines] == ["missed", "kept", "unknown"]
    assert (made.met, made.missed, made.unknown) == (1, 1, 1)


def test_no_traffic_is_neither_kept_nor_missed():
    (line,) = report(WEEK, NOW, [subject("quiet")], {"quiet": Figures(Counts(0, 0), 2016)}, {}).lines
    assert (line.is_met, line.reached, line.spent, line.change) == (None, None, None, None)


def test_what_was_spent_is_of_the_periods_own_traffic():
    now, before = {"a": Figures(Counts(20, 1000))}, {"a": Figures(Counts(1, 1000))}
    (line,) = report(WEEK, NOW, [subject("a")], now, before).lines
    assert (line.spent, line.spent_before) == (pytest.approx(2.0), pytest.approx(0.1))
    assert line.change == pytest.approx(-0.019)


def test_exactly_the_objective_is_kept():
    (line,) = report(WEEK, NOW, [subject("a", 0.75)], {"a": Figures(Counts(25, 100))}, {}).lines
    assert line.is_met is True


def test_what_is_known_is_a_share_of_the_time_that_has_passed():
    running = around("week", NOW)
    half = int((NOW - running.start) / timedelta(minutes=10))
    made = report(running, NOW, [subject("a")], {"a": Figures(Counts(0, 1), half)}, {})
    assert made.is_whole is False
    assert made.known_share(made.lines[0]) == pytest.approx(0.5, abs=0.001)
