"""Sums that wait for the database are the same as if each report had been written at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.flags.impacts import Impact
from app.flags.reports import Count, Report
from app.flags.sums import Sums

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
COUNT = st.builds(
    Count,
    st.sampled_from("fg"),
    st.integers(0, 9),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from("ab"), st.integers(1, 9)),
)
IMPACT = st.builds(
    Impact,
    st.just("m"),
    st.sampled_from(["counter", "gauge", "histogram"]),
    st.just("f"),
    st.sampled_from("ab"),
    st.integers(1, 3),
    st.integers(0, 9).map(float),
    st.dictionaries(st.sampled_from([0.1, 1.0]), st.integers(0, 9)),
)
REPORT = st.builds(
    lambda counts, impacts: Report("shop", NOON, tuple(counts), tuple(impacts)),
    st.lists(COUNT, max_size=3),
    st.lists(IMPACT, max_size=3),
)


@given(st.lists(REPORT, max_size=8), st.integers(0, 8))
def test_what_was_put_back_is_not_lost_and_not_counted_twice(reports, taken_out_after):
    whole, waiting = Sums(), Sums()
    taken_out = waiting
    for n, report in enumerate(reports):
        if n == taken_out_after:
            waiting = Sums()
        for sums in (whole, waiting):
            sums.add("production", report, NOON + timedelta(seconds=n))
    if waiting is not taken_out:
        waiting.merge(taken_out)
    assert vars(waiting) == vars(whole)
    assert len(waiting) == len(whole)
