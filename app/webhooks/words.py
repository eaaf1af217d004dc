"""Types of events in words and colours."""

from __future__ import annotations

from app.ui.states import state
from app.webhooks.event import TYPES, Type

UNKNOWN = Type("", "info")


def label(name: str) -> str:
    """In the language that is spoken; a type that is gone is told by its name."""
    return str(TYPES[name].label) if name in TYPES else name


def tone(name: str) -> str:
    return state(look(name)).tone


def look(name: str) -> str:
    """The state that a type is shown in."""
    return TYPES.get(name, UNKNOWN).state


def badness(name: str) -> int:
    return state(look(name)).badness


def person(who: str) -> bool:
    """Whether it says more than that the house did it by itself."""
    return bool(who) and who != "scheduler" and not who.startswith("job:")
