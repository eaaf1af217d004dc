"""Strings for machines: looked for, read, saved, talked about, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
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
    queries,
    reverting,
    rights,
    search,
    shapes,
)
from app.locales.assist import queries as assist
from app.locales.checks import About, Finding
from app.locales.models import TranslationComment, TranslationVersion
from app.locales.placeholders import carried
from app.locales.shapes import PATH
from app.locales.states import APPROVED
from app.locales.words import source_of
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, one_of, whole
from app.paging import Page, answer, of_select
from app.sources import sources

blueprint = Blueprint("locale_strings_api", __name__, url_prefix="/api/v1/locales")

MOST_A_PAGE = 500


@blueprint.get("/<code>/strings")
@requires("view")
@operation(
    path=PATH,
    query={
        **PAGING,
        "q": shapes.QUERY,
        "page": whole("From 1, instead of a cursor.", least=1, most=1_000_000, example=1),
        "per_page": whole("With `page`.", least=1, most=MOST_A_PAGE, example=50),
    },
    answers={200: shapes.STRINGS},
)
def index(code: str) -> Response:
    """Strings of a locale, all or those that a search finds."""
    with begin() as session:
        queries.locale(session, code)
        wanted = search.parse(request.args.get("q", ""), clock.now())
        if "page" in request.args or "per_page" in request.args:
            return _numbered(session, code, wanted)
        page = of_select(session, desk.ids(code, wanted), *desk.IN_ORDER)
        total, rows = desk.count(session, code, wanted), desk.rows(session, code, page.items)
    return answer("strings", Page(rows, page.next_cursor), _row, total=total)


def _numbered(session: Session, code: str, wanted: search.Node) -> Response:
    page, size = request.args.get("page", 1, int), request.args.get("per_page", desk.PAGE, int)
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
@operation(path=PATH, answers={200: shapes.STRING_IN_FULL})
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
        **_judged(shown, shown.forms, found),
    }


def _judged(shown: desk.StringPage, forms: Sequence[str], found: Iterable[Finding]) -> dict[str, Any]:
    meters = [desk.length_of(shown, form, text) for form, text in enumerate(forms)]
    return {
        "length": [{"length": one.length, "most": one.most, "is_limit": one.is_limit} for one in meters],
        "findings": [
            {"check": each.check, "form": each.form, "blocks": each.blocks, "message": str(each.message)}
            for each in found
        ],
    }


@blueprint.post("/<code>/strings/<int:message_id>/checks")
@requires("view")
@operation(path=PATH, body=shapes.TRIED, answers={200: shapes.CHECKED})
def checked(code: str, message_id: int) -> Response:
    """What is wrong with a text that is not saved yet, and how long it is."""
    forms = request.get_json()["forms"]
    with begin() as session:
        shown = desk.one_string(session, code, message_id)
        return jsonify(_judged(shown, forms, assist.open_findings(session, code, shown.message, forms)))


@blueprint.put("/<code>/strings/<int:message_id>")
@requires("view")
@operation(path=PATH, body=shapes.SAVE, answers={200: shapes.STRING_IN_FULL})
def save(code: str, message_id: int) -> ResponseReturnValue:
    """Save a text, on the revision of If-Match or `revision`. 409 answers with both texts."""
    sent = request.get_json()
    return _save(code, message_id, sent["forms"], sent.get("state", APPROVED))


@blueprint.post("/<code>/strings/<int:message_id>/state")
@requires("view")
@operation(path=PATH, body=shapes.SET_STATE, answers={200: shapes.STRING_IN_FULL})
def set_state(code: str, message_id: int) -> ResponseReturnValue:
    """Approve a text, or send it back. The text stays as it is."""
    with begin() as session:
        forms = desk.one_string(session, code, message_id).forms
    return _save(code, message_id, forms, request.get_json()["state"])


def _save(code: str, message_id: int, forms: list[str], state: str) -> ResponseReturnValue:
    try:
        with begin() as session:
            desk.one_string(session, code, message_id)
            _demand(session, code, state)
            revision = bodies.revision(request.get_json())
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
@operation(path=PATH, query=PAGING, answers={200: shapes.VERSIONS})
def versions(code: str, message_id: int) -> Response:
    """Every text that the string had, the newest first."""
    with begin() as session:
        desk.one_string(session, code, message_id)
        page = of_select(session, history.of_string(code, message_id), TranslationVersion.revision.desc())
    return answer("versions", page, _version)


def _version(row: TranslationVersion) -> dict[str, object]:
    return {
        "revision": row.revision,
        "forms": row.forms,
        "state": row.state,
        "author": row.author,
        "at": row.at.isoformat(),
        "change": row.batch_id,
    }


@blueprint.post("/<code>/strings/<int:message_id>/revert")
@requires("view")
@operation(path=PATH, body=shapes.REVERT, answers={200: shapes.STRING_IN_FULL})
def revert(code: str, message_id: int) -> ResponseReturnValue:
    """Bring an earlier text and its state back, as a new revision."""
    sent = request.get_json()
    try:
        with begin() as session:
            old = reverting.version(session, code, message_id, sent["to"])
            _demand(session, code, old.state)
            on = bodies.revision(sent)
            reverting.bring_back(session, code, message_id, sent["to"], on, who(), clock.now())
            events.publish_on_commit(session, sources().redis, "locales")
            return _one(session, code, message_id)
    except commands.StaleEdit as stale:
        return bodies.problem_json(stale, theirs=list(stale.theirs), revision=stale.revision)


@blueprint.post("/<code>/strings/<int:message_id>/presence")
@requires("view")
@operation(path=PATH, answers={200: shapes.PRESENT})
def here(code: str, message_id: int) -> Response:
    """Say that somebody works on the string; answers who else does."""
    others = presence.arrive(sources().redis, code, message_id, who(), clock.now())
    return jsonify(others=others, again_in_seconds=presence.HEARTBEAT_SECONDS)


@blueprint.get("/<code>/strings/<int:message_id>/comments")
@requires("view")
@operation(path=PATH, answers={200: shapes.THREADS})
def threads(code: str, message_id: int) -> Response:
    """What people say about a string: open threads first, then by time."""
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
@operation(path=PATH, body=shapes.COMMENT_DRAFT, answers={201: shapes.COMMENT})
def say(code: str, message_id: int) -> tuple[Response, int, dict[str, str]]:
    """Say something about a string, or answer a comment."""
    sent = request.get_json()
    at = {"Location": url_for("locale_strings_api.threads", code=code, message_id=message_id)}
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        said = comments.say(session, code, message_id, sent["text"], sent.get("reply_to"), who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_comment(said)), 201, at


@blueprint.post("/<code>/strings/<int:message_id>/comments/<int:comment_id>/<how>")
@requires("view")
@operation(path={**PATH, "how": one_of(*comments.HOW)}, answers={200: shapes.COMMENT})
def resolve(code: str, message_id: int, comment_id: int, how: str) -> Response:
    """Resolve a thread, or open it again."""
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        first = comments.resolve(session, code, message_id, comment_id, how, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(_comment(first))
