"""Reads: saved scenarios, and what was measured of each user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cost import queries as costs
from app.cost.measuring import midnight
from app.cost.models import CostDriverDay
from app.cost.month import shifted
from app.cost.whatif import crossing as crossings
from app.cost.whatif import growth
from app.cost.whatif.crossing import HORIZON_DAYS, Crossing
from app.cost.whatif.growth import Scenario
from app.cost.whatif.models import CostScenario
from app.errors import NotFound
from app.series import store
from app.series.forecast import Forecast, forecast

LEAST_MONTHS = 2
LEARNING_DAYS = 730
MONTHLY_USERS = "kpi.monthly_active_users"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Measured:
    """The last month that was counted, as a start for a scenario. None: nothing was measured."""

    month: date
    users: int
    orders_per_user: float
    requests_per_user: float | None


def measured(session: Session, today: date) -> Measured | None:
    """The last whole month; where there is none, the one that goes on."""
    months = [month for month in costs.by_month(session, today) if month.active_users]
    whole = [month for month in months if month.is_whole]
    if not months:
        return None
    month = (whole or months)[-1]
    users = month.active_users or 0
    actions = float(month.requests) / users if month.requests else _actions(session, month.bill.month, users)
    return Measured(month.bill.month, users, (month.orders or 0) / users, actions)


def _actions(session: Session, month: date, users: int) -> float | None:
    """Actions of shoppers where requests were not measured."""
    rows = session.scalars(
        select(CostDriverDay.value).where(
            CostDriverDay.driver == "actions",
            CostDriverDay.dimension == "all",
            CostDriverDay.day >= month,
            CostDriverDay.day < shifted(month, 1),
        )
    ).all()
    return float(sum(rows)) / users if rows else None


def crossing(session: Session, today: date) -> Crossing | None:
    months = [month for month in costs.by_month(session, today) if month.is_whole and month.active_users]
    if len(months) < LEAST_MONTHS:
        return None
    users = [float(month.active_users or 0) for month in months]
    days = _monthly_users(session, today)
    made = forecast(days, HORIZON_DAYS) if days else None
    ahead = made if isinstance(made, Forecast) else None
    return crossings.crossing(users, months[-1].bill.month, ahead, today - DAY)


def _monthly_users(session: Session, today: date) -> list[float | None]:
    """Different people of the thirty days up to each day, as counted elsewhere; yesterday's last."""
    first = today - DAY * LEARNING_DAYS
    points = store.between(session, MONTHLY_USERS, midnight(first), midnight(today))
    known = {point.at.astimezone(UTC).date(): point.value for point in points}
    if not known:
        return []
    begun = min(known)
    return [known.get(begun + DAY * index) for index in range((today - begun).days)]


def scenarios(session: Session) -> list[CostScenario]:
    return list(session.scalars(select(CostScenario).order_by(CostScenario.name)))


def one(session: Session, scenario_id: int) -> CostScenario:
    row = session.get(CostScenario, scenario_id)
    if row is None:
        raise NotFound(_l("There is no such scenario."))
    return row


def scenario_of(row: CostScenario) -> Scenario:
    return growth.from_words(row.definition)
