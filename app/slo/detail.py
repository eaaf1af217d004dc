"""What the page of one objective says now: what is left, how it burns, what becomes of it, what began it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.slo import page_queries, policies, queries
from app.slo.bucket import BUCKET_SECONDS
from app.slo.budget import Budget, onset
from app.slo.ladder import Rung, ladder
from app.slo.policies import Frozen
from app.slo.suspects import Suspect, likely, ranked
from app.timeline import queries as timeline

BURN_SEARCHED = timedelta(days=3)  # how far back the onset of a burn is looked for
CHANGES_WITHIN = timedelta(hours=24)  # and changes before it
MOST_SUSPECTS = 8
LOOKED_INTO = ("burning", "exhausted", "risk")


@dataclass(frozen=True)
class Figures:
    budget: Budget | None
    ladder: tuple[Rung, ...]
    outlook: dict[str, Any] | None
    began: datetime | None  # the newest burn; None: nothing burns
    suspects: list[Suspect]
    frozen: Frozen  # what the policy says, and who lifted it
    error: str  # why the source could not be asked

    @property
    def likely(self) -> Suspect | None:
        return likely(self.suspects)


def figures(session: Session, line: queries.Line, now: datetime) -> Figures:
    slo, status = line.slo, line.status
    began = burn_began(session, line, now)
    around = began or now
    entries = timeline.between(session, around - CHANGES_WITHIN, now)
    suspects = ranked(entries, around)
    return Figures(
        Budget(slo.ratio, slo.window, status.counts) if status else None,
        ladder(slo, status.burns if status else {}),
        _outlook(status),
        began,
        suspects[:MOST_SUSPECTS],
        policies.state(session, slo, now),
        page_queries.beside(session, slo).error,
    )


def burn_began(session: Session, line: queries.Line, now: datetime) -> datetime | None:
    if line.state not in LOOKED_INTO:
        return None
    steps = queries.steps(session, line.slo, now - BURN_SEARCHED, now, BUCKET_SECONDS)
    return onset(steps, line.slo.ratio)


def _outlook(status: queries.Status | None) -> dict[str, Any] | None:
    """The forecast with its moments read back from JSON; `worse` and `better` are the ends of its band."""
    if status is None or status.forecast is None:
        return None
    found = _moments(status.forecast)
    for end in ("worse", "better"):
        found[end] = _moments(found.get(end) or {})
    return found


def _moments(told: dict[str, Any]) -> dict[str, Any]:
    read = {name: _moment(told.get(name)) for name in ("exhausts_at", "recovers_at")}
    return {**told, **read}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
