"""What a flag is: its name, its types and how long each is meant to live. Pure: no I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused

NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")  # goes into URLs and into the code of every service
NAME_LENGTH = 100
RESERVED = (".", "..", "-", "import", "export", "evaluate", "unknown")  # addresses of our own
UNTAKEABLE = re.compile(r"[\s/\\?#%\x00-\x1f\x7f\ud800-\udfff]")
TAG = re.compile(r"[A-Za-z0-9._~-]{1,50}:[^\s,][^,]{0,49}")
PROJECT_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")
URL = re.compile(r"https?://[^\s\x00-\x1f\ud800-\udfff<>\"]+")
DESCRIPTION_LENGTH = 2_000
OWNER_LENGTH = 100
TAGS = 30
LINKS = 20
URL_LENGTH = 2_000
LONGEST_LIFETIME_DAYS = 3_650
DEFAULT_PROJECT = "default"

# Flags with this prefix break the shop on purpose; they are kept apart from features.
DRILL_PREFIX = "fault-"

PRODUCTION = "production"
DEVELOPMENT = "development"


@dataclass(frozen=True)
class Type:
    key: str  # as on the wire
    name: object
    lifetime_days: int | None  # older ones are due for removal; None: made to stay
    about: object


TYPES: Mapping[str, Type] = {
    found.key: found
    for found in (
        Type("release", _l("Release"), 40, _l("Brings a feature to shoppers step by step, then goes.")),
        Type("experiment", _l("Experiment"), 40, _l("Compares variants, then goes.")),
        Type("operational", _l("Operational"), 7, _l("Changes how the system behaves for a while.")),
        Type("kill-switch", _l("Kill switch"), None, _l("Turns a feature off in an emergency.")),
        Type("permission", _l("Permission"), None, _l("Gives a feature to chosen people.")),
    )
}


@dataclass(frozen=True)
class Details:
    """What people write about a flag, checked."""

    type: str
    description: str
    owner: str
    tags: tuple[str, ...] = ()


def checked_name(text: str) -> str:
    name = text.strip()
    if not NAME.fullmatch(name) or name in RESERVED:
        raise Refused(
            _l("The flag was not saved."),
            {"name": _l("Use 1 to 100 letters, digits, dots, dashes, underscores or tildes, no spaces.")},
        )
    return name


def is_takeable(name: str) -> bool:
    """Whether a flag of another server may be called so: by any letters that an address can carry."""
    return 1 <= len(name) <= NAME_LENGTH and not UNTAKEABLE.search(name) and name not in RESERVED


def takeable_name(name: str) -> str:
    if not is_takeable(name):
        raise Refused(
            _l("The flag was not saved."),
            {"name": _l("Use 1 to %(most)s letters, no spaces and no slashes.", most=NAME_LENGTH)},
        )
    return name


def checked_details(type_: str, description: str, owner: str, tags: str = "") -> Details:
    """`tags` are separated by commas. Refuses with one message per field."""
    split = tuple(dict.fromkeys(tag.strip() for tag in tags.split(",") if tag.strip()))
    wrong: dict[str, object] = {}
    if type_ not in TYPES:
        wrong["type"] = _l("Choose one of the types.")
    if len(description) > DESCRIPTION_LENGTH or "\x00" in description:
        wrong["description"] = _l("Use at most %(most)s characters.", most=DESCRIPTION_LENGTH)
    if len(owner) > OWNER_LENGTH or "\x00" in owner:
        wrong["owner"] = _l("Use at most %(most)s characters.", most=OWNER_LENGTH)
    if len(split) > TAGS or not all(TAG.fullmatch(tag) for tag in split):
        wrong["tags"] = _l("Write tags as type:value, separated by commas, at most %(most)s.", most=TAGS)
    if wrong:
        raise Refused(_l("The flag was not saved."), wrong)
    return Details(type_, description.strip(), owner.strip(), split)


def checked_changes(raw: Mapping[str, object]) -> dict[str, Any]:
    """New values of some columns, as programs send them. Refuses with one message per field."""
    found: dict[str, Any] = {}
    wrong: dict[str, object] = {}
    for field, value in raw.items():
        try:
            found[field] = _CHANGES[field](value)
        except KeyError:
            wrong[field] = _l("There is no such field.")
        except _Wrong as problem:
            wrong[field] = problem.what
    if wrong:
        raise Refused(_l("The flag was not saved."), wrong)
    return found


class _Wrong(Exception):
    def __init__(self, what: object) -> None:
        super().__init__(what)
        self.what = what


def _text_of(most: int) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or len(value) > most or not is_storable(value):
            raise _Wrong(_l("Use at most %(most)s characters.", most=most))
        return value.strip()

    return check


def _type(value: object) -> str:
    if not isinstance(value, str) or value not in TYPES:
        raise _Wrong(_l("Choose one of the types."))
    return value


def _project(value: object) -> str:
    if not isinstance(value, str) or not PROJECT_NAME.fullmatch(value):
        raise _Wrong(_l("Use letters, digits, dots, dashes and underscores."))
    return value


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(_l("This is true or false."))
    return value


def _tags(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > TAGS or not all(_is_tag(tag) for tag in value):
        raise _Wrong(_l("Write tags as type:value, at most %(most)s.", most=TAGS))
    return list(dict.fromkeys(value))


def _is_tag(value: object) -> bool:
    return isinstance(value, str) and TAG.fullmatch(value) is not None and is_storable(value)


def _days(value: object) -> int | None:
    """None: as its type says; 0: made to stay."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST_LIFETIME_DAYS:
        raise _Wrong(_l("Use a whole number of days, at most %(most)s.", most=LONGEST_LIFETIME_DAYS))
    return value


def _links(value: object) -> list[dict[str, str]]:
    if not isinstance(value, list) or len(value) > LINKS:
        raise _Wrong(_l("Use at most %(most)s links.", most=LINKS))
    return [_link(item) for item in value]


def _link(item: object) -> dict[str, str]:
    url, title = (item.get("url"), item.get("title") or "") if isinstance(item, dict) else (None, "")
    if not isinstance(url, str) or len(url) > URL_LENGTH or not URL.fullmatch(url):
        raise _Wrong(_l("A link is an address that begins with https:// or http://."))
    if not isinstance(title, str) or len(title) > OWNER_LENGTH or not is_storable(title):
        raise _Wrong(_l("A title has at most %(most)s characters.", most=OWNER_LENGTH))
    return {"url": url, "title": title.strip()}


_CHANGES: Mapping[str, Callable[[object], Any]] = {
    "type": _type,
    "description": _text_of(DESCRIPTION_LENGTH),
    "owner": _text_of(OWNER_LENGTH),
    "project": _project,
    "tags": _tags,
    "links": _links,
    "impression_data": _yes_no,
    "is_stale": _yes_no,
    "expected_lifetime_days": _days,
}


def is_storable(text: str) -> bool:
    """PostgreSQL keeps no NUL and UTF-8 no half of a surrogate pair."""
    return not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)


def lifetime_days(name: str, type_: str, expected: int | None = None) -> int | None:
    """How long the flag is meant to live; None: for good. Drills stay, and unknown types do not age."""
    if expected is not None:
        return expected or None
    return TYPES[type_].lifetime_days if type_ in TYPES and not is_drill(name) else None


def is_overdue(
    name: str, type_: str, created_at: datetime, now: datetime, expected: int | None = None
) -> bool:
    """Whether the flag has outlived what it is meant for."""
    days = lifetime_days(name, type_, expected)
    return days is not None and now - created_at > timedelta(days=days)


def is_drill(name: str) -> bool:
    return name.startswith(DRILL_PREFIX)
