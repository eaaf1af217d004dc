"""Which version of the API answers, which there are, and what of it will go away.

`deprecated` marks a view, or some of its parameters: its answers then say so (RFC 9745), until when it works
(RFC 8594) and what to use instead (RFC 5829).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeVar

from flask import Flask, Response, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.http import http_date

from app.errors import NotFound

VERSION = "1"
PREFIX = "/api/v1/"
OF_ANY_VERSION = re.compile(r"/+api/+v\d", re.IGNORECASE)
UNKNOWN = re.compile(r"/api/v(?!1(?:/|$))\d+(?:/|$)")

View = TypeVar("View", bound=Callable[..., object])


class UnknownVersion(NotFound):
    title = "Unknown version"
    kind = "unknown-version"


@dataclass(frozen=True)
class Deprecation:
    since: date
    sunset: date | None  # the first day on which it may be gone; None: not known yet
    instead: str  # address of what to use; empty: nothing takes its place
    parameters: frozenset[str]  # of the query; empty: the whole view


def deprecated(
    *, since: date, sunset: date | None = None, instead: str = "", parameters: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """For a view that will go away; with `parameters` only requests with one of them hear of it."""
    marked = Deprecation(since, sunset, instead, frozenset(parameters))

    def mark(view: View) -> View:
        view.deprecation = marked  # type: ignore[attr-defined]
        return view

    return mark


def deprecation_of(view: object) -> Deprecation | None:
    found: Deprecation | None = getattr(view, "deprecation", None)
    return found


def is_api() -> bool:
    """Whether this request is for the API, under whatever disguise."""
    return OF_ANY_VERSION.match(request.path) is not None


def init_app(app: Flask) -> None:
    @app.before_request
    def refuse_other_versions() -> None:
        if UNKNOWN.match(request.path):
            raise UnknownVersion(_l("There is no such version of the API. There is: %(known)s", known="v1"))

    @app.after_request
    def tell(response: Response) -> Response:
        if not is_api():
            return response
        response.headers["API-Version"] = VERSION
        found = deprecation_of(current_app.view_functions.get(request.endpoint or ""))
        if found is not None and (not found.parameters or found.parameters & request.args.keys()):
            _warn(response, found)
        return response


def _warn(response: Response, found: Deprecation) -> None:
    response.headers["Deprecation"] = f"@{int(_midnight(found.since).timestamp())}"
    if found.sunset is not None:
        response.headers["Sunset"] = http_date(_midnight(found.sunset))
    if found.instead:
        response.headers.add("Link", f'<{found.instead}>; rel="successor-version"')


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
