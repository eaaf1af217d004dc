"""Many changes in a row become fewer messages; a few come at once."""

from __future__ import annotations

from app.flags.streams import MOST_A_SECOND, MOST_AT_ONCE, Pace


def test_a_few_changes_are_told_at_once():
    pace = Pace()
    assert [pace.pause(n / 1000) for n in range(MOST_AT_ONCE)] == [0.0] * MOST_AT_ONCE


def test_a_flood_is_slowed_down_to_so_many_a_second():
    pace, at, sent = Pace(), 0.0, 0
    while at < 60:
        at += max(pace.pause(at), 0.001)
        sent += 1
    assert sent <= MOST_AT_ONCE + 60 * MOST_A_SECOND + 1


def test_after_a_rest_changes_are_told_at_once_again():
    pace = Pace()
    for _ in range(MOST_AT_ONCE + 1):
        pace.pause(0.0)
    assert pace.pause(0.0) > 0
    assert pace.pause(600.0) == 0.0
