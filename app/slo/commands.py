"""Writes: objectives are made, edited, archived and deleted; the first ones of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete as delete_rows
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record as audit
from app.errors import Conflict, Refused
from app.series import store
from app.series.glossary import GLOSSARY
from app.slo import composite, queries, status
from app.slo.burn import Tier, windows
from app.slo.definition import Definition, changes_meaning, plain
from app.slo.models import Slo, SloRevision
from app.slo.objective import Objective, read_percent
from app.slo.policy import STANDARD_POLICY, PolicyStep

MOST_OBJECTIVES = 1_000

DEFAULTS = (
    {
        "key": "checkout-availability",
        "name": "Checkout availability",
        "about": "Shoppers who try to check out can; a declined card or an unfinished form is not a failure.",
        "indicator": "events",
        "good": 'shop_journeys_total{journey="checkout",outcome="good"}',
        "total": 'shop_journeys_total{journey="checkout"}',
        "threshold_seconds": None,
        "objective": Decimal("0.995"),
        "runbook": "checkout-errors",
    },
    {
        "key": "checkout-latency",
        "name": "Checkout latency",
        "about": "The checkout answers within 500 ms.",
        "indicator": "latency",
        "good": 'shop_journey_duration_seconds_bucket{journey="checkout",le="0.5"}',
        "total": 'shop_journey_duration_seconds_count{journey="checkout"}',
        "threshold_seconds": 0.5,
        "objective": Decimal("0.95"),
        "runbook": "checkout-slow",
    },
)
FOR_ALL = {
    "durations": 'shop_journey_duration_seconds_bucket{journey="checkout"}',
    "window_days": 30,
    "min_bad_events": 5,
    "owner": "ops",
    "revision": 1,
    "version": 1,
}


def ensure_defaults(session: Session, now: datetime) -> None:
    """The two objectives of a new installation. What exists already is left as people made it."""
    for values in DEFAULTS:
        made = session.scalar(
            insert(Slo)
            .values(**values, **FOR_ALL, created_at=now)
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(Slo.id)
        )
        if made is not None:
            _keep_revision(session, queries.objective(session, str(values["key"])), "job:init", now)


def create(
    session: Session, made: Definition, who: str, now: datetime, openslo: Mapping[str, Any] | None = None
) -> Objective:
    """Write down a new objective; the next gathering fills its history. Raises `Conflict` beside the key."""
    _check_members(session, made)
    values = {**_columns(made), "openslo": openslo, "created_at": now, "revision": 1, "version": 1}
    statement = insert(Slo).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Slo.id)
    if session.scalar(statement) is None:
        raise Conflict(
            _l("The SLO was not saved."), {"key": _l("There is an SLO %(key)s already.", key=made.key)}
        )
    slo = queries.objective(session, made.key)
    _keep_revision(session, slo, who, now)
    audit(session, who, "slo.create", f"slo:{slo.key}", None, plain(slo), now)
    return slo


def edit(
    session: Session,
    key: str,
    version: int,
    made: Definition,
    who: str,
    now: datetime,
    openslo: Mapping[str, Any] | None = None,
) -> Objective:
    """Replace a definition. Where its counts mean something else now, a new revision begins.

    Raises `Conflict` where somebody else changed it since `version` was read.
    """
    before = queries.objective(session, key)
    _refuse_member(before)
    _check_members(session, made)
    revision = before.revision + changes_meaning(before, made)
    values = _columns(replace(made, key=key)) | {"revision": revision}
    if openslo is not None:
        values["openslo"] = openslo
    _update(session, before, version, values)
    after = queries.objective(session, key)
    if after.group_label != before.group_label:
        _drop_members(session, after)
    _carry_to_members(session, after)
    if after.revision > before.revision:
        _keep_revision(session, after, who, now)
    _fall_silent(session, after)
    audit(session, who, "slo.edit", f"slo:{key}", plain(before), plain(after), now)
    return after


def set_archived(
    session: Session, key: str, version: int, archived: bool, who: str, now: datetime
) -> Objective:
    """An archived objective is gathered no more and wakes nobody; its rows stay."""
    before = queries.objective(session, key)
    _refuse_member(before)
    if archived:
        _refuse_while_needed(session, before)
    _update(session, before, version, {"archived_at": now if archived else None})
    after = queries.objective(session, key)
    session.execute(update(Slo).where(Slo.parent_id == after.id).values(archived_at=after.archived_at))
    _fall_silent(session, after)
    action = "slo.archive" if archived else "slo.restore"
    audit(session, who, action, f"slo:{key}", {"archived_at": before.archived_at}, plain(after), now)
    return after


def delete(session: Session, key: str, version: int, who: str, now: datetime) -> None:
    """With its rows, revisions and corrections. What is only not wanted any more is archived instead."""
    slo = queries.objective(session, key)
    _refuse_member(slo)
    _refuse_while_needed(session, slo)
    members = [slo.key, *(member.key for member in queries.members_of(session, slo))]
    store.forget(session, [key for key in GLOSSARY if key.startswith("slo.")], "slo", members)
    gone = session.scalar(delete_rows(Slo).where(Slo.id == slo.id, Slo.version == version).returning(Slo.id))
    if gone is None:
        raise _changed()
    audit(session, who, "slo.delete", f"slo:{key}", plain(slo), None, now)


def set_objective(
    session: Session, key: str, version: int, percent: str, who: str, now: datetime
) -> Objective:
    """Change the target. Its history stays: the same rows are judged by the new share.

    Raises `Refused` beside the field where the number cannot be a target, `Conflict` where somebody else
    changed the objective since the form was opened.
    """
    slo = queries.objective(session, key)
    wanted = read_percent(percent)
    windows(slo.window_days, wanted, slo.tiers)
    _refuse_member(slo)
    _update(session, slo, version, {"objective": wanted})
    after = queries.objective(session, key)
    _carry_to_members(session, after)
    audit(session, who, "slo.objective", f"slo:{key}", _target(slo), _target(after), now)
    status.refresh(session, after, now)
    return after


# What others act on: an objective that is no longer measured must neither freeze rollouts nor look stale.
ACTED_ON = ("slo.state", "slo.freeze", "slo.policy_step")


def _fall_silent(session: Session, slo: Objective) -> None:
    if not slo.is_gathered:
        members = [slo.key, *(member.key for member in queries.members_of(session, slo))]
        store.forget(session, ACTED_ON, "slo", members)


def _update(session: Session, slo: Objective, version: int, values: Mapping[str, Any]) -> None:
    changed = session.scalar(
        update(Slo)
        .where(Slo.id == slo.id, Slo.version == version)
        .values(**values, version=version + 1)
        .returning(Slo.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise _changed()
    session.expire_all()


def _changed() -> Conflict:
    return Conflict(_l("Somebody changed this objective since you opened it. Reload the page and try again."))


def _check_members(session: Session, made: Definition) -> None:
    known = {slo.key: tuple(slo.members) for slo in queries.objectives(session)}
    if made.key not in known and len(known) >= MOST_OBJECTIVES:
        raise Refused(_l("There are %(most)s SLOs; more are not gathered.", most=MOST_OBJECTIVES))
    composite.check(made.key, made.members, known)


def _refuse_member(slo: Objective) -> None:
    if slo.parent_id is not None:
        raise Refused(_l("This is one of a group. Change the group %(key)s instead.", key=slo.parent_key))


def _refuse_while_needed(session: Session, slo: Objective) -> None:
    needed_by = [other.key for other in queries.objectives(session) if slo.key in other.members]
    if needed_by:
        raise Refused(_l("It is part of %(keys)s. Change that first.", keys=", ".join(needed_by)))


def _drop_members(session: Session, group: Objective) -> None:
    """Grouped by another label, or by none: the values of the old one are no objectives any more."""
    members = [member.key for member in queries.members_of(session, group)]
    store.forget(session, [key for key in GLOSSARY if key.startswith("slo.")], "slo", members)
    session.execute(delete_rows(Slo).where(Slo.parent_id == group.id))
    session.expire_all()


# A member's own: its definition is otherwise the group's.
OWN_OF_MEMBERS = ("key", "name")


def _carry_to_members(session: Session, group: Objective) -> None:
    same = {name: value for name, value in _columns(group).items() if name not in OWN_OF_MEMBERS}
    session.execute(
        update(Slo)
        .where(Slo.parent_id == group.id)
        .values(**same, revision=group.revision, version=Slo.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def add_member(session: Session, group: Objective, key: str, name: str, value: str, now: datetime) -> None:
    """A new value of a group's label was seen. Another process may have seen it too."""
    values = _columns(group) | {"key": key, "name": name, "parent_id": group.id, "group_value": value}
    session.execute(
        insert(Slo)
        .values(values | {"revision": group.revision, "version": 1, "created_at": now})
        .on_conflict_do_nothing()
    )


def _keep_revision(session: Session, slo: Objective, who: str, now: datetime) -> None:
    session.add(
        SloRevision(slo_id=slo.id, revision=slo.revision, began_at=now, who=who, definition=plain(slo))
    )


def _columns(made: Definition) -> dict[str, Any]:
    values = {one.name: getattr(made, one.name) for one in fields(Definition)}
    values["tiers"] = [_tier(tier) for tier in made.tiers]
    values["policy"] = None if made.policy == STANDARD_POLICY else [_step(step) for step in made.policy]
    values["labels"], values["members"] = dict(made.labels), dict(made.members)
    return values


def _tier(tier: Tier) -> dict[str, object]:
    return {
        "severity": tier.severity,
        "share": str(tier.budget_share),
        "long_seconds": tier.long_seconds,
        "short_seconds": tier.short_given,
    }


def _step(step: PolicyStep) -> dict[str, str]:
    return {"left": str(step.left), "action": step.action}


def _target(slo: Objective) -> dict[str, object]:
    return {
        "objective": str(slo.objective.normalize()),
        "window_days": slo.window_days,
        "version": slo.version,
    }
