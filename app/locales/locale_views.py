"""Pages of a locale itself: adding one, who sees it, and who may do what in it."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.guards import ROLE_NAMES, ROLES, confirmed, requires, signed_in_before, who
from app.htmx import done
from app.locales import access, locale_commands, locale_rules, queries, rights
from app.locales.assist import outline
from app.locales.locale_commands import Settings
from app.locales.locale_rules import AVAILABILITY, PREVIEW, SOURCE_LOCALE
from app.locales.models import Locale
from app.locales.plurals import read_rule
from app.locales.views import row
from app.sources import sources

blueprint = Blueprint("locale_settings", __name__, url_prefix="/locales", template_folder="templates")

LONGEST_RULE = 1_000


@blueprint.get("/new")
@requires("locales.manage")
def new() -> str:
    """Asked with a code, the page proposes the rest."""
    code = request.args.get("code", "").strip()
    canonical = locale_rules.canonical(code) if code else ""
    proposed = locale_rules.proposed_rule(canonical) if canonical else ""
    return render_template(
        "locales/new.html",
        code=canonical,
        names=queries.names(canonical, str(get_locale())) if canonical else None,
        plural_forms=proposed,
        rule=read_rule(proposed) if proposed else None,
    )


@blueprint.post("/new")
@requires("locales.manage")
def add() -> Response:
    header = request.form.get("plural_forms", "")[:LONGEST_RULE]
    with begin() as session:
        added = locale_commands.add(session, request.form.get("code", ""), header, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
    told = _("%(code)s was added. Only translators see it until you show it to others.", code=added.code)
    return done(url_for("locale_settings.settings", code=added.code), told)


@blueprint.get("/<code>/settings")
@requires("view")
def settings(code: str) -> str:
    with begin() as session:
        found = queries.locale(session, code)
        known = locale_commands.fallbacks(session)
        return render_template(
            "locales/settings.html",
            locale=row(session, code),
            found=found,
            settings=locale_commands.settings_of(found),
            fallbacks_offered=[(each, each) for each in sorted(known) if each not in (code, SOURCE_LOCALE)],
            chain=locale_rules.chain(code, known),
            rule=read_rule(found.plural_forms),
            availability=AVAILABILITY,
            preview_url=preview_url(found),
        )


def preview_url(locale: Locale) -> str | None:
    """The shop in this language for whoever has the link, for an hour; None where there is no preview."""
    config = sources().config
    if locale.availability != PREVIEW or not config.outline_secret:
        return None
    token = outline.token(locale.code, outline.PREVIEW, config.outline_secret, clock.now())
    return f"{config.shop_url}/{SOURCE_LOCALE}/?{outline.ARGUMENT}={token}"


@blueprint.post("/<code>/settings")
@requires("locales.manage", "locale")
@confirmed
def set_up(code: str) -> Response:
    wanted = Settings(
        availability=request.form.get("availability", ""),
        fallback=request.form.get("fallback") or None,
        asks_review=request.form.get("asks_review") == "1",
    )
    with begin() as session:
        locale_commands.set_up(session, code, wanted, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
    return done(url_for("locale_settings.settings", code=code), _("Saved."))


@blueprint.get("/<code>/people")
@requires("view")
def people(code: str) -> str:
    with begin() as session:
        return _people_page(session, code)


def _people_page(session: Session, code: str) -> str:
    grantees = locale_commands.grantees(session, code)
    addresses = {each.person for each in grantees if "@" in each.person}
    return render_template(
        "locales/people.html",
        locale=row(session, code),
        grantees=grantees,
        strangers=addresses - signed_in_before(session, addresses),
        permissions=access.PERMISSIONS,
        by_role=_by_role(),
        rights=rights.held(session, code),
    )


def _by_role() -> list[tuple[object, frozenset[str]]]:
    """What each role may do where nobody is listed; roles that may do nothing are left out."""
    found = [
        (
            ROLE_NAMES[role],
            frozenset(each for each in access.PERMISSIONS if access.BY_ROLE[each] in permissions),
        )
        for role, permissions in ROLES.items()
    ]
    return [(name, permissions) for name, permissions in found if permissions]


@blueprint.post("/<code>/people")
@requires("locales.manage", "locale")
@confirmed
def grant(code: str) -> Response:
    """Exactly the ticked permissions for one person; none ticked takes them off the list."""
    person, permissions = request.form.get("person", ""), request.form.getlist("permissions")
    with begin() as session:
        locale_commands.grant(session, code, person, permissions, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
    return done(url_for("locale_settings.people", code=code), _("Saved."))
