"""A shop with facts on known days, and the job that reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.kpi import jobs
from tests import reporting


@pytest.fixture
def day(now: datetime) -> Callable[..., datetime]:
    """`day(-1, hour=9)` → yesterday at nine, UTC."""

    def at(offset: int, hour: int = 9, minute: int = 0) -> datetime:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=offset, hours=hour, minutes=minute)

    return at


@pytest.fixture
def facts(shop_session: Session, now: datetime) -> Session:
    """The shop's database. Commit what the job should see."""
    reporting.prepare(shop_session, now - timedelta(days=62), now)
    shop_session.commit()
    return shop_session


@pytest.fixture
def compute(control_session, control_sources, facts, now) -> Callable[..., str]:
    """Run kpi.daily; what it says."""

    def run(at: datetime = now) -> str:
        facts.commit()
        said = jobs.daily(control_session, at, control_sources)
        control_session.commit()
        return said

    return run


@pytest.fixture
def value(control_session, day) -> Callable[[str, int], float | None]:
    """`value("kpi.orders", -1)` → the point of yesterday."""
    from app.series import store

    def read(key: str, offset: int) -> float | None:
        points = store.between(control_session, key, day(offset, 0), day(offset, 23))
        return points[0].value if points else None

    return read
