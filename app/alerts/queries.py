"""Reads for the page of alerts: what fires, what fired, the rules as loaded, and whether anybody sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, Text, case, cast, func, select
from sqlalchemy.orm import Session

from app.alerts import search
from app.alerts.alert import WATCHDOG
from app.alerts.health import Probe
from app.alerts.models import Alert, AlertEvent, LoadedRule
from app.errors import NotFound
from app.series import store
from app.timeline import queries as timeline
from app.timeline.entry import Entry

CHANGE_WITHIN = timedelta(hours=24)
SEVERITY_ORDER = {"page": 0, "ticket": 1}


@dataclass(frozen=True)
class AlertLine:
    alert: Alert
    change: Entry | None  # the nearest change before it fired

    @property
    def is_quiet(self) -> bool:
        """Firing, but nobody is told: silenced, or inhibited by a louder alert about the same."""
        return bool(self.alert.silenced_by or self.alert.inhibited_by)

    @property
    def runbook(self) -> str:
        """Only what leads to a page: an alert's annotations come from outside."""
        url = self.alert.annotations.get("runbook_url", "")
        return url if urlsplit(url).scheme in ("http", "https") else ""


@dataclass(frozen=True)
class RuleLine:
    rule: LoadedRule
    state: str  # firing, failed (cannot be evaluated), pending, inactive


LOUDEST_FIRST = (
    case(SEVERITY_ORDER, value=Alert.severity, else_=9),
    Alert.acknowledged_at.is_not(None),
    Alert.starts_at,
)


def loudness(alert: Alert) -> tuple[int, bool, datetime, int]:
    """The same order for alerts at hand."""
    order = SEVERITY_ORDER.get(alert.severity, 9)
    return order, alert.acknowledged_at is not None, alert.starts_at, alert.id


def firing(session: Session, words: str = "") -> list[AlertLine]:
    """Pages before tickets, what nobody has taken first, then the oldest."""
    rows = session.scalars(select(Alert).where(Alert.ends_at.is_(None)).order_by(*LOUDEST_FIRST))
    found = [alert for alert in rows if search.matches(_text(alert), alert.labels, words)]
    return [AlertLine(alert, _change_before(session, alert)) for alert in found]


def _text(alert: Alert) -> str:
    return " ".join([alert.name, *alert.annotations.values(), alert.acknowledged_by or ""])


def inhibiting(session: Session, alert: Alert) -> list[Alert]:
    """The louder alerts that hide one."""
    by_print = select(Alert).where(Alert.fingerprint.in_(alert.inhibited_by), Alert.ends_at.is_(None))
    return list(session.scalars(by_print.order_by(Alert.starts_at)))


def of_slo(session: Session, slo: str, recent: int) -> list[Alert]:
    """What fires for an objective, then the newest that have ended."""
    of_it = select(Alert).where(Alert.slo == slo)
    now = session.scalars(of_it.where(Alert.ends_at.is_(None)).order_by(*LOUDEST_FIRST)).all()
    ended = of_it.where(Alert.ends_at.is_not(None)).order_by(Alert.starts_at.desc()).limit(recent)
    return [*now, *session.scalars(ended)]


def one(session: Session, alert_id: int) -> tuple[AlertLine, list[AlertEvent]]:
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound(_l("There is no such alert."))
    happened = session.scalars(
        select(AlertEvent).where(AlertEvent.alert_id == alert_id).order_by(AlertEvent.id)
    )
    return AlertLine(alert, _change_before(session, alert)), list(happened)


def _change_before(session: Session, alert: Alert) -> Entry | None:
    found = timeline.changes_before(session, alert.starts_at, CHANGE_WITHIN, most=1)
    return found[0] if found else None


def ended(words: str = "") -> Select[Any]:
    return select(Alert).where(Alert.ends_at.is_not(None), *_conditions(words))


def history(session: Session, page: int, size: int, words: str = "") -> tuple[list[AlertLine], int]:
    """One page of alerts that have ended, the newest first, and how many pages there are."""
    over = ended(words)
    count = session.scalar(select(func.count()).select_from(over.subquery())) or 0
    rows = session.scalars(
        over.order_by(Alert.starts_at.desc(), Alert.id.desc()).offset((page - 1) * size).limit(size)
    )
    return [AlertLine(alert, _change_before(session, alert)) for alert in rows], max(1, -(-count // size))


def _conditions(words: str) -> list[ColumnElement[bool]]:
    """As `search.matches`, in SQL, because there may be many."""
    found: list[ColumnElement[bool]] = []
    for word in words.split():
        name, sign, value = word.partition("=")
        if sign:
            found.append(Alert.labels[name].astext == value.strip('"'))
        else:
            text = func.concat_ws(
                " ",
                Alert.name,
                Alert.acknowledged_by,
                cast(Alert.labels, Text),
                cast(Alert.annotations, Text),
            )
            found.append(text.icontains(word, autoescape=True))
    return found


RULE_BADNESS = ("firing", "failed", "pending", "inactive")


def rules(session: Session) -> list[RuleLine]:
    """Rules as Prometheus last reported them, worst first."""
    lines = [RuleLine(rule, _rule_state(rule)) for rule in session.scalars(select(LoadedRule))]
    return sorted(lines, key=_badness)


def _badness(line: RuleLine) -> tuple[int, str, int]:
    """The watchdog fires always; that is no news."""
    state = "inactive" if line.rule.name == WATCHDOG else line.state
    return RULE_BADNESS.index(state), line.rule.group_name, line.rule.position


def _rule_state(rule: LoadedRule) -> str:
    if rule.health == "err":
        return "failed"
    return rule.state if rule.state in RULE_BADNESS else "inactive"


def clock_skew(session: Session) -> float | None:
    """By how many seconds Prometheus' clock is ahead of ours, as last measured."""
    point = store.latest(session, "health.clock_skew_seconds")
    return point.value if point else None


def probes(session: Session) -> dict[str, Probe]:
    """The newest look at each part, from the points that the probing job keeps."""
    answered = store.latest_by(session, "health.last_ok", "part")
    return {
        part: Probe(
            at=point.at,
            is_up=point.value > 0,
            last_ok=datetime.fromtimestamp(answered[part].value, UTC) if part in answered else None,
        )
        for part, point in store.latest_by(session, "health.up", "part").items()
    }
