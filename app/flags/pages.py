"""What the pages and APIs of flags share: the transaction, what a request says, how a change is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events, problems
from app.db import begin
from app.errors import Conflict, NotFound, Refused
from app.flags import change_request_commands as change_requests
from app.flags.audience import Audience
from app.flags.change_request import Change, checked_hour
from app.flags.jobs import AUDIENCE_KEY
from app.flags.rows import Row, State
from app.flags.serving import serving
from app.flags.writing import WRITTEN
from app.guards import who
from app.htmx import is_fragment
from app.series import store
from app.sources import sources
from app.ui.scope import scope

LONGEST_NUMBER = 18
CAUGHT_UP_SECONDS = 0.25


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction; when it is committed, open pages hear of it, and who polls right after reads it."""
    with begin() as session:
        yield session
        events.publish_on_commit(session, sources().redis, "flags")
        events.publish_on_commit(session, sources().redis, "timeline")
    if (revision := session.info.get(WRITTEN)) is not None:
        serving().feed.catch_up(revision, CAUGHT_UP_SECONDS)


def environment() -> str:
    """Of this request: the form's, the address's, or what the rail says."""
    return request.form.get("environment") or request.args.get("environment") or scope().environment


def whole(text: str) -> int | None:
    """A revision or another number of ours; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def seen_revision() -> int | None:
    """The revision that the form was opened on."""
    return whole(request.form.get("revision", ""))


def page_number() -> int:
    """Which page of a list, from 1."""
    return max(1, whole(request.args.get("page", "")) or 1)


def conflicted(conflict: Conflict, fields: dict[str, object], input_id: str, revision: int) -> Response:
    """409 with what is there by now beside each field; the form then stands on the new revision."""
    response = problems.answer(conflict.status, conflict.title, str(conflict), fields)
    if is_fragment():
        hidden = render_template("flags/_revision.html", input_id=input_id, revision=revision)
        response.set_data(response.get_data(as_text=True) + hidden)
    return response


def state_of(row: Row) -> State:
    """The flag in the environment of this request. Raises `NotFound`."""
    state = row.states.get(environment())
    if state is None:
        raise NotFound(_("There is no such environment."))
    return state


def read_audience(session: Session) -> Audience | None:
    """The shoppers of the last hour as they were counted last; None: never."""
    point = store.latest(session, AUDIENCE_KEY)
    return Audience(int(point.value), point.at) if point else None


def read_hour(text: str) -> datetime | None:
    """A moment as <input type="datetime-local"> sends it, in UTC; empty: none."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError:
        wrong = _("Give a day and an hour, in UTC.")
        raise Refused(_("Nothing was planned."), {"apply_at": wrong}) from None


def keep(session: Session, change: Change, title: str) -> tuple[str, str] | None:
    """A change that is meant for later, or to be asked for: kept as such. None: it is meant for now.

    Answers where it is to be seen, and what to say.
    """
    now, me, place = clock.now(), who(), environment()
    match request.form.get("how"):
        case "later":
            at = checked_hour(read_hour(request.form.get("apply_at", "")), now)
            made = change_requests.plan(session, place, title, [(change, seen_revision())], at, now, me)
            told = (
                _("Planned.")
                if made.state == "scheduled"
                else _("Sent. Somebody else has to approve it now.")
            )
        case "ask":
            made = change_requests.draft_of(session, place, me) or change_requests.create(
                session, place, title, [], now, me
            )
            change_requests.add(session, made.id, change, now, me, seen_revision())
            told = _("Added. Send it when everything is in it.")
        case _:
            return None
    return url_for("flag_changes.detail", request_id=made.id), told
