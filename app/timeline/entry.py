"""What an entry of the timeline may say. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from app.errors import Refused

# A note is worth knowing, yet neither a change nor a trouble.
Kind = Literal["flag", "deploy", "release", "alert", "incident", "maintenance", "note", "experiment", "error"]
KINDS: tuple[str, ...] = get_args(Kind)
LONGEST_TITLE = 200
LONGEST_DETAIL = 4_000


@dataclass(frozen=True)
class Entry:
    at: datetime
    kind: str
    title: str
    subject: str
    detail: str = ""
    url: str = ""
    ends_at: datetime | None = None
    is_demo: bool = False


def check(entry: Entry) -> None:
    """Refuse an entry that a chart could not draw or whose link could run a script."""
    wrong: dict[str, object] = {}
    if entry.kind not in KINDS:
        wrong["kind"] = _l("Choose one of: %(kinds)s.", kinds=", ".join(KINDS))
    if not entry.title.strip() or len(entry.title) > LONGEST_TITLE:
        wrong["title"] = _l("Give a title of at most %(most)s characters.", most=LONGEST_TITLE)
    if len(entry.detail) > LONGEST_DETAIL:
        wrong["detail"] = _l("Give at most %(most)s characters.", most=LONGEST_DETAIL)
    if entry.at.tzinfo is None:
        wrong["at"] = _l("Give the time with its zone, such as 2026-01-31T14:02:00Z.")
    if entry.ends_at is not None and entry.ends_at < entry.at:
        wrong["ends_at"] = _l("The end lies before the start.")
    if not _is_safe(entry.url):
        wrong["url"] = _l("Give a path on this server or an https:// address.")
    if wrong:
        raise Refused(_l("The timeline entry was not saved."), wrong)


def _is_safe(url: str) -> bool:
    if not url or (url.startswith("/") and not url.startswith("//")):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that is not closed, or letters that would become signs
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


# What people do to a system, as against what befalls it.
CHANGES = ("flag", "deploy", "release", "maintenance")


def nearest(entries: Iterable[Entry], at: datetime, known_to: timedelta = timedelta()) -> list[Entry]:
    """Changes by how likely they began what began at `at`: the nearest first, later ones last.

    `known_to`: how far the beginning may lie after `at`, because it was seen in steps.
    """
    changes = [entry for entry in entries if entry.kind in CHANGES]
    return sorted(changes, key=lambda entry: (entry.at > at + known_to, abs(entry.at - at)))
