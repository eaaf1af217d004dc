"""What the API takes and answers of silences. Pure."""

from __future__ import annotations

from app.alerts.matcher import LONGEST, SHAPE_OF_TEXT
from app.alerts.silences.silence import LONGEST_COMMENT, MOST_MATCHERS
from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    many,
    maybe,
    moment,
    moment_of_ours,
    one_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

_MATCHER = text(most=LONGEST, pattern=SHAPE_OF_TEXT, example='team="pay"')
ID = text(
    "Alertmanager's.",
    most=36,
    pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    example="5f0e2b1c-2d3a-4f60-9a6b-0c4a3d1e7f11",
)
DRAFT: Shape = {
    **thing(
        {
            "matchers": many(
                _MATCHER, "All must match; not what every alert does.", least=1, most=MOST_MATCHERS
            ),
            "comment": words("Why.", most=LONGEST_COMMENT, example="Being mended"),
        },
        {
            "starts_at": maybe(moment_of_ours("Now without it.")),
            "ends_at": maybe(moment_of_ours("Within 90 days; in place of a duration.")),
            "duration": text(
                "How long, where no end is given; two hours without it.",
                most=12,
                pattern="^(([1-9]|[1-8][0-9]|90)d|[1-9][0-9]{0,2}h|[1-9][0-9]{0,3}m|[1-9][0-9]{0,5}s|[1-9]h[0-9]{1,2}m)$",
                example="2h",
            ),
            "until_resolved": yes_or_no("Ends when what it hides is over."),
        },
    ),
    "examples": [{"matchers": ['team="pay"'], "comment": "Being mended", "duration": "2h"}],
}
MADE = thing({"id": text("It may be another than before.", example=ID["examples"][0])})
_SILENCE: dict[str, Shape] = {
    "state": one_of("active", "pending", "expired"),
    "matchers": many(text(example='team="pay"')),
    "starts_at": moment(),
    "ends_at": moment(),
    "created_by": text(example="ada@example.org"),
    "comment": text(example="Being mended"),
    "until_resolved": yes_or_no(),
    "hides": many(whole(least=1, example=4_211), "Alerts that fire now and are hidden by it."),
}
SILENCE = Named("Silence", thing({"id": text(example=ID["examples"][0]), **_SILENCE}))
_AWAY = text("Which part does not answer: nothing is known then.", example="Alertmanager")
ONE: Shape = {"anyOf": [SILENCE, thing({"id": text(), "state": {"type": "null"}, "unavailable": _AWAY})]}
LIST = thing(
    {
        "silences": maybe(many(SILENCE, "Active ones first.")),
        "next_cursor": maybe(text("Give it as `cursor` to read on; null: there is no more.")),
    },
    {"unavailable": _AWAY},
    "`silences` is null where Alertmanager cannot be asked.",
)
LISTED: dict[str, Shape] = dict(PAGING)
