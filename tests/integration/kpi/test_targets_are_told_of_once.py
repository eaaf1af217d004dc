"""A target by date is news when it is reached, and when its day is over without."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kpi.goals import commands, jobs, queries
from app.kpi.goals.goal import Wanted
from app.kpi.goals.models import KpiGoal
from app.series import store
from app.timeline.models import TimelineEntry
from app.webhooks import stream
from app.webhooks.models import EventRow

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def aim(control_session, now):
    def made(target, owner="Ada"):
        wanted = Wanted("business", "slo.budget_left", {"slo": "checkout"}, target, (now + DAY).date(), owner)
        number = commands.add(control_session, wanted, "pm@house.test", now)
        control_session.commit()
        return number

    return made


@pytest.fixture
def look(control_session, control_sources):
    """The job runs at a moment, and what it told becomes events."""

    def run(at, **figures):
        for member, value in figures.items():
            store.record(control_session, "slo.budget_left", [(at - MINUTE, value)], {"slo": member})
        jobs.tell(control_session, at, control_sources)
        control_session.commit()
        stream.flow(control_session, at)
        control_session.commit()
        rows = control_session.execute(
            select(EventRow.type, EventRow.data["owner"].astext).order_by(EventRow.id)
        )
        return [tuple(row) for row in rows if row.type.startswith("kpi.")]

    return run


def test_reached_is_told_once(aim, look, control_session, now):
    aim(0.5)
    assert look(now) == []  # nothing was measured: neither reached nor missed
    assert look(now, checkout=0.6) == [("kpi.target_reached", "Ada")]
    assert look(now + DAY) == [("kpi.target_reached", "Ada")]
    entry = control_session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "note")).one()
    assert (entry.title, entry.url) == ("Target reached: Error budget left: checkout", "/kpi/-/targets")
    event = control_session.scalars(select(EventRow).where(EventRow.type == "kpi.target_reached")).one()
    assert (event.title, event.url) == ("Error budget left: checkout", "/kpi/-/targets")


def test_missed_is_told_once_and_reached_late_still_is(aim, look, now):
    aim(0.5)
    assert look(now + DAY, checkout=0.2) == []  # its day is not over
    missed = ("kpi.target_missed", "Ada")
    assert look(now + 2 * DAY) == [missed]
    assert look(now + 3 * DAY) == [missed]
    assert look(now + 30 * DAY, checkout=0.9) == [missed, ("kpi.target_reached", "Ada")]


def test_of_two_that_look_at_once_one_tells(aim, control_sources, control_session, now):
    number = aim(0.5)
    store.record(control_session, "slo.budget_left", [(now - MINUTE, 0.9)], {"slo": "checkout"})
    control_session.commit()
    found = queries.line(control_session, number, now)

    def tell(_):
        with control_sources.control.begin() as session:
            return commands.tell(session, found, "reached", now)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(tell, range(4))) == [False, False, False, True]
    control_session.expire_all()
    assert control_session.scalar(select(KpiGoal.reached_at)) == now
    assert len(control_session.scalars(select(TimelineEntry)).all()) == 1
