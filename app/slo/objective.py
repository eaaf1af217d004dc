"""An objective as it is kept, and the state it is in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.slo.burn import BurnWindow, Measured, fires
from app.slo.definition import Definition

State = Literal["exhausted", "burning", "risk", "stale", "nodata", "ok", "off"]

LEAST_PERCENT, MOST_PERCENT = Decimal(50), Decimal("99.999")
DECIMALS = 3  # of a percentage: 99.999
LOW_BUDGET = 0.2  # less than this share left is worth a look though nothing burns
SOON = timedelta(days=3)  # and so is a budget that will be gone within this
STALE_AFTER = timedelta(minutes=3)  # gathering runs every 30 s


@dataclass(frozen=True, kw_only=True)
class Objective(Definition):
    """One SLO of the table. A group's members are objectives too, with the group's definition."""

    id: int
    revision: int  # rises when good or total change their meaning: rows of two meanings are never summed
    version: int  # rises with each edit: two people cannot overwrite each other unseen
    parent_id: int | None = None  # of a group's member
    parent_key: str = ""
    group_value: str = ""  # the label's value that a member stands for
    archived_at: datetime | None = None

    @property
    def is_gathered(self) -> bool:
        return self.is_enabled and self.archived_at is None and self.indicator != "foreign"


def read_percent(text: str) -> Decimal:
    """99.5, 99,5 or 99.5 % typed by a person → 0.995. Raises `Refused` beside the field."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise _wrong(
            _l("Give a percentage from %(least)s to %(most)s.", least=LEAST_PERCENT, most=MOST_PERCENT)
        )
    if percent != round(percent, DECIMALS):
        raise _wrong(_l("Give at most %(count)s digits after the point.", count=DECIMALS))
    return percent / 100


def _wrong(why: object) -> Refused:
    return Refused(_l("The objective was not saved."), {"objective": why})


def state_of(
    left: float | None,
    exhausts_in: timedelta | None,
    windows: Sequence[BurnWindow],
    measured: dict[int, Measured],
    min_bad_events: int,
) -> State:
    """Worst first. What burns is judged by the same windows, factors and minimum as the alerts."""
    firing = {window.severity for window in windows if fires(window, measured, min_bad_events)}
    if left is None:
        return "nodata"
    if left <= 0:
        return "exhausted"
    if "page" in firing:
        return "burning"
    if "ticket" in firing or left < LOW_BUDGET or (exhausts_in is not None and exhausts_in < SOON):
        return "risk"
    return "ok"


def shown_state(state: State, gathered_at: datetime | None, now: datetime) -> State:
    """A figure that is no longer gathered is stale, whatever it last said."""
    if gathered_at is None:
        return "nodata"
    return "stale" if now - gathered_at > STALE_AFTER else state
