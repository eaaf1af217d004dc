"""Those who have the feature beside those who have not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.rollouts.progress import (
    Group,
    control_of,
    conversion_difference,
    error_difference,
    is_rolling,
    state_of,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WITHOUT = Group("off", exposures=500, converted=50, good=990, bad=10)
WORSE = Group("on", exposures=400, converted=20, good=450, bad=50)
BETTER = Group("on", exposures=400, converted=80, good=500, bad=0)
SILENT = Group("on", exposures=None, converted=None, good=None, bad=None)
EMPTY = Group("on", exposures=0, converted=0, good=0, bad=0)
FEW = Group("on", exposures=5, converted=0, good=1, bad=9)


def test_errors_and_orders_are_compared_with_the_control_of_the_same_time():
    assert error_difference(WORSE, WITHOUT) == pytest.approx(0.09)
    assert conversion_difference(WORSE, WITHOUT) == pytest.approx(-0.05)
    assert control_of([WORSE, WITHOUT]) == WITHOUT


@pytest.mark.parametrize("group", [SILENT, EMPTY])
def test_no_data_is_none_and_never_zero(group):
    assert group.error_share is None
    assert group.conversion is None
    assert error_difference(group, WITHOUT) is None
    assert conversion_difference(group, WITHOUT) is None


def test_there_is_no_difference_to_oneself_or_to_nobody():
    assert error_difference(WITHOUT, WITHOUT) is None
    assert error_difference(WORSE, None) is None
    assert conversion_difference(WORSE, None) is None


@pytest.mark.parametrize(
    ("groups", "state"),
    [
        ([], "nodata"),
        ([WORSE], "nodata"),
        ([WITHOUT, SILENT], "nodata"),
        ([WITHOUT, EMPTY], "nodata"),
        ([WITHOUT, BETTER], "running"),
        ([WITHOUT, FEW], "running"),
        ([WITHOUT, WORSE], "risk"),
        ([WITHOUT, BETTER, Group("blue", 400, 20, 450, 50)], "risk"),
    ],
)
def test_more_errors_with_it_stand_out_once_there_are_enough_journeys(groups, state):
    assert state_of(groups) == state


@pytest.mark.parametrize(
    ("percent", "targeted", "moved_days_ago", "rolling"),
    [
        (50, False, None, True),
        (None, True, None, True),
        (100, True, None, True),
        (100, False, 1, True),
        (0, False, 2.9, True),
        (100, False, 4, False),
        (0, False, None, False),
    ],
)
def test_a_flag_is_on_its_way_in_between_and_for_some_days_after(percent, targeted, moved_days_ago, rolling):
    moved_at = None if moved_days_ago is None else NOW - timedelta(days=moved_days_ago)
    assert is_rolling(percent, targeted, moved_at, NOW) == rolling
