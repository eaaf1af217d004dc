"""The bet on whose the bad journeys are: rarely wrong, quick when it matters, blind to bad hours of all."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.experiments.moments import Sample
from app.rollouts.sequential import Batch, Bet, bet, difference, quantile, split_capital

HARM = 2000  # one in two thousand


def life(luck, looks, journeys, share, usual, treated_usual=None, from_look=0):
    """The capital after each look: `usual` is the error share of both sides, until harm begins."""
    capital = Bet()
    for look in range(looks):
        mine = sum(luck.random() < share for _ in range(journeys))
        rate = treated_usual if treated_usual is not None and look >= from_look else usual
        batch = Batch(
            sum(luck.random() < rate for _ in range(mine)),
            mine,
            sum(luck.random() < usual for _ in range(journeys - mine)),
            journeys - mine,
        )
        capital = bet(capital, batch)
        yield look, capital.capital


@pytest.mark.parametrize(("share", "usual"), [(0.05, 0.005), (0.25, 0.02), (0.5, 0.1)])
def test_without_harm_it_is_called_far_less_often_than_promised(share, usual):
    luck, threshold = random.Random(7), 20  # at most one of twenty, looked at 120 times each
    calls = sum(any(c >= threshold for _, c in life(luck, 120, 40, share, usual)) for _ in range(60))
    assert calls <= 60 / threshold


def test_a_bad_hour_of_the_whole_shop_is_nobodys_fault():
    luck = random.Random(3)
    for _ in range(15):
        worst = max(c for _, c in life(luck, 60, 60, 0.05, 0.5))
        assert worst < HARM


@pytest.mark.parametrize(
    ("share", "rate", "journeys", "within"),
    [(0.05, 0.5, 110, 6), (0.1, 0.5, 60, 5), (0.5, 0.5, 60, 2), (0.5, 0.1, 60, 12), (0.05, 0.1, 110, 40)],
)
@pytest.mark.parametrize("from_look", [0, 100])
def test_harm_is_found_soon_also_when_it_begins_late(share, rate, journeys, within, from_look):
    luck = random.Random(11)
    for _ in range(5):
        looks = life(luck, from_look + 60, journeys, share, 0.003, rate, from_look)
        found = next(look for look, capital in looks if capital >= HARM)
        assert from_look <= found <= from_look + within


@pytest.mark.parametrize(("share", "wanted"), [(0.05, 3), (0.1, 4), (0.5, 13)])
def test_so_many_bad_journeys_in_a_row_are_enough(share, wanted):
    capital, bad = Bet(), 0
    while capital.capital < HARM:
        capital, bad = bet(capital, Batch(1, 40 * share, 0, 40 * (1 - share))), bad + 1
    assert bad == wanted


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5])
@pytest.mark.parametrize(("usual", "worst"), [(0.001, 0.001), (0.003, 0.5)])
def test_a_thousand_rollouts_without_harm_are_hardly_ever_called_harmful(share, usual, worst):
    """Sixty journeys a look, an hour long; in the second case ten minutes of it are bad for everybody."""
    calls = sum(_is_called(random.Random(number), share, usual, worst) for number in range(1000))
    assert calls <= 2  # of a thousand, where one is what is promised at most


def _is_called(luck, share, usual, worst):
    capital = Bet()
    for look in range(180):
        rate = worst if 60 <= look < 90 else usual
        bad = sum(luck.random() < rate for _ in range(60)) if rate > 0.1 else _few(luck, 60 * rate)
        if not bad:
            continue
        sides = [luck.random() < share for _ in range(60)]
        treated, treated_bad = sum(sides), sum(sides[:bad])
        capital = bet(capital, Batch(treated_bad, treated, bad - treated_bad, 60 - treated))
        if capital.capital >= HARM / 2:
            return True
    return False


def _few(luck, mean):
    """Poisson, by the times between them."""
    count, at = 0, luck.expovariate(1)
    while at < mean:
        count, at = count + 1, at + luck.expovariate(1)
    return count


@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), max_size=30))
def test_good_journeys_and_one_sided_traffic_change_nothing(looks):
    capital = Bet()
    for good_t, good_c, alone, bad in looks:
        for batch in (
            Batch(0, good_t, 0, good_c),
            Batch(min(bad, alone), alone, 0, 0),
            Batch(0, 0, 0, good_c),
        ):
            assert bet(capital, batch) == capital
    assert capital.capital == 1


@given(st.integers(0, 30), st.integers(0, 30), st.integers(30, 400), st.integers(30, 400))
def test_more_bad_journeys_with_it_never_lower_the_capital(bad, usual, treated, control):
    def after(count):
        return bet(Bet(), Batch(count, treated, usual, control)).capital

    assert after(bad + 1) >= after(bad) * 0.999


def test_groups_that_are_drawn_otherwise_than_asked_for_are_noticed():
    assert split_capital(50, 950, 0.05) < 1
    assert split_capital(500, 500, 0.5) < 1
    assert split_capital(80, 20, 0.5) > 1000
    assert split_capital(0, 0, 0.5) == 1
    assert split_capital(10, 90, 1.0) == 1
    luck = random.Random(5)
    for _ in range(30):
        treated = 0
        for n in range(1, 600):
            treated += luck.random() < 0.2
            assert split_capital(treated, n - treated, 0.2) < 1000


def test_an_interval_of_means_needs_two_shoppers_a_side_and_some_difference_among_them():
    assert difference(Sample(1, 1.0), Sample(50, 5.0), 0.05) is None
    assert difference(Sample(50, 0.0), Sample(50, 0.0), 0.05) is None
    found = difference(Sample(4000, 200.0), Sample(4000, 400.0), 0.001)
    assert found is not None
    assert found.mean == pytest.approx(-0.05)
    assert found.low < -0.05 < found.high < 0


def test_a_quantile_of_nothing_is_no_data_and_an_open_bucket_tells_its_floor():
    bounds = (0.1, 0.5, float("inf"))
    assert quantile(bounds, (0, 0, 0), 0.95) is None
    assert quantile(bounds, (10, 20, 20), 0.5) == pytest.approx(0.1)
    assert quantile(bounds, (10, 20, 20), 0.75) == pytest.approx(0.3)
    assert quantile(bounds, (1, 2, 20), 0.95) == 0.5
