"""Writes: scenarios."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost.whatif import queries
from app.cost.whatif.growth import Scenario
from app.cost.whatif.models import CostScenario
from app.errors import Conflict


def save(session: Session, scenario: Scenario, revision: int | None, who: str, now: datetime) -> CostScenario:
    """A new one, or the one of this name as it was read at `revision`."""
    row = session.scalar(select(CostScenario).where(CostScenario.name == scenario.name).with_for_update())
    before = row.definition if row else None
    if row is not None and row.revision != revision:
        taken = _l("There is a scenario of this name already. Choose another name.")
        raise Conflict(taken, {"name": taken})
    if row is None:
        row = CostScenario(name=scenario.name, revision=0)
    row.definition, row.revision = scenario.as_words(), row.revision + 1
    row.saved_by, row.saved_at = who, now
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict(_l("There is a scenario of this name already. Choose another name.")) from error
    record(session, who, "cost.scenario", f"cost-scenario:{row.id}", before, row.definition, now)
    return row


def remove(session: Session, scenario_id: int, who: str, now: datetime) -> None:
    row = queries.one(session, scenario_id)
    session.delete(row)
    record(session, who, "cost.scenario", f"cost-scenario:{scenario_id}", row.definition, None, now)
