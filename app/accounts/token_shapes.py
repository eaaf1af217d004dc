"""The shapes of machines' tokens in the API. Pure."""

from __future__ import annotations

from app.accounts.token_commands import (
    DAYS,
    GRACE_HOURS,
    KINDS,
    LONGEST_DAYS,
    LONGEST_GRACE_HOURS,
    LONGEST_NAME,
    LONGEST_REASON,
    MOST_PLACES,
    MOST_PROJECTS,
)
from app.guards import PERMISSIONS
from app.openapi.shapes import PAGING, Named, Shape, many, maybe, moment, one_of, page_of, text, thing, whole

KIND = one_of(*KINDS, about="client and frontend are of SDKs, api of scripts.")
STATE = one_of("in force", "ends soon", "expired", "revoked")
NAME = text("What it is for.", least=1, most=LONGEST_NAME, example="warehouse import")
ENVIRONMENT = text("Whose flags an SDK gets.", least=1, most=50, example="production")
PROJECTS = many(text(least=1, most=100, example="checkout"), "Whose flags; none: all.", most=MOST_PROJECTS)
ROLE = text("Of an api token.", least=1, most=100, example="viewer")
ALLOWED = many(one_of(*PERMISSIONS), "Of an api token, beside or in place of a role.")
PLACES = many(text(least=1, most=50, example="production"), "Environments where alone.", most=MOST_PLACES)
LOCALES = many(text(least=1, most=35, example="de"), "Locales where alone.", most=MOST_PLACES)
SECRET = text("The secret, shown this once.", example="backroom_6d1f")

TOKEN = Named(
    "Token",
    thing(
        {
            "id": whole(least=1, example=7),
            "name": NAME,
            "hint": text("Its first characters, to tell tokens apart.", example="backroom_6d1f…"),
            "kind": KIND,
            "environment": ENVIRONMENT,
            "projects": PROJECTS,
            "role": maybe(ROLE),
            "permissions": ALLOWED,
            "environments": PLACES,
            "locales": LOCALES,
            "state": STATE,
            "created_at": moment(),
            "created_by": text(example="ada@example.org"),
            "used_at": maybe(moment("The last use, within a minute; null: never.")),
            "used_from": maybe(text("From which network.", example="192.0.2.7")),
            "expires_at": maybe(moment("null: never.")),
            "endless_reason": maybe(text("Why it never ends.")),
            "rotated_at": maybe(moment("When its secret was last exchanged.")),
            "previous_until": maybe(moment("How long the secret before is good for yet.")),
            "revoked_at": maybe(moment()),
        }
    ),
)
TOKENS = page_of("tokens", TOKEN)
LISTED: dict[str, Shape] = {
    **PAGING,
    "kind": KIND,
    "state": STATE,
    "environment": ENVIRONMENT,
    "role": ROLE,
}
DRAFT = thing(
    {"kind": KIND, "environment": ENVIRONMENT, "name": NAME},
    {
        "projects": PROJECTS,
        "role": maybe(ROLE),
        "permissions": ALLOWED,
        "environments": PLACES,
        "locales": LOCALES,
        "days": maybe(whole("Until it ends; null: never.", least=1, most=LONGEST_DAYS, example=DAYS)),
        "endless_reason": text("Why it never ends, where it does not.", most=LONGEST_REASON),
    },
)
MADE = thing({"token": SECRET, "id": whole(least=1, example=7)})
ROTATION = thing({}, {"grace_hours": whole(least=0, most=LONGEST_GRACE_HOURS, example=GRACE_HOURS)})
ROTATED = thing({"token": SECRET})
