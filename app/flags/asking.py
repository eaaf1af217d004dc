"""What every flag of an environment answers to a context, by the engine of SDKs, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.flags import queries, wire
from app.flags.evaluator import Answer, Evaluator, Unreadable
from app.flags.explain import Explanation, explain

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    name: str
    answer: Answer | None  # None: SDKs take none of these flags
    why: Explanation


def ask(session: Session, environment: str, context: Json, now: datetime) -> list[Asked]:
    """In the order of names."""
    features = {one.name: wire.as_json(one) for one in queries.features(session, environment)}
    segments = {one["id"]: one for one in queries.segments(session)}
    try:
        found = Evaluator(list(features.values()), list(segments.values())).all(context)
        answers = {answer.name: answer for answer in found}
    except Unreadable:
        answers = {}
    return [
        Asked(name, answers.get(name), explain(name, features, segments, context, now))
        for name in sorted(features)
    ]
