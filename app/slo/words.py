"""How an objective is spoken of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.slo.bucket import Counts, floor
from app.slo.burn import decimal
from app.slo.correction import REPEATS
from app.slo.correction_queries import Made
from app.slo.definition import INDICATOR_NAMES, METHOD_NAMES, OPS, Definition
from app.slo.ladder import Rung
from app.slo.listing import Listing
from app.slo.objective import Objective
from app.slo.policy import ACTION_NAMES, Action
from app.slo.preview import Preview
from app.slo.reading import SLICES
from app.slo.window import WINDOW_NAMES
from app.ui.chart import chart
from app.ui.formats import axis_time, moment, seconds, span
from app.ui.states import STATES

CALENDARS = {  # as they stand in a sentence
    "week": _l("a calendar week"),
    "month": _l("a calendar month"),
    "quarter": _l("a calendar quarter"),
}

Choices = list[tuple[str, object]]
DAY = timedelta(days=1)


def window_words(slo: Definition) -> str:
    """30 days, a calendar month."""
    if slo.window_kind == "rolling":
        return span(timedelta(days=slo.window_days)) if slo.window_days < 14 else _days(slo.window_days)
    return str(CALENDARS[slo.window_kind])


def _days(count: int) -> str:
    return str(_("%(count)s days", count=count))


def choices(listing: Listing) -> list[tuple[str, object, str, Choices]]:
    """The filters of the list: (argument, what it is called, what is chosen, what may be)."""
    wanted = listing.wanted
    states: Choices = [(name, STATES[name].word) for name, _count in listing.tally]
    groupings: Choices = [
        (name, _("Owner") if name == "owner" else name) for name in ("owner", *listing.label_names)
    ]
    return [
        ("state", _("State"), wanted.state, states),
        ("owner", _("Owner"), wanted.owner, [(name, name) for name in listing.owners]),
        ("label", _("Label"), wanted.label, [(pair, pair) for pair in listing.labels]),
        ("by", _("Group by"), wanted.by, groupings if listing.label_names or len(listing.owners) > 1 else []),
    ]


def plain_percent(slo: Definition) -> str:
    """As a field holds it: 99.5."""
    return decimal(Fraction(slo.objective) * 100)


def ladder_rows(rungs: Iterable[Rung]) -> list[tuple[object, float | None, float, str]]:
    """As the burn ladder draws them: window and what it does, burn, factor, state."""
    words = {"page": _("pages"), "ticket": _("ticket")}
    return [(f"{rung.window} {words[rung.severity]}", rung.burn, rung.factor, rung.state) for rung in rungs]


def definition_rows(slo: Definition) -> list[tuple[object, object]]:
    """What is counted, part by part; a text that begins with = is a query."""
    rows: list[tuple[object, object]] = [(_("Kind"), INDICATOR_NAMES[slo.indicator])]
    queries = (
        (_("Good"), slo.good), (_("Bad"), slo.bad), (_("All"), slo.total), (_("Query"), slo.query),
        (_("Histogram"), slo.durations if slo.indicator == "latency" else ""),
    )  # fmt: skip
    rows += [(label, f"={text}") for label, text in queries if text]
    if slo.threshold_seconds is not None:
        rows.append((_("Threshold"), seconds(slo.threshold_seconds)))
    if slo.indicator == "probe" and slo.threshold is not None:
        rows.append((_("Good when"), f"{OPS[slo.op]} {slo.threshold:g}"))
    if slo.members:
        rows.append((_("Made of"), ", ".join(slo.members)))
    if slo.method != "occurrences":
        rows.append((_("Method"), METHOD_NAMES[slo.method]))
    if slo.group_label:
        rows.append((_("One for each"), slo.group_label))
    return rows


INDICATOR_HELP = {
    "events": _l("Each request, journey or message is good or bad; the share of good ones is what counts."),
    "latency": _l("An event is good when it was fast enough, by the buckets of a histogram."),
    "probe": _l("A value is looked at again and again, and is good while it keeps a limit."),
    "sql": _l("Facts of the business, such as paid orders that were confirmed within a minute."),
    "composite": _l("Several SLOs judged as one, five minutes by five minutes."),
    "foreign": _l("Imported for the record; another system counts it."),
}
COMPOSITIONS = {
    "all": _l("every one of them keeps its own"),
    "weighted": _l("their weighted mean is good enough"),
}


def form_choices() -> dict[str, object]:
    """What the form's lists offer."""
    return {
        "indicators": [(kind, name) for kind, name in INDICATOR_NAMES.items() if kind != "foreign"],
        "indicator_help": INDICATOR_HELP,
        "window_kinds": list(WINDOW_NAMES.items()),
        "methods": list(METHOD_NAMES.items()),
        "slices": [(seconds_, span(timedelta(seconds=seconds_))) for seconds_ in SLICES],
        "operators": list(OPS.items()),
        "compositions": list(COMPOSITIONS.items()),
    }


