"""Recorded faults in a real Prometheus: what is taken back and how soon, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rollout import Traffic, recorded

QUIET = 120  # seconds before anything happens
HALF_A_SECOND = 0.5


def told(history, number):
    return [(one.action, one.code) for one in history(number)]


@pytest.fixture
def live(prometheus, launch, looked, now):
    """`live(treated, control)` → a rollout at 5 % that lived through it, its end at noon."""

    def run(treated: list[Traffic], control: list[Traffic], **more: object) -> int:
        prometheus.load(recorded(now, treated, control))
        began = now - timedelta(seconds=sum(one.seconds for one in treated))
        number = launch(
            began, **({"steps": [{"percent": 5, "minutes": 60}, {"percent": 100, "minutes": 0}]} | more)
        )
        looked(began + timedelta(seconds=10), now)
        return number

    return run


def test_half_of_a_twentieth_failing_is_taken_back_within_a_minute(live, history, row, share, now):
    number = live(
        [Traffic(QUIET, 0.5), Traffic(60, 0.5, bad=0.5)], [Traffic(QUIET, 9.5), Traffic(60, 9.5, bad=0.002)]
    )
    last = history(number)[-1]
    assert (last.action, last.code) == ("roll_back", "harm")
    assert last.at - (now - timedelta(seconds=60)) <= timedelta(seconds=40)
    assert (row(number).outcome, share()) == ("rolled_back", 0)
    [verdict] = [one for one in last.evidence["verdicts"] if one["state"] == "harm"]
    assert verdict["key"] == "errors:all"
    assert verdict["capital"] >= verdict["needed"]
    assert last.evidence["excess"]["all"] == pytest.approx(verdict["counts"][0], abs=1)
    assert 'flag="new-checkout"' in last.evidence["queries"][0]


def test_slowness_of_the_treated_side_alone_is_taken_back(live, history):
    number = live(
        [Traffic(QUIET, 2), Traffic(120, 2, slow=0.9)],
        [Traffic(QUIET, 18), Traffic(120, 18, slow=0.01)],
        steps=[{"percent": 10, "minutes": 60}, {"percent": 100, "minutes": 0}],
    )
    last = history(number)[-1]
    assert (last.action, last.about["guards"]) == ("roll_back", ["latency:all"])


SHARED = {
    "half of all fails": [Traffic(QUIET, 1), Traffic(120, 1, bad=0.5)],
    "it recovers slowly": [
        Traffic(QUIET, 1),
        Traffic(60, 1, bad=0.5),
        Traffic(60, 1, bad=0.2),
        Traffic(60, 1, bad=0.05),
    ],
    "all are slow": [Traffic(QUIET, 1), Traffic(120, 1, slow=0.9)],
}


@pytest.mark.parametrize("name", SHARED)
def test_a_fault_that_both_sides_share_freezes_and_takes_nothing_back(live, history, share, name):
    treated = SHARED[name]
    number = live(treated, [Traffic(one.seconds, one.journeys * 9, one.bad, one.slow) for one in treated])
    assert ("freeze", "both_suffer") in told(history, number)
    assert not any(action == "roll_back" for action, _ in told(history, number))
    assert share() == 5


def test_ten_times_the_shoppers_are_no_fault(live, history):
    number = live(
        [Traffic(QUIET, 0.5), Traffic(120, 5, bad=0.01)], [Traffic(QUIET, 9.5), Traffic(120, 95, bad=0.01)]
    )
    assert {action for action, _ in told(history, number)} <= {"stay", "hold"}
    assert told(history, number)[-1] == ("stay", "time")


def test_without_shoppers_it_waits_and_takes_nothing_back(live, history, share):
    number = live([Traffic(QUIET, 1), Traffic(420, 0)], [Traffic(QUIET, 9), Traffic(420, 0)])
    assert told(history, number)[-1] == ("hold", "no_traffic")
    assert share() == 5


def test_a_silent_shop_is_waited_for_and_nothing_is_decided_on_what_was_not_seen(live, history, row):
    blind = Traffic(120, 1, is_scraped=False)
    number = live([Traffic(QUIET, 1), blind], [Traffic(QUIET, 9), blind])
    assert told(history, number)[-1] == ("hold", "blind")
    assert row(number).observed_seconds <= QUIET + 30


def test_a_silent_prometheus_is_waited_for(launch, looked, history, now):
    number = launch(now - timedelta(seconds=60))
    looked(now - timedelta(seconds=50), now)
    assert told(history, number)[-1] == ("hold", "blind")


def test_it_goes_step_by_step_to_everybody_when_all_is_well(live, history, share, row):
    seconds = 360
    number = live(
        [Traffic(seconds, 5)],
        [Traffic(seconds, 5)],
        steps=[{"percent": 5, "minutes": 1}, {"percent": 50, "minutes": 1}, {"percent": 100, "minutes": 0}],
    )
    moves = [pair for pair in told(history, number) if pair[0] in ("advance", "finish")]
    assert moves == [("advance", "good"), ("advance", "good"), ("finish", "good")]
    assert (row(number).outcome, share()) == ("finished", 100)


def test_time_that_the_scheduler_did_not_see_does_not_count_but_a_breach_in_it_does(
    prometheus, launch, looked, history, row, now
):
    calm = [Traffic(QUIET, 2), Traffic(900, 2)]
    prometheus.load(recorded(now, calm, [Traffic(one.seconds, 18) for one in calm]))
    began = now - timedelta(seconds=QUIET + 900)
    number = launch(began, steps=[{"percent": 10, "minutes": 3}, {"percent": 100, "minutes": 0}])
    looked(began + timedelta(seconds=10), began + timedelta(seconds=90))
    before = row(number).observed_seconds
    looked(now - timedelta(seconds=30), now)
    assert row(number).step == 0
    assert row(number).observed_seconds <= before + 30
    assert told(history, number)[-1] == ("hold", "returning")


@pytest.mark.parametrize("blind_seconds", [300, 1200])
def test_harm_while_the_scheduler_was_down_is_acted_on_at_the_first_look(
    prometheus, launch, looked, history, now, blind_seconds
):
    treated = [Traffic(QUIET, 2), Traffic(blind_seconds, 2, bad=0.5)]
    control = [Traffic(QUIET, 18), Traffic(blind_seconds, 18, bad=0.001)]
    prometheus.load(recorded(now, treated, control))
    began = now - timedelta(seconds=QUIET + blind_seconds)
    number = launch(began, steps=[{"percent": 10, "minutes": 60}, {"percent": 100, "minutes": 0}])
    looked(began + timedelta(seconds=10), began + timedelta(seconds=90))
    looked(now, now)
    assert told(history, number)[-1] == ("roll_back", "harm")


def test_looking_twice_at_one_moment_changes_nothing(live, looked, history, row, now):
    number = live([Traffic(QUIET, 1)], [Traffic(QUIET, 9)])
    memory, entries = row(number).memory, len(history(number))
    looked(now, now)
    assert row(number).memory == memory
    assert len(history(number)) == entries


def test_what_happened_before_it_began_is_none_of_its_doing(prometheus, launch, looked, history, now):
    treated = [Traffic(60, 2, bad=0.9), Traffic(60, 2)]
    prometheus.load(recorded(now, treated, [Traffic(60, 18), Traffic(60, 18)]))
    began = now - timedelta(seconds=58)
    number = launch(began, steps=[{"percent": 10, "minutes": 60}, {"percent": 100, "minutes": 0}])
    looked(began + timedelta(seconds=8), now)
    assert not any(action == "roll_back" for action, _ in told(history, number))
