"""What the API says of errors. Pure."""

from __future__ import annotations

from app.openapi.shapes import (
    Named,
    anything,
    many,
    moment,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    yes_or_no,
)

STATE = one_of("open", "resolved", "ignored")
ID = whole(least=1, most=2**53 - 1, example=17)
TIMES = whole("How often.", least=0, example=42)

GROUP_PARTS = {
    "id": ID,
    "fingerprint": text("The same for errors that are alike.", example="9f2c5a1b7d3e4f60"),
    "source": text("Where it was first seen: control, scheduler, shop, worker or browser.", example="shop"),
    "kind": text("The exception's type.", example="KeyError"),
    "message": text("Of the newest, masked.", example="'kettle'"),
    "place": text("The innermost function of our own code.", example="storefront.cart.commands.add"),
    "state": STATE,
    "is_back": yes_or_no("It was seen again after somebody had resolved it."),
    "count": TIMES,
    "last_day": whole("How often within the last 24 hours.", least=0, example=3),
    "people": whole("How many people met it, as far as is known.", least=0, example=2),
    "first_at": moment(),
    "last_at": moment(),
    "first_release": text(example="1.4.0"),
    "last_release": text(example="1.4.2"),
    "assignee": text("Who looks after it; empty: nobody.", example="ada@example.org"),
    "note": text(example="Fixed by the next release."),
}
GROUP = Named("ErrorGroup", thing(GROUP_PARTS, about="Unhandled errors that are alike."))
GROUPS = page_of("errors", GROUP)

SAMPLE = thing(
    {
        "at": moment(),
        "source": text(example="shop"),
        "release": text(example="1.4.2"),
        "message": text(example="'kettle'"),
        "traceback": text(most=20_000, example="Traceback (most recent call last): …"),
        "request": table(
            anything(example="/<locale>/cart"), "Its method, route, request_id, trace_id, locale, flags …"
        ),
    }
)
RELEASE = thing({"release": text(example="1.4.2"), "first_at": moment(), "last_at": moment(), "count": TIMES})
SHARED = thing(
    {
        "flag": text(example="new-checkout"),
        "answer": text("A variant's name, on or off.", example="on"),
        "requests": TIMES,
        "of": whole("Requests whose flags are known.", least=1, example=50),
    }
)
CHANGE = thing({"at": moment(), "kind": text(example="flag"), "title": text(example="New checkout: 10 %")})
DETAIL = Named(
    "ErrorGroupWithSamples",
    thing(
        {
            **GROUP_PARTS,
            "samples": many(SAMPLE, "The newest first."),
            "releases": many(RELEASE),
            "flags_shared": many(SHARED, "Which answer of each flag those requests had in common."),
            "changes_before": many(CHANGE, "What people changed just before it was first seen."),
        }
    ),
)
CHANGED = thing(
    {},
    {
        "state": STATE,
        "with_next_release": yes_or_no("Resolved, but for what still runs of this release."),
        "assignee": text(most=200, example="ada@example.org"),
        "note": text(most=2_000, example="Fixed by the next release."),
    },
    about="What is left out stays as it is.",
)
QUERY = {
    "state": one_of("open", "resolved", "ignored", "all"),
    "source": one_of("control", "scheduler", "shop", "worker", "gateway", "browser"),
    "q": text("Part of the type, the message or the place, or the id of a request or trace.", most=200),
}
