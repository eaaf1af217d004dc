"""How a rollout fares: the shoppers who have the feature beside those who have not. Pure: no I/O, no clock.

Both groups are read over the same time, so that a bad hour of the whole shop does not look like the
feature's fault. Nothing is decided here: the page shows the evidence, a person moves the percentage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

CONTROL = "off"
RECENT = timedelta(days=3)  # a flag that moved so lately is still worth watching at 0 or 100
FEW_JOURNEYS = 100  # below this an error share says next to nothing


@dataclass(frozen=True)
class Group:
    """The shoppers of one variant, from the last move until now. None: the source did not answer."""

    variant: str
    exposures: int | None
    converted: int | None
    good: float | None  # journeys
    bad: float | None

    @property
    def journeys(self) -> float | None:
        return None if self.good is None or self.bad is None else self.good + self.bad

    @property
    def error_share(self) -> float | None:
        """Bad journeys of all; None while there was none."""
        return self.bad / self.journeys if self.bad is not None and self.journeys else None

    @property
    def conversion(self) -> float | None:
        if self.exposures is None or self.converted is None:
            return None
        return self.converted / self.exposures if self.exposures else None

    @property
    def has_enough(self) -> bool:
        return (self.journeys or 0) >= FEW_JOURNEYS


def is_rolling(percent: int | None, is_targeted: bool, moved_at: datetime | None, now: datetime) -> bool:
    """On its way: a part of the shoppers has it, or it moved in the last days."""
    if percent is None or is_targeted or 0 < percent < 100:
        return True
    return moved_at is not None and now - moved_at <= RECENT


def control_of(groups: Sequence[Group]) -> Group | None:
    return next((group for group in groups if group.variant == CONTROL), None)


def error_difference(group: Group, control: Group | None) -> float | None:
    """Error share of the group less that of the control; None where either is unknown."""
    if control is None or group == control:
        return None
    if group.error_share is None or control.error_share is None:
        return None
    return group.error_share - control.error_share


def conversion_difference(group: Group, control: Group | None) -> float | None:
    if control is None or group == control or group.conversion is None or control.conversion is None:
        return None
    return group.conversion - control.conversion


def state_of(groups: Sequence[Group]) -> str:
    """A state of app/ui/states.py, for the order of the list: what looks worst stands first.

    risk: a group with the feature has the larger share of errors, on enough journeys of both.
    """
    control = control_of(groups)
    treated = [group for group in groups if group != control]
    known = [group for group in treated if error_difference(group, control) is not None]
    if not known or control is None:
        return "nodata"
    worse = [group for group in known if (error_difference(group, control) or 0) > 0]
    if any(group.has_enough for group in worse) and control.has_enough:
        return "risk"
    return "running"
