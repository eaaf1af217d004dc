"""What the API takes and answers of KPIs. Pure: shapes alone."""

from __future__ import annotations

from app.kpi.definitions import DIMENSIONS, GRAINS, KPIS
from app.kpi.measures import PERIODS
from app.kpi.selection import COMPARISONS, LONGEST_MEMBER
from app.openapi.shapes import (
    Named,
    Shape,
    day,
    day_of_ours,
    many,
    maybe,
    moment,
    number,
    one_of,
    text,
    thing,
    whole,
    yes_or_no,
)

KPI_KEY = one_of(*KPIS, about="Of a KPI; see /kpi.")
KEY = text("Of a KPI.", least=1, most=40, pattern=r"^[a-z0-9_-]+$", example="orders")
ZONE = text(
    "Of the IANA database; without: the shop's own.",
    least=2,
    most=40,
    pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$",
    example="Europe/London",
)
GRAIN = one_of(*GRAINS, about="A week begins on Monday.")
MEMBER = text("A member of the dimension: all else is left out.", least=1, most=LONGEST_MEMBER, example="DE")
WHERE: dict[str, Shape] = dict.fromkeys(DIMENSIONS, MEMBER)
SOURCE: dict[str, Shape] = {"source": one_of("shop", "import", about="Whose facts; without: both.")}
MONEY: dict[str, Shape] = {
    "currency": text(
        "Of money; without: the only one, or the shop's.", most=3, pattern="^[A-Z]{3}$", example="EUR"
    )
}
SPAN: dict[str, Shape] = {
    "from": day_of_ours("The first day; without: 30 days before the last."),
    "to": day_of_ours("The last day, inclusive; without: today."),
    "zone": ZONE,
}
READING = {**SPAN, "grain": GRAIN, "by": one_of(*DIMENSIONS), **WHERE, **SOURCE, **MONEY}
BREAKDOWN = {**SPAN, "by": one_of(*DIMENSIONS, about="Without: locale."), **WHERE, **SOURCE, **MONEY}
FUNNEL = {**SPAN, "by": one_of(*DIMENSIONS), **WHERE, **SOURCE}
COHORTS = {**SPAN, **SOURCE, **MONEY}
ADOPTION = {**SPAN, "grain": GRAIN, "feature": text("One alone.", least=1, most=200, example="search")}
# As in the address of the dashboard's page.
CHOSEN: dict[str, Shape] = {
    "period": one_of(*PERIODS, about="The last whole days; without: 7d."),
    "from": day_of_ours("With `to`, instead of a period."),
    "to": day_of_ours(),
    "compare": one_of(*COMPARISONS, about="With what it is compared; without: weekdays."),
    "against": day_of_ours("With compare=custom: the first day of what it is compared with."),
    "grain": GRAIN,
    "zone": ZONE,
    **WHERE,
}

UNIT = text("As in the glossary.", example="count")
CURRENCY = maybe(text("Of money; null: it is none, or nothing was sold.", most=3, example="EUR"))
OTHERS = many(text(example="USD"), "What was sold in these is not among the figures.")
FROM_TO: dict[str, Shape] = {"from": day("The first day."), "to": day("The last day, inclusive.")}
VALUE = maybe(number("In the unit of the KPI; null: no data.", example=412))

KPI = {
    "key": KPI_KEY,
    "series": text("Its points; see /series.", example="kpi.orders"),
    "name": text(example="Orders"),
    "unit": UNIT,
    "formula": text("In words.", example="Orders that were paid"),
    "inputs": text("Where its figures come from."),
    "caveat": text("What to mind."),
    "query": text("What is asked of the facts, SQL or PromQL."),
    "job": text("Which job computes it.", example="kpi.daily"),
    "by": many(one_of(*DIMENSIONS), "What it can be told apart by."),
}
KPIS_ALL = thing({"kpis": many(Named("Kpi", thing(KPI, about="What a KPI is.")))})

