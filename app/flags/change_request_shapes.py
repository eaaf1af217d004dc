"""What the API takes and answers of change requests and planned changes. Pure."""

from __future__ import annotations

from typing import Any, get_args

from app.flags import targeting_shapes as targeting
from app.flags.change_request import LONGEST_TEXT, MOST_CHANGES, MOST_LETTERS, NAMES, Kind, Problem, Verdict
from app.flags.flag_shapes import REVISION
from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    either,
    many,
    maybe,
    moment,
    moment_of_ours,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

_STATES = "|".join(NAMES)
_STATE = one_of(*NAMES)
_FLAG = text(least=1, most=200, example="new-checkout")
_ENVIRONMENT = text(least=1, most=200, example="production")
_TITLE = words("What it is for.", most=MOST_LETTERS, example="A quarter of shoppers")
_HOUR = moment_of_ours("In the future, within a year.")
_PERCENT = whole("Of shoppers, and on.", least=0, most=100, example=25)


def _one_change(required: dict[str, Shape], optional: dict[str, Shape], example: Any) -> Shape:
    """One of percent, enabled and strategies, which may come with variants."""
    more = {"revision": REVISION, **optional}
    ways = (
        thing({**required, "percent": _PERCENT}, more),
        thing({**required, "enabled": yes_or_no()}, more),
        thing(
            {**required, "strategies": targeting.STRATEGIES_OF_ONE},
            {**more, "variants": targeting.VARIANTS_OF_ONE},
        ),
    )
    return {**either(*ways), "examples": [example]}


CHANGE = _one_change({"flag": _FLAG}, {}, {"flag": "new-checkout", "percent": 25, "revision": 12})
DRAFT = thing(
    {"title": _TITLE, "environment": _ENVIRONMENT},
    {
        "changes": many(CHANGE, most=MOST_CHANGES),
        "apply_at": maybe(moment_of_ours("When it is applied by itself; null: by hand.")),
        "send": yes_or_no("At once, for others to judge."),
    },
)
EDIT = thing({}, {"title": _TITLE, "apply_at": maybe(_HOUR)}, "What is left out stays.")
PLAN = _one_change(
    {"flag": _FLAG, "environment": _ENVIRONMENT, "apply_at": _HOUR},
    {"title": _TITLE},
    {
        "flag": "new-checkout",
        "environment": "production",
        "apply_at": "2026-01-31T09:00:00+00:00",
        "percent": 25,
    },
)
WORD = thing({}, {"text": text("Why.", most=LONGEST_TEXT, example="Looks right.")})
COMMENT = thing({"text": words(most=LONGEST_TEXT, example="Why not on Monday?")})
_OF: dict[str, Shape] = {
    "flag": text("Of one flag.", most=200, example="new-checkout"),
    "environment": text("Of one environment.", most=200, example="production"),
}
LISTED: dict[str, Shape] = {
    **PAGING,
    **_OF,
    "state": text(
        "One or several, separated by commas.",
        most=200,
        pattern=f"^({_STATES})(,({_STATES}))*$",
        example="in_review,approved",
    ),
    "page": whole("Rather give `cursor`: pages by their number.", least=1, most=999_999),
}
PLANNED: dict[str, Shape] = {**PAGING, **_OF}

_SHOWN = maybe(text(example="10 %"))
_CHANGE = thing(
    {
        "id": whole(least=1, example=7),
        "flag": text(example="new-checkout"),
        "kind": one_of(*get_args(Kind)),
        "added_by": text(example="ada@example.org"),
        "is_conflict": yes_or_no("The flag changed meanwhile."),
        "diff": many(thing({"what": text(example="Percentage"), "before": _SHOWN, "after": _SHOWN})),
    },
    {
        "percent": whole(least=0, most=100, example=25),
        "enabled": yes_or_no(),
        "strategies": targeting.STORED_STRATEGIES,
        "variants": targeting.STORED_VARIANTS,
    },
)
_OPINION = thing(
    {
        "at": moment(),
        "who": text(example="bob@example.org"),
        "verdict": one_of(*get_args(Verdict)),
        "text": text(example="Looks right."),
        "counts": yes_or_no("It is about what is proposed now."),
    }
)
REQUEST = Named(
    "ChangeRequest",
    thing(
        {
            "id": whole(least=1, example=31),
            "environment": text(example="production"),
            "title": text(example="A quarter of shoppers"),
            "state": _STATE,
            "author": text(example="ada@example.org"),
            "created_at": moment(),
            "apply_at": maybe(moment("Null: by hand.")),
            "approvals_needed": whole(least=0, example=1),
            "approved_by": many(text(example="bob@example.org")),
            "conflicts": many(text(example="new-checkout"), "Flags that changed meanwhile."),
            "problem": maybe(one_of(*get_args(Problem), about="Why it was not applied.")),
            "problem_text": maybe(text()),
            "ended_at": maybe(moment()),
            "ended_by": maybe(text(example="ada@example.org")),
            "changes": many(_CHANGE),
            "opinions": many(_OPINION),
        },
        about="Changes of flags that wait for somebody else's word, for their hour, or for both.",
    ),
)
REQUESTS = thing(
    {
        **page_of("change_requests", REQUEST)["properties"],
        "page": whole("By the number of the page, as older programs read.", least=1),
    }
)
SCHEDULED = page_of("scheduled_changes", REQUEST)
