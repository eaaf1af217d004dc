"""Writes: a new version of the rules, and runs of them.

A run keeps the bill, what was measured and the rules' version. The same inputs make no second run; dividing
the kept inputs again gives the same cents, which `recompute` proves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost import ledger
from app.cost import queries as costs
from app.cost.allocation import queries
from app.cost.allocation.divide import HOWS, Allocation, Measured, divide
from app.cost.allocation.models import CostRuleVersion, CostRun
from app.cost.allocation.rules import Rule, from_words
from app.cost.month import Bill, Position, shifted
from app.cost.rates import queries as rate_queries
from app.errors import Conflict, Refused
from app.series import store


def save_rules(
    session: Session, rules: Sequence[Rule], based_on: int, note: str, who: str, now: datetime
) -> CostRuleVersion:
    """The next version. `based_on`: the version that was read; somebody else's is never overwritten."""
    current = queries.current(session)
    if current.version != based_on:
        raise Conflict(_l("Somebody changed the rules in the meantime. Reload the page to see them."))
    told = [rule.as_words() for rule in rules]
    row = CostRuleVersion(version=based_on + 1, rules=told, note=note[:200], saved_by=who, saved_at=now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(
            _l("Somebody changed the rules in the meantime. Reload the page to see them.")
        ) from error
    before = {"version": current.version, "rules": [rule.name for rule in current.rules]}
    after = {"version": row.version, "rules": [rule.name for rule in rules], "note": row.note}
    record(session, who, "cost.rules", f"cost-rules:{row.version}", before, after, now)
    return row


def ensure_rules(session: Session, who: str, now: datetime) -> queries.Version:
    """The current version; a new installation's is saved first, so that a run can name it."""
    current = queries.current(session)
    if current.version == 0:
        save_rules(session, current.rules, 0, "", who, now)
        return queries.current(session)
    return current


def run(session: Session, month: date, who: str, now: datetime) -> CostRun:
    """Divide a month by the rules as they are. Refused where the bill is not known in full."""
    bill, measured = inputs(session, month)
    if bill.total_cents is None:
        raise Refused(_why(bill))
    version = ensure_rules(session, who, now)
    kept = _kept(session, bill, measured)
    digest = sha256(json.dumps([kept, version.version], sort_keys=True).encode()).hexdigest()
    last = session.scalar(select(CostRun).where(CostRun.month == month).order_by(CostRun.id.desc()).limit(1))
    if last is not None and last.digest == digest:
        return last
    row = _row(month, version.version, digest, kept, divide(bill, version.rules, measured), who, now)
    session.add(row)
    session.flush()
    _record_series(session, row)
    return row


def _why(bill: Bill) -> object:
    if bill.missing:
        return _l("There is no rate for %(currencies)s.", currencies=", ".join(bill.missing))
    return _l("Nothing is known of the cost of this month.")


def inputs(session: Session, month: date) -> tuple[Bill, Measured]:
    (bill,) = ledger.bills(session, month, month)
    return bill, costs.measured(session, month, shifted(month, 1))


def recompute(row: CostRun, rules: Sequence[Rule]) -> Allocation:
    """Divide a run's kept inputs once more."""
    bill, measured = _unpacked(row.month, row.inputs)
    return divide(bill, rules, measured)


def is_reproduced(session: Session, row: CostRun) -> bool:
    """Whether the kept inputs and rules give the kept shares again."""
    version = queries.version(session, row.rules_version)
    return [asdict(share) for share in recompute(row, version.rules).shares] == row.shares


def _kept(session: Session, bill: Bill, measured: Measured) -> dict[str, Any]:
    return {
        "base": rate_queries.base_currency(session),
        "basis": rate_queries.basis(session),
        "positions": [
            {**asdict(position), "amount": str(position.amount), "cents": cents}
            for position, cents in zip(bill.positions, bill.cents, strict=True)
        ],
        "days": measured.days,
        "totals": {name: str(value) for name, value in measured.totals.items()},
        "services": {
            name: {service: str(value) for service, value in members.items()}
            for name, members in measured.services.items()
        },
    }


def _unpacked(month: date, kept: dict[str, Any]) -> tuple[Bill, Measured]:
    cents = tuple(one["cents"] for one in kept["positions"])
    positions = tuple(
        Position(
            **{name: value for name, value in one.items() if name not in ("cents", "amount")}, amount=None
        )
        for one in kept["positions"]
    )
    services = {
        name: {service: Decimal(value) for service, value in members.items()}
        for name, members in kept["services"].items()
    }
    totals = {name: Decimal(value) for name, value in kept["totals"].items()}
    return Bill(month, positions, cents, ()), Measured(kept["days"], services, totals)


def _row(
    month: date,
    version: int,
    digest: str,
    kept: dict[str, Any],
    made: Allocation,
    who: str,
    now: datetime,
) -> CostRun:
    by_how = made.by_how()
    return CostRun(
        month=month,
        rules_version=version,
        digest=digest,
        inputs=kept,
        shares=[asdict(share) for share in made.shares],
        bill_cents=made.bill_cents,
        made_by=who,
        made_at=now,
        **{f"{how}_cents": by_how[how] for how in HOWS},
    )


def _record_series(session: Session, row: CostRun) -> None:
    at = datetime.combine(row.month, time(), UTC)
    label = {"month": f"{row.month:%Y-%m}"}
    store.record(session, "cost.idle_cents", [(at, row.idle_cents)], label)
    store.record(session, "cost.shared_cents", [(at, row.shared_cents)], label)


def put_rule(rules: Sequence[Rule], place: int | None, told: dict[str, Any]) -> list[Rule]:
    """The rules with one put in the place of another, or in front of the last."""
    made = from_words(told)
    found = list(rules)
    if place is None:
        found.insert(max(0, len(found) - 1), made)
    else:
        found[place] = made
    return found
