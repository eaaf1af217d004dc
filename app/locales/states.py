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

OWN_TEXT = _l("Somebody else has to approve this text: you wrote it. Save it as needing review.")
FROM_FILE = "file:"  # the writer of a text that came in a file, before who sent it


def may_approve(asks_review: bool, writer: str, *names: str) -> bool:
    """Four eyes: where a review is asked for, nobody approves what they wrote or sent in a file. `names`: all
    by which whoever would approve is known."""
    return not asks_review or sender_of(writer) not in names


def sender_of(writer: str) -> str:
    return writer.removeprefix(FROM_FILE)
