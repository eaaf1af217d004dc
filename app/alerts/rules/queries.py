"""Reads of alert rules: as people made them, beside what Prometheus says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.alerts.models import Alert, LoadedRule
from app.alerts.rules.models import RuleRow
from app.alerts.rules.rule import GROUP_PREFIX, Rule
from app.alerts.rules.rule import read as read_rule
from app.errors import NotFound

# Worst first: the order of the page.
STATES = ("failed", "firing", "pending", "unmatched", "unloaded", "inactive", "disabled")


@dataclass(frozen=True)
class Line:
    rule: Rule
    revision: int
    state: str  # one of STATES
    error: str
    unmatched: tuple[str, ...]
    evaluated_at: datetime | None
    fired: int  # how often in 30 days
    updated_at: datetime
    updated_by: str


def rule_of(row: RuleRow) -> Rule:
    return read_rule(row.body)


def enabled(session: Session) -> list[tuple[Rule, int]]:
    rows = session.scalars(select(RuleRow).where(RuleRow.is_enabled).order_by(RuleRow.key))
    return [(rule_of(row), row.revision) for row in rows]


def row(session: Session, key: str) -> RuleRow:
    found = session.scalar(select(RuleRow).where(RuleRow.key == key))
    if found is None:
        raise NotFound(_l("There is no alert rule %(key)s.", key=key))
    return found


def one(session: Session, key: str, since: datetime) -> Line:
    found = row(session, key)
    loaded, fired = _loaded(session), _fired(session, since)
    return _line(found, loaded, fired)


def lines(session: Session, since: datetime, words: str = "") -> list[Line]:
    """All that match every word, worst first."""
    rows = session.scalars(select(RuleRow).order_by(RuleRow.key))
    loaded, fired = _loaded(session), _fired(session, since)
    wanted = words.lower().split()
    found = [_line(one, loaded, fired) for one in rows]
    matching = [line for line in found if all(word in _text(line) for word in wanted)]
    return sorted(matching, key=lambda line: (STATES.index(line.state), line.rule.key))


def read_at(session: Session) -> datetime | None:
    """When Prometheus last said how its rules are; older than a minute or two, the states may be others."""
    return session.scalar(select(func.max(LoadedRule.read_at)))


def _text(line: Line) -> str:
    rule = line.rule
    labels = " ".join(f"{name}={value}" for name, value in rule.all_labels.items())
    return f"{rule.name} {rule.key} {rule.expr} {rule.summary} {labels} is:{line.state}".lower()


def _loaded(session: Session) -> dict[str, LoadedRule]:
    rows = session.scalars(select(LoadedRule).where(LoadedRule.group_name.startswith(GROUP_PREFIX)))
    return {row.group_name: row for row in rows}


def _fired(session: Session, since: datetime) -> dict[str, int]:
    of_rule = Alert.labels["rule"].astext
    counted = select(of_rule, func.count()).where(Alert.starts_at >= since).group_by(of_rule)
    return {key: count for key, count in session.execute(counted) if key}


def _line(found: RuleRow, loaded: Mapping[str, LoadedRule], fired: Mapping[str, int]) -> Line:
    rule = rule_of(found)
    seen = loaded.get(rule.group)
    return Line(
        rule=rule,
        revision=found.revision,
        state=_state(found, seen),
        error=seen.error if seen else "",
        unmatched=tuple(found.unmatched or ()),
        evaluated_at=seen.evaluated_at if seen else None,
        fired=fired.get(rule.key, 0),
        updated_at=found.updated_at,
        updated_by=found.updated_by,
    )


def _state(found: RuleRow, seen: LoadedRule | None) -> str:
    if not found.is_enabled:
        return "disabled"
    if seen is None:
        return "unloaded"
    if seen.health == "err":
        return "failed"
    if seen.state in ("firing", "pending"):
        return seen.state
    return "unmatched" if found.unmatched else "inactive"
