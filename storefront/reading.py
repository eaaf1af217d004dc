"""What a browser says that went wrong on a page of ours. Pure: bytes in, failures out.

Two senders: our own script (errors.js), and the browser itself for what its content security policy stopped.
Everything was sent by somebody, so everything is short, masked, and no more than text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from storefront.failures import Failure, of_browser
from storefront.masking import mask_log

LARGEST_BODY = 16_384
MOST_AT_ONCE = 10  # of one body
LONGEST = 4_000  # of one text; a browser's stack is shorter
LONGEST_PAGE = 200
KINDS = ("error", "rejection", "answer", "unreachable")  # what our own script reports


class Nonsense(ValueError):
    """Not what errors.js or a browser sends."""


def page(referrer: str | None) -> str:
    """On which page it happened, masked and without the query: as the browser says from where it reports."""
    return mask_log(_path((referrer or "")[:LONGEST]))[:LONGEST_PAGE]


def read_errors(body: bytes) -> list[Failure]:
    """`{"errors": [{"kind", "name", "message", "place", "stack"}]}`"""
    found = _object(body).get("errors")
    if not isinstance(found, list) or not found:
        raise Nonsense
    return [_error(one) for one in found[:MOST_AT_ONCE]]


def _error(told: object) -> Failure:
    if not isinstance(told, Mapping) or told.get("kind") not in KINDS:
        raise Nonsense
    name = _text(told, "name") or "Error"
    return of_browser(name, _text(told, "message"), _path(_text(told, "place")), _text(told, "stack"))


def read_violations(body: bytes) -> list[Failure]:
    """Both forms that browsers send: `{"csp-report": {…}}`, and a list of `{"type", "body"}`."""
    told = _json(body)
    if isinstance(told, Mapping) and isinstance(told.get("csp-report"), Mapping):
        return [_violation(told["csp-report"], "-")]
    if not isinstance(told, list):
        raise Nonsense
    return [_violation(one, "") for one in _violations(told[:MOST_AT_ONCE])]


def _violations(told: list[Any]) -> Iterator[Mapping[str, Any]]:
    for one in told:
        if (
            isinstance(one, Mapping)
            and one.get("type") == "csp-violation"
            and isinstance(one.get("body"), Mapping)
        ):
            yield one["body"]


def _violation(told: Mapping[str, Any], form: str) -> Failure:
    directive = _text(told, "effective-directive" if form else "effectiveDirective") or _text(
        told, "violated-directive"
    )
    blocked = _path(_text(told, "blocked-uri" if form else "blockedURL"), with_host=True)
    source = _path(_text(told, "source-file" if form else "sourceFile"))
    return of_browser("CSP", f"{directive} stopped {blocked or 'inline'}", source or directive, "")


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value[:LONGEST].replace("\x00", "") if isinstance(value, str) else ""


def _path(address: str, *, with_host: bool = False) -> str:
    """Without host and query: the one is ours, the other may say who looked at what."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if with_host and parts.netloc else parts.path or address[:40]


def _object(body: bytes) -> Mapping[str, Any]:
    found = _json(body)
    if not isinstance(found, Mapping):
        raise Nonsense
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Nonsense from None
