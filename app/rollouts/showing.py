"""A rollout as pages, the API and the command line show it: where it is, in words and figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.rollouts import reasons, words
from app.rollouts.models import Rollout, RolloutDecision, RolloutFreeze, RolloutLook
from app.rollouts.plan import Plan, stored
from app.ui import formats

Json = dict[str, Any]

LATE_SECONDS = 60.0  # a look that is older is no look


def state(row: Rollout, now: datetime) -> str:
    """A state of app/ui/states.py, for badge and order."""
    action = row.reason.get("action")
    if row.state == "ended":
        bad = row.outcome in ("rolled_back", "off")
        return "failed" if bad else "ok" if row.outcome == "finished" else "off"
    if row.halted:
        return "burning"
    if row.looked_at is not None and (now - row.looked_at).total_seconds() > LATE_SECONDS:
        return "stale"
    if row.state == "paused":
        return "off"
    return {"freeze": "frozen", "ask": "risk", "hold": "nodata"}.get(str(action), "running")


def needs_somebody(row: Rollout) -> bool:
    """Nothing goes on until a person does something."""
    return row.state == "paused" or row.reason.get("action") == "ask"


def word(row: Rollout, now: datetime) -> str:
    """For the badge, beside its colour."""
    if row.state == "ended":
        return str(words.OUTCOMES[row.outcome])
    if row.halted:
        return str(_("stopped by harm"))
    if state(row, now) == "stale":
        return str(_("not looked at"))
    if row.state == "paused":
        return str(_("paused"))
    return str(words.DOING.get(str(row.reason.get("action")), words.DOING["stay"]))


def person(who: str | None) -> str:
    """Jobs are no people."""
    return str(_("the rollout itself")) if who is None or who.startswith("job:") else who


def deadline(row: Rollout) -> datetime:
    return stored(row.plan).deadline


def acts(row: Rollout) -> list[tuple[str, str]]:
    """What a person may do with a reason, besides the buttons above."""
    found = [("finish", _("Finish as it stands")), ("abort", _("Abort, leave the flag as it is"))]
    if row.halted:
        found.insert(0, ("resume", _("Resume after harm")))
    if row.state == "running" and row.step < stored(row.plan).last:
        found.insert(0, ("advance", _("Next step now")))
    return [(action, str(label)) for action, label in found]


def figures(row: Rollout, evidence: Mapping[str, Any], now: datetime) -> list[tuple[str, object]]:
    """Where it stands, as facts."""
    plan = stored(row.plan)
    step = plan.steps[row.step]
    shoppers = formats.number(row.exposures)
    if step.exposures:
        shoppers = _("%(have)s of %(want)s", have=shoppers, want=formats.number(step.exposures))
    seen = _(
        "%(seen)s of %(least)s",
        seen=formats.span(row.observed_seconds),
        least=formats.span(step.minutes * 60),
    )
    told: list[tuple[str, object]] = [
        (_("Step"), _("%(step)s of %(steps)s", step=row.step + 1, steps=len(plan.steps))),
        (_("Share"), formats.percent(step.percent / 100)),
        (_("Seen in this step"), seen),
        (_("Shoppers with it in this step"), shoppers),
        *_spent(evidence),
        (_("Over by"), formats.moment(plan.deadline)),
        (_("Started"), f"{formats.ago(row.started_at, now)}, {row.started_by}"),
    ]
    if row.override:
        told.append((_("Budget overridden by"), f"{row.override['who']}: {row.override['reason']}"))
    return told


def _spent(evidence: Mapping[str, Any]) -> list[tuple[str, object]]:
    """What the rollout has used of the whole system's error budgets."""
    found: list[tuple[str, object]] = []
    for slo, share in evidence.get("spent", {}).items():
        left = evidence["slos"].get(slo, {}).get("budget_left")
        figure = _(
            "%(used)s by this rollout, %(left)s left in all",
            used=formats.percent(share, 2),
            left=formats.percent(left, 1),
        )
        found.append((_("Error budget of %(slo)s", slo=slo), figure))
    excess = sum(max(0.0, more) for more in evidence.get("excess", {}).values())
    if evidence:
        found.append((_("Failed journeys too many"), formats.number(round(excess, 1))))
    return found


def verdicts(row: Rollout, look: RolloutLook | None) -> list[Json]:
    """The guards' table: by the last look, or as they will be asked."""
    plan = stored(row.plan)
    if look is None:
        told = [
            {"key": one.key, "kind": one.kind, "state": "early", "limit": one.limit} for one in plan.guards
        ]
        return [_verdict(plan, one) for one in told]
    return [_verdict(plan, one) for one in look.verdicts]


LOOKS = {
    "harm": "burning",
    "suspect": "risk",
    "ok": "ok",
    "early": "running",
    "silent": "nodata",
    "ignored": "nodata",
}


def _verdict(plan: Plan, told: Mapping[str, Any]) -> Json:
    kind, counts = told["kind"], told.get("counts")
    return {
        "name": words.guard_name(told["key"], plan),
        "look": LOOKS[told["state"]],
        "word": words.STATES[told["state"]],
        "treated": words.value(kind, told.get("treated")),
        "control": words.value(kind, told.get("control")),
        "limit": words.limit(kind, told["limit"]),
        "treated_counts": _of_all(counts[:2] if counts else None),
        "control_counts": _of_all(counts[2:] if counts else None),
        "evidence": _proof(told),
    }


