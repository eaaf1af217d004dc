"""A correction from what a person typed: times on the clock of a place, days ticked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.slo.correction import REPEATS, Correction, Repeats
from app.slo.window import is_zone


def read(form: Mapping[str, str], weekdays: Sequence[str], slo_id: int | None) -> Correction:
    """Raises `Refused` beside the fields that are no times; the rule's own checks come after."""
    wrong: dict[str, object] = {}
    zone = form.get("time_zone", "").strip() or "UTC"
    if not is_zone(zone):
        wrong["time_zone"] = _l("Give a time zone such as Europe/Berlin.")
        zone = "UTC"
    times = {name: _moment(form.get(name, ""), zone) for name in ("starts_at", "ends_at", "until")}
    for name in ("starts_at", "ends_at"):
        if times[name] is None:
            wrong[name] = _l("Give a day and a time.")
    if form.get("until", "").strip() and times["until"] is None:
        wrong["until"] = _l("Give a day and a time.")
    repeats = form.get("repeats", "once")
    if repeats not in REPEATS:
        wrong["repeats"] = _l("Choose one of: %(choices)s.", choices=", ".join(REPEATS))
    labels = _labels(form.get("labels", ""), wrong) if slo_id is None else {}
    starts_at, ends_at = times["starts_at"], times["ends_at"]
    if wrong or starts_at is None or ends_at is None:
        raise Refused(_l("The correction was not saved."), wrong)
    return Correction(
        slo_id=slo_id,
        labels=labels,
        starts_at=starts_at,
        ends_at=ends_at,
        repeats=cast(Repeats, repeats),
        weekdays=tuple(sorted({int(day) for day in weekdays if day in "0123456" and len(day) == 1})),
        until=times["until"],
        time_zone=zone,
        reason=form.get("reason", "").strip(),
    )


def _moment(text: str, zone: str) -> datetime | None:
    """What a clock of that place showed: 2026-01-31T02:00. One with its own zone is taken as it is."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    return found.astimezone(UTC)


def _labels(text: str, wrong: dict[str, object]) -> dict[str, str]:
    pairs = [part.strip().partition("=") for part in text.replace("\n", ",").split(",") if part.strip()]
    if not all(name.strip() and joint for name, joint, _ in pairs):
        wrong["labels"] = _l("Give names and texts, such as team=shop.")
    return {name.strip(): value.strip() for name, _, value in pairs}
