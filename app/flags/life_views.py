"""What people write about a flag, whom it depends on, and its life: completed, archived, cloned, copied."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Conflict, NotFound
from app.flags import commands, dependency, flag, lifecycle_commands, queries, wording
from app.flags import dependency_commands as dependencies
from app.flags.change_request import Change
from app.flags.changes import Change as Line
from app.flags.changes import changes
from app.flags.favourites import set_favourite
from app.flags.pages import conflicted, environment, keep, seen_revision, whole, writing
from app.guards import requires, who
from app.htmx import done

blueprint = Blueprint("flag_life", __name__, url_prefix="/flags", template_folder="templates")


@blueprint.post("/<name>/details")
@requires("flags.write")
def describe(name: str) -> Response:
    wanted = _details()
    try:
        with writing() as session:
            entry = commands.patch(session, name, wanted, clock.now(), who(), expected=seen_revision())
    except Conflict as conflict:
        return _both(name, wanted, conflict)
    return _done(name, _("The description was saved."), entry)


@blueprint.post("/<name>/dependencies")
@requires("flags.write")
def depend(name: str) -> Response:
    wanted = dependency.checked_dependencies(_parents())
    with writing() as session:
        entry = dependencies.set_dependencies(session, name, wanted, clock.now(), who(), seen_revision())
    return _done(name, _("What the flag depends on was saved."), entry)


@blueprint.post("/<name>/favourite")
@requires("view")
def favourite(name: str) -> Response:
    wanted = request.form.get("favourite") == "on"
    with begin() as session:
        set_favourite(session, who(), name, wanted, clock.now())
    return _done(name, "", None)


@blueprint.post("/<name>/stale")
@requires("flags.write")
def mark_stale(name: str) -> Response:
    stale = request.form.get("stale") == "on"
    with writing() as session:
        entry = commands.mark_stale(session, name, stale, clock.now(), who())
    told = _("Marked as stale: ready to be removed from the code.") if stale else _("No longer marked stale.")
    return _done(name, told, entry)


@blueprint.post("/<name>/complete")
@requires("flags.write")
def complete(name: str) -> Response:
    form = request.form
    with writing() as session:
        entry = lifecycle_commands.complete(
            session, name, form.get("outcome"), form.get("variant"), clock.now(), who()
        )
    return _done(name, _("Decided. The page says what can go from the code now."), entry)


@blueprint.post("/<name>/reopen")
@requires("flags.write")
def reopen(name: str) -> Response:
    with writing() as session:
        entry = lifecycle_commands.reopen(session, name, clock.now(), who())
    return _done(name, _("Open again."), entry)


@blueprint.post("/<name>/archive")
@requires("flags.write")
def archive(name: str) -> Response:
    with writing() as session:
        entry = lifecycle_commands.archive(session, name, clock.now(), who())
    undo = url_for("flags.undo", name=name, entry=entry) if entry else None
    return done(url_for("flag_list.index"), _("%(name)s was archived; SDKs say off.", name=name), undo=undo)


@blueprint.post("/<name>/revive")
@requires("flags.write")
def revive(name: str) -> Response:
    with writing() as session:
        entry = lifecycle_commands.revive(session, name, clock.now(), who())
    return _done(name, _("%(name)s is back as it was.", name=name), entry)


@blueprint.post("/<name>/delete")
@requires("flags.write")
def delete(name: str) -> Response:
    with writing() as session:
        lifecycle_commands.delete(session, name, clock.now(), who())
    return done(url_for("flag_list.archived"), _("%(name)s was deleted for good.", name=name))


@blueprint.post("/<name>/clone")
@requires("flags.write")
def clone(name: str) -> Response:
    wanted = flag.checked_name(request.form.get("name", ""))
    with writing() as session:
        lifecycle_commands.clone(session, name, wanted, clock.now(), who())
    return done(
        url_for("flags.detail", name=wanted), _("%(name)s was created. It is off everywhere.", name=wanted)
    )


@blueprint.get("/<name>/copy")
@requires("flags.write", "environment", environment)
def copy(name: str) -> str:
    """From one environment to another: what would change there, before anything does."""
    with begin() as session:
        row = queries.one(session, name, clock.now())
        targets = [place for place in row.states if place != environment()]
        target = request.args.get("target") or (targets[0] if targets else "")
        if environment() not in row.states or target not in row.states:
            raise NotFound(_("There is no such environment."))
        source, there = row.states[environment()], row.states[target]
        lines = _difference(there, source, queries.segment_names(session))
        place = queries.place(session, target)
    return render_template(
        "flags/copy.html", flag=row, source=source, there=there, lines=lines, targets=targets, place=place
    )


@blueprint.post("/<name>/copy")
@requires("flags.write", "environment", environment)
def copy_now(name: str) -> Response:
    source, target = request.form.get("source", ""), environment()
    with writing() as session:
        row = queries.one(session, name, clock.now())
        if source not in row.states:
            raise NotFound(_("There is no such environment."))
        found = row.states[source]
        change = Change(
            name, "targeting", {"strategies": list(found.strategies), "variants": list(found.variants)}
        )
        title = _("%(name)s as in %(environment)s", name=name, environment=source)
        if (kept := keep(session, change, title)) is not None:
            return done(*kept)
        entry = commands.copy_state(session, name, source, target, clock.now(), who(), seen_revision())
    told = _("%(target)s is targeted as %(source)s is.", target=target, source=source)
    return _done(name, told, entry)


def _difference(there: Any, source: Any, names: wording.Names) -> tuple[Line, ...]:
    before = {"enabled": True, "strategies": there.strategies, "variants": there.variants}
    after = {"enabled": True, "strategies": source.strategies, "variants": source.variants}
    return changes(before, after, names)


def _done(name: str, told: str, entry: int | None) -> Response:
    place = environment()
    undo = url_for("flags.undo", name=name, entry=entry, environment=place) if entry else None
    return done(url_for("flags.detail", name=name, environment=place), told, undo=undo)


def _both(name: str, wanted: dict[str, Any], conflict: Conflict) -> Response:
    """Beside each field that differs: what it is by now. What was typed stays; saved again, it wins."""
    with begin() as session:
        row = queries.one(session, name, clock.now())
    fields = {
        key: _(
            "Now it says: %(value)s. Save again to put yours on top.", value=_shown(getattr(row, key)) or "–"
        )
        for key, value in wanted.items()
        if _shown(getattr(row, key)) != _shown(value)
    }
    return conflicted(conflict, fields, "details-revision", row.revision)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one.get("url")) if isinstance(one, dict) else str(one) for one in value)
    return "" if value is None else str(value)


def _details() -> dict[str, Any]:
    """The form's fields; those that it does not send stay as they are."""
    form = request.form
    found: dict[str, Any] = {
        key: form.get(key, "") for key in ("type", "description", "owner") if key in form or key == "type"
    }
    if "tags" in form:
        found["tags"] = [tag.strip() for tag in form["tags"].split(",") if tag.strip()]
    if "links" in form:
        found["links"] = [_link(line) for line in form["links"].splitlines() if line.strip()]
    if "expected_lifetime_days" in form:
        days = whole(form["expected_lifetime_days"].strip())
        found["expected_lifetime_days"] = (
            days if days is not None else form["expected_lifetime_days"].strip() or None
        )
    if "has_impression_data" in form:
        found["impression_data"] = form.get("impression_data") == "1"
    return found


def _link(line: str) -> dict[str, str]:
    """An address, and behind a space what it is called."""
    url, _space, title = line.strip().partition(" ")
    return {"url": url, "title": title.strip()}


def _parents() -> list[dict[str, Any]]:
    """One parent a row: parent, and what it has to say (on, off, or names of variants)."""
    form = request.form
    rows = zip(form.getlist("parent"), form.getlist("says"), form.getlist("variants"), strict=False)
    return [_parent(parent.strip(), says, variants) for parent, says, variants in rows if parent.strip()]


def _parent(name: str, says: str, variants: str) -> dict[str, Any]:
    names = wording.split(variants)
    found: dict[str, Any] = {"feature": name, "enabled": says != "off"}
    return found | ({"variants": names} if names and says != "off" else {})
