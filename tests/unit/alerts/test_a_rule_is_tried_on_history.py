"""The replay against Prometheus' own states, written down step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.rules.backtest import Timing, Track, doubles, firings, firings_of, runs

START = datetime(2026, 3, 1, tzinfo=UTC)


def step_by_step(present, count, every, hold, keep):
    """Prometheus 2.42's AlertingRule.Eval for one series: (pending since, fired, resolved) in evaluations."""
    found, state, active, fired, away_since = [], "inactive", None, None, None
    for at in range(count):
        if at in present:
            away_since = None
            if state == "inactive":
                state, active = "pending", at
            if state == "pending" and (at - active) * every >= hold:
                state, fired = "firing", at
            continue
        if state == "pending":
            state = "inactive"
        elif state == "firing":
            away_since = at if away_since is None else away_since
            if keep == 0 or (at - away_since) * every >= keep:
                found.append((active, fired, at))
                state = "inactive"
    return [*found, (active, fired, None)] if state == "firing" else found


@given(
    st.sets(st.integers(0, 59), max_size=60),
    st.sampled_from([1, 15, 60]),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_the_replay_has_the_states_of_prometheus(present, every, hold, keep):
    timing = Timing(START, every, 60)
    found = firings_of(Track({}, sorted(present)), timing, hold, keep)

    def number(moment):
        return None if moment is None else round((moment - START).total_seconds()) // every

    assert [(number(f.active_at), number(f.starts_at), number(f.ends_at)) for f in found] == step_by_step(
        present, 60, every, hold, keep
    )


@pytest.mark.parametrize(
    ("present", "expected"),
    [([], []), ([3], [(3, 3)]), ([3, 4, 5, 9], [(3, 5), (9, 9)]), ([0, 1], [(0, 1)])],
)
def test_stretches_without_a_gap(present, expected):
    assert list(runs(present)) == expected


def test_each_series_is_an_alert_of_its_own_and_the_oldest_comes_first():
    tracks = [Track({"a": "2"}, [5, 6]), Track({"a": "1"}, [2, 3])]
    found = firings(tracks, Timing(START, 60, 10), 0, 0)
    assert [(f.labels["a"], f.starts_at - START, f.ends_at - START) for f in found] == [
        ("1", timedelta(minutes=2), timedelta(minutes=4)),
        ("2", timedelta(minutes=5), timedelta(minutes=7)),
    ]


def test_what_is_there_from_the_first_moment_may_have_begun_before():
    (found,) = firings([Track({}, [0, 1])], Timing(START, 60, 2), 60, 0)
    assert found.began_before
    assert found.ends_at is None
    assert found.length(START + timedelta(minutes=5)) == timedelta(minutes=4)


def test_two_series_of_the_same_labels_are_noticed():
    assert doubles([Track({"a": "1"}, []), Track({"a": "1"}, [])]) == {"a": "1"}
    assert doubles([Track({"a": "1"}, []), Track({"a": "2"}, [])]) is None
