"""Error budget policies at work: steps that are taken, freezes, and who lifts them for a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.commands import record as audit
from app.errors import Unavailable
from app.mail import Mail, deliver
from app.series import store
from app.slo import queries
from app.slo.models import SloOverride, SloStatus
from app.slo.objective import Objective
from app.slo.policy import Standing, check_override, standing
from app.sources import Sources
from app.timeline import commands as timeline

log = logging.getLogger(__name__)
WHO = "job:slo.policy"


@dataclass(frozen=True)
class Frozen:
    """What the policy of an objective says now."""

    steps_taken: int
    freezes: bool  # as the policy says
    override: SloOverride | None  # who lifted it, while that holds

    @property
    def is_frozen(self) -> bool:
        return self.freezes and self.override is None


def state(session: Session, slo: Objective, now: datetime) -> Frozen:
    row = session.get(SloStatus, slo.id, populate_existing=True)
    standing_now = Standing(row.steps_taken, row.freezes) if row else Standing(0, freezes=False)
    return Frozen(standing_now.steps_taken, standing_now.freezes, _overrides(session, now).get(slo.id))


def apply(session: Session, now: datetime, sources: Sources) -> str:
    """Take the steps that budgets have come to, each told once; write what rollouts obey."""
    slos = queries.gathered(session)
    rows = {
        row.slo_id: row
        for row in session.scalars(select(SloStatus).execution_options(populate_existing=True))
    }
    overrides = _overrides(session, now)
    readings: list[store.Reading] = []
    taken = 0
    for slo in slos:
        row = rows.get(slo.id)
        if row is None:
            continue
        before = Standing(row.steps_taken, row.freezes)
        after = standing(slo.policy, row.budget_left, before)
        if after != before:
            _keep(session, slo, before, after)
            if after.steps_taken > before.steps_taken:
                taken += 1
                _tell(session, slo, after, row.budget_left, now, sources)
        frozen = after.freezes and slo.id not in overrides
        minute = now.replace(second=0, microsecond=0)
        readings.append(("slo.freeze", {"slo": slo.key}, minute, float(frozen)))
        readings.append(("slo.policy_step", {"slo": slo.key}, minute, float(after.steps_taken)))
    store.record_all(session, readings)
    frozen_now = sum(value or 0 for key, _, _, value in readings if key == "slo.freeze")
    return f"{len(readings) // 2} budgets, {taken} steps taken, {frozen_now:.0f} freeze rollouts"


def override(
    session: Session, key: str, reason: str, until: datetime | None, who: str, now: datetime
) -> SloOverride:
    """Lift the freeze of an objective until a moment, with a name and a reason."""
    check_override(reason, until, now)
    slo = queries.objective(session, key)
    made = SloOverride(slo_id=slo.id, who=who, reason=reason.strip(), created_at=now, ends_at=until)
    session.add(made)
    session.flush()
    audit(
        session,
        who,
        "slo.override",
        f"slo:{key}",
        None,
        {"reason": made.reason, "ends_at": made.ends_at},
        now,
    )
    timeline.record(
        session,
        at=now,
        kind="note",
        title=f"Freeze lifted: {slo.name}"[:200],
        subject=f"slo:{key}",
        detail=f"{made.reason}\nby {who}",
        url=f"/slo/{key}",
        ends_at=made.ends_at,
        key=f"slo:override:{made.id}",
    )
    store.record(session, "slo.freeze", [(now.replace(second=0, microsecond=0), 0.0)], {"slo": key})
    return made


def end_override(session: Session, key: str, who: str, now: datetime) -> int:
    """Let the policy hold again before the end that was given. How many overrides ended."""
    slo = queries.objective(session, key)
    ended = session.scalars(
        update(SloOverride)
        .where(SloOverride.slo_id == slo.id, SloOverride.ends_at > now)
        .values(ends_at=now)
        .returning(SloOverride.id)
    ).all()
    if ended:
        audit(session, who, "slo.override_end", f"slo:{key}", None, {"ends_at": now}, now)
    return len(ended)


def _overrides(session: Session, now: datetime) -> Mapping[int, SloOverride]:
    found: Sequence[SloOverride] = session.scalars(
        select(SloOverride)
        .where(SloOverride.ends_at > now, SloOverride.created_at <= now)
        .order_by(SloOverride.id)
    ).all()
    return {row.slo_id: row for row in found}


def _keep(session: Session, slo: Objective, before: Standing, after: Standing) -> None:
    session.execute(
        update(SloStatus)
        .where(SloStatus.slo_id == slo.id, SloStatus.steps_taken == before.steps_taken)
        .values(steps_taken=after.steps_taken, freezes=after.freezes)
        .execution_options(synchronize_session=False)
    )


def _tell(
    session: Session, slo: Objective, after: Standing, left: float | None, now: datetime, sources: Sources
) -> None:
    title = f"{slo.name}: {_percent(left)} of the error budget left"
    does = "rollouts are frozen" if after.freezes else "its owner is told"
    audit(
        session,
        WHO,
        "slo.policy_step",
        f"slo:{slo.key}",
        None,
        {"steps": after.steps_taken, "left": left},
        now,
    )
    timeline.record(
        session,
        at=now,
        kind="note",
        title=title[:200],
        subject=f"slo:{slo.key}",
        detail=f"Step {after.steps_taken} of its policy: {does}.",
        url=f"/slo/{slo.key}",
        key=f"slo:policy:{slo.key}:{now.isoformat()}",
    )
    if "@" in slo.owner:
        _mail(slo, title, does, after, now, sources)


def _mail(slo: Objective, title: str, does: str, after: Standing, now: datetime, sources: Sources) -> None:
    """A mail server that is away keeps no budget from being judged; the timeline has it all the same."""
    text = f"{title}: {does}.\n\n{sources.config.control_url}/slo/{slo.key}\n"
    name = f"slo-policy-{slo.key}-{after.steps_taken}-{int(now.timestamp())}"
    try:
        deliver(sources.config, Mail(name, slo.owner, title, text), now)
    except Unavailable as away:
        log.warning("policy of %s: %s", slo.key, away)


def _percent(left: float | None) -> str:
    return "?" if left is None else f"{left * 100:.1f} %"
