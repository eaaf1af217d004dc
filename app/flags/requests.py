"""What programs send to /api/v1/flags: a JSON object, the revision that they saw, how much they want."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import Refused
from app.flags.pages import whole
from app.flags.writing import Outdated

Json = dict[str, Any]
MOST_ROWS = 500
ROWS = 100


class PreconditionFailed(Outdated):
    """The revision of If-Match is not the present one."""

    status = 412
    title = "Precondition failed"


def body() -> Json:
    """As it was declared; nothing at all is an empty one."""
    found: Json = request.get_json(force=True) if request.get_data() else {}
    return found


def raw_body(most_bytes: int) -> object:
    """Raises `Refused` for what is too large, as for all else that is wrong with what was sent."""
    request.max_content_length = most_bytes
    try:
        raw = request.get_data()
    except RequestEntityTooLarge:
        most = _l("Send at most %(most)s bytes.", most=most_bytes)
        raise Refused(_l("This is more than can be taken at once."), {"body": most}) from None
    try:
        return json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise Refused(_l("The body is not JSON.")) from None


def seen(found: Json) -> int | None:
    """The revision that the sender saw: of the header If-Match, else of the body. None: it does not care."""
    header = request.headers.get("If-Match", "").strip()
    if header and header != "*":
        number = whole(header.removeprefix("W/").strip('"'))
        return -1 if number is None else number  # nothing of ours has such a revision
    value = found.get("revision")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(_l("The body is not as it should be."), {"revision": _l("This is a whole number.")})
    return value


@contextmanager
def matching() -> Iterator[None]:
    """An old revision is a conflict (409); where a header asked for it, a failed precondition (412)."""
    try:
        yield
    except Outdated as problem:
        if request.headers.get("If-Match"):
            raise PreconditionFailed(problem.message, problem.fields) from None
        raise


def limit() -> int:
    number = whole(request.args.get("limit", str(ROWS)))
    if number is None or not 1 <= number <= MOST_ROWS:
        raise Refused(_l("The list cannot be read so."), {"limit": _l("From 1 to %(most)s.", most=MOST_ROWS)})
    return number
