"""Pages of notifications: the bell, the list, and what each person wants to be told of and where."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Forbidden
from app.events import publish_on_commit
from app.guards import Person, confirmed, person, requires
from app.htmx import done
from app.notifications import commands, kind, own_webhook, queries, settings_form
from app.sources import sources
from app.webhooks import words
from app.webhooks.queries import masked_url

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications", template_folder="templates")


def reader() -> Person:
    """Notifications are people's: a machine has none."""
    someone = person()
    if someone is None:
        raise Forbidden(_("Only people have notifications."))
    return someone


@blueprint.get("/bell")
@requires("view")
def bell() -> str:
    with begin() as session:
        count = queries.unread(session, reader().id)
    return render_template("notifications/_bell.html", count=count)


@blueprint.get("/")
@requires("view")
def index() -> str:
    only_unread = request.args.get("show") == "unread"
    with begin() as session:
        lines = queries.newest(session, reader().id, only_unread)
        count = queries.unread(session, reader().id)
    return render_template(
        "notifications/index.html", lines=lines, count=count, only_unread=only_unread, words=words
    )


@blueprint.get("/_list")
@requires("view")
def listed() -> str:
    only_unread = request.args.get("show") == "unread"
    with begin() as session:
        lines = queries.newest(session, reader().id, only_unread)
    return render_template("notifications/_list.html", lines=lines, only_unread=only_unread, words=words)


@blueprint.post("/<int:notification_id>/open")
@requires("view")
def open_one(notification_id: int) -> Response:
    """Read, and off to what it is about."""
    with begin() as session:
        url = commands.read(session, reader().id, notification_id, clock.now())
        publish_on_commit(session, sources().redis, "notifications")
    return done(url or url_for("notifications.index"))


@blueprint.post("/<int:notification_id>/read")
@requires("view")
def read(notification_id: int) -> Response:
    with begin() as session:
        commands.read(session, reader().id, notification_id, clock.now())
        publish_on_commit(session, sources().redis, "notifications")
    return done(url_for("notifications.index"))


@blueprint.post("/read")
@requires("view")
def read_all() -> Response:
    with begin() as session:
        commands.read_all(session, reader().id, clock.now())
        publish_on_commit(session, sources().redis, "notifications")
    return done(url_for("notifications.index"), _("All are read."))


@blueprint.get("/settings")
@requires("view")
def settings() -> str:
    someone = reader()
    with begin() as session:
        chosen = queries.choices(session, someone.id)
        setting = queries.setting(session, someone.id, sources().config.kpi_time_zone)
        own = queries.own_webhook(session, someone.id)
    offered = kind.offered(someone)
    return render_template(
        "notifications/settings.html",
        kinds=offered,
        channels=kind.CHANNEL_NAMES,
        chosen={name: chosen.get(name, kind.unasked(name, someone)) for name in offered},
        setting=setting,
        zones=sorted(available_timezones()),
        hours=range(24),
        own=own,
        masked=masked_url,
    )


@blueprint.post("/settings")
@requires("view")
def choose() -> Response:
    someone = reader()
    chosen, setting = settings_form.read(request.form, kind.offered(someone))
    with begin() as session:
        commands.choose(session, someone, chosen, setting, clock.now())
    return done(url_for("notifications.settings"), _("Your choice is saved."))


@blueprint.post("/webhook")
@requires("view")
@confirmed
def add_webhook() -> Response:
    form, allowed = request.form, sources().config.webhook_allowed_networks
    with begin() as session:
        row = own_webhook.put(
            session, reader(), form.get("url", ""), form.get("format", "json"), allowed, clock.now()
        )
        secret = row.secret
    page = render_template("notifications/secret.html", secret=secret, back=url_for("notifications.settings"))
    return make_response(page, {"Cache-Control": "no-store"})


@blueprint.post("/webhook/test")
@requires("view")
def test_webhook() -> Response:
    with begin() as session:
        own_webhook.test(session, reader(), clock.now())
    return done(url_for("notifications.settings"), _("A test event is on its way."))


@blueprint.post("/webhook/remove")
@requires("view")
def remove_webhook() -> Response:
    with begin() as session:
        own_webhook.remove(session, reader(), clock.now())
    return done(url_for("notifications.settings"), _("Your webhook is deleted."))
