"""What the API takes and answers of dashboards. Pure: shapes alone."""

from __future__ import annotations

from typing import get_args

from app.kpi.api_shapes import CHOSEN, FROM_TO, KPI_KEY, UNIT, VALUE
from app.kpi.boards.board import KEPT, LONGEST_NAME, MOST_TILES
from app.kpi.selection import COMPARISONS, DIMENSIONS
from app.kpi.tile import Verdict, Why
from app.openapi.shapes import (
    Named,
    Shape,
    many,
    maybe,
    moment,
    number,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

NAME = words(most=LONGEST_NAME, example="Germany")
REVISION = whole("The one that was read: another one by now is 409.", least=1, example=1)
FILTERS = thing({}, {name: CHOSEN[name] for name in KEPT}, "As in the address of the dashboard.")
TILES_CHOSEN = many(KPI_KEY, "In their order.", least=1, most=MOST_TILES)

_BOARD: dict[str, Shape] = {
    "name": NAME,
    "tiles": TILES_CHOSEN,
    "filters": table(text(), "As in the address of the dashboard.", example={"country": "DE"}),
    "is_shared": yes_or_no("Everybody sees it; its owner alone changes it."),
}
BOARD = Named(
    "KpiBoard",
    thing(
        {
            "id": whole(least=1, example=4),
            **_BOARD,
            "owner": text(example="ada@example.org"),
            "revision": REVISION,
            "changed_at": moment(),
        },
        about="A dashboard of one's own, or one that is shared.",
    ),
)
BOARDS = page_of("boards", BOARD)
DRAFT = thing({"name": NAME, "tiles": TILES_CHOSEN}, {"filters": FILTERS, "is_shared": _BOARD["is_shared"]})
CHANGE = thing(
    {"name": NAME, "tiles": TILES_CHOSEN, "revision": REVISION},
    {"filters": FILTERS, "is_shared": _BOARD["is_shared"]},
)

QUERY: dict[str, Shape] = {**CHOSEN, "board": whole("A saved one.", least=1, example=4)}
TILES = thing(
    {
        **FROM_TO,
        "compared": thing(FROM_TO),
        "compare": one_of(*COMPARISONS),
        "zone": text(example="Europe/Berlin"),
        "where": thing({}, dict.fromkeys(DIMENSIONS, text(example="DE"))),
        "tiles": many(
            thing(
                {
                    "kpi": KPI_KEY,
                    "name": text(example="Orders"),
                    "unit": UNIT,
                    "value": VALUE,
                    "known_days": whole("That have a figure.", least=0, example=7),
                    "days": whole("That were asked for.", least=1, example=7),
                    "before": VALUE,
                    "change": maybe(number("Relative; of a ratio the difference.", example=0.04)),
                    "target": maybe(number("Of the whole period.", example=2_800)),
                    "is_reached": maybe(yes_or_no("null: no target, or too few days.")),
                    "trend": many(VALUE, "Its days and those before, oldest first."),
                    "noise": thing(
                        {
                            "verdict": one_of(
                                *get_args(Verdict), about="Corrected over all tiles of the answer."
                            ),
                            "why": maybe(one_of(*get_args(Why), about="Why it is unknown.")),
                            "words": text(example="No more than chance does."),
                            "p": maybe(number(least=0, most=1, example=0.4)),
                            "low": maybe(number("95 % interval of the difference.", example=-20)),
                            "high": maybe(number(example=60)),
                        }
                    ),
                }
            )
        ),
    }
)
