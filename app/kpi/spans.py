"""The days that an export asks for. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import Refused

DEFAULT_DAYS = 30
MOST_DAYS = 3_700  # ten years


def read_days(args: Mapping[str, str], today: date) -> tuple[date, date]:
    """`from` and `to` as dates, both included; without them the last 30 days, today among them."""
    last = _day(args, "to", today)
    first = _day(args, "from", last - timedelta(days=DEFAULT_DAYS - 1))
    if first > last:
        raise Refused(_l("Nothing can be shown."), {"from": _l("This is after the end.")})
    if (last - first).days >= MOST_DAYS:
        most = _l("Ask for at most %(most)s days.", most=MOST_DAYS)
        raise Refused(_l("Nothing can be shown."), {"from": most})
    return first, last


def _day(args: Mapping[str, str], name: str, default: date) -> date:
    text = args.get(name)
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        sample = _l("Write a day such as 2026-01-31.")
        raise Refused(_l("Nothing can be shown."), {name: sample}) from None
