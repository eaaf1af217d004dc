"""What tiles and charts of KPIs say, in whole sentences."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from app.kpi.selection import Selection
from app.kpi.tile import Tile
from app.series.noise import Change
from app.ui import formats

WHY_UNKNOWN: dict[str, LazyString] = {
    "history": _l("The days before are too few to tell a change from noise."),
    "days": _l("Too many days have no figure to tell a change from noise."),
    "few": _l("Too little happened to tell a change from noise."),
    "same": _l("This figure never moved, so nothing can be told of chance."),
    "weekdays": _l("Other weekdays are compared here, so the change may be theirs."),
    "no data": _l("There is nothing to compare with."),
    "windows": _l("The two windows share most of their days, so nothing can be told of chance."),
    "filter": _l("This KPI cannot be split by what is chosen."),
}
WHY_NO_FORECAST: dict[str, LazyString] = {
    "short": _l("No forecast: it takes seven weeks of days to make one."),
    "gaps": _l("No forecast: more than half of the days have no figure."),
    "old": _l("No forecast: the newest figure is older than two weeks."),
    "zeros": _l("No forecast: the figure was never anything but zero."),
    "constant": _l("No forecast: the figure never moved."),
    "grain": _l("Forecasts are made of days. Choose “By day” to see one."),
}
METHODS: dict[str, LazyString] = {
    "seasonal_naive": _l("what was known last for the same weekday"),
    "holt_winters": _l("damped Holt-Winters"),
}
ROOMS: dict[str, LazyString] = {
    "sales": _l("Sales"),
    "customers": _l("Customers"),
    "visits": _l("Visits"),
    "people": _l("People"),
    "speed": _l("Speed"),
}


def figure(value: float | None, unit: str, *, whole: bool = False, currency: str = "EUR") -> str:
    """A KPI's figure in its unit. `whole`: for tiles, without cents."""
    match unit:
        case "cents":
            return formats.money(None if value is None else round(value), currency, whole=whole)
        case "ratio":
            return formats.percent(value, 2)
        case "seconds":
            return formats.seconds(value)
        case _:
            return formats.number(value)


def change(tile: Tile, chosen: Selection) -> str:
    """How it differs from what it is compared with."""
    if tile.change is None:
        if tile.value.value is not None and not tile.value.is_whole:
            return str(_("%(known)s of %(days)s days", known=tile.value.known, days=tile.value.days))
        return str(_("nothing to compare with"))
    moved = (
        formats.points(tile.change, 2)
        if tile.term.unit == "ratio"
        else formats.signed_percent(tile.change, 1)
    )
    return against(moved, chosen)


def against(moved: str, chosen: Selection) -> str:
    days = chosen.now.days
    match chosen.compare:
        case "year":
            return str(_("%(change)s on the same weekdays of last year", change=moved))
        case "custom":
            first = formats.day(chosen.before.first)
            return str(_("%(change)s on the days from %(first)s on", change=moved, first=first))
        case _ if days == 1 and chosen.compare == "weekdays":
            return str(_("%(change)s on the same weekday", change=moved))
        case _:
            return str(
                ngettext(
                    "%(change)s on the day before",
                    "%(change)s on the %(num)s days before",
                    days,
                    change=moved,
                )
            )


def chance(tile: Tile) -> str:
    """The sentence about noise."""
    if tile.verdict == "more":
        return str(_("More than noise."))
    if tile.verdict == "within":
        return str(_("Within what chance does."))
    return str(WHY_UNKNOWN[tile.why])


def interval(tile: Tile) -> str:
    """What the change may be, for whoever hovers over the sentence."""
    if not isinstance(tile.noise, Change):
        return ""
    edges = (tile.noise.low, tile.noise.high)
    low, high = (figure(edge, tile.term.unit, currency=tile.currency) for edge in edges)
    return str(_("With 95 %% certainty the change lies between %(low)s and %(high)s.", low=low, high=high))
