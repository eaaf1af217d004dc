"""A stretch of time as people write it: days, or moments. Pure: no I/O, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import Refused

DAY = timedelta(days=1)


def period(first: str, last: str) -> tuple[datetime, datetime]:
    """From the start of `first` until after `last`; a day is meant whole. Refuses on the field from or to."""
    start, _ = _moment("from", first)
    end, is_day = _moment("to", last)
    end = end + DAY if is_day else end
    if end <= start:
        why = _l("The end lies before the start.")
        raise Refused(why, {"to": why})
    return start, end


def _moment(field: str, text: str) -> tuple[datetime, bool]:
    """The moment, in UTC where it does not say, and whether it is a day."""
    text = text.strip()
    try:
        if len(text) == len("2026-11-30"):
            return datetime.combine(date.fromisoformat(text), time.min, UTC), True
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)), False
    except (ValueError, OverflowError):
        why = _l("Write a day as 2026-11-30, or a moment as 2026-11-30T14:00.")
        raise Refused(why, {field: why}) from None
