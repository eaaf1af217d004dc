"""Where browsers report what went wrong on a page (errors.js), and what the policy of its content stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, request

from storefront import error_reports, i18n, reading, shopper
from storefront.failures import Failure, PerAddress
from storefront.security import csrf
from storefront.senders import network

blueprint = Blueprint("troubles", __name__)
csrf.exempt(blueprint)  # sendBeacon cannot send the token, and nothing is changed in anybody's name

A_MINUTE = 20  # of one address, of one process
_senders = PerAddress(A_MINUTE)


@blueprint.post("/browser-errors")
def errors() -> tuple[str, int]:
    return _receive(reading.read_errors)


@blueprint.post("/policy-violations")
def violations() -> tuple[str, int]:
    return _receive(reading.read_violations)


def _receive(read: Callable[[bytes], list[Failure]]) -> tuple[str, int]:
    if not _senders.may(network(request.remote_addr or ""), datetime.now(UTC)):
        return "", 429
    if (request.content_length or reading.LARGEST_BODY + 1) > reading.LARGEST_BODY:
        return "", 413
    try:
        found = read(request.get_data(cache=False))
    except reading.Nonsense:
        return "", 400
    shopper.arrive(i18n.current_locale())
    about = {"page": reading.page(request.referrer), "agent": request.user_agent.string[:120]}
    for failure in found:
        error_reports.current().note_of_browser(failure, about)
    return "", 204