def _of_all(pair: Any) -> str:
    if pair is None:
        return "–"
    bad, everything = (formats.number(round(number)) for number in pair)
    return str(_("%(part)s of %(all)s", part=bad, all=everything))


def _proof(told: Mapping[str, Any]) -> str:
    """How much of the way to "beyond chance" is gone, on the scale of odds: each step multiplies them."""
    capital, needed = told.get("capital"), told.get("needed")
    if told.get("low") is not None:
        low, high = (words.value(told["kind"], told[side]) for side in ("low", "high"))
        return str(_("%(low)s to %(high)s", low=low, high=high))
    if capital is None or needed is None:
        return "–"
    way = math.log(max(capital, 1.0)) / math.log(needed)
    return formats.percent(min(way, 1.0), 0)


def decided(row: Rollout, entry: RolloutDecision) -> str:
    about = {"who": entry.who, **entry.about}
    return reasons.decision(stored(row.plan), entry.action, entry.code, about)


def evidence(row: Rollout, entry: RolloutDecision) -> list[tuple[str, object]]:
    """What a decision rests on, in full."""
    told, plan = entry.evidence, stored(row.plan)
    rows: list[tuple[str, object]] = [
        (_("Minutes compared"), formats.span(told["window_seconds"])),
        (_("Share"), formats.percent(told["percent"] / 100)),
    ]
    for side, name in (("treated", _("With it")), ("control", _("Without it"))):
        bad, journeys = (
            formats.number(round(told["bad"][side])),
            formats.number(round(told["journeys"][side])),
        )
        shoppers = formats.number(told["shoppers"][side])
        figure = _(
            "%(bad)s of %(all)s journeys failed, %(shoppers)s shoppers",
            bad=bad,
            all=journeys,
            shoppers=shoppers,
        )
        rows.append((name, figure))
    for one in told["verdicts"]:
        shown = _verdict(plan, one)
        figure = _(
            "%(word)s: %(treated)s with it, %(control)s without, limit %(limit)s, evidence %(evidence)s",
            **{name: shown[name] for name in ("word", "treated", "control", "limit", "evidence")},
        )
        rows.append((shown["name"], figure))
    return [*rows, *_spent(told)]


def said(row: Rollout) -> str:
    reason = row.reason
    about = {"who": row.started_by, **reason.get("about", {})}
    return reasons.decision(stored(row.plan), reason["action"], reason["code"], about)


def to_do(row: Rollout) -> str:
    return reasons.what_to_do(row.reason["action"], row.reason["code"])


def steps(row: Rollout) -> list[Json]:
    """For the stepper."""
    plan = stored(row.plan)
    return [
        {
            "label": words.share(step, plan.audience),
            "state": _state_of_step(row, number),
            "detail": words.conditions(step),
        }
        for number, step in enumerate(plan.steps)
    ]


def _state_of_step(row: Rollout, number: int) -> str:
    if number < row.step or row.outcome == "finished":
        return "done"
    if number > row.step:
        return "next"
    if row.outcome in ("rolled_back", "off") or row.halted:
        return "failed"
    return "frozen" if row.reason.get("action") == "freeze" else "now"


def earliest(row: Rollout, now: datetime) -> list[datetime | None]:
    """When each step can begin at the earliest, if all goes well; None: it began, or is not to come."""
    plan, found, at = stored(row.plan), [], now
    for number, step in enumerate(plan.steps):
        found.append(at if number > row.step and row.state == "running" else None)
        spent = row.observed_seconds if number == row.step else 0.0
        if number >= row.step:
            at += timedelta(seconds=max(0.0, step.minutes * 60 - spent))
    return found


def as_json(row: Rollout, now: datetime, look: RolloutLook | None = None) -> Json:
    plan = stored(row.plan)
    return {
        "id": row.id,
        "flag": row.flag,
        "environment": row.environment,
        "state": row.state,
        "outcome": row.outcome or None,
        "version": row.version,
        "step": row.step + 1,
        "steps": len(plan.steps),
        "percent": plan.steps[row.step].percent if row.state != "ended" else None,
        "observed_seconds": row.observed_seconds,
        "exposures": row.exposures,
        "approved_step": row.approved + 1,
        "looked_at": row.looked_at.isoformat() if row.looked_at else None,
        "started_at": row.started_at.isoformat(),
        "started_by": row.started_by,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "ended_by": row.ended_by,
        "decision": row.reason,
        "said": said(row),
        "to_do": to_do(row),
        "sentence": words.sentence(plan),
        "override": row.override,
        "plan": row.plan,
        "verdicts": look.verdicts if look else [],
    }


def decision_json(row: Rollout, entry: RolloutDecision) -> Json:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "step": entry.step + 1,
        "action": entry.action,
        "code": entry.code,
        "said": reasons.decision(stored(row.plan), entry.action, entry.code, entry.about),
        "about": entry.about,
        "evidence": entry.evidence,
        "mailed_at": entry.mailed_at.isoformat() if entry.mailed_at else None,
    }


def freeze_json(found: RolloutFreeze | None) -> Mapping[str, Any]:
    if found is None:
        return {"frozen": False}
    return {
        "frozen": True,
        "since": found.frozen_at.isoformat(),
        "by": found.frozen_by,
        "reason": found.reason,
    }
