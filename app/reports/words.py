"""How reviews and their figures are called and written, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from app.kpi import queries as kpi
from app.kpi.definitions import KPIS
from app.kpi.growth import PHASES
from app.reports.period import Kind, Period
from app.reports.report import Event, Figure, Section
from app.series.glossary import GLOSSARY
from app.ui import formats

KINDS: dict[Kind, LazyString] = {
    "week": _l("Weekly review"),
    "month": _l("Monthly review"),
    "quarter": _l("Quarterly review"),
    "year": _l("Annual review"),
}
SECTIONS: dict[str, LazyString] = {
    "performance": _l("Performance"),
    "kpis": _l("KPIs"),
    "cost": _l("Cost"),
    "operations": _l("Security and operations"),
    "growth": _l("Growth"),
}
NAMES: dict[str, LazyString] = {
    "events.incident": _l("Incidents"),
    "events.alert": _l("Alerts"),
    "events.deploy": _l("Deploys"),
    "events.flag": _l("Changes of flags"),
    "events.release": _l("Translation releases"),
    "events.maintenance": _l("Maintenance windows"),
    "events.incident_seconds": _l("Time in incidents"),
    "growth.users": _l("Active users at the end"),
    "growth.phase": _l("Phase of growth"),
    "growth.next": _l("Next phase, by forecast"),
}
REASONS: dict[str, LazyString] = {
    "no data": _l("nothing was recorded in this period"),
    "part": _l("some of its days have no figure"),
    "no prices": _l("no cost was recorded for these months"),
    "before": _l("not within ten years at the present course, or too little is known"),
}


def title(period: Period) -> str:
    match period.kind:
        case "week":
            return str(_("Week %(week)s", week=period.name))
        case "month":
            return formats.axis_time(period.start, "LLLL y")
        case "quarter":
            number = period.first.month // 3 + 1
            return str(_("Quarter %(number)s of %(year)s", number=number, year=period.first.year))
        case "year":
            return str(_("Year %(year)s", year=period.name))


def name(figure: Figure) -> str:
    if figure.key == "kpi":
        return str(kpi.term(KPIS[figure.member]).name) if figure.member in KPIS else figure.member
    if figure.key in NAMES:
        return str(NAMES[figure.key])
    called = str(GLOSSARY[figure.key].name)
    return f"{called}: {figure.member}" if figure.member else called


def shown(figure: Figure, value: float | None) -> str:
    """A value in the figure's unit."""
    if value is None:
        return str(formats.NO_DATA)
    if figure.key == "growth.phase":
        return next((str(phase.name) for phase in PHASES if phase.number == value), f"{value:g}")
    match figure.unit:
        case "cents":
            currency = figure.currency or "EUR"
            small = abs(value) < 100
            return formats.unit_money(value, currency) if small else formats.money(round(value), currency)
        case "ratio":
            return formats.percent(value, 2)
        case "seconds":
            return formats.seconds(value)
        case "unix_seconds":
            return formats.day(datetime.fromtimestamp(value, UTC).date())
        case _:
            return formats.number(value)


def change(figure: Figure) -> str:
    """Against the period before; "" where there is nothing to compare."""
    if figure.change is None or figure.unit == "unix_seconds" or figure.key == "growth.phase":
        return ""
    return (
        formats.points(figure.change, 2)
        if figure.unit == "ratio"
        else formats.signed_percent(figure.change, 1)
    )


def chance(figure: Figure) -> str:
    return {"more": str(_("more than noise")), "within": str(_("within what chance does"))}.get(
        figure.verdict, ""
    )


def verdict(sections: Sequence[Section]) -> str:
    """The review in a sentence."""
    figures = [figure for section in sections for figure in section.figures]
    wrong = [figure for section in sections for figure in section.wrong]
    if all(figure.value is None for figure in figures):
        return str(_("Nothing was recorded in this period."))
    if not wrong:
        return str(_("No target was missed, and nothing got worse by more than noise."))
    names = ", ".join(name(figure) for figure in wrong[:3])
    return str(
        ngettext(
            "%(num)s figure needs a look: %(names)s.",
            "%(num)s figures need a look: %(names)s.",
            len(wrong),
            names=names,
        )
    )


def due(day: date | None) -> str:
    return str(_("no date")) if day is None else formats.day(day)


def at(event: Event) -> datetime:
    return datetime.fromisoformat(event.at)
