"""What the API takes and answers of segments and environments. Pure."""

from __future__ import annotations

from app.flags import targeting_shapes as targeting
from app.flags.environment import MOST_APPROVALS, MOST_ENVIRONMENTS, TYPES
from app.flags.flag import DESCRIPTION_LENGTH
from app.flags.flag_shapes import PROJECT, REVISION
from app.flags.segment import NAME_LENGTH
from app.openapi.shapes import (
    Named,
    Shape,
    many,
    maybe,
    moment,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

_NAME = words(most=NAME_LENGTH, example="germans")
_SEGMENT: dict[str, Shape] = {
    "description": text(most=DESCRIPTION_LENGTH, example="Who shops from Germany."),
    "project": maybe(PROJECT),
    "constraints": targeting.CONSTRAINTS,
}
SEGMENT_DRAFT = thing({"name": _NAME}, _SEGMENT)
SEGMENT_REPLACEMENT = thing(
    {"name": _NAME}, {**_SEGMENT, "revision": REVISION}, "What is left out is empty from then on."
)
SEGMENT = Named(
    "Segment",
    thing(
        {
            "id": whole(least=1, example=3),
            "name": text(example="germans"),
            "description": text(example="Who shops from Germany."),
            "project": maybe(text("Null: for all projects.", example="shop")),
            "constraints": targeting.STORED_CONSTRAINTS,
            "is_readable": yes_or_no("Else it holds for nobody."),
            "used_by": many(text(example="new-checkout"), "Names of flags."),
            "revision": whole(least=0, example=4),
            "changed_at": moment(),
            "changed_by": text(example="ada@example.org"),
        },
        about="A named group of constraints that strategies share.",
    ),
)
SEGMENTS = page_of("segments", SEGMENT)

ENVIRONMENT_NAME = text(
    "Small letters, digits and dashes.", least=1, most=50, pattern="^[a-z][a-z0-9-]*$", example="staging"
)
_APPROVALS = whole("Of other people.", least=1, most=MOST_APPROVALS, example=1)
ENVIRONMENT_DRAFT = thing({"name": ENVIRONMENT_NAME}, {"type": one_of(*TYPES)})
ENVIRONMENT_CHANGES = thing(
    {},
    {
        "type": one_of(*TYPES),
        "requires_approval": yes_or_no("Changes need the word of others."),
        "approvals_needed": _APPROVALS,
    },
    "What is left out stays.",
)
ENVIRONMENT_ORDER = thing(
    {
        "names": {
            **many(
                text(most=200, example="production"), "All, each once, as pages show.", most=MOST_ENVIRONMENTS
            ),
            "uniqueItems": True,
        }
    }
)
ENVIRONMENT = Named(
    "Environment",
    thing(
        {
            "name": text(example="staging"),
            "type": text(example="test"),
            "requires_approval": yes_or_no(),
            "approvals_needed": whole(least=0, example=1),
            "is_archived": yes_or_no("Pages do not show it; SDKs that still ask keep its last state."),
        },
        about="A place that flags are evaluated in.",
    ),
)
ENVIRONMENTS = thing({"environments": many(ENVIRONMENT, "In the order of pages.")})
