"""The shop's public status: what works, what does not, and what is being done. Open to everybody.

It must be there when the rest is not: each process keeps what it last told and goes on telling it, with its
age, while the database is away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template
from flask_babel import force_locale

from app import clock
from app.db import begin
from app.errors import Unavailable
from app.guards import public
from app.incidents import incident, queries
from app.incidents.queries import Told
from app.sources import sources

blueprint = Blueprint("status", __name__, template_folder="templates")

DAYS = 60
KEPT_SECONDS = 15  # by browsers and proxies: many look when something is wrong


@dataclass(frozen=True)
class Status:
    at: datetime  # as of when
    told: list[Told]  # newest first

    @property
    def components(self) -> dict[str, str]:
        return incident.state_now(one.trouble for one in self.told)

    @property
    def worst(self) -> str:
        return incident.worst(self.components.values())

    @property
    def days(self) -> list[tuple[date, str]]:
        return incident.by_day((one.trouble for one in self.told), self.at.astimezone(UTC).date(), DAYS)


def _status() -> Status | None:
    """What is known now, else what was known last; None where nothing ever was."""
    now = clock.now()
    try:
        with begin() as session:
            found = Status(now, queries.public(session, now - timedelta(days=DAYS)))
    except Unavailable:
        kept: Status | None = current_app.extensions.get("status_told")
        return kept
    current_app.extensions["status_told"] = found
    return found


@blueprint.get("/status")
@public
def page() -> Response:
    found = _status()
    body = render_template(
        "incidents/status.html",
        status=found,
        is_old=found is None or clock.now() - found.at > timedelta(seconds=KEPT_SECONDS),
        severities=incident.SEVERITIES,
        states=incident.STATES,
        components=incident.COMPONENTS,
        impacts=incident.IMPACTS,
        impact_states=incident.IMPACT_STATES,
        shop_url=sources().config.shop_url,
    )
    return _kept(make_response(body, 200 if found else 503))


@blueprint.get("/status.json")
@public
def data() -> Response:
    found = _status()
    if found is None:
        return _kept(make_response(jsonify(state=None, as_of=None, components={}, incidents=[]), 503))
    return _kept(
        jsonify(
            state=found.worst,
            as_of=found.at.isoformat(),
            components=found.components,
            incidents=[_told(one) for one in found.told],
        )
    )


def _told(one: Told) -> dict[str, Any]:
    with force_locale("en"):
        state = str(incident.STATES[one.state])
    return {
        "title": one.title,
        "severity": one.severity,
        "state": one.state,
        "state_in_words": state,
        "started_at": one.started_at.isoformat(),
        "resolved_at": one.resolved_at.isoformat() if one.resolved_at else None,
        "components": dict(one.components),
        "updates": [{"at": at.isoformat(), "state": state, "text": text} for at, state, text in one.updates],
    }


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.vary.add("Accept-Language")
    return response
