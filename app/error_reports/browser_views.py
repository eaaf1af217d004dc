"""Where browsers report what went wrong on a page, and what the content security policy has stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, current_app, request

from app import clock, logs
from app.error_reports import reading
from app.error_reports.collector import Collector, mark
from app.failures import Failure, PerAddress
from app.guards import person, public

blueprint = Blueprint("error_reports_of_browsers", __name__)

A_MINUTE = 20  # of one address, of one process
_senders = PerAddress(A_MINUTE)
View = TypeVar("View", bound=Callable[[], tuple[str, int]])


def csrf_exempt(view: View) -> View:
    """sendBeacon cannot send the token, and nothing is changed in anybody's name."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


@blueprint.post("/browser-errors")
@public
@csrf_exempt
def errors() -> tuple[str, int]:
    return _receive(reading.read_errors)


@blueprint.post("/policy-violations")
@public
@csrf_exempt
def violations() -> tuple[str, int]:
    return _receive(reading.read_violations)


def _receive(read: Callable[[bytes], list[Failure]]) -> tuple[str, int]:
    if not _senders.may(request.remote_addr or "", clock.now()):
        return "", 429
    if (request.content_length or reading.LARGEST_BODY + 1) > reading.LARGEST_BODY:
        return "", 413
    try:
        found = read(request.get_data(cache=False))
    except reading.Nonsense:
        return "", 400
    collector: Collector = current_app.extensions["errors"]
    someone = person()
    about = {
        "page": reading.page(request.referrer),
        "request_id": logs.request_id(),
        "agent": request.user_agent.string[:120],
    }
    for failure in found:
        collector.note_of_browser(failure, about, mark(someone.id if someone else None))
    return "", 204
