"""What the API takes and answers of releases and of catalogs. Pure: shapes alone."""

from __future__ import annotations

from app.locales.releases.rules import LONGEST_NOTE
from app.locales.shapes import CODE, FORMS, MOMENT_OR_NONE, SOURCE, WHO
from app.openapi.shapes import (
    Named,
    Shape,
    many,
    maybe,
    moment,
    moment_of_ours,
    page_of,
    table,
    text,
    thing,
    whole,
    yes_or_no,
)

NUMBER = whole("Of a release.", least=1, example=7)
NUMBER_OR_SHIPPED = whole("Of a release; 0: what ships.", least=0, most=2**31 - 1, example=7)
SHA256 = text(most=64, pattern="^[0-9a-f]{64}$", example="9f86d081884c7d65" * 4)
NOTE = text("What is new in it.", most=LONGEST_NOTE, example="The new cart")

_DESCRIBED: dict[str, Shape] = {
    "release": NUMBER,
    "sha256": SHA256,
    "bytes": whole(least=0, example=20_480),
}
MANIFEST = thing(
    {
        "version": text("Of the whole; it is the ETag, too.", example="9f86d081884c7d65"),
        "locales": table(
            thing(
                {
                    "availability": text(example="on"),
                    "fallback": maybe(CODE),
                    "stable": maybe(thing(_DESCRIBED)),
                    "candidate": maybe(
                        thing(
                            {
                                **_DESCRIBED,
                                "percent": whole("Of the visitors.", least=1, most=99, example=5),
                                "salt": text(example="5f2a"),
                            }
                        )
                    ),
                }
            ),
            "By locale.",
        ),
    }
)
RELEASE = Named(
    "Release",
    thing(
        {
            "release": NUMBER,
            "strings": whole(least=0, example=400),
            "sha256": SHA256,
            "note": text(example="The new cart"),
            "by": WHO,
            "at": moment(),
            "is_live": yes_or_no("Shoppers see it."),
            "live_since": MOMENT_OR_NONE,
        },
        about="Words of a locale as they were at a moment; it never changes.",
    ),
)
RELEASES = page_of(
    "releases",
    RELEASE,
    {
        "candidate": maybe(
            thing(
                {"release": NUMBER, "percent": whole(least=1, most=99, example=5)},
                about="Beside the live one.",
            )
        ),
        "planned": maybe(
            thing({"release": NUMBER, "at": moment(), "by": WHO}, about="It waits for its hour.")
        ),
        "moves": many(
            thing({"at": moment(), "from": NUMBER_OR_SHIPPED, "to": NUMBER_OR_SHIPPED, "by": WHO}),
            "What shoppers saw from when, the newest first, the last hundred.",
        ),
    },
)
CHANGE = thing(
    {
        "key": text("Of the message.", example="Cart"),
        "context": text(example=""),
        "source": SOURCE,
        "before": maybe(FORMS),
        "after": maybe(FORMS),
    }
)
WAITING = thing(
    {
        "changes": many(CHANGE, "What a release made now would change."),
        "blocked": many(
            thing(
                {"key": text(example="Cart"), "source": SOURCE, "why": text(example="This form is missing.")}
            ),
            "Strings that stop it.",
        ),
    }
)
DIFF = thing({"release": NUMBER_OR_SHIPPED, "against": NUMBER_OR_SHIPPED, "changes": many(CHANGE)})
AGAINST: dict[str, Shape] = {
    "against": {**NUMBER_OR_SHIPPED, "description": "Without: what is live; 0: what ships."}
}

PUBLISH = thing({}, {"note": NOTE, "at": maybe(moment_of_ours("When it is shown, within a year."))})
PUBLISHED = thing(
    {"release": NUMBER, "strings": whole(least=0, example=400), "sha256": SHA256},
    {"at": moment("When it is going to be shown.")},
)
PUBLISH_ALL = thing({}, {"note": NOTE})
ALL_PUBLISHED = thing(
    {
        "releases": table(NUMBER, "By locale.", example={"de": 7}),
        "refused": table(text(), "By locale why there is none.", example={}),
    }
)
HOUR = thing({"at": moment_of_ours("Ahead, within a year.", example="2026-02-01T09:00:00+00:00")})
LIVE = thing({"release": NUMBER_OR_SHIPPED})
