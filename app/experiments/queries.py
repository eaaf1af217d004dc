"""Reads of experiments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.experiments.arms import Arm, control_of, difference, is_mismatch, split_p
from app.experiments.models import ExperimentArm
from app.series import store

SHARE_KEY = "flag.share"


@dataclass(frozen=True)
class Experiment:
    """One flag and what its variants did since the split was last changed."""

    flag: str
    arms: Sequence[Arm]
    control: Arm | None
    mixed: int
    since: datetime
    counted_at: datetime
    share: float | None  # of shoppers who should get it; None: unknown
    split_p: float | None
    is_outdated: bool  # the split changed since; nobody has met the flag in the new one yet

    @property
    def is_mismatch(self) -> bool:
        return is_mismatch(self.split_p)

    def difference(self, arm: Arm) -> float | None:
        return None if self.is_mismatch else difference(arm, self.control)


def experiments(session: Session) -> list[Experiment]:
    """Mismatches first, then by name."""
    rows = session.scalars(select(ExperimentArm).order_by(ExperimentArm.flag, ExperimentArm.variant))
    by_flag: dict[str, list[ExperimentArm]] = defaultdict(list)
    for row in rows:
        by_flag[row.flag].append(row)
    shares = store.latest_by(session, SHARE_KEY, "flag")
    found = [_experiment(flag, arms, shares.get(flag)) for flag, arms in by_flag.items()]
    return sorted(found, key=lambda one: (not one.is_mismatch, one.flag))


def split_since(session: Session, flag: str, not_before: datetime) -> datetime:
    """When the split was last changed: shoppers of another split must not be counted with these."""
    point = store.latest(session, SHARE_KEY, {"flag": flag})
    return max(point.at, not_before) if point else not_before


def _experiment(flag: str, rows: list[ExperimentArm], share: store.Point | None) -> Experiment:
    arms = [Arm(row.variant, row.exposures, row.converted) for row in rows]
    ratio = share.value if share else None
    is_outdated = share is not None and share.at > rows[0].since
    return Experiment(
        flag=flag,
        arms=arms,
        control=control_of(arms),
        mixed=rows[0].mixed,
        since=rows[0].since,
        counted_at=rows[0].counted_at,
        share=ratio,
        split_p=split_p(arms, ratio) if not is_outdated else None,
        is_outdated=is_outdated,
    )
