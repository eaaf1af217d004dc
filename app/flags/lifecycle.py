"""The life of a flag: defined → live → completed → archived. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.flags.shape import MAX_TEXT

Stage = Literal["defined", "live", "completed", "archived"]

STAGES: dict[Stage, object] = {
    "defined": _l("Defined"),  # nobody in production has got it yet
    "live": _l("Live"),  # somebody got it
    "completed": _l("Completed"),  # decided; the code can lose it
    "archived": _l("Archived"),
}
OUTCOMES = {"kept": _l("Kept"), "discarded": _l("Discarded")}


@dataclass(frozen=True)
class Life:
    """When a flag entered each stage. None: it never did."""

    defined_at: datetime
    live_at: datetime | None
    completed_at: datetime | None
    archived_at: datetime | None
    outcome: str | None = None  # a key of OUTCOMES
    variant: str | None = None  # the one that was kept

    @property
    def stage(self) -> Stage:
        if self.archived_at:
            return "archived"
        if self.completed_at:
            return "completed"
        return "live" if self.live_at else "defined"

    @property
    def since(self) -> datetime:
        """When the present stage began."""
        return self.archived_at or self.completed_at or self.live_at or self.defined_at


def checked_outcome(outcome: object, variant: object = None) -> tuple[str, str | None]:
    """What became of the feature, and which variant was kept. Refuses with one message per field."""
    wrong: dict[str, object] = {}
    if outcome not in OUTCOMES:
        wrong["outcome"] = _l("Say whether the feature was kept or discarded.")
    named = variant or None
    if named is not None and (
        not isinstance(named, str) or len(named) > MAX_TEXT or "\x00" in named or outcome == "discarded"
    ):
        wrong["variant"] = _l("Name the variant that was kept.")
    if wrong:
        raise Refused(_l("The flag was not completed."), wrong)
    return str(outcome), None if named is None else str(named)
