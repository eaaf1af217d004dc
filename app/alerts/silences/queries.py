"""Reads of silences: Alertmanager's list, whoever wrote it, with our notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.alertmanager import Alertmanager
from app.alerts.models import Alert
from app.alerts.silences.models import SilenceNote
from app.alerts.silences.silence import RECENT, Silence, from_api, is_ending
from app.errors import NotFound

STATES = ("active", "pending", "expired")


@dataclass(frozen=True)
class Line:
    silence: Silence
    note: SilenceNote | None  # None: made by amtool or another client
    hidden: Sequence[Alert]  # what fires now and is hidden by it
    is_ending: bool


def known(alertmanager: Alertmanager) -> list[Silence]:
    """All of them. Asked before a transaction is opened: a slow Alertmanager must not hold one."""
    return [from_api(raw) for raw in alertmanager.silences()]


def lines(session: Session, found: Iterable[Silence], now: datetime) -> list[Line]:
    """Active ones first, those that end soonest on top; expired ones of the last days at the end."""
    shown = [one for one in found if one.state != "expired" or now - one.ends_at < RECENT]
    notes = {note.id: note for note in session.scalars(select(SilenceNote))}
    firing = session.scalars(select(Alert).where(Alert.ends_at.is_(None))).all()
    made = [Line(one, notes.get(one.id), _hidden(one, firing), is_ending(one, now)) for one in shown]
    return sorted(made, key=lambda line: rank(line.silence))


def rank(silence: Silence) -> tuple[int, float, str]:
    """Active ones that end soonest first; of expired ones those that ended last."""
    sign = -1 if silence.state == "expired" else 1
    return STATES.index(silence.state), sign * silence.ends_at.timestamp(), silence.id


def _hidden(silence: Silence, firing: Iterable[Alert]) -> list[Alert]:
    return [alert for alert in firing if silence.state == "active" and silence.hides(alert.labels)]


def one(session: Session, found: Iterable[Silence], silence_id: str, now: datetime) -> Line:
    for line in lines(session, found, now):
        if line.silence.id == silence_id:
            return line
    raise NotFound(_l("There is no such silence."))


def matching(session: Session, silence: Silence) -> list[Alert]:
    firing = session.scalars(select(Alert).where(Alert.ends_at.is_(None)).order_by(Alert.starts_at))
    return [alert for alert in firing if silence.hides(alert.labels)]
