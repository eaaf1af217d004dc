"""What the page of one KPI shows: its figures, what comes next, and who made it move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.kpi import queries, tile_queries, words
from app.kpi.definitions import Kpi
from app.kpi.measures import Period as Days
from app.kpi.selection import Selection
from app.kpi.tile import Day, Tile
from app.series.anomaly import Contribution, Judgement, contributors, judge, ratio_contributors
from app.series.forecast import Forecast, NoForecast, forecast
from app.series.glossary import Term
from app.timeline import queries as timeline
from app.timeline.entry import Entry
from app.ui.chart import Annotation, chart

KNOWN_DAYS = 420
HORIZON_DAYS = 28
SHARE = 0.8
DAY_SECONDS = 86_400
MOST_UNUSUAL = 8
SEASONS = 8


@dataclass(frozen=True)
class Unusual:
    day: date
    judged: Judgement
    parts: list[Contribution]  # the largest first; empty where nothing tells the members apart
    by: str


@dataclass(frozen=True)
class Detail:
    kpi: Kpi
    term: Term
    tile: Tile
    chart: dict[str, Any]
    forecast: Forecast | NoForecast
    unusual: list[Unusual]
    happened: list[Entry]


def detail(session: Session, kpi: Kpi, chosen: Selection, today: date) -> Detail:
    term, span = queries.term(kpi), chosen.now
    last = today - timedelta(days=1)
    first = min(span.first - timedelta(days=7 * SEASONS), last - timedelta(days=KNOWN_DAYS))
    known = tile_queries.read(session, kpi, first, last, chosen)
    chosen, days = replace(chosen, currency=known.currency), known.days
    dates = Days(first, (last - first).days + 1).dates()
    values = [days[day].value if day in days else None for day in dates]
    judged = dict(zip(dates, judge(values, counts=term.unit == "count"), strict=True))
    made = outlook(values) if span.last >= last - timedelta(days=1) else None
    unusual = _unusual(session, kpi, term, chosen, judged)
    happened = timeline.between(session, _midnight(span.first), _midnight(span.last + timedelta(days=1)))
    return Detail(
        kpi=kpi,
        term=term,
        tile=tile_queries.tiles(session, [kpi.key], chosen)[0],
        chart=_chart(session, kpi, term, chosen, days, made, unusual, happened),
        forecast=made or NoForecast("old"),
        unusual=unusual,
        happened=happened,
    )


def outlook(values: Sequence[float | None]) -> Forecast | NoForecast:
    """From the first figure on: what was before it is no gap, the shop was not there."""
    first = next((index for index, value in enumerate(values) if value is not None), len(values))
    return forecast(values[first:], HORIZON_DAYS)


def _unusual(
    session: Session,
    kpi: Kpi,
    term: Term,
    chosen: Selection,
    judged: dict[date, Judgement | None],
) -> list[Unusual]:
    """Of the days that are shown, the newest first; the newest few with who made them so."""
    found: list[Unusual] = []
    for day in reversed(chosen.now.dates()):
        one = judged.get(day)
        if one is not None and one.is_unusual and len(found) < MOST_UNUSUAL:
            by, parts = explain(session, kpi, chosen, day) if len(found) < 2 else ("", [])
            found.append(Unusual(day, one, parts, by))
    return found


def explain(session: Session, kpi: Kpi, chosen: Selection, day: date) -> tuple[str, list[Contribution]]:
    """Who explains a day beside its weekday: the dimension with the largest single part."""
    best: tuple[str, list[Contribution]] = ("", [])
    for by in tile_queries.dimensions(kpi, chosen):
        members = tile_queries.by_member(session, kpi, day - timedelta(days=7 * SEASONS), day, chosen, by)
        parts = _parts(kpi, members, day)
        if len(parts) > 1 and (not best[1] or abs(parts[0].share) > abs(best[1][0].share)):
            best = (by, parts)
    return best


def _parts(kpi: Kpi, members: dict[str, dict[date, Day]], day: date) -> list[Contribution]:
    before = [day - timedelta(days=7 * weeks) for weeks in range(1, SEASONS + 1)]
    if kpi.fold == "ratio":
        now = {name: (days[day].above, days[day].below) for name, days in members.items() if day in days}
        usual = {
            name: (
                sum(days[one].above for one in before if one in days),
                sum(days[one].below for one in before if one in days),
            )
            for name, days in members.items()
        }
        return ratio_contributors(now, usual)
    return contributors(
        {name: days[day].value for name, days in members.items() if day in days},
        {
            name: sum(days[one].value for one in before if one in days) / len(before)
            for name, days in members.items()
        },
    )


def _chart(
    session: Session,
    kpi: Kpi,
    term: Term,
    chosen: Selection,
    days: Any,
    made: Forecast | NoForecast | None,
    unusual: Sequence[Unusual],
    happened: Sequence[Entry],
) -> dict[str, Any]:
    span = chosen.now
    start, end = _midnight(span.first), _midnight(span.last)
    points = tile_queries.points(session, kpi, chosen, days)
    lines: dict[str, list[tuple[datetime, float | None]]] = {
        str(term.name): [(_midnight(day), value) for day, value in points.items()]
    }
    if isinstance(made, Forecast) and chosen.grain == "day":
        ahead = [end + timedelta(days=index) for index in range(1, HORIZON_DAYS + 1)]
        if (band := made.band(SHARE)) is not None:
            lines[_("Low")] = list(zip(ahead, band.low, strict=True))
            lines[_("High")] = list(zip(ahead, band.high, strict=True))
        lines[_("Forecast")] = list(zip(ahead, made.mid, strict=True))  # last, over the band
        end = ahead[-1]
    notes = [Annotation(one.at, one.kind, one.title, one.url, one.ends_at) for one in happened]
    notes += [Annotation(_midnight(one.day), "note", _title(one, term, chosen.currency)) for one in unusual]
    data = chart(
        lines,
        start=min((_midnight(day) for day in points), default=start),
        end=max(start, end),
        step_seconds=DAY_SECONDS,
        unit=term.unit,  # type: ignore[arg-type] # KPIs have units that charts know
        currency=chosen.currency,
        target=queries.target_on(session, kpi, span.last) if chosen.grain == "day" else None,
        annotations=sorted(notes, key=lambda note: note.at),
    )
    if chosen.grain != "day":
        data |= _by_bucket(str(term.name), points)
    return data | {"bands": [[3, 2]] if len(lines) == 4 else []}


def _by_bucket(name: str, points: Mapping[date, float | None]) -> dict[str, Any]:
    """Weeks and months stand at their first days alone: on an axis of days each would be a lone dot."""
    axis = [int(_midnight(start).timestamp()) for start in points]
    return {"x": axis, "lines": [{"name": name, "values": list(points.values())}]}


def _title(one: Unusual, term: Term, currency: str) -> str:
    numbers = (one.judged.value, one.judged.usual)
    value, usual = (words.figure(number, term.unit, currency=currency) for number in numbers)
    return str(_("Unusual day: %(value)s, usual is %(usual)s", value=value, usual=usual))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
