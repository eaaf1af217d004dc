"""Decisions in words: what happened, why, and what a person may do now. Pure: in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.rollouts import words
from app.rollouts.plan import Plan
from app.ui import formats

# By action and code of machine.Decision.
REASONS: Mapping[tuple[str, str], object] = {
    ("stay", "started"): _l("Started with %(share)s."),
    ("stay", "time"): _l("All is well. At least %(left)s more before the next step."),
    ("stay", "exposures"): _l("All is well. %(have)s of %(want)s shoppers have met it."),
    ("hold", "blind"): _l("It waits: the shop's figures do not arrive. No step is taken unseen."),
    ("hold", "silent"): _l("It waits: there is no data for %(guards)s."),
    ("hold", "no_traffic"): _l("It waits: too few shoppers come to compare anything."),
    ("hold", "mismatch"): _l(
        "It waits: the groups are not as large as they should be, so a comparison means nothing."
    ),
    ("hold", "suspicious"): _l("It waits: %(guards)s looks worse, not yet beyond chance."),
    ("hold", "returning"): _l("It watches again since a moment ago. %(left)s more to be sure."),
    ("hold", "no_exposures"): _l("It waits: how many shoppers met it is not known at the moment."),
    ("hold", "too_large"): _l(
        "It waits: the next step could use more of the error budget than is left for it. More good "
        "journeys make room."
    ),
    ("hold", "paused"): _l("It is paused."),
    ("hold", "halted"): _l("It stopped because of harm, and waits for you."),
    ("hold", "let_go"): _l("The flag was changed by hand, so the rollout leaves it alone."),
    ("freeze", "both_suffer"): _l(
        "Frozen: shoppers without it suffer too, so something else is broken. It goes on by itself."
    ),
    ("freeze", "frozen"): _l("Frozen, as all rollouts are at the moment."),
    ("freeze", "budget_gone"): _l("Frozen: the error budget is gone, so nothing new may begin."),
    ("freeze", "policy"): _l("Frozen: the error-budget policy allows no changes now."),
    ("ask", "approval"): _l("Before %(share)s, %(approver)s must agree."),
    ("advance", "good"): _l("No harm was found. Now: %(share)s."),
    ("advance", "by_person"): _l("Moved on by hand to %(share)s: %(reason)s"),
    ("finish", "good"): _l("Finished: all steps are taken and no harm was found."),
    ("finish", "by_person"): _l("Finished by hand: %(reason)s"),
    ("roll_back", "harm"): _l("Rolled back: for those who have it, %(guards)s became worse."),
    ("roll_back", "by_person"): _l("Rolled back by hand. %(reason)s"),
    ("off", "harm"): _l("Switched off: for those who have it, %(guards)s became worse."),
    ("halt", "harm"): _l("Stopped: for those who have it, %(guards)s became worse."),
    ("let_go", "by_hand"): _l("Paused: %(who)s changed the flag by hand."),
    ("expire", "deadline"): _l("The time was up: %(at_deadline)s."),
    ("pause", "by_person"): _l("Paused by hand. %(reason)s"),
    ("resume", "by_person"): _l("It goes on. %(reason)s"),
    ("approve", "by_person"): _l("Agreed: next comes %(share)s."),
    ("abort", "by_person"): _l("Ended by hand; the flag stays where it is. %(reason)s"),
    ("override", "by_person"): _l("%(who)s allows steps without an error budget until %(until)s: %(reason)s"),
}

WHAT_TO_DO: Mapping[tuple[str, str], object] = {
    ("ask", "approval"): _l("Look at the guards below, then agree to it or pause it."),
    ("hold", "blind"): _l("See under Jobs whether Prometheus and the shop answer."),
    ("hold", "silent"): _l("Bring the figures back, or begin anew with a guard that goes on without them."),
    ("hold", "no_traffic"): _l("Wait for shoppers, or choose a wider audience."),
    ("hold", "mismatch"): _l(
        "Look for pages that ask for the flag on one side only, or break before they ask."
    ),
    ("freeze", "budget_gone"): _l(
        "Mend what burns it. Who must go on can override, with a name and a reason."
    ),
    ("freeze", "policy"): _l("Mend what burns it. Who must go on can override, with a name and a reason."),
    ("freeze", "both_suffer"): _l("Open the alerts: whatever is broken, it is not this feature."),
    ("halt", "harm"): _l("Roll it back, or resume it with a reason."),
    ("hold", "halted"): _l("Roll it back, or resume it with a reason."),
    ("let_go", "by_hand"): _l("Resume to set the flag to the rollout's step again, or abort."),
    ("hold", "let_go"): _l("Resume to set the flag to the rollout's step again, or abort."),
    ("roll_back", "harm"): _l("Mend the feature, then begin a new rollout. The evidence is below."),
    ("off", "harm"): _l("Mend the feature, then begin a new rollout. The evidence is below."),
}


def decision(plan: Plan, action: str, code: str, about: Mapping[str, Any]) -> str:
    """What was decided and why, in one sentence."""
    return (str(REASONS[action, code]) % _values(plan, about)).strip()


def what_to_do(action: str, code: str) -> str:
    """The next thing for a person; "" where there is nothing to do."""
    return str(WHAT_TO_DO.get((action, code), ""))


def _values(plan: Plan, about: Mapping[str, Any]) -> dict[str, object]:
    number = about.get("step", 0)
    until = about.get("until")
    return {
        "share": words.share(plan.steps[number], plan.audience),
        "approver": words.APPROVERS[about.get("approver", "")],
        "guards": str(_(" and ")).join(words.guard_name(key, plan) for key in about.get("guards", ())),
        "left": formats.span(about.get("seconds", 0)),
        "have": formats.number(about.get("have")),
        "want": formats.number(about.get("want")),
        "who": about.get("who", ""),
        "reason": about.get("reason", ""),
        "until": formats.moment(datetime.fromisoformat(until)) if until else "",
        "at_deadline": words.AT_DEADLINE[plan.at_deadline],
    }
