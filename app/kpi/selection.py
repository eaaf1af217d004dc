"""Which days, compared with which, of whom: what the address of a KPI page asks for. Pure: no I/O, no clock.

Whatever makes no sense falls back to the default, never to an error: an address that is old or was typed
still opens a page. What was understood is shown on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.kpi.measures import PERIODS, Period
from app.ui.timerange import read_moment

DEFAULT_PERIOD = "7d"
MOST_DAYS = 800
LONGEST_MEMBER = 80
YEAR_DAYS = 364  # 52 weeks: the same weekdays

GRAINS: dict[str, LazyString] = {"day": _l("By day"), "week": _l("By week"), "month": _l("By month")}
COMPARISONS: dict[str, LazyString] = {
    "weekdays": _l("Same weekdays before"),
    "previous": _l("Period just before"),
    "year": _l("Last year"),
    "custom": _l("A day of your choice"),
}
DIMENSIONS: dict[str, LazyString] = {
    "locale": _l("Locale"),
    "country": _l("Country"),
    "device": _l("Device"),
    "customer": _l("New or returning"),
    "category": _l("Category"),
    "variant": _l("Flag variant"),
}


@dataclass(frozen=True)
class Selection:
    period: str  # a key of PERIODS, or custom
    now: Period
    compare: str  # a key of COMPARISONS
    before: Period
    grain: str = "day"
    zone: str = "UTC"
    own_zone: str = "UTC"  # the one whose days are meant where nobody asks for another
    where: Mapping[str, str] = field(default_factory=dict)  # dimension → member
    currency: str = "EUR"  # of money where several are sold in

    @property
    def is_weekday_matched(self) -> bool:
        """Both sides hold the same weekdays, so that their difference is not one of weekdays."""
        return self.now.days % 7 == 0 or (self.now.first - self.before.first).days % 7 == 0

    def args(self, **changes: str | None) -> dict[str, str]:
        """The arguments of an address that asks for the same, without those that are the default."""
        asked: dict[str, str | None] = dict(self.where)
        if self.period == "custom":
            asked |= {"from": self.now.first.isoformat(), "to": self.now.last.isoformat()}
        elif self.period != DEFAULT_PERIOD:
            asked["period"] = self.period
        if self.compare != "weekdays":
            asked["compare"] = self.compare
        if self.compare == "custom":
            asked["against"] = self.before.first.isoformat()
        asked |= {"grain": self.grain if self.grain != "day" else None}
        asked |= {"zone": self.zone if self.zone != self.own_zone else None}
        return {name: value for name, value in (asked | changes).items() if value}

    def over(self, first: date, last: date) -> Selection:
        """The same of other days."""
        now = Period(first, (last - first).days + 1)
        return replace(self, period="custom", now=now, before=_before(self.compare, now, None))


def read_selection(
    args: Mapping[str, str],
    today: date,
    zone: str = "UTC",
    currency: str = "EUR",
    default: str = DEFAULT_PERIOD,
) -> Selection:
    """`period`, or `from` and `to`; `compare` with `against`; `grain`, `zone` and a member of each dimension.

    Days end yesterday at the latest: today is not over.
    """
    period, now = _period(args, today, default)
    compare = args.get("compare", "weekdays")
    against = _day(args.get("against", ""))
    if compare not in COMPARISONS or (compare == "custom" and (against is None or against >= now.first)):
        compare = "weekdays"
    grain = args.get("grain", "day")
    asked = args.get("zone", zone)
    return Selection(
        period=period,
        now=now,
        compare=compare,
        before=_before(compare, now, against),
        grain=grain if grain in GRAINS else "day",
        zone=asked if asked in zones() else zone,
        own_zone=zone,
        currency=currency,
        where={name: args[name][:LONGEST_MEMBER] for name in DIMENSIONS if args.get(name)},
    )


@cache
def zones() -> frozenset[str]:
    """Read from the disk once: asking the system takes longer than all figures of a page."""
    return frozenset(available_timezones())


def _period(args: Mapping[str, str], today: date, default: str) -> tuple[str, Period]:
    first, last = _day(args.get("from", "")), _day(args.get("to", ""))
    last = min(last, today - timedelta(days=1)) if last else None
    if first and last and first <= last and (last - first).days < MOST_DAYS:
        return "custom", Period(first, (last - first).days + 1)
    key = args.get("period", default)
    key = key if key in PERIODS else default
    days = PERIODS[key][1]
    return key, Period(today - timedelta(days=days), days)


def _before(compare: str, now: Period, against: date | None) -> Period:
    match compare:
        case "previous":
            return Period(now.first - timedelta(days=now.days), now.days)
        case "year":
            years = -(-now.days // YEAR_DAYS)
            return Period(now.first - timedelta(days=years * YEAR_DAYS), now.days)
        case "custom" if against is not None:
            return Period(against, now.days)
        case _:
            return now.before()


def _day(typed: str) -> date | None:
    """A date, or the day of a moment as charts write it; None for anything else."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        moment = read_moment(typed) if typed else None
        found = moment.date() if moment else None  # type: ignore[assignment]
    return found if found and 2000 <= found.year <= 2100 else None
