"""What the API takes and answers of costs. Pure: shapes alone."""

from __future__ import annotations

from typing import get_args

from app.cost.driver import DRIVERS, Source
from app.cost.line import COMPONENTS, KINDS, LONGEST_NAME
from app.cost.whatif.growth import PHASES
from app.openapi.shapes import (
    PAGING,
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
    yes_or_no,
)

CSV = ("text/csv",)
LISTED: dict[str, Shape] = {"format": one_of("json", "csv", about="csv: the list alone, as a table.")}
PAGED = {**PAGING, **LISTED}
MONTH = text("A month.", most=7, pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", example="2026-01")
OF_A_MONTH = {"month": MONTH}
DAY = day_of_ours()
ID = whole(least=1, example=12)
REVISION = whole("The one that was read: another one by now is 409.", least=0, most=2**31 - 1, example=1)
CENTS = whole("Of the base currency.", example=4_990)
CENTS_OR_NONE = maybe(CENTS)
PER = maybe(number("Cents for each; null: nobody to divide by, or the cost is not known.", example=12.5))
COUNT = maybe(whole("null: not counted.", least=0, example=1_200))
BY_PART = table(CENTS, "Cents by part, the largest first.", example={"hosting": 3_000})
COMPONENT = one_of(*COMPONENTS)
CURRENCY = text("As in ISO 4217.", least=3, most=3, pattern="^[A-Z]{3}$", example="EUR")
CURRENCY_TOLD = text("As in ISO 4217, or a virtual one of a bill.", most=20, example="EUR")
DRIVER = one_of(*DRIVERS, about="What a cost grows with; see /costs/drivers.")
PHASE = one_of(*(phase.key for phase in PHASES), about="A phase of growth; see /costs/phases.")
EXACT = text(
    "An exact amount in units of its currency.", most=80, pattern=r"^-?[0-9]+(\.[0-9]+)?$", example="49.90"
)
POSITIVE = text(
    "An exact number above 0.",
    most=24,
    pattern=r"^([1-9][0-9]{0,8}(\.[0-9]{1,9})?|0\.[0-9]{0,5}[1-9][0-9]{0,5})$",
    example="0.30",
)
NAME = words("What it is called.", most=LONGEST_NAME, example="Two servers")
PART = text(most=LONGEST_NAME, example="")

# --- lines -------------------------------------------------------------------------------------------

LINE = Named(
    "CostLine",
    thing(
        {
            "id": ID,
            "revision": REVISION,
            "name": NAME,
            "component": COMPONENT,
            "vendor": PART,
            "amount_cents": whole("Recurring: a month; amortised: the whole term; metered: 0.", least=0),
            "currency": CURRENCY_TOLD,
            "from_month": MONTH,
            "to_month": maybe(MONTH),
            "kind": one_of(*KINDS),
            "service": text("Which service of the shop bears it, if one does.", example=""),
            "feature": text("Which feature bears it, if one does.", example=""),
        },
        {
            "is_demo": yes_or_no("Made up for a demo."),
            "driver": DRIVER,
            "unit_price": maybe(EXACT),
            "unit_size": maybe(EXACT),
            "percent": maybe(EXACT),
        },
        "Something that is paid for every month, at once for a term, or by use.",
    ),
)
LINES = page_of("lines", LINE)

_ABOUT_A_LINE = {"vendor": PART, "service": PART, "feature": PART}
_AMOUNT = text(
    "In units of the currency, with at most two decimals, up to ten million.",
    most=11,
    pattern=r"^([1-9][0-9]{0,6}(\.[0-9]{1,2})?|10000000|0\.([1-9][0-9]?|0[1-9]))$",
    example="49.90",
)
_PERCENT = text(
    "Of each order's total.",
    most=9,
    pattern=r"^(100|[1-9][0-9]?(\.[0-9]{1,6})?|0\.[0-9]{0,2}[1-9][0-9]{0,3})$",
    example="2.9",
)


def _line_draft(more: dict[str, Shape]) -> Shape:
    """Paid every month, at once for a term, or by use: at a price, or for a share of each order."""
    common = {"name": NAME, "component": COMPONENT, "currency": CURRENCY, "from_month": MONTH, **more}
    open_end = {**_ABOUT_A_LINE, "to_month": maybe(MONTH)}
    metered = {**common, "kind": one_of("metered")}
    return either(
        thing({**common, "amount": _AMOUNT}, {**open_end, "kind": one_of("recurring")}),
        thing(
            {**common, "kind": one_of("amortised"), "amount": _AMOUNT, "to_month": MONTH}, {**_ABOUT_A_LINE}
        ),
        thing(
            {**metered, "driver": DRIVER, "unit_price": POSITIVE},
            {**open_end, "unit_size": POSITIVE},
        ),
        thing(
            {**metered, "driver": one_of("orders"), "percent": _PERCENT},
            {**open_end, "unit_price": maybe(POSITIVE), "unit_size": POSITIVE},
        ),
    )


LINE_DRAFT = Named("CostLineDraft", _line_draft({}))
LINE_CHANGE = Named("CostLineChange", _line_draft({"revision": REVISION}))

# --- months, days, units -----------------------------------------------------------------------------

POSITION = thing(
    {
        "key": text("line:12, or bill:AWS/Amazon SQS.", example="line:12"),
        "name": text(example="Two servers"),
        "vendor": text(example=""),
        "component": text(example="hosting"),
        "service": text(example=""),
        "feature": text(example=""),
        "currency": CURRENCY_TOLD,
        "cents": CENTS,
    }
)
COST_MONTH = Named(
    "CostMonth",
    thing(
        {
            "month": MONTH,
            "whole": yes_or_no("false: it goes on, or the shop's facts cover it in part."),
            "total_cents": maybe(whole("null: nothing is known of its cost, or not all of it.")),
            "active_users": COUNT,
            "orders": COUNT,
            "requests": maybe(number("null: not measured.", least=0)),
            "per_active_user_cents": PER,
            "per_order_cents": PER,
            "per_thousand_requests_cents": PER,
            "no_rate_for": many(CURRENCY_TOLD, "Currencies without a rate: the total is not known."),
            "revenue_cents": CENTS_OR_NONE,
            "margin_cents": CENTS_OR_NONE,
            "phase": maybe(PHASE),
            "components": BY_PART,
            "services": BY_PART,
            "features": BY_PART,
            "positions": many(POSITION, "The dearest first; they add up to the total."),
        },
        about="What a month came to, and for each user and order.",
    ),
)
MONTHS = thing({"currency": CURRENCY_TOLD, "months": many(COST_MONTH, "The current one last.")})

UNIT = thing(
    {
        "member": text("Of a flag: a variant; empty: who never met it.", example="de"),
        "cents": CENTS,
        "users": COUNT,
        "orders": COUNT,
        "per_user_cents": PER,
        "per_order_cents": PER,
        "per_thousand_actions_cents": PER,
    }
)
MOVED = thing(
    {
        "before": CENTS,
        "after": CENTS,
        "price": whole("A user of the same group costs more or less.", example=120),
        "volume": whole("More or fewer users.", example=340),
        "mix": whole("Other groups than before.", example=-15),
    },
    about="In cents; price + volume + mix = after - before, exactly.",
)
UNITS_BY = text(
    "locale, or flag:name.", most=220, pattern=r"^(locale|flag:[^\u0000]{1,200})$", example="locale"
)
UNITS = thing(
    {
        "units": many(UNIT),
        "month": MONTH,
        "by": UNITS_BY,
        "dimensions": many(UNITS_BY, "What it can be told apart by in this month."),
        "moved": maybe(MOVED),
    }
)
DAYS = thing(
    {
        "days": many(
            thing(
                {"day": DAY, "cents": maybe(whole("null: a rate is missing.")), "components": BY_PART},
            )
        ),
        "month": MONTH,
        "no_rate_for": many(CURRENCY_TOLD),
    }
)
HEAVIEST = thing(
    {
        "users": many(
            thing(
                {
                    "user": text("As the shop calls her.", example="4711"),
                    "actions": whole(least=0, example=900),
                    "cents": maybe(whole("The same share of the bill as of all actions.")),
                }
            )
        ),
        "month": MONTH,
        "features": BY_PART,
    }
)
DRIVERS_NOW = thing(
    {
        "drivers": many(
            thing(
                {
                    "key": DRIVER,
                    "name": text(example="Orders paid"),
                    "unit": text(example="orders"),
                    "source": one_of(*get_args(Source)),
                    "by": many(one_of("service", "locale", "flag"), "What its parts can be told apart by."),
                    "value": maybe(number("Of its newest day; null: no data.", least=0)),
                    "day": maybe(day()),
                    "measured_at": maybe(moment()),
                }
            )
        )
    }
)
