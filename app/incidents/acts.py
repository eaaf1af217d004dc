"""What a button of a check-list does: each act is carried out, and said in the incident's log."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.flags import commands as flags
from app.flags.flag import PRODUCTION, Details
from app.flags.models import Flag
from app.incidents import commands
from app.incidents.models import Incident
from app.incidents.notice import FLAG, variants
from app.rollouts import commands as rollouts


def freeze_rollouts(session: Session, incident_id: int, who: str, now: datetime) -> Incident:
    """No rollout takes a step until somebody lets them go on."""
    incident = commands.note_act(session, incident_id, _("All rollouts are frozen."), who, now)
    rollouts.freeze(session, _("Incident: %(title)s", title=incident.title), now, who)
    return incident


def thaw_rollouts(session: Session, incident_id: int, who: str, now: datetime) -> Incident:
    rollouts.thaw(session, now, who)
    return commands.note_act(session, incident_id, _("Rollouts may go on."), who, now)


def kill_flag(session: Session, incident_id: int, flag: str, who: str, now: datetime) -> Incident:
    """Off for everybody in production, whatever others are editing."""
    flags.kill(session, flag, PRODUCTION, now, who)
    told = _("%(flag)s is off for everybody.", flag=flag)
    return commands.note_act(session, incident_id, told, who, now)


def note_scale(session: Session, incident_id: int, what: str, who: str, now: datetime) -> Incident:
    return commands.note_act(session, incident_id, _("Scaled: %(what)s", what=what), who, now)


def tell_shoppers(
    session: Session, incident_id: int, notice: str, text: str, who: str, now: datetime
) -> Incident:
    """A line on every page of the shop, until it is taken away or the incident is resolved."""
    told = variants(notice, text)
    if session.get(Flag, FLAG) is None:
        about = _("Tells shoppers of a trouble, on every page; set from an incident.")
        flags.create(session, FLAG, Details("operational", about, "ops", ("scope:shop",)), now, who)
    flags.set_targeting(session, FLAG, PRODUCTION, [], told, now, who)
    flags.set_enabled(session, FLAG, PRODUCTION, True, now, who)
    words = _("Shoppers are told on every page of the shop. %(text)s", text=text)
    session.execute(update(Incident).values(tells_shoppers=Incident.id == incident_id))
    return commands.note_act(session, incident_id, words.strip(), who, now)


def stop_telling(session: Session, incident_id: int, who: str, now: datetime) -> Incident:
    incident = commands.note_act(session, incident_id, _("The shop tells nothing any more."), who, now)
    hush(session, incident, who, now)
    return incident


def resolve(session: Session, incident_id: int, text: str, who: str, now: datetime) -> Incident:
    """The end of it, and of what the shop tells about it."""
    incident = commands.resolve(session, incident_id, text, who, now)
    hush(session, incident, who, now)
    return incident


def hush(session: Session, incident: Incident, who: str, now: datetime) -> None:
    """Take the line from the shop's pages, if it is there because of this incident."""
    if incident.tells_shoppers:
        incident.tells_shoppers = False
        flags.kill(session, FLAG, PRODUCTION, now, who)
