"""From the shop's exposures and orders to moments, and what is left out of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.experiments import commands, jobs, queries
from app.experiments.analysis import Verdict
from app.experiments.models import ExperimentBaseline, ExperimentCount
from app.series import store
from app.timeline.models import Happening, TimelineEntry
from tests.reporting import order, visit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_each_shopper_counts_once_with_what_she_did_afterwards(running, meets, count, now):
    number = running(now - 3 * HOUR)
    for n in range(4):
        meets(f"on{n}", "on", now - 2 * HOUR, buys=1_000 if n < 2 else None)
    for n in range(5):
        meets(f"off{n}", "off", now - 2 * HOUR, buys=3_000 if n < 1 else None)
    found = count(number, now)
    assert found.counted.n == {"off": 5, "on": 4}
    assert found.counted.sums["on"]["bought"] == 2
    assert found.counted.sums["on"]["revenue"] == 2_000
    assert found.counted.sums["on"]["revenue*revenue"] == 2_000_000
    assert found.counted.sums["off"]["revenue*orders"] == 3_000
    assert found.counted.sums["on"]["pages"] == 8
    assert found.analysis.goal.rows[0].mean == 0.5


def test_an_order_before_the_first_exposure_is_the_past_and_foretells(running, meets, count, now):
    number = running(now - 3 * HOUR)
    meets("early", "on", now - 2 * HOUR, buys=1_000, after=-HOUR)
    meets("long-ago", "on", now - 2 * HOUR, buys=1_000, after=-29 * DAY)
    meets("other", "off", now - 2 * HOUR)
    sums = count(number, now).counted.sums["on"]
    assert (sums["bought"], sums["bought_before"], sums["revenue_before"]) == (0, 1, 1_000)


def test_who_met_several_variants_is_left_out_and_counted(running, meets, count, now):
    number = running(now - 3 * HOUR)
    meets("both", "on", now - 2 * HOUR)
    meets("both", "off", now - 2 * HOUR)
    meets("one", "on", now - 2 * HOUR)
    meets("odd", "purple", now - 2 * HOUR)
    found = count(number, now).counted
    assert (found.n, found.mixed, dict(found.unexpected)) == ({"off": 0, "on": 1}, 1, {"purple": 1})


def test_who_came_before_the_start_or_after_the_stop_does_not_count(
    running, meets, count, control_sources, now
):
    number = running(now - 3 * HOUR)
    meets("before", "on", now - 4 * HOUR)
    meets("within", "on", now - 2 * HOUR, buys=500, after=timedelta(minutes=30))
    meets("buys-late", "on", now - 2 * HOUR, buys=500, after=2 * HOUR)
    meets("after", "on", now - HOUR / 2)
    with control_sources.control.begin() as session:
        commands.stop(session, number, None, now - HOUR, "pm@house.test")
    found = count(number, now).counted
    assert (found.n["on"], found.sums["on"]["bought"]) == (2, 1)


def test_a_shopper_of_an_earlier_day_counts_from_her_next_day_on(running, meets, count, now):
    number = running(now - DAY)
    meets("back", "on", now - 2 * DAY)
    meets("back", "on", now - HOUR, buys=700, after=HOUR / 2)
    found = count(number, now).counted
    assert (found.n["on"], found.sums["on"]["revenue"]) == (1, 700)


def test_only_the_shoppers_of_the_filter_count_and_breakdowns_add_up(
    running, meets, count, control_sources, now
):
    number = running(now - 3 * HOUR, filters={"country": ["DE", "AT"]})
    meets("de", "on", now - 2 * HOUR, country="DE", device="desktop")
    meets("at", "on", now - 2 * HOUR, country="AT", buys=100)
    meets("gb", "on", now - 2 * HOUR, country="GB")
    assert count(number, now).counted.n["on"] == 2
    with control_sources.control() as session:
        experiment = queries.get(session, number)
        groups = {
            by: {
                value: found.counted.n["on"]
                for value, found in queries.breakdown(session, experiment, by, now)
            }
            for by in ("country", "device", "locale")
        }
    assert groups == {
        "country": {"DE": 1, "AT": 1},
        "device": {"desktop": 1, "mobile": 1},
        "locale": {"en": 2},
    }


def test_days_are_cumulative_and_late_orders_are_folded_in(running, meets, count, control_sources, now):
    number = running(now - 2 * DAY)
    meets("first", "on", now - 2 * DAY + HOUR)
    meets("second", "on", now - HOUR)
    count(number, now)
    meets("first", "on", now - 2 * DAY + HOUR, buys=900, after=HOUR)  # the order comes late
    count(number, now + timedelta(minutes=5))
    with control_sources.control() as session:
        days = queries.by_day(session, queries.get(session, number), now)
    assert [found.counted.n["on"] for _, found in days] == [1, 1, 2]
    assert [found.counted.sums["on"]["revenue"] for _, found in days][-1] == 900
    assert days[0][1].counted.sums["on"]["revenue"] == 900


def test_counting_twice_for_one_moment_changes_nothing(running, meets, count, control_sources, now):
    number = running(now - DAY)
    meets("a", "on", now - HOUR, buys=900, after=HOUR / 2)

    def rows():
        with control_sources.control() as session:
            every = session.scalars(
                select(ExperimentCount).order_by(ExperimentCount.day, ExperimentCount.value)
            )
            return [(row.day, row.dimension, row.value, row.variant, row.n, row.sums) for row in every]

    count(number, now)
    first = rows()
    count(number, now)
    assert rows() == first != []


def test_counting_begins_again_when_the_split_is_changed(running, meets, count, control_sources, now):
    number = running(now - 2 * DAY)
    meets("before", "on", now - 2 * DAY + HOUR)
    count(number, now - DAY)
    with control_sources.control.begin() as session:
        store.record(session, "flag.share", [(now - HOUR, 0.9)], {"flag": "new-checkout"})
    meets("after", "on", now - HOUR / 2)
    found = count(number, now)
    assert found.experiment.counted_from == now - HOUR
    assert found.counted.n["on"] == 1
    with control_sources.control() as session:
        assert len(queries.days_counted(session, found.experiment)) == 1


def test_it_stops_by_itself_at_its_planned_end(running, meets, count, now):
    number = running(now - DAY, ends_at=(now - 2 * HOUR).isoformat())
    meets("within", "on", now - 3 * HOUR)
    meets("late", "on", now - HOUR)
    found = count(number, now)
    assert (found.experiment.state, found.experiment.stopped_at) == ("stopped", now - 2 * HOUR)
    assert found.counted.n["on"] == 1


def test_what_stopped_long_ago_is_left_alone(running, count, control_sources, now):
    number = running(now - 9 * DAY)
    count(number, now - 8 * DAY)
    with control_sources.control.begin() as session:
        commands.stop(session, number, None, now - 7 * DAY, "pm@house.test")
    assert count(number, now - 6 * DAY).experiment.counted_at == now - 6 * DAY
    assert count(number, now).experiment.counted_at == now - 6 * DAY


def test_groups_that_are_not_as_planned_block_the_verdict(running, meets, count, now):
    number = running(now - 3 * HOUR)
    for n in range(60):
        meets(f"on{n}", "on", now - 2 * HOUR, buys=500)
        if n < 20:
            meets(f"off{n}", "off", now - 2 * HOUR)
    found = count(number, now).analysis
    assert found.is_mismatch
    assert found.verdict.kind == "mismatch"


def test_guards_and_money_come_from_the_same_shoppers(running, meets, count, now):
    number = running(
        now - 3 * HOUR,
        guards=[{"metric": "latency", "margin": 0.2}, {"metric": "cost"}],
        margin=0.5,
        exposure_cents=10,
        page_cents=1,
        order_cents=30,
    )
    for n in range(30):
        meets(f"on{n}", "on", now - 2 * HOUR, seconds=1.0 + n / 100, buys=2_000 + n if n % 2 else None)
        meets(f"off{n}", "off", now - 2 * HOUR, seconds=0.4 + n / 100, buys=1_000 + n if n % 3 == 0 else None)
    found = count(number, now)
    latency = next(one for one in found.analysis.findings if one.question.key == "latency")
    cost = next(one for one in found.analysis.findings if one.question.key == "cost")
    assert latency.control_mean == pytest.approx(0.2725)
    assert latency.rows[0].guard == "broken"
    assert cost.rows[0].mean == pytest.approx(2 + 30 / 2)
    assert found.analysis.verdict.kind == "guard_broken"
    gain, revenue = found.gains["on"], found.counted.sums
    difference = revenue["on"]["revenue"] / 30 - revenue["off"]["revenue"] / 30
    assert gain.cents == pytest.approx(difference * 0.5 - 10, abs=30)  # CUPED moves it a little
    assert gain.low < gain.cents < gain.high


def test_plans_are_made_from_what_shoppers_of_the_flag_or_the_shop_did_lately(
    meets, control_sources, shop_session, now
):
    for n in range(10):
        visit(shop_session, now - DAY, f"v{n}")
    order(shop_session, now - DAY + HOUR, 4_000, visit="v1")
    meets("m", "on", now - DAY, buys=500)
    shop_session.commit()
    with control_sources.control.begin() as session:
        assert jobs.baselines(session, now, control_sources) == "1 flags and the shop counted"
        jobs.baselines(session, now, control_sources)
    with control_sources.control() as session:
        of_all = queries.baseline(session, "unknown-flag")
        of_flag = queries.baseline(session, "new-checkout")
        assert session.query(ExperimentBaseline).count() == 2
    assert (of_all.n, of_all.sums["bought"], of_all.sums["revenue"]) == (10, 1, 4_000)
    assert (of_flag.n, of_flag.sums["bought"]) == (1, 1)


def test_enough_data_is_told_once_and_again_when_counting_began_anew(
    running, meets, count, control_sources, now
):
    number = running(now - 3 * HOUR, guards=[{"metric": "latency", "margin": 0.2}])

    def told():
        with control_sources.control() as session:
            rows = session.scalars(select(Happening).where(Happening.source == "told").order_by(Happening.id))
            found = [row.after for row in rows if row.after["event"] == "experiment.ready"]
            marks = session.scalars(
                select(TimelineEntry.key).where(TimelineEntry.key.contains(":ready:"))
            ).all()
            assert len(marks) == len(found)
            return [(one["url"], one["facts"]["verdict"]) for one in found]

    meets("one", "on", now - 2 * HOUR)
    count(number, now)
    assert told() == []
    for n in range(30):
        meets(f"on{n}", "on", now - 2 * HOUR, seconds=1.0 + n / 100, buys=2_000 if n % 2 else None)
        meets(f"off{n}", "off", now - 2 * HOUR, seconds=0.4 + n / 100, buys=1_000 if n % 3 else None)
    for _ in range(2):
        count(number, now)
    once = [(f"/experiments/{number}", "guard_broken")]
    assert told() == once
    with control_sources.control.begin() as session:
        store.record(session, queries.SHARE_KEY, [(now - 2.5 * HOUR, 0.5)], {"flag": "new-checkout"})
    for _ in range(2):
        count(number, now)
    assert told() == once * 2


def test_of_two_that_see_at_once_that_there_is_enough_data_one_tells(running, control_sources, now):
    number, verdict = running(now - HOUR), Verdict("better", "on")
    with control_sources.control() as one, control_sources.control() as other:
        seen = [(session, queries.get(session, number)) for session in (one, other)]
        said = []
        for session, experiment in seen:
            said.append(commands.tell_ready(session, experiment, verdict, now))
            session.commit()
    assert said == [True, False]
