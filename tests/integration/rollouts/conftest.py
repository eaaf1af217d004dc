"""A rollout over recorded traffic: looked at every ten seconds of it, as the job would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.db import begin
from app.flags import commands as flags
from app.flags import queries as flag_queries
from app.flags.flag import checked_details
from app.rollouts import commands, jobs
from app.rollouts.models import Rollout, RolloutDecision
from tests.rollout import FLAG, plan

WHO = "pm@house.test"
LOOK = timedelta(seconds=10)


@pytest.fixture
def flag(control_app, now) -> Callable[..., None]:
    """`flag()` → new-checkout, off in production."""

    def make(name: str = FLAG, at: datetime | None = None) -> None:
        with control_app.test_request_context(), begin() as session:
            flags.ensure_environments(session)
            flags.create(
                session, name, checked_details("release", "", "product"), at or now - timedelta(days=1), WHO
            )

    return make


@pytest.fixture
def launch(control_app, flag) -> Callable[..., int]:
    """`launch(at, guards=[…])` → the number of a rollout that began then."""

    def start(at: datetime, **more: object) -> int:
        flag()
        with control_app.test_request_context(), begin() as session:
            return commands.start(session, FLAG, "production", plan(at, **more), at, WHO).id

    return start


@pytest.fixture
def looked(control_sources) -> Callable[[datetime, datetime], None]:
    """`looked(start, end)`: a look every ten seconds, start <= look <= end."""

    def look(start: datetime, end: datetime) -> None:
        at = start
        while at <= end:
            with control_sources.control.begin() as session:
                jobs.decide(session, at, control_sources)
            at += LOOK

    return look


@pytest.fixture
def row(control_sources) -> Callable[[int], Rollout]:
    def read(number: int) -> Rollout:
        with control_sources.control() as session:
            return session.get(Rollout, number)

    return read


@pytest.fixture
def history(control_sources) -> Callable[[int], list[RolloutDecision]]:
    """What was decided, the oldest first."""

    def read(number: int) -> list[RolloutDecision]:
        query = (
            select(RolloutDecision).where(RolloutDecision.rollout_id == number).order_by(RolloutDecision.id)
        )
        with control_sources.control() as session:
            return list(session.scalars(query))

    return read


@pytest.fixture
def share(control_app, now) -> Callable[[], int | None]:
    """Who has the flag in production, in percent."""

    def read() -> int | None:
        with control_app.test_request_context(), begin() as session:
            return flag_queries.one(session, FLAG, now).states["production"].reach.percent

    return read
