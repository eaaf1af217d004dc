"""`backroom incidents`: for whoever is in a terminal when it happens."""

from __future__ import annotations

import argparse
from typing import Any

from app import clock
from app.console import group, leaf, show, who
from app.db import begin
from app.events import publish_on_commit
from app.incidents import acts, commands, incident, queries
from app.sources import sources


def incidents_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        lines = queries.past(session, 1)[0] if chosen.past else queries.going_on(session)
        rows = [
            {
                "id": line.incident.id,
                "severity": line.incident.severity,
                "state": line.incident.state,
                "began": line.incident.started_at,
                "leads": line.incident.roles.get("lead"),
                "title": line.incident.title,
            }
            for line in lines
        ]
    show(rows, chosen.json)
    return 0


def incidents_open(chosen: argparse.Namespace) -> int:
    now = clock.now()
    form = {"title": chosen.title, "severity": chosen.severity, "procedure": chosen.procedure}
    with begin() as session:
        made = commands.open_incident(session, incident.read_opening(form, None, now), who(), now)
        publish_on_commit(session, sources().redis, "incidents")
        told = f"incident {made.id}: {sources().config.control_url}/incidents/{made.id}"
    print(told)
    return 0


def incidents_update(chosen: argparse.Namespace) -> int:
    said = incident.read_update({"state": chosen.state, "text": chosen.text})
    with begin() as session:
        commands.tell(session, chosen.id, said, who(), clock.now())
        publish_on_commit(session, sources().redis, "incidents")
    print(f"incident {chosen.id}: {chosen.state}")
    return 0


def incidents_resolve(chosen: argparse.Namespace) -> int:
    text = incident.read_text({"text": chosen.text}, "text", is_needed=True)
    with begin() as session:
        acts.resolve(session, chosen.id, text, who(), clock.now())
        publish_on_commit(session, sources().redis, "incidents")
    print(f"incident {chosen.id}: resolved")
    return 0


def add_commands(groups: Any) -> None:
    found = group(groups, "incidents", "when the shop is in trouble")
    listed = leaf(found, "list", incidents_list, "what goes on, the worst first")
    listed.add_argument("--past", action="store_true", help="what has been, newest first")
    listed.add_argument("--json", action="store_true")
    opened = leaf(found, "open", incidents_open, "open an incident with its check-list")
    opened.add_argument("title")
    opened.add_argument("--severity", choices=list(incident.SEVERITIES), default="major")
    opened.add_argument("--procedure", choices=list(incident.PROCEDURES), default="failure")
    told = leaf(found, "update", incidents_update, "say what is known now")
    told.add_argument("id", type=int)
    told.add_argument("text")
    told.add_argument("--state", choices=list(incident.OPEN_STATES), default="investigating")
    ended = leaf(found, "resolve", incidents_resolve, "it is over; say what ended it")
    ended.add_argument("id", type=int)
    ended.add_argument("text")
