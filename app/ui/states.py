"""The states that anything shown can be in: always a colour, an icon and a word together."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


@dataclass(frozen=True)
class State:
    icon: str
    word: LazyString
    tone: str  # one of the colours of tokens.css: ok, risk, bad, stale, info
    badness: int  # lists are ordered by it, the worst first


STATES = {
    "exhausted": State("exhausted", _l("exhausted"), "bad", 90),
    "burning": State("burning", _l("burning"), "bad", 80),
    "failed": State("exhausted", _l("failed"), "bad", 70),
    "risk": State("risk", _l("at risk"), "risk", 60),
    "late": State("risk", _l("late"), "risk", 55),
    "frozen": State("frozen", _l("frozen"), "info", 50),
    "stale": State("stale", _l("stale"), "stale", 40),
    "nodata": State("nodata", _l("no data"), "stale", 30),
    "running": State("running", _l("running"), "info", 20),
    "info": State("info", _l("for information"), "info", 15),
    "ok": State("ok", _l("ok"), "ok", 10),
    "on": State("ok", _l("on"), "ok", 5),
    "off": State("pause", _l("off"), "stale", 4),
    "draft": State("edit", _l("draft"), "stale", 3),
}


def state(name: str) -> State:
    """How a state looks. An unknown name is a bug and fails loudly."""
    return STATES[name]


def badness(name: str) -> int:
    return STATES[name].badness


def worst(names: list[str]) -> str:
    """The state that a group is in: its worst member's; of an empty group nothing is known."""
    return max(names, key=badness, default="nodata")
