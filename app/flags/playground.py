"""Any context, and what each flag answers it: by the engine of the SDKs, with our reasons beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.errors import Refused
from app.flags import queries, wire
from app.flags.evaluator import Answer, Evaluator, Unreadable
from app.flags.explain import Explanation, explain
from app.flags.flag import is_drill

Json = dict[str, Any]
FIELDS = ("userId", "sessionId", "remoteAddress", "appName", "currentTime")
MOST_PROPERTIES = 50
MOST_LETTERS = 4_000


@dataclass(frozen=True)
class Shown:
    """One flag for one context."""

    name: str
    answer: Answer | None  # None: SDKs do not take the set that this flag is in
    why: Explanation
    other: Answer | None = None  # in the environment that is compared with

    @property
    def is_on(self) -> bool:
        return self.answer is not None and self.answer.is_enabled

    @property
    def differs(self) -> bool:
        if self.other is None or self.answer is None:
            return False
        return (self.answer.is_enabled, self.answer.variant.name) != (
            self.other.is_enabled,
            self.other.variant.name,
        )


def context_of(args: Mapping[str, str], environment: str) -> Json:
    """From an address: the fields of every SDK, and `properties` as lines of name=value."""
    found: Json = {name: args[name].strip() for name in FIELDS if args.get(name, "").strip()}
    lines = [line for line in args.get("properties", "")[:MOST_LETTERS].splitlines() if line.strip()]
    if len(lines) > MOST_PROPERTIES or not all("=" in line for line in lines):
        wrong = _("Write each as name=value, in a line of its own.")
        raise Refused(_("This is no context."), {"properties": wrong})
    pairs = (line.split("=", 1) for line in lines)
    return found | {"environment": environment, "properties": {k.strip(): v.strip() for k, v in pairs}}


def lines_of(properties: Mapping[str, object]) -> str:
    return "\n".join(f"{name}={value}" for name, value in properties.items())


def play(session: Session, environment: str, context: Json, now: datetime, compare: str = "") -> list[Shown]:
    """Every flag, in the order of names; drills come last."""
    features = [wire.as_json(feature) for feature in queries.features(session, environment)]
    segments = queries.segments(session)
    answers = _answers(features, segments, context)
    others: dict[str, Answer] = {}
    if compare:
        there = [wire.as_json(feature) for feature in queries.features(session, compare)]
        others = _answers(there, segments, context | {"environment": compare})
    by_name, by_id = {one["name"]: one for one in features}, {one["id"]: one for one in segments}
    return [
        Shown(name, answers.get(name), explain(name, by_name, by_id, context, now), others.get(name))
        for name in sorted(by_name, key=lambda name: (is_drill(name), name))
    ]


def _answers(features: list[Json], segments: list[Json], context: Json) -> dict[str, Answer]:
    try:
        return {answer.name: answer for answer in Evaluator(features, segments).all(context)}
    except Unreadable:
        return {}
