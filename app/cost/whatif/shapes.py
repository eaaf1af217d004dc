"""What the API takes and answers of phases and scenarios of growth. Pure: shapes alone."""

from __future__ import annotations

from app.cost.shapes import ID, PHASE, REVISION
from app.cost.whatif.growth import DRIVERS, LONGEST, MOST_COMPONENTS, MOST_USERS
from app.openapi.shapes import (
    Named,
    Shape,
    day,
    many,
    maybe,
    number,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    words,
)

CENTS = number("A month, in cents of the base currency.", example=45_000)
NAME = words(most=LONGEST, example="Ten times as many")
PER_USER = number("In a month.", least=0, most=10**9, example=60)
DRIVER = one_of(*DRIVERS)
_AMOUNT = number(least=0, most=10**12, example=2_000)
_FACTOR = number("How far off it may be, as a factor.", least=0, most=10**12, example=1.2)

PHASES = thing(
    {
        "phases": many(
            thing(
                {
                    "key": PHASE,
                    "name": text(example="1,000 to 10,000 users"),
                    "from_users": whole("Active in a month.", least=0, example=1_000),
                    "to_users": maybe(whole("null: no end.", least=1, example=10_000)),
                    "low_cents": whole("A month.", example=4_500),
                    "high_cents": whole("A month.", example=4_500),
                    "change": text("What to change before it begins.", example="Back up the database."),
                }
            )
        ),
        "users": maybe(whole("Of the last whole month; null: not counted.", least=0, example=1_200)),
        "next": maybe(
            thing(
                {
                    "phase": PHASE,
                    "growth": number("A month, as a ratio.", example=0.08),
                    "by": one_of("forecast", "mean growth"),
                    "on": maybe(day("null: not within a hundred years, or users do not grow.")),
                    "earliest": maybe(day()),
                    "latest": maybe(day()),
                },
                about="When the next phase begins; null: too little is known.",
            )
        ),
    }
)


def _component(optional: bool) -> Shape:
    name: dict[str, Shape] = {"name": words(most=LONGEST, example="Hosting")}
    rest: dict[str, Shape] = {
        "fixed_cents": _AMOUNT,
        "step_driver": DRIVER,
        "step_size": number(
            "After each so many of the driver another step is paid; 0: no steps.",
            least=0,
            most=10**12,
            example=25_000,
        ),
        "step_cents": _AMOUNT,
        "unit_driver": DRIVER,
        "unit_cents": _AMOUNT,
        "low": _FACTOR,
        "high": _FACTOR,
    }
    return thing(name, rest) if optional else thing({**name, **rest})


_USERS = number("Active in a month.", least=0, most=MOST_USERS, example=10_000)
_REVENUE = number("Cents.", least=0, most=10**9, example=3_500)
_NUMBERS: dict[str, Shape] = {"users": _USERS, "requests_per_user": PER_USER, "orders_per_user": PER_USER}
_DRAFTED: dict[str, Shape] = {
    "components": many(_component(optional=True), "Without: the plan's.", least=1, most=MOST_COMPONENTS),
    "revenue_per_order_cents": _REVENUE,
}
SCENARIO_DRAFT = Named("CostScenarioDraft", thing({"name": NAME, **_NUMBERS}, _DRAFTED))
SCENARIO_CHANGE = thing({"name": NAME, **_NUMBERS}, {**_DRAFTED, "revision": maybe(REVISION)})

OUTCOME = Named(
    "CostOutcome",
    thing(
        {
            "users": whole(least=0, example=10_000),
            "requests": number(least=0, example=600_000),
            "orders": number(least=0, example=1_000),
            "low_cents": CENTS,
            "cents": CENTS,
            "high_cents": CENTS,
            "per_user_cents": maybe(number("null: there are none.", example=4.5)),
            "per_order_cents": maybe(number("null: there are none.", example=45)),
            "revenue_cents": CENTS,
            "margin_cents": CENTS,
            "phase": PHASE,
            "components": table(thing({"low_cents": CENTS, "cents": CENTS, "high_cents": CENTS})),
        },
        about="What a month at so many users comes to.",
    ),
)
_SCENARIO: dict[str, Shape] = {
    "id": ID,
    "revision": REVISION,
    "name": NAME,
    **_NUMBERS,
    "components": many(_component(optional=False)),
    "revenue_per_order_cents": _REVENUE,
}
SCENARIO = Named("CostScenario", thing(_SCENARIO))
SCENARIO_AND_OUTCOME = thing({**_SCENARIO, "outcome": OUTCOME})
SCENARIOS = page_of("scenarios", SCENARIO_AND_OUTCOME)
