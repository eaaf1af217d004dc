"""Pages of webhooks out: the list, one with its log of deliveries, and one delivery with its tries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.db import begin
from app.events import publish_on_commit
from app.guards import confirmed, requires, who
from app.htmx import done
from app.sources import sources
from app.ui.scope import environments
from app.webhooks import commands, endpoint, queries, words
from app.webhooks.endpoint import Draft, lines
from app.webhooks.event import TYPES, Wish
from app.webhooks.message import FORMATS

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", template_folder="templates")

REPLAY_DAYS = (1, 3, 7, 30)


@blueprint.get("/")
@requires("webhooks.manage")
def index() -> str:
    with begin() as session:
        found = queries.endpoints(session, clock.now())
        arriving = queries.sources(session)
    return render_template("webhooks/index.html", lines=found, sources=arriving, **_words())


def _words() -> dict[str, Any]:
    return {
        "words": words,
        "types": {name: one for name, one in TYPES.items() if name != "webhook.test"},
        "formats": FORMATS,
        "environments": environments(),
        "masked": queries.masked_url,
    }


def read_draft() -> Draft:
    form = request.form
    return Draft(
        form.get("name", ""),
        form.get("url", "").strip(),
        form.get("format", "json"),
        Wish(
            endpoint.once(form.getlist("types")),
            endpoint.once(form.getlist("environments")),
            lines(form.get("locales", "")),
            lines(form.get("subjects", "")),
        ),
        is_active=True,
    )


@blueprint.get("/-/new")
@requires("webhooks.manage")
def new() -> str:
    return render_template("webhooks/edit.html", row=None, **_words())


@blueprint.post("/")
@requires("webhooks.manage")
@confirmed
def create() -> Response:
    with begin() as session:
        row = commands.create(
            session, read_draft(), sources().config.webhook_allowed_networks, who(), clock.now()
        )
        secret = row.secret
        publish_on_commit(session, sources().redis, "webhooks")
    return _secret_page(row.name, url_for("webhooks.page", endpoint_id=row.id), secret)


def _secret_page(name: str, back: str, secret: str, address: str = "") -> Response:
    """Shown this once: an answer that no history, cache or second visit keeps."""
    page = render_template("webhooks/secret.html", name=name, back=back, secret=secret, address=address)
    return make_response(page, {"Cache-Control": "no-store"})


@blueprint.get("/<int:endpoint_id>")
@requires("webhooks.manage")
def page(endpoint_id: int) -> str:
    state, type_ = request.args.get("state", ""), request.args.get("type", "")[:80]
    with begin() as session:
        row = queries.endpoint(session, endpoint_id)
        found = queries.newest(session, row.id, state, type_)
    return render_template(
        "webhooks/detail.html",
        row=row,
        state=queries.state_of(row),
        deliveries=found,
        chosen={"state": state, "type": type_},
        states=queries.STATES,
        replay_days=REPLAY_DAYS,
        **_words(),
    )


@blueprint.get("/<int:endpoint_id>/_deliveries")
@requires("webhooks.manage")
def deliveries(endpoint_id: int) -> str:
    """The log as it is now, for pages that are open while something is sent."""
    state, type_ = request.args.get("state", ""), request.args.get("type", "")[:80]
    with begin() as session:
        row = queries.endpoint(session, endpoint_id)
        found = queries.newest(session, row.id, state, type_)
    return render_template("webhooks/_deliveries.html", deliveries=found, words=words)


@blueprint.get("/<int:endpoint_id>/edit")
@requires("webhooks.manage")
def edit(endpoint_id: int) -> str:
    with begin() as session:
        row = queries.endpoint(session, endpoint_id)
    return render_template("webhooks/edit.html", row=row, **_words())


@blueprint.post("/<int:endpoint_id>")
@requires("webhooks.manage")
@confirmed
def change(endpoint_id: int) -> Response:
    typed = request.form.get("revision", "")
    revision = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1
    with begin() as session:
        allowed = sources().config.webhook_allowed_networks
        is_active = queries.endpoint(session, endpoint_id).is_active
        draft = read_draft()
        wanted = Draft(draft.name, draft.url, draft.format, draft.wish, is_active)
        commands.change(session, endpoint_id, wanted, revision, allowed, who(), clock.now())
    return done(url_for("webhooks.page", endpoint_id=endpoint_id), _("The webhook is saved."))


@blueprint.post("/<int:endpoint_id>/switch")
@requires("webhooks.manage")
def switch(endpoint_id: int) -> Response:
    is_on = request.form.get("active") == "on"
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        commands.switch(session, endpoint_id, is_on, who(), clock.now())
    said = _("The webhook is on; what waited is sent.") if is_on else _("The webhook is off.")
    return done(url_for("webhooks.page", endpoint_id=endpoint_id), said)


@blueprint.post("/<int:endpoint_id>/rotate")
@requires("webhooks.manage")
@confirmed
def rotate(endpoint_id: int) -> Response:
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        row = commands.rotate(session, endpoint_id, who(), clock.now())
        secret = row.secret
    return _secret_page(row.name, url_for("webhooks.page", endpoint_id=row.id), secret)


@blueprint.post("/<int:endpoint_id>/test")
@requires("webhooks.manage")
def test(endpoint_id: int) -> Response:
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        commands.test(session, endpoint_id, who(), clock.now())
    said = _("A test event is on its way; the log shows what came of it in a few seconds.")
    return done(url_for("webhooks.page", endpoint_id=endpoint_id), said)


@blueprint.post("/<int:endpoint_id>/delete")
@requires("webhooks.manage")
def remove(endpoint_id: int) -> Response:
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        commands.remove(session, endpoint_id, who(), clock.now())
    return done(url_for("webhooks.index"), _("The webhook is deleted."))


@blueprint.get("/<int:endpoint_id>/deliveries/<int:delivery_id>")
@requires("webhooks.manage")
def delivery(endpoint_id: int, delivery_id: int) -> str:
    with begin() as session:
        row = queries.endpoint(session, endpoint_id)
        one, event, attempts = queries.delivery(session, row.id, delivery_id)
    return render_template(
        "webhooks/delivery.html", row=row, delivery=one, event=event, attempts=attempts, words=words
    )


@blueprint.post("/<int:endpoint_id>/deliveries/<int:delivery_id>/replay")
@requires("webhooks.manage")
def replay(endpoint_id: int, delivery_id: int) -> Response:
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        commands.replay(session, endpoint_id, delivery_id, who(), clock.now())
    back = url_for("webhooks.delivery", endpoint_id=endpoint_id, delivery_id=delivery_id)
    return done(back, _("It is sent once more."))


@blueprint.post("/<int:endpoint_id>/replay")
@requires("webhooks.manage")
def replay_failed(endpoint_id: int) -> Response:
    typed = request.form.get("days", "1")
    days = int(typed) if typed in {str(one) for one in REPLAY_DAYS} else 1
    now = clock.now()
    with begin() as session:
        queries.endpoint(session, endpoint_id)
        count = commands.replay_failed(session, endpoint_id, now - timedelta(days=days), who(), now)
    said = ngettext("%(num)s delivery is sent once more.", "%(num)s deliveries are sent once more.", count)
    return done(url_for("webhooks.page", endpoint_id=endpoint_id), said)
