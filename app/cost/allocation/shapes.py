"""What the API takes and answers of rules and runs. Pure: shapes alone."""

from __future__ import annotations

from itertools import product

from app.cost.allocation.divide import HOWS
from app.cost.allocation.rules import LONGEST, METHODS, MOST_RULES
from app.cost.driver import DRIVERS, SERVICES
from app.cost.shapes import CENTS, DRIVER, EXACT, ID, MONTH, POSITIVE, REVISION
from app.openapi.shapes import (
    Named,
    Shape,
    anything,
    either,
    many,
    maybe,
    moment,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

PATTERN = text("* is anything; empty matches all.", most=LONGEST, example="")
NAME = words(most=LONGEST, example="Servers")
TARGET = text(
    "A service, or a feature as feature:name.",
    most=LONGEST,
    pattern=rf"^({'|'.join(SERVICES)}|feature:[^\s\u0000-\u001f\u007f-\u009f]([^\u0000]*[^\s\u0000-\u001f\u007f-\u009f])?)$",
    example="payments",
)
BY_SERVICE = one_of(
    *(key for key, driver in DRIVERS.items() if "service" in driver.by),
    about="By what it is divided: one that is measured for each service.",
)
ANY_DRIVER = one_of("", *DRIVERS, about="By what it is divided among locales and variants.")

RULE = Named(
    "CostRule",
    thing(
        {
            "name": NAME,
            "method": one_of(*METHODS),
            "key": PATTERN,
            "vendor": PATTERN,
            "component": PATTERN,
            "service": PATTERN,
            "feature": PATTERN,
            "line": PATTERN,
            "target": text("Who bears it, where one does.", example=""),
            "driver": ANY_DRIVER,
            "idle_driver": ANY_DRIVER,
            "paid_for": maybe(EXACT),
        },
        about="The first rule that matches a position says who bears it.",
    ),
)
RULES = thing(
    {"rules": many(RULE, "In their order."), "version": whole("0: nobody has saved any yet.", least=0)}
)

_PATTERNS = dict.fromkeys(("key", "vendor", "component", "service", "feature", "line"), PATTERN)
_ANYWHERE = text(most=LONGEST, example="")
_METHODS: tuple[tuple[dict[str, Shape], dict[str, Shape]], ...] = (
    ({"method": one_of("direct"), "target": TARGET}, {"driver": ANY_DRIVER}),
    ({"method": one_of("driver"), "driver": BY_SERVICE}, {"target": _ANYWHERE}),
    ({"method": one_of("even", "shared")}, {"target": _ANYWHERE, "driver": ANY_DRIVER}),
)
_IDLE: tuple[tuple[dict[str, Shape], dict[str, Shape]], ...] = (
    ({}, {"idle_driver": one_of(""), "paid_for": {"type": "null"}}),
    ({"idle_driver": DRIVER, "paid_for": {**POSITIVE, "description": "Of idle_driver, a day."}}, {}),
)
RULE_DRAFT = Named(
    "CostRuleDraft",
    either(
        *(
            thing({"name": NAME, **method, **idle}, {**_PATTERNS, **more, **rest})
            for (method, more), (idle, rest) in product(_METHODS, _IDLE)
        )
    ),
)
_DRAFTS = many(RULE_DRAFT, "In their order.", most=MOST_RULES)
RULES_DRAFT = thing(
    {"rules": _DRAFTS, "version": REVISION}, {"note": text("Why.", most=200, example="A new server")}
)
TRIAL = thing({"rules": _DRAFTS}, {"month": MONTH})
VERSIONS = page_of(
    "versions",
    thing(
        {
            "version": whole(least=1, example=3),
            "rules": many(RULE),
            "note": text(example="A new server"),
            "saved_by": text(example="ada@example.org"),
            "saved_at": moment(),
        }
    ),
)

ALLOCATION = {
    "bill_cents": CENTS,
    **{f"{how}_cents": CENTS for how in HOWS},
    "conserved": yes_or_no("The parts add up to the bill, to the cent."),
    "targets": table(
        CENTS, "Cents by who bears them; empty: nobody in particular.", example={"orders": 3_000}
    ),
    "shares": many(
        thing(
            {
                "key": text("Of the position.", example="line:12"),
                "name": text(example="Two servers"),
                "component": text(example="hosting"),
                "how": one_of(*HOWS),
                "target": text(example="orders"),
                "cents": CENTS,
                "rule": text("By which it was divided; empty: none matched.", example="Servers"),
                "why": one_of(
                    "", "unmeasured", about="unmeasured: it was to be divided, nothing was measured."
                ),
            }
        )
    ),
}
RUN_HEAD = {
    "id": ID,
    "month": MONTH,
    "rules_version": whole(least=1, example=3),
    "digest": text("Of all its inputs.", example="9f86d081"),
    "bill_cents": CENTS,
    **{f"{how}_cents": CENTS for how in HOWS},
    "made_by": text(example="ada@example.org"),
    "made_at": moment(),
}
ALLOCATED = thing(ALLOCATION)
RUN = Named("CostRun", thing(RUN_HEAD, about="A month divided by the rules of a version."))
RUNS = page_of("runs", RUN)
RUN_DRAFT = thing({}, {"month": MONTH})
RUN_MADE = thing({**RUN_HEAD, **ALLOCATION})
RUN_IN_FULL = thing(
    {
        **RUN_HEAD,
        **ALLOCATION,
        "inputs": thing(
            {
                "base": text(example="EUR"),
                "basis": one_of("effective", "billed"),
                "positions": many(table(anything()), "The bill, with exact amounts."),
                "days": whole("That were measured.", least=0, example=31),
                "totals": table(EXACT, "By driver."),
                "services": table(table(EXACT), "By driver, then service."),
            },
            about="What it was divided from, as it was then.",
        ),
        "reproduced": yes_or_no("Divided again just now, to the same cents."),
    }
)
COMPARISON = thing(
    {
        "targets": many(
            thing({"target": text(example="orders"), "before": CENTS, "after": CENTS, "change": CENTS}),
            "The largest change first; idle and shared are rows of their own.",
        ),
        "before": RUN,
        "after": RUN,
    }
)
