"""A candidate as its page and the API show it. Pure: reads attributes, no database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.word_releases import deciding, words
from app.word_releases.share_plan import stored

if TYPE_CHECKING:
    from app.word_releases.models import WordDecision, WordRollout

Json = dict[str, Any]


def as_json(row: WordRollout, decisions: Sequence[WordDecision] = ()) -> Json:
    plan = stored(row.plan)
    return {
        "locale": row.locale,
        "candidate": row.candidate,
        "stable": row.stable,
        "percent": deciding.percent(row),
        "steps": row.plan["steps"],
        "by_hand": plan.by_hand,
        "step": row.step,
        "state": row.state,
        "outcome": row.outcome or None,
        "verdict": words.verdict(row.verdicts),
        "said": said(row),
        "started_at": row.started_at.isoformat(),
        "started_by": row.started_by,
        "ended_at": row.ended_at and row.ended_at.isoformat(),
        "looked_at": row.looked_at and row.looked_at.isoformat(),
        "guards": [
            {name: one[name] for name in ("key", "state", "treated", "control", "low", "high", "counts")}
            for one in row.verdicts
        ],
        "decisions": [
            {
                "at": one.at.isoformat(),
                "who": one.who,
                "action": one.action,
                "percent": one.percent,
                "said": words.reason(one.action, one.code, one.about, one.percent),
            }
            for one in decisions
        ],
    }


def said(row: WordRollout) -> str:
    reason = row.reason
    return words.reason(reason["action"], reason["code"], reason["about"], _percent_of_reason(row))


def _percent_of_reason(row: WordRollout) -> int:
    return stored(row.plan).steps[row.step].percent


def since(row: WordRollout) -> datetime:
    return datetime.fromisoformat(row.reason["since"])
