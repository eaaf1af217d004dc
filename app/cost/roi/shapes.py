"""What the API takes and answers of promises. Pure: shapes alone."""

from __future__ import annotations

from app.cost.roi.promise import LONGEST, LONGEST_EVIDENCE, MOST_CENTS, MOST_PARTS, VERDICTS
from app.cost.shapes import CENTS, ID, MONTH, REVISION
from app.openapi.shapes import (
    Named,
    Shape,
    many,
    maybe,
    number,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

NAME = words(most=LONGEST, example="Control plane instead of five tools")
OWNER = text("Who answers for it.", most=LONGEST, example="Ada")


def _parts(about: str, example: dict[str, int]) -> Shape:
    return {
        "type": "object",
        "description": about,
        "propertyNames": words(most=LONGEST),
        "additionalProperties": whole(least=0, most=MOST_CENTS),
        "minProperties": 1,
        "maxProperties": MOST_PARTS,
        "examples": [example],
    }


INVESTMENTS = _parts("Cents by name, paid once.", {"Build": 28_000_000, "Training": 3_000_000})
SAVINGS = _parts("Cents by name, in the first year.", {"Tools": 10_000_000})

RETURN = thing(
    {
        "investment_cents": CENTS,
        "savings_cents": whole("Of a year."),
        "net_cents": CENTS,
        "roi": maybe(number("Net / investment; null: nothing was invested.", example=0.25)),
        "payback_months": maybe(number("null: nothing is saved.", example=9.6)),
    }
)
PROMISED: dict[str, Shape] = {
    "name": NAME,
    "owner": OWNER,
    "from_month": MONTH,
    "investments": INVESTMENTS,
    "savings": SAVINGS,
}
PROMISE = Named(
    "CostPromise",
    thing(
        {
            "id": ID,
            "revision": REVISION,
            **PROMISED,
            "verdict": maybe(one_of(*VERDICTS, about="Of the review that closed it.")),
            "promised": RETURN,
            "measured": maybe(RETURN),
            "saved_cents": CENTS,
            "due_cents": whole("What should have been saved by now."),
            "kept": maybe(yes_or_no("null: nothing was measured yet.")),
            "savings_measured": many(
                thing(
                    {
                        "month": MONTH,
                        "name": text(example="Tools"),
                        "cents": CENTS,
                        "evidence": text(example="Invoices of May"),
                    }
                )
            ),
        },
        about="What an investment was to save, and what it did.",
    ),
)
PROMISES = page_of(
    "promises",
    PROMISE,
    {"example": thing({**PROMISED, "promised": RETURN}, about="By which the arithmetic can be checked.")},
)
_DRAFT: dict[str, Shape] = {
    "name": NAME,
    "from_month": MONTH,
    "investments": INVESTMENTS,
    "savings": SAVINGS,
}
PROMISE_DRAFT = thing(_DRAFT, {"owner": OWNER})
PROMISE_CHANGE = thing({**_DRAFT, "revision": REVISION}, {"owner": OWNER})
SAVING_DRAFT = thing(
    {
        "month": MONTH,
        "name": words("One of the promised savings.", most=LONGEST, example="Tools"),
        "cents": whole("Negative: it cost more.", least=-MOST_CENTS, most=MOST_CENTS, example=800_000),
        "evidence": words("How it is known.", most=LONGEST_EVIDENCE, example="Invoices of May"),
    }
)
REVIEW = thing({"verdict": one_of(*VERDICTS)})
