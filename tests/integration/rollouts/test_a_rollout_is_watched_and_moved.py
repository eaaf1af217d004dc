"""Groups read from Prometheus and from the shop's events; a person moves the percentage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.db import begin
from app.flags import commands as flags
from app.flags import queries as flag_queries
from app.flags.flag import checked_details
from app.rollouts import jobs, queries
from tests.usage import event

HOUR = timedelta(hours=1)
WHO = "pm@house.test"


@pytest.fixture
def rollout(control_app, now):
    """`rollout(50)` → new-checkout in production at so many percent since an hour ago."""

    def make(percent=50, name="new-checkout", at=now - HOUR):
        with control_app.app_context(), begin() as session:
            flags.ensure_environments(session)
            flags.create(session, name, checked_details("release", "", "product"), at - HOUR, WHO)
            flags.set_percent(session, name, "production", percent, at, WHO)

    return make


@pytest.fixture
def measure(control_sources, now):
    def run(at=now):
        with control_sources.control.begin() as session:
            said = jobs.measure(session, at, control_sources)
        with control_sources.control() as session:
            return said, {found.flag.name: found for found in queries.watched(session, at)}

    return run


def journeys(now, **per_hour):
    """Counters that grow evenly over the last hour: {on_good: 900} is variant on, outcome good."""
    lines = ["# TYPE shop_variant_journeys counter"]
    for name, total in per_hour.items():
        variant, outcome = name.split("_")
        labels = f'flag="new-checkout",variant="{variant}",journey="checkout",outcome="{outcome}"'
        for second in range(0, 3601, 15):
            at = now.timestamp() - 3600 + second
            value = total * second / 3600
            lines.append(f"shop_variant_journeys_total{{{labels}}} {value} {at}")
    return "\n".join(lines)


def meet(session, now, variant, shoppers, buyers):
    for n in range(shoppers):
        event(session, f"{variant}{n}", now - HOUR / 2, new_checkout=variant)
        if n < buyers:
            event(session, f"{variant}{n}", now - HOUR / 3, "order_complete", new_checkout=variant)
    session.commit()


def test_errors_and_orders_are_read_for_both_groups_of_the_same_time(
    rollout, measure, prometheus, shop_session, now
):
    rollout(50)
    prometheus.load(journeys(now, on_good=540, on_bad=60, off_good=594, off_bad=6))
    meet(shop_session, now, "on", 20, 2)
    meet(shop_session, now, "off", 20, 4)
    said, found = measure()
    assert said == "1 rollouts read"
    without, with_it = found["new-checkout"].groups
    assert (without.variant, with_it.variant) == ("off", "on")
    assert with_it.error_share == pytest.approx(0.1, abs=0.005)
    assert without.error_share == pytest.approx(0.01, abs=0.005)
    assert with_it.journeys == pytest.approx(600, rel=0.02)
    assert (with_it.conversion, without.conversion) == (0.1, 0.2)
    assert found["new-checkout"].look == "risk"


def test_a_silent_prometheus_leaves_what_the_shop_counted(rollout, measure, shop_session, now):
    rollout(50)
    meet(shop_session, now, "on", 3, 1)
    _, found = measure()
    [group] = found["new-checkout"].groups
    assert (group.exposures, group.converted, group.good, group.error_share) == (3, 1, None, None)
    assert found["new-checkout"].look == "nodata"


def test_a_silent_shop_leaves_what_prometheus_counted(rollout, measure, prometheus, control_sources, now):
    rollout(50)
    prometheus.load(journeys(now, on_good=100, on_bad=0))
    control_sources.reporting.kw["bind"].dispose()
    broken = {**vars(control_sources), "reporting": _nowhere(control_sources)}
    with control_sources.control.begin() as session:
        jobs.measure(session, now, type(control_sources)(**broken))
    with control_sources.control() as session:
        [group] = queries.one(session, "new-checkout", now).groups
    assert group.exposures is None
    assert group.error_share == 0


def _nowhere(sources):
    from app.db import connect

    url = sources.reporting.kw["bind"].url.set(port=9)
    return connect(url.render_as_string(hide_password=False), read_only=True)


def test_measuring_twice_for_one_moment_changes_nothing(rollout, measure, shop_session, now):
    rollout(50)
    meet(shop_session, now, "on", 3, 1)
    _, first = measure()
    _, again = measure()
    assert first["new-checkout"].groups == again["new-checkout"].groups


def test_a_reading_from_before_the_move_is_not_shown_after_it(
    rollout, measure, shop_session, control_app, control_sources, now
):
    rollout(50)
    meet(shop_session, now, "on", 3, 1)
    measure(now - timedelta(minutes=1))
    with control_app.app_context(), begin() as session:
        flags.set_percent(session, "new-checkout", "production", 80, now, WHO)
    with control_sources.control() as session:
        found = queries.one(session, "new-checkout", now)
        assert found.groups == []
        assert [step.value for step in queries.steps(session, "new-checkout", now)] == [0.5, 0.8]


def test_only_flags_on_their_way_are_listed_and_no_drills(rollout, control_sources, now):
    rollout(50)
    rollout(100, "just-done")
    rollout(100, "long-done", at=now - timedelta(days=9))
    rollout(50, "fault-cpu-burn")
    with control_sources.control() as session:
        assert {one.flag.name for one in queries.watched(session, now)} == {"new-checkout", "just-done"}


def test_old_readings_are_forgotten(rollout, measure, shop_session, control_sources, now):
    rollout(50)
    meet(shop_session, now, "on", 3, 1)
    measure()
    measure(now + timedelta(days=15))
    with control_sources.control() as session:
        read = queries.readings(session, "new-checkout", now - HOUR, now + HOUR)
    assert read == []


def test_the_pages_show_the_groups_and_say_who_decides(rollout, measure, prometheus, signed_in, now):
    viewer = signed_in("viewer")
    assert "No rollout is on its way" in viewer.get("/rollouts/").text
    rollout(50)
    assert "Nothing has been read since the last move" in viewer.get("/rollouts/new-checkout").text
    prometheus.load(journeys(now, on_good=540, on_bad=60, off_good=594, off_bad=6))
    measure()
    assert "Nothing guards these" in viewer.get("/rollouts/").text
    assert "more errors with it" in viewer.get("/rollouts/-/list").text
    page = viewer.get("/rollouts/new-checkout").text
    assert "with it" in page
    assert "Roll back" not in page
    assert "pp" in viewer.get("/rollouts/new-checkout/groups").text
    lines = viewer.get("/rollouts/new-checkout/errors.json").json["lines"]
    assert {line["name"] for line in lines} == {"on", "off"}
    assert viewer.get("/rollouts/nope").status_code == 404


def test_a_person_advances_and_rolls_back(rollout, signed_in, control_app, now):
    rollout(50)
    ops = signed_in("ops")

    def state():
        with control_app.app_context(), begin() as session:
            return flag_queries.one(session, "new-checkout", now).states["production"]

    opened = state().revision
    assert ops.post("/rollouts/new-checkout/advance", data={"percent": "75"}).status_code == 303
    assert state().reach.percent == 75
    stale = {"percent": "80", "revision": opened}
    assert ops.post("/rollouts/new-checkout/advance", data=stale).status_code == 409
    assert ops.post("/rollouts/new-checkout/advance", data={"percent": "101"}).status_code == 422
    page = ops.post("/rollouts/new-checkout/roll-back", follow_redirects=True).text
    assert state().reach.percent == 0
    assert "/flags/new-checkout/undo/" in page
    assert signed_in("viewer").post("/rollouts/new-checkout/roll-back").status_code == 403
