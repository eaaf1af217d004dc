"""Usage events from elsewhere: what one says, or why it is refused. Pure: no I/O, no clock."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.kpi.order_rows import Wrong, read_moment, refuse_unclean

NAMES: dict[str, tuple[str, ...]] = {
    "event_id": ("event_id", "id", "uuid", "message_id"),
    "at": ("at", "timestamp", "time", "event_time", "occurred_at"),
    "kind": ("kind", "event", "event_name", "type", "name"),
    "visitor_id": ("visitor_id", "anonymous_id", "device_id", "client_id", "visitor"),
    "user_id": ("user_id", "user", "customer_id"),
    "session_id": ("session_id", "session"),
    "path": ("path", "page", "url"),
    "locale": ("locale", "language"),
    "country": ("country", "country_code"),
    "device": ("device", "device_type"),
    "flags": ("flags", "variants"),
}
NEEDED = ("at", "kind")
KIND = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,59}\Z")
LONGEST = {"locale": 20, "country": 60, "device": 20, "visitor_id": 200, "user_id": 200, "session_id": 200}
LONGEST_PATH = 500
MOST_FLAGS = 20


class Event(NamedTuple):
    event_id: uuid.UUID
    at: datetime
    session_id: str
    visitor_id: str
    user_id: str | None
    kind: str
    path: str
    locale: str
    country: str
    device: str
    flags: str  # JSON


def read_event(given: Mapping[str, object], zone: ZoneInfo, latest: datetime) -> Event:
    """Raises `Wrong`. Without an id the event's content is its id, so that it is not counted twice."""
    said = {what: _text(given, what) for what in NAMES if what != "flags"}
    if not KIND.match(said["kind"]):
        raise Wrong(
            _l("kind is a word of small letters such as cart_add: %(found)s", found=said["kind"][:40])
        )
    visitor = said["visitor_id"] or (f"user {said['user_id']}" if said["user_id"] else "")
    if not visitor:
        raise Wrong(_l("It says neither visitor_id nor user_id."))
    at = read_moment(said["at"], zone, latest)
    flags = json.dumps(_flags(given.get("flags")), sort_keys=True)
    return Event(
        _id(said, at, flags),
        at.astimezone(UTC),
        said["session_id"],
        visitor,
        said["user_id"] or None,
        said["kind"],
        said["path"][:LONGEST_PATH],
        said["locale"],
        said["country"],
        said["device"],
        flags,
    )


def _text(given: Mapping[str, object], what: str) -> str:
    found = given.get(what)
    if found is None:
        return ""
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        raise Wrong(_l("%(what)s is not a text.", what=what))
    text = str(found).strip()
    if "\0" in text:
        raise Wrong(_l("It holds a NUL character."))
    refuse_unclean(text)
    if len(text) > LONGEST.get(what, 2_000):
        raise Wrong(
            _l("%(what)s is longer than %(most)s characters.", what=what, most=LONGEST.get(what, 2_000))
        )
    return text


def _flags(given: object) -> dict[str, str]:
    """A mapping of flag to variant, as JSON or as "flag=variant;flag=variant"."""
    if given in (None, ""):
        return {}
    found = _parsed(given) if isinstance(given, str) else given
    if not isinstance(found, dict) or len(found) > MOST_FLAGS:
        raise Wrong(_l("flags is a list of flag and variant, at most %(most)s.", most=MOST_FLAGS))
    told = {str(flag): str(variant) for flag, variant in found.items()}
    refuse_unclean("".join(text for pair in told.items() for text in pair))
    if any(len(text) > 100 for pair in told.items() for text in pair):
        raise Wrong(_l("flags is a list of flag and variant, at most %(most)s.", most=MOST_FLAGS))
    return told


def _parsed(given: str) -> object:
    if given.lstrip().startswith("{"):
        try:
            return json.loads(given)
        except json.JSONDecodeError:
            return None
    pairs = [part.partition("=") for part in given.split(";") if part.strip()]
    return {flag.strip(): variant.strip() or "on" for flag, _, variant in pairs}


def _id(said: Mapping[str, str], at: datetime, flags: str) -> uuid.UUID:
    own = said["event_id"]
    try:
        return uuid.UUID(own)
    except ValueError:
        content = own or "\x1f".join((at.isoformat(), *(said[what] for what in sorted(said)), flags))
        return uuid.UUID(hashlib.md5(content.encode(), usedforsecurity=False).hexdigest())
