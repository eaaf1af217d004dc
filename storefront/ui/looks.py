"""What every template may use: addresses of files that change with their content, money, dates."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_skeleton as _in_skeleton
from flask import Blueprint, Flask, Response, g, jsonify, request, url_for
from flask_babel import format_datetime, format_time, get_locale
from jinja2 import StrictUndefined
from markupsafe import Markup

from storefront.money import currency_name, money

STATIC = Path(__file__).parent / "static"

blueprint = Blueprint(
    "ui", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


@blueprint.after_request
def _keep_for_a_year(response: Response) -> Response:
    """A file whose address carries the mark of its content never changes."""
    if request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def dress(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["money"] = money
    app.jinja_env.filters["bdi"] = bdi
    app.jinja_env.filters["currency_name"] = currency_name
    app.jinja_env.filters["clock"] = clock
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["day_and_time"] = day_and_time
    app.jinja_env.globals.update(asset=asset, prices_as_of=prices_as_of)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    response = jsonify(
        name="Hearth & Ladle",
        short_name="Hearth",
        start_url="/",
        display="standalone",
        background_color="#faf5ec",
        theme_color="#faf5ec",
        icons=[{"src": asset("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def asset(name: str) -> str:
    """The address of a file under static/ with a mark of its content, so that it may be kept for a year."""
    return url_for("ui.static", filename=name, v=_mark(name))


@lru_cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def prices_as_of() -> datetime | None:
    """When what this page shows was read, if the database could not be asked just now; else None."""
    found = g.get("stale_since")
    return found if isinstance(found, datetime) else None


def bdi(text: str) -> Markup:
    """What somebody has typed, inside a sentence of either direction."""
    return Markup("<bdi>{}</bdi>").format(text)


def day(moment: date) -> str:
    """ "Tue, 24 Nov" in the page's language."""
    return _in_skeleton("MMMEd", moment, locale=get_locale())


def clock(moment: datetime) -> str:
    return str(format_time(moment, "short"))


def day_and_time(moment: datetime) -> str:
    return str(format_datetime(moment, "medium"))
