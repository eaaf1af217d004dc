"""What a request of the API says, read with the name of what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from app.errors import Problem, Refused
from app.problem_kinds import type_of

Body = Mapping[str, Any]
LARGEST = 2**31 - 1  # what an integer of the database can be


def form_number(name: str) -> int | None:
    """A whole number of a form; None where there is none that a row could have."""
    found = request.form.get(name, type=int)
    return found if found is not None and -1 <= found <= LARGEST else None


def wrong(name: str, why: object) -> Refused:
    return Refused(_l("Nothing was changed."), {name: why})


def revision(sent: Body) -> int:
    """The revision that a write was made on: `If-Match: "3"`, else `revision` in the body, else none yet."""
    if (given := request.headers.get("If-Match")) is None:
        return int(sent.get("revision", 0))
    plain = given.strip().removeprefix("W/").strip('"')
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        raise wrong("If-Match", _l("Send the number of the revision, as the ETag says it."))
    return int(plain)


def problem_json(problem: Problem, **more: object) -> tuple[dict[str, object], int, dict[str, str]]:
    """RFC 9457 with members of its own."""
    answer = {
        "type": type_of(problem.kind),
        "title": problem.title,
        "status": problem.status,
        "detail": str(problem),
    }
    return answer | more, problem.status, {"Content-Type": "application/problem+json"}
