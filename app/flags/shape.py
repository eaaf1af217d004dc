"""Shapes of JSON that others send, each refused with its place. Pure: no I/O, no clock."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Json = dict[str, Any]

# Most that one flag may hold in one environment; SDKs keep all flags in memory and download all on a change.
MAX_BYTES = 200_000
MAX_TEXT = 10_000


class Wrong(Exception):
    """What is wrong, and where in the JSON."""

    def __init__(self, where: str, what: object) -> None:
        super().__init__(where, what)
        self.where, self.what = where, what

    def refusal(self, field: str) -> Refused:
        what = _l("%(where)s: %(what)s", where=self.where, what=self.what)
        return Refused(_l("The flag was not saved."), {field: what})


def parsed(text: str, field: str) -> object:
    """JSON as typed into a form; empty is an empty list. Raises `Refused` on the field."""
    try:
        if len(text) > MAX_BYTES:
            raise too_long(field)
        return json.loads(text) if text.strip() else []
    except Wrong as wrong:
        raise wrong.refusal(field) from None
    except (ValueError, RecursionError) as error:
        what = _l("this is not JSON: %(error)s", error=str(error)[:100])
        raise Wrong(field, what).refusal(field) from None


def too_long(where: str) -> Wrong:
    return Wrong(where, _l("use at most %(most)s bytes", most=MAX_BYTES))


def object_of(raw: object, where: str) -> Json:
    if not isinstance(raw, dict):
        raise Wrong(where, _l("this must be an object"))
    return raw


def list_of(raw: object, where: str, most: int) -> list[object]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise Wrong(where, _l("this must be a list"))
    if len(raw) > most:
        raise Wrong(where, _l("use at most %(most)s entries", most=most))
    return raw


def text_of(raw: object, where: str, least: int = 1) -> str:
    """A text; numbers and booleans are written as the text that SDKs compare with."""
    raw = _plain(raw)
    if not isinstance(raw, str) or not least <= len(raw) <= MAX_TEXT or "\x00" in raw:
        raise Wrong(where, _l("use a text of at most %(most)s characters", most=MAX_TEXT))
    if any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise Wrong(where, _l("this text has letters that cannot be stored"))
    return raw


def name_of(raw: object, where: str) -> str:
    """A text that the engines of SDKs can name something by: it goes into their rules between quotes."""
    text = text_of(raw, where)
    if '"' in text or text.endswith("\\"):
        raise Wrong(where, _l("leave out quotation marks and a backslash at the end"))
    return text


def bool_of(raw: object, where: str) -> bool:
    if raw is None:
        return False
    if not isinstance(raw, bool):
        raise Wrong(where, _l("this must be true or false"))
    return raw


def one_of(raw: object, where: str, allowed: tuple[str, ...]) -> str:
    if raw not in allowed:
        raise Wrong(where, _l("use one of: %(allowed)s", allowed=", ".join(allowed)))
    return str(raw)


def _plain(raw: object) -> object:
    if isinstance(raw, bool):
        return str(raw).lower()
    return str(raw) if isinstance(raw, int | float) else raw
