"""A tile says value, change and whether that is more than noise; what is wrong comes first."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from app.errors import Refused
from app.kpi.boards.board import in_order, read_board
from app.kpi.growth import PHASES, crossing, phase_of
from app.kpi.measures import KPIS, Period
from app.kpi.selection import read_selection
from app.kpi.tile import Day, judged, tile, worst_first
from app.series.glossary import GLOSSARY

TODAY = date(2026, 11, 26)


def made(key: str, daily: float, lift: float = 1.0, target: float | None = None, args: dict | None = None):
    rng = random.Random(key)
    chosen = read_selection(args or {}, TODAY)
    days = {}
    for ago in range(1, 80):
        day = TODAY - timedelta(days=ago)
        value = max(0.0, rng.gauss(daily, daily**0.5)) * (lift if ago <= 7 else 1.0)
        days[day] = Day(value / 1000 if key == "conversion" else value, value, 1000.0)
    return tile(KPIS[key], GLOSSARY[KPIS[key].series], days, chosen, target)


def test_a_fall_that_is_more_than_noise_comes_first() -> None:
    tiles = [made("sessions", 900), made("revenue", 5_000), made("orders", 300, lift=0.6)]
    found = worst_first(judged(tiles, read_selection({}, TODAY)))
    assert [one.verdict for one in found] == ["more", "within", "within"]
    assert found[0].kpi.key == "orders"
    assert found[0].is_worse
    assert found[0].change == pytest.approx(-0.4, abs=0.05)


def test_a_ratio_is_that_of_its_sums() -> None:
    found = made("conversion", 30)
    assert found.value.value == pytest.approx(0.03, abs=0.008)
    assert found.change == pytest.approx(0, abs=0.015)


def test_a_missed_target_is_seen_and_no_data_is_no_miss() -> None:
    assert made("orders", 300, target=5_000).is_reached is False
    assert made("orders", 300, target=1_000).is_reached is True
    chosen = read_selection({}, TODAY)
    empty = tile(KPIS["orders"], GLOSSARY["kpi.orders"], {}, chosen, 5.0)
    assert empty.is_reached is None
    assert judged([empty], chosen)[0].why == "days"


def test_what_has_no_data_stands_last() -> None:
    chosen = read_selection({}, TODAY)
    empty = tile(KPIS["inp-phone"], GLOSSARY["kpi.inp_phone"], {}, chosen, None)
    missed = made("sessions", 900, target=50_000)
    found = worst_first(judged([empty, made("orders", 300), missed], chosen))
    assert [one.kpi.key for one in found] == ["sessions", "orders", "inp-phone"]


def test_people_are_of_a_day_but_page_loads_are_not() -> None:
    assert made("active-users", 500).is_mean_day
    assert not made("lcp-phone", 2).is_mean_day


def test_other_weekdays_are_not_compared_for_noise() -> None:
    chosen = read_selection({"from": "2026-11-20", "to": "2026-11-22", "compare": "previous"}, TODAY)
    assert not chosen.is_weekday_matched
    found = judged([made("orders", 300, args=chosen.args())], chosen)
    assert (found[0].verdict, found[0].why) == ("unknown", "weekdays")


@pytest.mark.parametrize(
    ("args", "before"),
    [
        ({}, date(2026, 11, 12)),
        ({"period": "1d"}, date(2026, 11, 18)),
        ({"compare": "previous"}, date(2026, 11, 12)),
        ({"compare": "year"}, date(2025, 11, 20)),
        ({"compare": "custom", "against": "2026-03-05"}, date(2026, 3, 5)),
        ({"compare": "custom"}, date(2026, 11, 12)),
        ({"compare": "nonsense", "period": "nonsense", "zone": "Mars"}, date(2026, 11, 12)),
    ],
)
def test_a_comparison_is_of_the_days_that_were_chosen(args: dict[str, str], before: date) -> None:
    assert read_selection(args, TODAY).before.first == before


def test_an_address_asks_for_the_same_again() -> None:
    asked = {
        "from": "2026-10-01",
        "to": "2026-10-31",
        "zone": "Europe/Berlin",
        "country": "DE",
        "grain": "week",
    }
    chosen = read_selection(asked, TODAY)
    assert chosen.args() == asked
    assert chosen.args(country=None, page="2")["page"] == "2"
    assert chosen.now == Period(date(2026, 10, 1), 31)


def test_today_is_not_over() -> None:
    assert read_selection({"from": "2026-11-20", "to": "2026-12-30"}, TODAY).now.last == date(2026, 11, 25)
    assert read_selection({"from": "2026-11-26", "to": "2026-12-30"}, TODAY).period == "7d"


def test_a_board_keeps_the_order_that_was_typed() -> None:
    assert in_order(["orders", "aov", "sessions"], {"sessions": "1", "orders": "2"}) == [
        "sessions",
        "orders",
        "aov",
    ]


@pytest.mark.parametrize(
    ("name", "tiles", "field"),
    [
        ("", ["orders"], "name"),
        ("x" * 61, ["orders"], "name"),
        ("Mine", [], "tiles"),
        ("Mine", ["nope"], "tiles"),
    ],
)
def test_what_makes_no_board_is_refused_beside_the_field(name: str, tiles: list[str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_board(name, tiles, {}, False, KPIS)
    assert set(refused.value.fields) == {field}


def test_a_board_keeps_filters_and_no_days() -> None:
    board = read_board(
        " My  shop ", ["aov", "orders", "aov"], {"country": "DE", "from": "2026-01-01"}, True, KPIS
    )
    assert (board.name, board.tiles, dict(board.filters)) == ("My shop", ("aov", "orders"), {"country": "DE"})


def test_phases_follow_each_other() -> None:
    assert [phase_of(users).number for users in (0, 999, 1_000, 10_000, 99_999, 1_000_000, 1e9)] == [
        1,
        1,
        2,
        3,
        3,
        5,
        5,
    ]
    assert PHASES[-1].to_users is None


def test_the_next_phase_comes_by_the_growth_of_the_last_weeks() -> None:
    users = {TODAY - timedelta(days=ago): 500 * 1.1 ** (-ago / 28) for ago in range(120)}
    found = crossing(users, 1_000)
    assert found is not None
    assert found.growth == pytest.approx(0.1)
    assert found.day == TODAY + timedelta(days=204)  # 28 × ln 2 / ln 1.1
    assert crossing(dict.fromkeys(users, 500.0), 1_000).day is None  # type: ignore[union-attr]
    assert crossing({TODAY: 500.0}, 1_000) is None
    assert crossing({}, 1_000) is None
