"""What the API takes and answers of budgets, quotas, unusual days and savings. Pure: shapes alone."""

from __future__ import annotations

from typing import get_args

from app.cost.budgets.budget import PERIODS, SCOPES, State
from app.cost.line import LONGEST_NAME, MOST_CENTS
from app.cost.shapes import CENTS, CURRENCY_TOLD, DRIVER, ID, POSITIVE, REVISION
from app.i18n import LOCALES
from app.openapi.shapes import (
    Named,
    Shape,
    day,
    either,
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

NAME = words(most=LONGEST_NAME, example="Servers")
AMOUNT = whole("Of the base currency, for a period.", least=1, most=MOST_CENTS * 12, example=50_000)
TRIGGERS = many(
    whole(least=1, most=1_000, example=80), "In percent of the budget, on the cost so far.", most=10
)
OWNER = text(
    "Who is told, by mail; empty: nobody.",
    most=LONGEST_NAME,
    pattern=r"^([^\s\u0000-\u001f\u0085@]+@[^\s\u0000-\u001f\u0085]+)?$",
    example="ada@example.org",
)
LANGUAGE = one_of(*LOCALES, about="Of mails to the owner; en where it is left out.")
PERIOD = one_of(*PERIODS)

_CAUSE = thing(
    {
        "name": text(example="Two servers"),
        "cents": {**CENTS, "description": "So far in this period."},
        "before_cents": {**CENTS, "description": "Up to the same day of the period before."},
        "change_cents": CENTS,
    }
)
OUTLOOK = thing(
    {
        "from": day(),
        "until": day("The day after the last."),
        "spent_cents": CENTS,
        "expected_cents": maybe(whole("At the end of the period; null: nothing to go by.")),
        "breach": maybe(day("The first day that passes the budget, behind or ahead.")),
        "state": one_of(*get_args(State)),
        "causes": many(_CAUSE, "What grew most, first."),
    }
)
_HEAD: dict[str, Shape] = {
    "id": ID,
    "revision": REVISION,
    "name": NAME,
    "scope": one_of(*SCOPES),
    "member": text("Of the scope; empty where it is all.", example="hosting"),
    "period": PERIOD,
    "amount_cents": AMOUNT,
    "triggers": TRIGGERS,
    "on_forecast": yes_or_no("Tell also when the forecast passes the budget."),
    "owner": OWNER,
    "language": LANGUAGE,
}
BUDGET = Named("CostBudget", thing(_HEAD, about="What a part of the costs may come to in a period."))
BUDGET_AND_OUTLOOK = thing({**_HEAD, "outlook": maybe(OUTLOOK)})
BUDGETS = page_of("budgets", BUDGET_AND_OUTLOOK)


def _draft(more: dict[str, Shape]) -> Shape:
    """Of everything, or of a part that is named."""
    common = {"name": NAME, "amount_cents": AMOUNT, **more}
    rest = {"period": PERIOD, "triggers": TRIGGERS, "on_forecast": _HEAD["on_forecast"], "owner": OWNER}
    rest["language"] = LANGUAGE
    return either(
        thing(common, {"scope": one_of("all"), "member": text(most=LONGEST_NAME, example=""), **rest}),
        thing(
            {
                **common,
                "scope": one_of(*(scope for scope in SCOPES if scope != "all")),
                "member": words(most=LONGEST_NAME, example="hosting"),
            },
            rest,
        ),
    )


BUDGET_DRAFT = Named("CostBudgetDraft", _draft({}))
BUDGET_CHANGE = Named("CostBudgetChange", _draft({"revision": REVISION}))

UNUSUAL = thing(
    {
        "days": many(
            thing(
                {
                    "day": day(),
                    "cents": CENTS,
                    "usual_cents": CENTS,
                    "contributors": many(
                        thing({"name": text(example="Two servers"), "cents": CENTS}),
                        "With how much each lies above its own usual.",
                    ),
                }
            ),
            "The newest first.",
        )
    }
)
SAVINGS = thing(
    {
        "savings": many(
            thing(
                {
                    "kind": one_of("idle", "over-provisioned", "commitment"),
                    "name": text(example="Two servers"),
                    "cents": {**CENTS, "description": "A month."},
                    "currency": CURRENCY_TOLD,
                    "share": maybe(number("Of what is paid for, what is in use.", example=0.4)),
                }
            ),
            "The largest first.",
        )
    }
)
QUOTA = Named(
    "CostQuota",
    thing(
        {
            "id": ID,
            "name": NAME,
            "driver": DRIVER,
            "period": one_of("day", "month"),
            "most": number("Of the driver, in a period.", least=0, example=1_000),
            "used": maybe(number("null: nothing was measured.", least=0, example=400)),
            "share": maybe(number("used / most", least=0, example=0.4)),
        },
        about="How much of a driver may be used in a day or month.",
    ),
)
QUOTAS = page_of("quotas", QUOTA)
QUOTA_DRAFT = thing(
    {
        "name": words(most=100, example="Orders"),
        "driver": DRIVER,
        "period": one_of("day", "month"),
        "most": either(POSITIVE, number(least=0.000001, most=10**15, example=1_000)),
    }
)
SAVED_QUOTA = thing({"saved": yes_or_no(), "quota": QUOTA})
