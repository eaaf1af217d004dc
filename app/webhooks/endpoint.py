"""What an endpoint may be. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.webhooks.event import TYPES, Wish
from app.webhooks.message import FORMATS

LONGEST_NAME = 120
MOST_ENTRIES, LONGEST_ENTRY = 100, 200


@dataclass(frozen=True)
class Draft:
    name: str
    url: str
    format: str = "json"
    wish: Wish = field(default_factory=Wish)
    is_active: bool = True


def check(draft: Draft) -> None:
    """All but whether its address may be called, which only a look at the network tells."""
    wrong: dict[str, object] = {}
    if not draft.name.strip() or len(draft.name) > LONGEST_NAME or "\x00" in draft.name:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=LONGEST_NAME)
    if draft.format not in FORMATS:
        wrong["format"] = _l("Choose one of: %(names)s.", names=", ".join(FORMATS))
    unknown = [one for one in draft.wish.types if not is_type(one)]
    if unknown:
        wrong["types"] = _l("There is no such type of event: %(name)s.", name=unknown[0][:80])
    for name in ("environments", "locales", "subjects"):
        if not _are_texts(getattr(draft.wish, name)):
            wrong[name] = _l("Give at most %(most)s names, one a line.", most=MOST_ENTRIES)
    if wrong:
        raise Refused(_l("The webhook was not saved."), wrong)


def is_type(name: str) -> bool:
    return name in TYPES or (name.endswith(".*") and any(one.startswith(name[:-1]) for one in TYPES))


def _are_texts(values: Sequence[str]) -> bool:
    return len(values) <= MOST_ENTRIES and all(
        0 < len(one) <= LONGEST_ENTRY and "\x00" not in one for one in values
    )


def lines(text: str) -> tuple[str, ...]:
    """One name a line or with commas between, each once."""
    return once(part.strip() for part in text.replace(",", "\n").splitlines())


def once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
