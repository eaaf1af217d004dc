from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.slo.burn import (
    BurnWindow,
    Measured,
    Tier,
    decimal,
    detection_seconds,
    duration,
    fires,
    windows,
)

OBJECTIVE = Decimal("0.999")
HOUR, DAY = 3600, 86_400


def test_thirty_days_give_the_table_of_the_workbook():
    found = [(w.severity, w.long_seconds, w.short_seconds, w.factor) for w in windows(30, OBJECTIVE)]
    assert found == [
        ("page", HOUR, 300, Fraction("14.4")),
        ("page", 6 * HOUR, 1800, 6),
        ("ticket", DAY, 2 * HOUR, 3),
        ("ticket", 3 * DAY, 6 * HOUR, 1),
    ]


def test_four_weeks_keep_the_windows_and_derive_the_factors():
    factors = [w.factor for w in windows(28, OBJECTIVE)]
    assert factors[:3] == [Fraction("13.44"), Fraction("5.6"), Fraction("2.8")]


def test_ninety_days_keep_the_shares():
    assert [w.factor for w in windows(90, OBJECTIVE)] == [Fraction("43.2"), 18, 9, 3]


# What Sloth derives for the same shares and windows, by its own catalogues for 28 and 30 days and, for 7
# days, by the one in its examples (8, 12.5, 20 and 42 percent).
SLOTH = {
    7: (("page", "8", 1, 13.44), ("page", "12.5", 6, 3.5), ("ticket", "20", 24, 1.4), ("ticket", "42", 72, 0.98)),  # noqa: E501
    28: (("page", "2", 1, 13.44), ("page", "5", 6, 5.6), ("ticket", "10", 24, 2.8), ("ticket", "10", 72, 28 / 30)),  # noqa: E501
    30: (("page", "2", 1, 14.4), ("page", "5", 6, 6), ("ticket", "10", 24, 3), ("ticket", "10", 72, 1)),
    90: (("page", "2", 1, 43.2), ("page", "5", 6, 18), ("ticket", "10", 24, 9), ("ticket", "10", 72, 3)),
}  # fmt: skip


@pytest.mark.parametrize("days", SLOTH)
def test_factors_agree_with_sloth_for_the_same_shares(days):
    own = [Tier(severity, Fraction(share) / 100, hours * HOUR) for severity, share, hours, _ in SLOTH[days]]
    found = windows(days, OBJECTIVE, own)
    assert [float(w.factor) for w in found] == pytest.approx([factor for *_, factor in SLOTH[days]])
    assert [w.short_seconds for w in found] == [300, 1800, 7200, 21_600]


@given(days=st.integers(7, 90))
def test_no_window_spends_more_than_its_share_and_none_fires_below_the_sustainable_burn(days):
    for window in windows(days, Decimal("0.99999")):
        spent = window.factor * window.long_seconds / (days * DAY)
        assert spent == window.budget_share
        assert window.factor >= 1
        assert window.short_seconds * 12 == window.long_seconds


def test_a_week_shortens_the_slow_windows():
    """With 14.4, 6, 3 and 1 kept, up to 43 % of a week's budget would be gone before the alert."""
    last = windows(7, OBJECTIVE)[-1]
    assert last.long_seconds <= 0.7 * DAY
    assert last.factor >= 1


@pytest.mark.parametrize(
    ("objective", "hours", "factors"),
    [
        ("0.93", [2, 6, 24, 72], [7.2, 6, 3, 1]),
        ("0.9", [2, 6, 24, 72], [7.2, 6, 3, 1]),
        ("0.5", [8, 19, 37, 72], [1.8, 36 / 19, 72 / 37, 1]),
    ],
)
def test_a_modest_objective_lengthens_the_windows_whose_alert_could_never_fire(objective, hours, factors):
    found = windows(30, Decimal(objective))
    assert [w.long_seconds / HOUR for w in found] == hours
    assert [float(w.factor) for w in found] == pytest.approx(factors)


@given(days=st.integers(1, 400), objective=st.decimals("0.01", "0.99999", places=5))
def test_every_standard_window_can_fire_and_never_within_the_budget(days, objective):
    for window in windows(days, objective):
        assert 1 <= window.factor < 1 / (1 - Fraction(objective))
        assert window.short_seconds * 12 == window.long_seconds
        assert window.factor * window.long_seconds == window.budget_share * days * DAY


def test_an_alert_of_ones_own_that_could_never_fire_is_refused_with_the_reason(babel_context):
    own = [Tier("page", Fraction(2, 100), HOUR)]
    with pytest.raises(Refused) as refused:
        windows(30, Decimal("0.93"), own)
    assert "would never fire" in str(refused.value.fields["objective"])
    assert "93.05" in str(refused.value.fields["objective"])
    assert windows(30, Decimal("0.931"), own)


def test_an_alert_of_ones_own_is_taken_as_it_is():
    (window,) = windows(28, Decimal("0.999"), [Tier("page", Fraction(2, 100), HOUR, 600)])
    assert (window.long_seconds, window.short_seconds, float(window.factor)) == (3600, 600, 13.44)


def measured(long, short, bad=100.0):
    window = windows(30, OBJECTIVE)[0]
    return window, {
        window.long_seconds: Measured(long, bad),
        window.short_seconds: Measured(short, bad),
    }


@pytest.mark.parametrize(
    ("long", "short", "bad", "expected"),
    [
        (20.0, 20.0, 100, True),
        (14.44, 14.44, 100, True),  # compared as it is, never rounded before
        (14.4, 20.0, 100, False),
        (20.0, 1.0, 100, False),  # it is over
        (1.0, 20.0, 100, False),  # it has only begun
        (20.0, 20.0, 4, False),  # one failed request of one wakes nobody
        (20.0, 20.0, 5, True),
        (None, 20.0, 100, False),
        (20.0, None, 100, False),
    ],
)
def test_a_window_fires_when_long_and_short_burn_and_enough_is_bad(long, short, bad, expected):
    window, burns = measured(long, short, bad)
    assert fires(window, burns, min_bad_events=5) is expected


def test_a_window_that_was_not_measured_does_not_fire():
    assert not fires(windows(30, OBJECTIVE)[0], {}, 0)


def test_detection_time_follows_the_formula():
    first = windows(30, OBJECTIVE)[0]
    assert detection_seconds(first, OBJECTIVE, 1.0) == pytest.approx(14.4 * 0.001 * 3600)
    assert detection_seconds(first, OBJECTIVE, 0.1) == pytest.approx(518.4)
    assert detection_seconds(first, OBJECTIVE, 0.0144) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (300, "5m"),
        (3600, "1h"),
        (5400, "1h30m"),
        (21_600, "6h"),
        (259_200, "3d"),
        (241_200, "2d19h"),
        (0, "0m"),
    ],
)
def test_durations_are_written_as_promql_does(seconds, text):
    assert duration(seconds) == text


def test_numbers_are_written_without_the_noise_of_binary_fractions():
    assert decimal(1 - Fraction("0.999")) == "0.001"
    assert decimal(Fraction(72, 5)) == "14.4"
    assert decimal(Fraction(100)) == "100"


def test_a_window_is_named_by_its_length():
    assert BurnWindow("page", Fraction(1, 50), HOUR, 300, Fraction(14)).name == "1h"
