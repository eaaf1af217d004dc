"""What the dashboard's page, its fragment, its export and its API show of one address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app import clock
from app.kpi import calendar, tile_queries
from app.kpi.boards import queries as boards
from app.kpi.boards.models import KpiBoard
from app.kpi.definitions import KPIS
from app.kpi.selection import COMPARISONS, DIMENSIONS, GRAINS, Selection, read_selection
from app.kpi.tile import Tile, worst_first
from app.sources import sources

# Any other can be typed.
OFFERED_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)


@dataclass(frozen=True)
class Choices:
    """What the filter form offers."""

    comparisons: Mapping[str, object]
    grains: Mapping[str, object]
    dimensions: Mapping[str, object]
    zones: Sequence[str]
    members: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Shown:
    board: KpiBoard | None
    chosen: Selection
    tiles: list[Tile]

    @property
    def verdict(self) -> str:
        """The dashboard in a sentence."""
        worse = [str(one.term.name) for one in self.tiles if one.is_worse]
        more = sum(one.verdict == "more" for one in self.tiles)
        judged = sum(one.verdict != "unknown" for one in self.tiles)
        if worse:
            names = ", ".join(worse)
            return str(
                ngettext(
                    "Worse than chance explains: %(names)s.",
                    "Worse than chance explains: %(names)s.",
                    len(worse),
                    names=names,
                )
            )
        if not judged:
            return str(_("Too little is known to tell a change from noise."))
        if more:
            return str(
                ngettext(
                    "%(num)s figure moved by more than noise, none for the worse.",
                    "%(num)s figures moved by more than noise, none for the worse.",
                    more,
                )
            )
        return str(_("Nothing moved by more than chance does."))


def dashboard(session: Session, args: Mapping[str, str], board_id: int | None, who: str) -> Shown:
    """A board keeps the order that was chosen; without one, what is wrong comes first."""
    board = boards.one(session, board_id, who) if board_id is not None else None
    chosen = selection(dict(board.filters) | dict(args) if board else args)
    found = tile_queries.tiles(session, board.tiles if board else KPIS, chosen)
    return Shown(board, chosen, found if board else worst_first(found))


def selection(args: Mapping[str, str]) -> Selection:
    config = sources().config
    return read_selection(args, today(), config.kpi_time_zone, config.kpi_currency)


def own_zone() -> str:
    """The zone whose days are the days of KPIs."""
    return sources().config.kpi_time_zone


def today() -> date:
    """Of the shop's own zone."""
    return calendar.day_of(clock.now(), own_zone())


def choices(session: Session) -> Choices:
    places = dict.fromkeys((own_zone(), *OFFERED_ZONES))
    return Choices(
        COMPARISONS, GRAINS, DIMENSIONS, list(places), tile_queries.members(session, own_zone(), today())
    )