BUCKET = Named(
    "KpiBucket",
    thing(
        {
            "start": day("Of the day, week or month; of a total: of all of it."),
            "value": VALUE,
            "numerator": maybe(number("Of a ratio what is divided, else the value.", example=412)),
            "denominator": maybe(number("null: nothing is divided.", example=9_300)),
            "partial": yes_or_no("The facts of it are not all in."),
        }
    ),
)
_GROUP = {
    "member": text("Of the group; unknown: nobody said.", example="de"),
    "total": BUCKET,
    "values": many(BUCKET),
}
READ = thing(
    {
        **KPI,
        "zone": text(example="Europe/Berlin"),
        "grain": GRAIN,
        "group": maybe(one_of(*DIMENSIONS)),
        "currency": CURRENCY,
        "other_currencies": OTHERS,
        "computed_at": maybe(moment("null: it is being computed for the first time.")),
        "computing": yes_or_no("Some of these days wait for a run of kpi.daily."),
        **FROM_TO,
    },
    {
        "total": BUCKET,
        "values": many(BUCKET, "One for each day, week or month; without `by`."),
        "members": many(thing(_GROUP), "The largest first; with `by`."),
        "days": many(
            thing(
                {
                    "day": day(),
                    "value": VALUE,
                    "target": maybe(number("null: none was set for that day.", example=400)),
                    "partial": yes_or_no("It was not over when it was computed."),
                    "demo": yes_or_no("Made-up facts are among those of the day."),
                }
            ),
            "With targets; for days of the shop's own zone, without `by`.",
        ),
    },
)
BROKEN_DOWN = thing(
    {
        "key": KPI_KEY,
        "by": one_of(*DIMENSIONS),
        "members": many(
            thing(
                {
                    "member": text(example="de"),
                    "share": maybe(number("Of the sum of all; null: ratios have none.", example=0.4)),
                    **BUCKET["properties"],
                }
            )
        ),
        **FROM_TO,
    }
)
_STEP = thing(
    {
        "name": one_of("sessions", "funnel_cart", "funnel_checkout", "funnel_completed"),
        "count": maybe(number("null: no data.", example=900)),
        "of_former": maybe(number("Share of the step before.", example=0.4)),
        "of_first": maybe(number("Share of the first step.", example=0.1)),
    }
)
FUNNEL_READ = thing(
    {
        "zone": text(example="Europe/Berlin"),
        "partial": yes_or_no("The facts of these days are not all in."),
        "computing": yes_or_no("Some of these days wait for a run of kpi.daily."),
        **FROM_TO,
        "members": many(thing({"member": text(example=""), "steps": many(_STEP)})),
    }
)
_COHORTS_HEAD = {
    "zone": text(example="Europe/Berlin"),
    "currency": CURRENCY,
    "other_currencies": OTHERS,
    "computing": yes_or_no("Some of these months wait for a run of kpi.daily."),
    **FROM_TO,
}
_COHORT = {
    "month": text("Of the first order.", most=7, example="2026-01"),
    "size": whole("Customers.", least=0, example=120),
}
COHORTS_READ = thing(
    {
        **_COHORTS_HEAD,
        "computed_at": maybe(moment()),
        "cohorts": many(
            thing(
                {
                    **_COHORT,
                    "months": many(
                        thing(
                            {
                                "offset": whole("0: the month of the first order.", least=0, example=1),
                                "active": whole("Customers with an order in it.", least=0, example=30),
                                "retention": number("Of the cohort's size.", least=0, example=0.25),
                                "net_cents": number("Net revenue of the month.", example=90_000),
                                "ltv_cents": number("Mean cumulative per customer.", example=3_500),
                                "partial": yes_or_no("The month is not over, or its facts end in it."),
                            }
                        )
                    ),
                }
            ),
            "The oldest first.",
        ),
    }
)
LTV_READ = thing(
    {
        **_COHORTS_HEAD,
        "cohorts": many(
            thing(
                {
                    **_COHORT,
                    "ltv_cents": many(
                        number("Mean cumulative per customer.", example=3_500), "By month since."
                    ),
                    "partial": many(yes_or_no(), "By month since: it is not over, or its facts end in it."),
                }
            )
        ),
    }
)
ADOPTION_READ = thing(
    {
        "zone": text(example="Europe/Berlin"),
        "grain": GRAIN,
        **FROM_TO,
        "features": many(
            thing(
                {
                    "feature": text("A kind of event, or flag:variant.", example="search"),
                    "first_uses": whole("Browsers that first used it in these days.", least=0, example=60),
                    "median_seconds_to_first_use": maybe(number("null: nobody.", least=0, example=340)),
                    "total": BUCKET,
                    "values": many(BUCKET, "People who used it of those who were active."),
                }
            ),
            "The most used first.",
        ),
    }
)

TARGET = thing(
    {
        "target": maybe(
            number("In the unit of the KPI; a share is at most 1.", least=0.000001, most=10**9, example=400)
        )
    },
    about="What is aimed at from today on; null: nothing any more.",
)
TARGET_SET = thing({"key": KPI_KEY, **TARGET["properties"]})

EVENT = {
    "type": "object",
    "description": "A usage event. What it says besides is left aside.",
    "properties": {
        "event_id": text("Each id counts once; without one the content is its id.", example="order-1-view"),
        "at": text("When, ISO 8601; without a zone it is UTC.", example="2026-01-31T09:00:00Z"),
        "kind": text(
            "A word of small letters.", most=60, pattern=r"^[a-z0-9][a-z0-9_.:-]*$", example="cart_add"
        ),
        "visitor_id": text("Of the browser; this or user_id is needed.", most=200, example="v-17"),
        "user_id": maybe(text("Of whoever is signed in.", most=200, example="4711")),
        "session_id": text(most=200, example="s-1"),
        "path": text(most=2_000, example="/de/cart"),
        "locale": text(most=20, example="de"),
        "country": text(most=60, example="DE"),
        "device": text(most=20, example="mobile"),
        "flags": {
            "type": "object",
            "description": "Flag to variant, at most 20.",
            "examples": [{"new-checkout": "on"}],
        },
    },
    "required": ["at", "kind"],
}
EVENTS = {
    "type": "object",
    "properties": {
        "events": {
            "type": "array",
            "description": "Those that cannot be understood are refused one by one.",
            "items": {"anyOf": [EVENT, {}]},
            "maxItems": 1_000,
        }
    },
    "required": ["events"],
}
EVENTS_TAKEN = thing(
    {
        "accepted": whole("New ones.", least=0, example=1),
        "duplicates": whole("Whose id was known.", least=0, example=0),
        "refused_count": whole(least=0, example=0),
        "refused": many(
            thing(
                {
                    "index": whole("Its place in the list, from 0.", least=0, example=3),
                    "reason": text(example="It says neither visitor_id nor user_id."),
                }
            ),
            "The first hundred.",
            most=100,
        ),
    }
)
