"""The targeting editor: strategies, constraints, segments and variants without knowing JSON."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Conflict, Problem, Refused
from app.flags import commands, editing, history, queries, targeting, visitors, wording
from app.flags.change_request import Change
from app.flags.changes import changes
from app.flags.editing import Draft
from app.flags.pages import (
    environment,
    keep,
    read_audience,
    seen_revision,
    state_of,
    whole,
    writing,
)
from app.flags.rows import Row, State
from app.guards import requires, who
from app.htmx import done, template
from app.sources import sources

blueprint = Blueprint("flag_targeting", __name__, url_prefix="/flags", template_folder="templates")

WHERE = re.compile(r"^((?:strategies|variants)[^:\s]*): (.*)$", re.DOTALL)
STRATEGIES = ("flexibleRollout", "default", "userWithId", "remoteAddress", "applicationHostname")
FIELDS = ("locale", "country", "device", "userId", "accountId", "sessionId", "remoteAddress", "appName")


@blueprint.get("/<name>/targeting")
@requires("flags.write", "environment", environment)
def edit(name: str) -> str:
    with begin() as session:
        row = queries.one(session, name, clock.now())
        state = state_of(row)
        return _page(session, row, state, Draft(list(state.strategies), list(state.variants)))


@blueprint.post("/<name>/targeting/draft")
@requires("flags.write", "environment", environment)
def press(name: str) -> str:
    """One of the editor's own buttons: nothing is saved."""
    draft = editing.pressed(_draft(name), request.form.get("press", ""), name)
    with begin() as session:
        row = queries.one(session, name, clock.now())
        return _page(session, row, state_of(row), draft)


@blueprint.post("/<name>/targeting/preview")
@requires("flags.write", "environment", environment)
def preview(name: str) -> str:
    """What the draft would mean, in words and in shoppers."""
    with begin() as session:
        row = queries.one(session, name, clock.now())
        state = state_of(row)
        shown = _preview(session, row, state, _draft(name))
    return render_template("flags/targeting/_preview.html", state=state, **shown)


@blueprint.post("/<name>/targeting")
@requires("flags.write", "environment", environment)
def save(name: str) -> Response:
    draft = _draft(name)
    try:
        with writing() as session:
            change = Change(name, "targeting", _checked(name, draft))
            if (kept := keep(session, change, _("Targeting of %(name)s", name=name))) is not None:
                return done(*kept)
            payload, now = change.payload, clock.now()
            entry = commands.set_targeting(
                session,
                name,
                environment(),
                payload["strategies"],
                payload["variants"],
                now,
                who(),
                expected=seen_revision(),
            )
    except Conflict as conflict:
        return _both(name, draft, conflict)
    except Refused as refused:
        raise _beside(refused) from refused
    page = url_for("flags.detail", name=name, environment=environment())
    undo = url_for("flags.undo", name=name, entry=entry, environment=environment()) if entry else None
    return done(page, _("The targeting was saved."), undo=undo)


def _draft(name: str) -> Draft:
    """From the builder's fields, or from JSON where somebody prefers it."""
    form = request.form
    if "strategies" in form or "variants" in form:
        lists = [targeting.parsed(form.get(field, ""), field) for field in ("strategies", "variants")]
        return Draft(*(one if isinstance(one, list) else [one] for one in lists))
    return editing.read(form.to_dict(flat=False), name)


def _checked(name: str, draft: Draft) -> dict[str, Any]:
    strategies = targeting.checked_strategies(draft.strategies, name)
    return {"strategies": strategies, "variants": targeting.checked_variants(draft.variants)}


def _both(name: str, draft: Draft, conflict: Conflict) -> Response:
    """Somebody else saved meanwhile: their change is shown beside what was typed, and nothing is lost."""
    with begin() as session:
        row = queries.one(session, name, clock.now())
        page = _page(session, row, state_of(row), draft, conflict=conflict)
    response = Response(page, conflict.status)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#targeting-editor", "outerHTML"
    return response


def _beside(refused: Refused) -> Refused:
    """The same, beside the input that it is about."""
    fields = {}
    for field, message in refused.fields.items():
        found = WHERE.match(str(message))
        name = editing.field_of(found[1], list(request.form)) if found else field
        fields[name] = found[2] if found and name != field else message
    return Refused(refused.message, fields)


def _said(message: object) -> str:
    """A mistake with the strategy that it is in, for people: no place in a list of JSON."""
    found = WHERE.match(str(message))
    if found is None:
        return str(message)
    number = re.match(r"strategies\[(\d+)\]", found[1])
    about = "" if number is None else _("Strategy %(number)s: ", number=int(number[1]) + 1)
    return f"{about}{found[2]}"


def _page(session: Session, row: Row, state: State, draft: Draft, conflict: Problem | None = None) -> str:
    seen, opened = seen_revision(), whole(request.form.get("opened", ""))
    names = queries.segment_names(session)
    newer = history.since(session, row.name, state.environment, opened or 0, names) if conflict else []
    return render_template(
        template("flags/targeting/_editor.html", "flags/targeting/edit.html"),
        flag=row,
        state=state,
        draft=draft,
        conflict=conflict,
        newer=newer,
        opened=history.latest(session, row.name) if conflict or opened is None else opened,
        revision=state.revision if conflict or seen is None else seen,
        mode=_mode(),
        segments=queries.segment_rows(session),
        operators=[(name, verbs[1]) for name, verbs in wording.OPERATORS.items()],
        several={name for name, (several, _read) in targeting.OPERATORS.items() if several},
        strategy_kinds=STRATEGIES,
        strategy_names=wording.STRATEGIES,
        field_names=FIELDS,
        stickiness_names=wording.STICKINESS,
        editing=editing,
        percent_of=editing.percent_of,
        place=queries.place(session, state.environment),
        **_preview(session, row, state, draft),
    )


def _mode() -> str:
    """json, or the builder; a button of the editor says so, or the address."""
    return "json" if (request.form.get("mode") or request.args.get("mode")) == "json" else "builder"


def _preview(session: Session, row: Row, state: State, draft: Draft) -> dict[str, Any]:
    names = queries.segment_names(session)
    try:
        checked, wrong = _checked(row.name, draft), None
    except Refused as refused:
        checked, wrong = None, _said(next(iter(refused.fields.values()), refused.message))
    shown: dict[str, Any] = {
        "wrong": wrong,
        "sentences": [],
        "reached": None,
        "lines": (),
        "now": clock.now(),
    }
    if checked is None:
        return shown | {"audience": None}
    before = {"enabled": state.enabled, "strategies": state.strategies, "variants": state.variants}
    return shown | {
        "sentences": wording.strategies(
            [one for one in checked["strategies"] if not one.get("disabled")], names
        ),
        "lines": changes(before, before | checked, names),
        "reached": _reached(session, row.name, checked),
        "audience": read_audience(session),
    }


def _reached(session: Session, name: str, checked: dict[str, Any]) -> visitors.Reached | None:
    found = visitors.sample(sources(), clock.now())
    if found is None:
        return None
    feature = visitors.feature_of(name, checked["strategies"], checked["variants"])
    return visitors.reached(found, name, feature, queries.segments(session))
