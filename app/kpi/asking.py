"""What may be asked of the figures: known zones, grains and groups. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.kpi import calendar
from app.kpi.definitions import DIMENSIONS, GRAINS, Grain

MOST_BUCKETS = 3_700  # ten years of days
PAIRED = DIMENSIONS[:4]  # any two of these; of the others one, with one of these


@dataclass(frozen=True)
class Asked:
    """What is read: whole buckets from the day `first` to the day `last`."""

    measures: tuple[str, ...]
    zone: str
    grain: Grain
    first: date
    last: date
    dimension: str = ""
    source: str | None = None


def read(
    measures: tuple[str, ...],
    dimensions: Sequence[str],
    first: date,
    last: date,
    zone: str,
    grain: Grain,
    by: str | None,
    where: Mapping[str, str],
) -> Asked:
    """`Refused` names the field: zone, grain, from, by or where."""
    check_zone(zone)
    if grain not in GRAINS:
        raise _wrong("grain", _l("Choose one of: %(names)s.", names=", ".join(GRAINS)))
    if first > last:
        raise _wrong("from", _l("This is after the end."))
    if (last - first).days >= MOST_BUCKETS:
        raise _wrong("from", _l("Ask for at most %(most)s days.", most=MOST_BUCKETS))
    starts = calendar.span(first, last, grain)
    return Asked(
        measures,
        zone,
        grain,
        starts[0],
        calendar.end(starts[-1], grain),
        dimension(dimensions, by, where),
        source=where.get("source"),
    )


def dimension(known: Sequence[str], by: str | None, where: Mapping[str, str]) -> str:
    """The name of what was summed for this question: "", "locale", "locale,device" …"""
    wanted = {name for name in where if name != "source"} | ({by} if by else set())
    for name in sorted(wanted):
        if name not in known:
            field = "by" if name == by else name
            raise _wrong(field, _l("Choose one of: %(names)s.", names=", ".join(known)))
    if len(wanted) > 2 or (len(wanted) == 2 and not wanted & set(PAIRED)):
        raise _wrong("by", _l("Figures are kept for two of these at once, one of them a place or a device."))
    return ",".join(name for name in DIMENSIONS if name in wanted)


def check_zone(zone: str) -> None:
    if zone not in _zones():
        raise _wrong("zone", _l("Write a time zone such as Europe/London."))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _wrong(field: str, words: object) -> Refused:
    return Refused(_l("Nothing can be shown."), {field: words})
