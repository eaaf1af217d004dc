"""Where sources outside send what happened. Open to strangers: each message proves itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app import clock
from app.db import begin
from app.errors import Problem, Unauthenticated
from app.events import publish_on_commit
from app.guards import public
from app.openapi.operation import operation
from app.openapi.shapes import anything, text, thing, yes_or_no
from app.sources import sources
from app.webhooks import receiving
from app.webhooks.models import SourceRow
from app.webhooks.signing import NotProven

log = logging.getLogger(__name__)
blueprint = Blueprint("hooks_api", __name__, url_prefix="/api/v1/hooks")

View = TypeVar("View", bound=Callable[..., object])


def csrf_exempt(view: View) -> View:
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


@blueprint.post("/<key>")
@csrf_exempt
@public
@operation(
    path={
        "key": text("The end of the source's address.", least=1, most=64, example="Zm9vYmFyYmF6cXV4MTIzNA")
    },
    takes={"application/json": anything("What the source's system sends.", example={"title": "Done"})},
    answers={200: thing({"taken": yes_or_no("False: the same message was taken before.")})},
    problems=(400, 401, 413),
)
def take(key: str) -> Response:
    """Take a signed message of a source. The same one again is answered alike and has no second effect."""
    request.max_content_length = receiving.MOST_BYTES
    raw, now = request.get_data(), clock.now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    with begin() as session:
        source = receiving.by_key(session, key)
    try:
        receiving.prove(source, headers, raw, now)
        with begin() as session:
            is_new = receiving.take(session, source, headers, raw, now)
            publish_on_commit(session, sources().redis, "timeline")
    except NotProven as error:
        _note(source, str(error))
        raise Unauthenticated(_("The signature is wrong, missing or too old.")) from error
    except receiving.NotJson as error:
        _note(source, str(error))
        raise BadRequest(_("Send JSON.")) from error
    except Problem as problem:
        _note(source, str(problem))
        raise
    return jsonify(taken=is_new)


def _note(source: SourceRow, why: str) -> None:
    """The reason alone: what a stranger sent is neither kept nor logged."""
    log.warning("message of source %s refused: %s", source.id, why)
    with begin() as session:
        receiving.note_refusal(session, source.id, why, clock.now())
