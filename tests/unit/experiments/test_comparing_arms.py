"""What may be said of two groups of shoppers, and what may not."""

from __future__ import annotations

import pytest

from app.experiments.arms import Arm, control_of, difference, is_mismatch, split_p

OFF, ON = Arm("off", 1000, 50), Arm("on", 1000, 60)


def test_the_control_are_those_without_the_feature_else_the_first_by_name():
    assert control_of([ON, OFF]) == OFF
    assert control_of([Arm("red", 1, 0), Arm("blue", 1, 0)]) == Arm("blue", 1, 0)
    assert control_of([ON]) is None
    assert control_of([]) is None


def test_the_difference_is_one_of_shares():
    assert difference(ON, OFF) == pytest.approx(0.01)
    assert difference(OFF, OFF) is None
    assert difference(ON, None) is None
    assert difference(ON, Arm("off", 0, 0)) is None
    assert difference(Arm("on", 0, 0), OFF) is None


@pytest.mark.parametrize(
    ("on", "off", "share", "p"),
    [
        (500, 500, 0.5, 1.0),
        (4866, 5134, 0.5, 0.00736),  # chi-square 7.1824 on 1 degree of freedom
        (100, 900, 0.1, 1.0),
        (530, 470, 0.5, 0.05778),  # chi-square 3.6
    ],
)
def test_the_split_is_held_against_the_configured_share(on, off, share, p):
    assert split_p([Arm("on", on, 0), Arm("off", off, 0)], share) == pytest.approx(p, abs=2e-4)


def test_a_split_far_off_is_a_mismatch():
    assert is_mismatch(split_p([Arm("on", 600, 0), Arm("off", 400, 0)], 0.5))
    assert not is_mismatch(split_p([ON, OFF], 0.5))
    assert not is_mismatch(None)


@pytest.mark.parametrize(
    ("arms", "share"),
    [
        ([ON, OFF], None),
        ([ON, OFF], 0.0),
        ([ON, OFF], 1.0),
        ([ON], 0.5),
        ([Arm("red", 5, 0), Arm("blue", 5, 0)], 0.5),
        ([Arm("on", 0, 0), Arm("off", 0, 0)], 0.5),
    ],
)
def test_where_there_is_nothing_to_check_nothing_is_said(arms, share):
    assert split_p(arms, share) is None
