"""Strings for machines: looked for, read, saved, talked about, and taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import (
    access,
    bodies,
    checks,
    commands,
    comments,
    desk,
    history,
    presence,
    reverting,
    rights,
    search,
)
from app.locales.checks import About
from app.locales.models import TranslationComment
from app.locales.placeholders import carried
from app.locales.states import APPROVED
from app.locales.words import source_of
from app.sources import sources

blueprint = Blueprint("locale_strings_api", __name__, url_prefix="/api/v1/locales")

MOST_A_PAGE = 500


@blueprint.get("/<code>/strings")
@requires("view")
def index(code: str) -> Response:
    """`q` as in the editor, `page` from 1, `per_page` up to 500."""
    page = min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    size = min(max(request.args.get("per_page", desk.PAGE, type=int), 1), MOST_A_PAGE)
    wanted = search.parse(request.args.get("q", ""), clock.now())
    with begin() as session:
        found = desk.found(session, code, wanted, page, size)
    return jsonify(total=found.total, page=page, per_page=size, strings=[_row(row) for row in found.strings])


def _row(row: desk.StringRow) -> dict[str, object]:
    return {
        "id": row.id,
        "context": row.context,
        "source": row.msgid,
        "source_plural": row.plural_id,
        "forms": list(row.forms),
        "state": row.state,
        "revision": row.revision,
        "author": row.author or None,
        "updated_at": row.updated_at and row.updated_at.isoformat(),
        "locations": list(row.locations),
        "failed_checks": list(row.failed_checks),
        "open_comments": row.open_comments,
    }


@blueprint.get("/<code>/strings/<int:message_id>")
@requires("view")
def read(code: str, message_id: int) -> Response:
    """One string with its ETag, which a save names as If-Match."""
    with begin() as session:
        return _one(session, code, message_id)


def _one(session: Session, code: str, message_id: int) -> Response:
    shown = desk.one_string(session, code, message_id)
    response = jsonify(_string(shown))
    response.set_etag(str(shown.revision))
    return response


def _string(shown: desk.StringPage) -> dict[str, Any]:
    message, row = shown.message, shown.translation
    meters = [desk.length_of(shown, form, text) for form, text in enumerate(shown.forms)]
    found = checks.check(source_of(message), shown.forms if row else [], shown.rule, About(shown.code))
    return {
        "id": message.id,
        "context": message.context,
        "source": message.msgid,
        "source_plural": message.plural_id,
        "locations": message.locations,
        "comments_of_the_programmer": message.comments,
        "placeholders": carried(source_of(message).texts),
        "forms": shown.forms,
        "numbers": [list(shown.rule.samples(form)) for form in range(len(shown.forms))]
        if message.plural_id is not None
        else None,
        "state": shown.state,
        "revision": shown.revision,
        "author": row.author if row and row.revision else None,
        "writer": shown.writer or None,
        "updated_at": row.updated_at.isoformat() if row and row.revision else None,
        "approved_forms": row.approved_forms if row else None,
        "live_forms": list(shown.live) if shown.live else None,
        "length": [{"length": one.length, "most": one.most, "is_limit": one.is_limit} for one in meters],
        "findings": [
            {"check": each.check, "form": each.form, "blocks": each.blocks, "message": str(each.message)}
            for each in found
        ],
    }


@blueprint.put("/<code>/strings/<int:message_id>")
@requires("view")
def save(code: str, message_id: int) -> ResponseReturnValue:
    """`forms` and `state`, on the revision of If-Match or `revision`. 409 answers with both texts."""
    sent = bodies.body()
    forms, state = bodies.texts(sent, "forms"), bodies.text(sent, "state", APPROVED)
    return _save(code, message_id, forms, state, bodies.revision(sent))


@blueprint.post("/<code>/strings/<int:message_id>/state")
@requires("view")
def set_state(code: str, message_id: int) -> ResponseReturnValue:
    """The text stays as it is."""
    sent = bodies.body()
    with begin() as session:
        forms = desk.one_string(session, code, message_id).forms
    return _save(code, message_id, forms, bodies.text(sent, "state"), bodies.revision(sent))


def _save(code: str, message_id: int, forms: list[str], state: str, revision: int) -> ResponseReturnValue:
    try:
        with begin() as session:
            _demand(session, code, state)
            commands.save(session, code, message_id, forms, state, revision, who(), clock.now())
            events.publish_on_commit(session, sources().redis, "locales")
            return _one(session, code, message_id)
    except commands.StaleEdit as stale:
        theirs = {"theirs": list(stale.theirs), "yours": forms, "revision": stale.revision}
        return bodies.problem_json(stale, **theirs)


def _demand(session: Session, code: str, state: str) -> None:
    rights.demand(session, code, access.TRANSLATE)
    if state == APPROVED:
        rights.demand(session, code, access.REVIEW)


@blueprint.get("/<code>/strings/<int:message_id>/history")
@requires("view")
def versions(code: str, message_id: int) -> Response:
    """Newest first."""
    with begin() as session:
        desk.one_string(session, code, message_id)
        found = history.versions(session, code, message_id, limit=MOST_A_PAGE)
    return jsonify(
        versions=[
            {
                "revision": line.revision,
                "forms": list(line.forms),
                "state": line.state,
                "author": line.author,
                "at": line.at.isoformat(),
                "change": line.batch_id,
            }
            for line in found
        ]
    )


@blueprint.post("/<code>/strings/<int:message_id>/revert")
@requires("view")
def revert(code: str, message_id: int) -> ResponseReturnValue:
    """`to`: the revision whose text and state come back, as a new revision."""
    sent = bodies.body()
    to, on = bodies.number(sent, "to"), bodies.revision(sent)
    try:
        with begin() as session:
            _demand(session, code, reverting.version(session, code, message_id, to).state)
            reverting.bring_back(session, code, message_id, to, on, who(), clock.now())
            events.publish_on_commit(session, sources().redis, "locales")
            return _one(session, code, message_id)
    except commands.StaleEdit as stale:
        return bodies.problem_json(stale, theirs=list(stale.theirs), revision=stale.revision)


@blueprint.post("/<code>/strings/<int:message_id>/presence")
@requires("view")
def here(code: str, message_id: int) -> Response:
    """Says that somebody works on the string; answers who else does."""
    others = presence.arrive(sources().redis, code, message_id, who(), clock.now())
    return jsonify(others=others, again_in_seconds=presence.HEARTBEAT_SECONDS)


@blueprint.get("/<code>/strings/<int:message_id>/comments")
@requires("view")
def threads(code: str, message_id: int) -> Response:
    """Open threads first, then by time."""
    with begin() as session:
        desk.one_string(session, code, message_id)
        found = comments.threads(session, code, message_id)
        rows = [_comment(each.first) | {"replies": [_comment(one) for one in each.replies]} for each in found]
    return jsonify(threads=rows)


def _comment(row: TranslationComment) -> dict[str, object]:
    return {
        "id": row.id,
        "author": row.author,
        "text": row.text,
        "at": row.at.isoformat(),
        "reply_to": row.reply_to,
        "resolved_at": row.resolved_at and row.resolved_at.isoformat(),
        "resolved_by": row.resolved_by,
    }


@blueprint.post("/<code>/strings/<int:message_id>/comments")
@requires("view")
def say(code: str, message_id: int) -> ResponseReturnValue:
    """`text`, and `reply_to` where it answers a comment."""
    sent = bodies.body()
    reply_to = bodies.number(sent, "reply_to") if sent.get("reply_to") is not None else None
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        said = comments.say(
            session, code, message_id, bodies.text(sent, "text"), reply_to, who(), clock.now()
        )
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_comment(said)), 201


@blueprint.post("/<code>/strings/<int:message_id>/comments/<int:comment_id>/<how>")
@requires("view")
def resolve(code: str, message_id: int, comment_id: int, how: str) -> Response:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        first = comments.resolve(session, code, message_id, comment_id, how, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_comment(first))
