"""The mail that tells of a decision, in the language of who started the rollout."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from app.mail import Mail
from app.rollouts import reasons, words
from app.rollouts.models import Rollout, RolloutDecision
from app.rollouts.plan import stored
from app.ui import formats


def mail(control_url: str, row: Rollout, entry: RolloutDecision) -> Mail:
    with force_locale(row.language):
        plan = stored(row.plan)
        said = reasons.decision(plan, entry.action, entry.code, entry.about)
        lines = [
            said,
            reasons.what_to_do(entry.action, entry.code),
            "",
            *_evidence(entry),
            "",
            _("The plan: %(sentence)s", sentence=words.sentence(plan)),
            f"{control_url}/rollouts/{row.id}",
        ]
        return Mail(
            name=f"rollout-decision-{entry.id}",
            to=entry.mail_to,
            subject=f"{row.flag}: {said}",
            text="\n".join(lines) + "\n",
            language=row.language,
        )


def _evidence(entry: RolloutDecision) -> list[str]:
    told = entry.evidence
    if not told:
        return []
    lines = [
        _(
            "%(guard)s: %(treated)s with it, %(control)s without (%(state)s)",
            guard=words.GUARDS[one["kind"]],
            treated=words.value(one["kind"], one["treated"]),
            control=words.value(one["kind"], one["control"]),
            state=words.STATES[one["state"]],
        )
        for one in told["verdicts"]
    ]
    spent = [
        _(
            "Of the error budget of %(slo)s the rollout has used %(share)s.",
            slo=slo,
            share=formats.percent(share, 2),
        )
        for slo, share in told["spent"].items()
        if share is not None
    ]
    return [*lines, *spent]
