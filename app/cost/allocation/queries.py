"""Reads: the rules as they are, and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cost.allocation.divide import Allocation, Share
from app.cost.allocation.models import CostRuleVersion, CostRun
from app.cost.allocation.rules import DEFAULTS, Rule, from_words
from app.errors import NotFound


@dataclass(frozen=True)
class Version:
    """0: nobody has saved any rules yet, these are what a new installation has."""

    version: int
    rules: tuple[Rule, ...]
    note: str = ""
    saved_by: str = ""
    saved_at: datetime | None = None


def current(session: Session) -> Version:
    row = session.scalar(select(CostRuleVersion).order_by(CostRuleVersion.version.desc()).limit(1))
    return _version(row) if row else Version(0, DEFAULTS)


def version(session: Session, number: int) -> Version:
    row = session.get(CostRuleVersion, number)
    if row is None:
        raise NotFound(_l("There is no such version of the rules."))
    return _version(row)


def versions(session: Session) -> list[CostRuleVersion]:
    return list(session.scalars(select(CostRuleVersion).order_by(CostRuleVersion.version.desc()).limit(50)))


def _version(row: CostRuleVersion) -> Version:
    rules = tuple(from_words(told) for told in row.rules)
    return Version(row.version, rules, row.note, row.saved_by, row.saved_at)


def runs(session: Session, most: int = 50) -> list[CostRun]:
    """The newest first."""
    return list(session.scalars(select(CostRun).order_by(CostRun.id.desc()).limit(most)))


def run(session: Session, run_id: int) -> CostRun:
    row = session.get(CostRun, run_id)
    if row is None:
        raise NotFound(_l("There is no such run."))
    return row


def newest(session: Session, month: date) -> CostRun | None:
    return session.scalar(select(CostRun).where(CostRun.month == month).order_by(CostRun.id.desc()).limit(1))


def allocation(row: CostRun) -> Allocation:
    return Allocation(tuple(Share(**told) for told in row.shares), row.bill_cents)


@dataclass(frozen=True)
class Difference:
    """A target in two runs, in cents."""

    target: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


def compared(before: CostRun, after: CostRun) -> list[Difference]:
    """By target, the largest change first; idle and shared are rows of their own."""
    old, new = _rows(before), _rows(after)
    found = [Difference(name, old.get(name, 0), new.get(name, 0)) for name in sorted(old.keys() | new.keys())]
    return sorted(found, key=lambda row: (-abs(row.change), row.target))


def _rows(row: CostRun) -> Mapping[str, int]:
    """Cents by target; what nobody bears under its way of being divided."""
    found: dict[str, int] = {}
    for share in allocation(row).shares:
        name = share.target or share.how
        found[name] = found.get(name, 0) + share.cents
    return found
