"""A dashboard of one's own: its name, tiles in their order, and filters. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.kpi.selection import DIMENSIONS

LONGEST_NAME = 60
MOST_TILES = 40
# What of an address belongs to a board; days of one's own do not, for tomorrow they are old.
KEPT = ("period", "compare", "grain", "zone", *DIMENSIONS)
LONGEST_FILTER = 80


@dataclass(frozen=True)
class Wanted:
    name: str
    tiles: tuple[str, ...]  # keys of KPIS, in their order
    filters: Mapping[str, str]
    is_shared: bool  # everybody sees it; its owner alone changes it


def read_board(
    name: str, tiles: Sequence[str], filters: Mapping[str, str], is_shared: bool, known: Collection[str]
) -> Wanted:
    """Raises `Refused` with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=LONGEST_NAME)
    chosen = tuple(dict.fromkeys(tiles))
    if not chosen:
        wrong["tiles"] = _l("Choose at least one KPI.")
    elif unknown := [key for key in chosen if key not in known]:
        wrong["tiles"] = _l("There is no KPI %(key)s.", key=unknown[0][:40])
    elif len(chosen) > MOST_TILES:
        wrong["tiles"] = _l("Choose at most %(most)s KPIs.", most=MOST_TILES)
    if wrong:
        raise Refused(_l("The dashboard was not saved."), wrong)
    kept = {key: value[:LONGEST_FILTER] for key, value in filters.items() if key in KEPT and value}
    return Wanted(name, chosen, kept, is_shared)


def in_order(tiles: Sequence[str], places: Mapping[str, str]) -> list[str]:
    """Tiles by the numbers typed beside them; one without a number comes where it stood."""
    return sorted(tiles, key=lambda key: _place(places.get(key, ""), tiles.index(key)))


def _place(typed: str, otherwise: int) -> tuple[float, int]:
    return (float(typed), otherwise) if typed.strip().isdecimal() else (otherwise + 1.0, otherwise)
