"""A silence as Alertmanager has it, whoever made it, and as a form asks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.alerts import durations, matcher
from app.alerts.matcher import Matcher, all_match
from app.errors import Refused

LONGEST = timedelta(days=90)
LONGEST_COMMENT = 500
MOST_MATCHERS = 20
# One until it is resolved ends by a job of ours, and at the latest after this long.
UNTIL_RESOLVED = timedelta(days=7)
SETTLES_AFTER = timedelta(minutes=2)
REMINDED_BEFORE = timedelta(minutes=15)
RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Silence:
    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    state: str  # active, pending, expired

    def hides(self, labels: Mapping[str, str]) -> bool:
        return all_match(self.matchers, labels)


@dataclass(frozen=True)
class Wanted:
    """What a form asks for."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    comment: str
    until_resolved: bool = False


def from_api(raw: Mapping[str, Any]) -> Silence:
    return Silence(
        raw["id"],
        tuple(_matcher(one) for one in raw["matchers"]),
        _moment(raw["startsAt"]),
        _moment(raw["endsAt"]),
        raw.get("createdBy", ""),
        raw.get("comment", ""),
        raw["status"]["state"],
    )


def _matcher(raw: Mapping[str, Any]) -> Matcher:
    equal = raw.get("isEqual", True)
    op = ("=~" if equal else "!~") if raw["isRegex"] else ("=" if equal else "!=")
    return Matcher(raw["name"], op, raw["value"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def to_api(wanted: Wanted, who: str, silence_id: str = "") -> dict[str, Any]:
    return {
        **({"id": silence_id} if silence_id else {}),
        "matchers": [
            {
                "name": one.name,
                "value": one.value,
                "isRegex": one.is_regex,
                "isEqual": one.op in ("=", "=~"),
            }
            for one in wanted.matchers
        ],
        "startsAt": wanted.starts_at.isoformat(),
        "endsAt": wanted.ends_at.isoformat(),
        "createdBy": who,
        "comment": wanted.comment,
    }


def read(raw: Mapping[str, Any], now: datetime) -> Wanted:
    """Out of a form or JSON: matchers, a comment, and how long, until when, or until it is resolved."""
    wrong: dict[str, object] = {}
    matchers = _read_matchers(raw.get("matchers"), wrong)
    comment = str(raw.get("comment") or "").replace("\x00", "").strip()
    if not comment or len(comment) > LONGEST_COMMENT:
        wrong["comment"] = _l("Say why, in at most %(most)s characters.", most=LONGEST_COMMENT)
    starts_at = _read_moment(raw, "starts_at", wrong) or now
    until_resolved = str(raw.get("until_resolved", "")).lower() in ("1", "true", "on", "yes")
    ends_at = starts_at + UNTIL_RESOLVED if until_resolved else _end(raw, starts_at, wrong)
    if not wrong and not now < ends_at <= starts_at + LONGEST:
        wrong["ends_at" if raw.get("ends_at") else "duration"] = _l(
            "It must end in the future, and within %(most)s days.", most=LONGEST.days
        )
    if not wrong and ends_at <= starts_at:
        wrong["ends_at"] = _l("The end lies before the start.")
    if wrong:
        raise Refused(_l("Nothing was silenced."), wrong)
    return Wanted(matchers, starts_at, ends_at, comment, until_resolved)


def _read_matchers(raw: Any, wrong: dict[str, object]) -> tuple[Matcher, ...]:
    texts = matcher.lines(raw) if isinstance(raw, str) else raw if isinstance(raw, list) else []
    try:
        found = matcher.read_all(str(text) for text in texts)
    except ValueError as error:
        why = _l('%(text)s is no matcher; write severity="page" or team=~"a|b".', text=str(error))
        wrong["matchers"] = why
        return ()
    if not found or len(found) > MOST_MATCHERS or all(one.matches({}) for one in found):
        wrong["matchers"] = _l("Say what to silence; what matches everything would hide every alert.")
    return found


def _read_moment(raw: Mapping[str, Any], name: str, wrong: dict[str, object]) -> datetime | None:
    """A form gives no zone: its times are UTC, as the page says."""
    text = str(raw.get(name) or "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        wrong[name] = _l("Give a moment such as 2026-01-31T14:02.")
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _end(raw: Mapping[str, Any], starts_at: datetime, wrong: dict[str, object]) -> datetime:
    if (end := _read_moment(raw, "ends_at", wrong)) is not None:
        return end
    try:
        seconds = durations.read(str(raw.get("duration") or "2h"))
        return starts_at + timedelta(seconds=min(seconds, 10**9))
    except ValueError:
        wrong["duration"] = _l("Give a length of time such as 30s, 5m or 4h.")
        return starts_at


def is_over(silence: Silence, firing: Iterable[Mapping[str, str]], now: datetime) -> bool:
    """Whether what a silence until it is resolved hides has gone."""
    settled = now - silence.starts_at >= SETTLES_AFTER
    return settled and not any(silence.hides(labels) for labels in firing)


def is_ending(silence: Silence, now: datetime) -> bool:
    return silence.state == "active" and silence.ends_at - now <= REMINDED_BEFORE
