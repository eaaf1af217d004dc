"""The states of a translation. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

UNTRANSLATED, DRAFT, REVIEW, APPROVED = "untranslated", "draft", "review", "approved"


@dataclass(frozen=True)
class State:
    word: LazyString
    look: str  # a state of app/ui/states.py


STATES: dict[str, State] = {
    UNTRANSLATED: State(_l("untranslated"), "nodata"),
    DRAFT: State(_l("draft"), "draft"),
    REVIEW: State(_l("needs review"), "risk"),
    APPROVED: State(_l("approved"), "ok"),
}

# What somebody who saves a text may choose.
CHOICES = (DRAFT, REVIEW, APPROVED)
