"""The page of a locale's files: taking one in, after looking at what it would do, and writing one out."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done
from app.locales import access, exchange, files, queries, rights
from app.locales.files import Choices
from app.locales.intake import OUTCOMES, Report
from app.sources import sources

blueprint = Blueprint("locale_files", __name__, url_prefix="/locales", template_folder="templates")

SHOWN_LINES = 200
SUFFIXES = {"po": exchange.PO, "csv": exchange.CSV, "json": exchange.JSON}


@blueprint.get("/<code>/files")
@requires("view")
def page(code: str) -> str:
    with begin() as session:
        row = queries.one_locale(session, code, str(get_locale()))
        kept = queries.kept_file(session, code)
        held = rights.held(session, code)
    shown = {"report": None, "outcomes": OUTCOMES}
    return render_template("locales/files.html", locale=row, kept=kept, rights=held, **shown)


@blueprint.post("/<code>/files")
@requires("view")
def take_in(code: str) -> Response | str:
    """The first press looks, the second does: `do` says which."""
    request.max_content_length = exchange.MOST_BYTES + 100_000
    with begin() as session:
        _demand(session, code)
    data, name = _sent()
    is_dry = request.form.get("do") != "take"
    with begin() as session:
        report = files.take_in(session, code, data, name, _choices(), who(), clock.now(), dry_run=is_dry)
        row = queries.one_locale(session, code, str(get_locale()))
        kept = queries.kept_file(session, code)
        held = rights.held(session, code)
    if is_dry:
        return render_template("locales/files.html", locale=row, kept=kept, rights=held, **_shown(report))
    events.publish(sources().redis, "locales")
    return done(url_for("locale_files.page", code=code), _told(report))


def _demand(session: Session, code: str) -> None:
    rights.demand(session, code, access.TRANSLATE)
    if _choices().approve:
        rights.demand(session, code, access.REVIEW)


def _sent() -> tuple[bytes, str]:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Refused(_("Choose a file."), {"file": _("Choose a file.")})
    suffix = upload.filename.rpartition(".")[2].lower()
    name = request.form.get("format") or SUFFIXES.get(suffix, "")
    return upload.stream.read(exchange.MOST_BYTES + 1), name


def _choices() -> Choices:
    chosen = {name for name in Choices.__dataclass_fields__ if request.form.get(name) == "1"}
    return Choices(**dict.fromkeys(chosen, True))


def _shown(report: Report) -> dict[str, object]:
    notable = report.notable
    return {
        "report": report,
        "lines": notable[:SHOWN_LINES],
        "hidden": max(0, len(notable) - SHOWN_LINES),
        "outcomes": OUTCOMES,
        "chosen": request.form,
    }


def _told(report: Report) -> str:
    written = sum(line.is_written for line in report.lines)
    left = sum(line.outcome in ("conflict", "refused", "unknown") for line in report.lines)
    return str(_("%(written)s texts were taken over, %(left)s were left out.", written=written, left=left))


@blueprint.get("/<code>/files/<name>")
@requires("view")
def write_out(code: str, name: str) -> Response:
    if name not in exchange.FORMATS:
        raise Refused(_("Choose one of: %(formats)s.", formats=", ".join(exchange.FORMATS)))
    with begin() as session:
        data = files.written_out(
            session, code, name, approved_only="approved" in request.args, complete="complete" in request.args
        )
    response = Response(data, mimetype=exchange.MEDIA_TYPES[name])
    suffix = "json" if name.startswith("json") else name
    response.headers["Content-Disposition"] = f'attachment; filename="storefront-{code}.{suffix}"'
    return response
