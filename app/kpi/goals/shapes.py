"""What the API takes and answers of targets by date and of growth. Pure: shapes alone."""

from __future__ import annotations

from collections import defaultdict
from typing import get_args

from app.kpi.api_shapes import KPI_KEY
from app.kpi.goals.goal import LONGEST_OWNER, ROOMS, Course
from app.kpi.targets import HIGHEST
from app.openapi.shapes import (
    Named,
    Shape,
    day,
    day_of_ours,
    either,
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
)
from app.series.glossary import GLOSSARY

TABLE = one_of(*ROOMS)
OWNER = words("Who answers for it.", most=LONGEST_OWNER, example="Ada")
TARGET = number("In the unit of the series.", least=0, most=int(HIGHEST), example=500)
LABEL = text("Which member.", least=1, most=200, pattern=r"^[^|\u0000]+$", example="checkout")

GOAL = Named(
    "KpiGoal",
    thing(
        {
            "id": whole(least=1, example=3),
            "table": TABLE,
            "series": text("A key of the glossary.", example="kpi.orders"),
            "labels": table(text(), "Which member of the series.", example={"slo": "checkout"}),
            "now": maybe(number("The mean of the last week; null: no data.", example=412)),
            "target": TARGET,
            "due_on": day(),
            "owner": OWNER,
            "course": one_of(*get_args(Course)),
            "reached_at": maybe(moment("When it was seen first that the figure came to it; null: not yet.")),
            "missed_at": maybe(moment("When its day was over without; null: not so.")),
        },
        about="What a figure is to come to by a day.",
    ),
)
GOALS = page_of("targets", GOAL)


def _draft() -> Shape:
    """Each series with the labels that tell its members apart."""
    series: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, term in GLOSSARY.items():
        series[term.labels].append(key)
    common: dict[str, Shape] = {
        "table": TABLE,
        "target": TARGET,
        "due_on": day_of_ours("A day that is still to come."),
        "owner": OWNER,
    }
    return either(*(_of(common, keys, labels) for labels, keys in series.items()))


def _of(common: dict[str, Shape], keys: list[str], labels: tuple[str, ...]) -> Shape:
    named = thing(dict.fromkeys(labels, LABEL))
    which: dict[str, Shape] = {"series": one_of(*keys)}
    return (
        thing({**which, **common, "labels": named})
        if labels
        else thing({**which, **common}, {"labels": named})
    )


GOAL_DRAFT = Named("KpiGoalDraft", _draft())

_PHASE = {
    "number": whole(least=1, most=5, example=2),
    "name": text(example="1 K to 10 K users"),
    "from_users": whole("Active in 30 days.", least=0, example=1_000),
    "to_users": maybe(whole("null: no end.", least=1, example=10_000)),
}
GROWTH = thing(
    {
        "key": KPI_KEY,
        "users": maybe(number("Active users; null: not known yet.", example=1_400)),
        "day": maybe(day("Of the newest figure.")),
        "phase": maybe(whole("Where we are.", least=1, most=5, example=2)),
        "phases": many(
            thing(
                {
                    **_PHASE,
                    "begins": maybe(
                        thing(
                            {
                                "growth": number("Of 28 days, relative.", example=0.1),
                                "day": maybe(day("null: not within ten years.")),
                                "earliest": maybe(day()),
                                "latest": maybe(day()),
                            },
                            about="Of those ahead; null: it has begun, or too little is known.",
                        )
                    ),
                }
            )
        ),
    }
)
