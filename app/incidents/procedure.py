"""A runbook's Markdown as a check-list: its sections and the steps in them. Pure.

A step is an item of a list. At its end it may carry marks in braces, which are taken out of its words:

    1. Freeze every rollout, so that nothing else moves. {do freeze-rollouts}
    2. Tell shoppers what does not work. {within 15 min} {do tell-shoppers}

`within` counts from the moment the incident was opened. `do` puts a button there that acts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from app.errors import Refused
from app.ui.prose import inline

MOST_CHARACTERS = 50_000
MOST_STEPS = 200

# What a button in a check-list can do; the commands of these names are in acts.py.
ACTIONS: dict[str, LazyString] = {
    "freeze-rollouts": _l("Freeze all rollouts"),
    "thaw-rollouts": _l("Let rollouts go on"),
    "kill-flag": _l("Turn a flag off for everybody"),
    "tell-shoppers": _l("Tell shoppers"),
    "note-scale": _l("Note what was scaled"),
}

_HEADING = re.compile(r"## (.+)")
_ITEM = re.compile(r"(?:[-*]|\d+\.) (.+)")
_WITHIN = re.compile(r"\{within (\d{1,4}) min\}")
_DO = re.compile(r"\{do ([a-z-]+)\}")


@dataclass(frozen=True)
class Step:
    section: str
    text: str  # Markdown without its marks
    within_minutes: int | None  # of the opening
    action: str | None  # a key of ACTIONS

    @property
    def words(self) -> Markup:
        return inline(self.text)


def steps(text: str) -> list[Step]:
    """The steps of a runbook, in order. Raises `Refused` for a button that does not exist."""
    found = [_step(section, item) for section, item in _items(text)]
    if len(found) > MOST_STEPS:
        _refuse(_l("A runbook has at most %(most)s steps.", most=MOST_STEPS))
    return found


def checked(text: str) -> str:
    """A runbook as somebody typed it, fit to be kept. Raises `Refused` on the field text."""
    text = text.replace("\r\n", "\n").replace("\x00", "").encode("utf-8", "ignore").decode().strip() + "\n"
    if not text.startswith("# "):
        _refuse(_l("Begin with a title: a line that starts with # and a space."))
    if len(text) > MOST_CHARACTERS:
        _refuse(_l("Give at most %(most)s characters.", most=MOST_CHARACTERS))
    steps(text)
    return text


def without_marks(text: str) -> str:
    """For reading: the time is said in words, the button is left to the incident."""
    return _DO.sub("", _WITHIN.sub(r"(**\1 min**)", text))


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Each list item with its section; lines that carry no mark go on with the item before."""
    section, item = "", ""
    for raw in (*text.split("\n"), ""):
        line = raw.strip()
        heading, started = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if item and (not line or heading or started):
            yield section, item
            item = ""
        if heading:
            section = heading[1]
        elif started:
            item = started[1]
        elif item:
            item += " " + line


def _step(section: str, item: str) -> Step:
    within, action = _WITHIN.search(item), _DO.search(item)
    if action and action[1] not in ACTIONS:
        known = ", ".join(ACTIONS)
        _refuse(_l("There is no button %(name)s. Choose one of: %(known)s.", name=action[1], known=known))
    words = " ".join(_DO.sub("", _WITHIN.sub("", item)).split())
    return Step(section, words, int(within[1]) if within else None, action[1] if action else None)


def _refuse(why: object) -> None:
    raise Refused(_l("The runbook was not saved."), {"text": why})