def field_names() -> dict[str, object]:
    """How the form calls its fields."""
    return {
        "name": _("Name"),
        "key": _("Key"),
        "objective": _("Share of events that must be good"),
        "good": _("Good events"),
        "bad": _("Bad events"),
        "total": _("All events"),
        "durations": _("Histogram"),
        "threshold_seconds": _("Good when it took at most"),
        "query": _("Query"),
        "threshold": _("Limit"),
        "members": _("SLOs it is made of"),
        "window_days": _("Days of a rolling window"),
        "slice_target": _("Share of good events that makes a slice good"),
        "tiers": _("Burn alerts"),
        "policy": _("When the budget shrinks"),
        "labels": _("Labels"),
    }


def preview_chart(tried: Preview, now: datetime) -> dict[str, object]:
    """The share of good events by the day, so that twelve weeks fit a small chart."""
    days: dict[datetime, Counts] = {}
    for step in tried.course:
        if step.counts is not None:
            day = floor(step.starts_at, DAY)
            days[day] = days.get(day, Counts()) + step.counts
    points = [
        (day, None if (ratio := counts.error_ratio) is None else 1 - ratio) for day, counts in days.items()
    ]
    return chart(
        {_("Share of good events"): points},
        start=min(days, default=now),
        end=now,
        step_seconds=86_400,
        unit="ratio",
        zero=False,
        target=tried.objective,
    )


@dataclass(frozen=True)
class Told:
    """A correction in words."""

    made: Made
    slo: Objective | None
    now: datetime

    @property
    def state(self) -> str:
        if self.made.undone_at:
            return "off"
        if self._holds_now:
            return "running"
        return "info" if self.next_at else "ok"

    @property
    def state_word(self) -> object:
        if self.made.undone_at:
            return _("undone")
        if self._holds_now:
            return _("now")
        return _("to come") if self.next_at else _("over")

    @property
    def _holds_now(self) -> bool:
        return bool(self.made.correction.spans(self.now, self.now + timedelta(seconds=1)))

    @property
    def next_at(self) -> datetime | None:
        """When its next span begins, within the days that are looked at."""
        if self.made.undone_at:
            return None
        ahead = self.made.correction.spans(self.now, self.now + LOOKED_AHEAD)
        return next((start for start, _end in ahead if start > self.now), None)

    @property
    def scope(self) -> str:
        labels = self.made.correction.labels
        return ", ".join(f"{name}={text}" for name, text in labels.items()) or str(_("all SLOs"))

    @property
    def span(self) -> str:
        one = self.made.correction
        length = span(one.ends_at - one.starts_at)
        if one.repeats == "once":
            return f"{moment(one.starts_at)}, {length}"
        days = ", ".join(str(name) for day, name in weekday_names() if day in one.weekdays)
        start = one.starts_at.astimezone(ZoneInfo(one.time_zone))
        told = [str(REPEATS[one.repeats]), days, f"{start:%H:%M} {one.time_zone}", length]
        return ", ".join(part for part in told if part)


IMPORT_ACTIONS = {
    "created": _l("new"),
    "updated": _l("changed"),
    "unchanged": _l("as before"),
    "kept": _l("kept for the export"),
    "refused": _l("refused"),
}
OVERRIDE_HOURS = (1, 4, 24, 72, 168)


def import_action(action: str) -> object:
    return IMPORT_ACTIONS[action]


def override_choices() -> Choices:
    return [(str(hours), span(timedelta(hours=hours))) for hours in OVERRIDE_HOURS]


def policy_action(action: Action) -> object:
    return ACTION_NAMES[action]


LOOKED_AHEAD = timedelta(days=62)


def weekday_names() -> list[tuple[int, str]]:
    monday = datetime(2024, 1, 1, tzinfo=UTC)
    return [(day, axis_time(monday + timedelta(days=day), "EEE")) for day in range(7)]


def correction_choices() -> dict[str, object]:
    return {"repeats": list(REPEATS.items()), "weekdays": weekday_names()}


# What templates may call.
HELPERS: tuple[Callable[..., object], ...] = (
    window_words,
    ladder_rows,
    definition_rows,
    plain_percent,
    policy_action,
    import_action,
    override_choices,
)
