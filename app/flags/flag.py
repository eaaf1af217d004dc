"""What a flag is: its name, its types and how long each is meant to live. Pure: no I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import Refused

NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")  # goes into URLs and into the code of every service
TAG = re.compile(r"[A-Za-z0-9._~-]{1,50}:[^\s,][^,]{0,49}")
DESCRIPTION_LENGTH = 2_000
OWNER_LENGTH = 100
TAGS = 30

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
    if not NAME.fullmatch(name) or name in (".", ".."):
        raise Refused(
            _l("The flag was not saved."),
            {"name": _l("Use 1 to 100 letters, digits, dots, dashes, underscores or tildes, no spaces.")},
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


def lifetime_days(name: str, type_: str) -> int | None:
    """How long the flag is meant to live; None: for good. Drills stay, and unknown types do not age."""
    return TYPES[type_].lifetime_days if type_ in TYPES and not is_drill(name) else None


def is_overdue(name: str, type_: str, created_at: datetime, now: datetime) -> bool:
    """Whether the flag has outlived what it is meant for."""
    days = lifetime_days(name, type_)
    return days is not None and now - created_at > timedelta(days=days)


def is_drill(name: str) -> bool:
    return name.startswith(DRILL_PREFIX)
