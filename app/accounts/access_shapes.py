"""What the API says of roles, grants and who may what. Pure."""

from __future__ import annotations

from app.accounts.roles import LONGEST_ABOUT, LONGEST_NAME
from app.guards import PERMISSIONS
from app.openapi.shapes import (
    PAGING,
    Named,
    many,
    maybe,
    moment,
    one_of,
    page_of,
    text,
    thing,
    whole,
    yes_or_no,
)

KEY = text(least=1, most=60, example="release-crew")
PERMISSION = one_of(*PERMISSIONS)
PLACE = text("Such as staging, or de.", most=100, example="staging")

PAGES = PAGING
GRANT_PAGES = {"person": text("Of this address alone.", most=300, example="ada@example.org")} | PAGING

ROLE = Named(
    "Role",
    thing(
        {
            "key": KEY,
            "name": text(example="Release crew"),
            "about": text(),
            "permissions": many(text(example="flags.write")),
            "is_builtin": yes_or_no("Built-in roles are never changed."),
            "version": maybe(whole("One more with each change.", least=1)),
        }
    ),
)
ROLES = page_of("roles", ROLE)
ROLE_DRAFT = thing(
    {
        "name": text(least=1, most=LONGEST_NAME, example="Release crew"),
        "permissions": many(PERMISSION, "Looking is part of each."),
    },
    {
        "key": text("Made of the name where it is left out.", least=2, most=40, example="release-crew"),
        "about": text(most=LONGEST_ABOUT),
    },
)
ROLE_CHANGE = thing(
    {"name": text(least=1, most=LONGEST_NAME, example="Release crew"), "permissions": many(PERMISSION)},
    {"about": text(most=LONGEST_ABOUT)},
)

GRANT = Named(
    "Grant",
    thing(
        {
            "id": whole(least=1),
            "person": text(example="ada@example.org"),
            "role": KEY,
            "environment": maybe(PLACE),
            "locale": maybe(text(most=100, example="de")),
            "ends_at": maybe(moment("Null: it does not.")),
            "waits": yes_or_no("Whether a second admin has to agree yet."),
            "is_main": yes_or_no("Whether it becomes the main role then."),
            "created_at": moment(),
            "created_by": text(example="bo@example.org"),
            "approved_by": maybe(text()),
        },
        about="A role beside the main one: everywhere, in one environment or in one locale.",
    ),
)
GRANTS = page_of("grants", GRANT)
GRANT_DRAFT = thing(
    {"person": text(least=1, most=300, example="ada@example.org"), "role": KEY},
    {"environment": maybe(PLACE), "locale": maybe(text(most=100)), "ends_at": maybe(moment())},
)

WAY = thing(
    {
        "role": text(example="ops"),
        "is_main": yes_or_no("By the role itself, not by a grant beside it."),
        "environment": maybe(text()),
        "locale": maybe(text()),
        "ends_at": maybe(moment()),
    }
)
HOLDING = thing(
    {
        "kind": one_of("person", "token"),
        "id": whole(least=1),
        "who": text(example="ada@example.org"),
        "may": yes_or_no("In the place that was asked for; without one: everywhere."),
        "through": many(WAY),
    }
)
ANSWER = thing(
    {},
    {
        "permission": text(),
        "environment": maybe(text()),
        "locale": maybe(text()),
        "holders": many(HOLDING, "Who may; and, asked without a place, who may in some alone."),
        "kind": one_of("person", "token"),
        "who": text(),
        "permissions": many(
            thing({"permission": text(), "may": yes_or_no("Everywhere."), "through": many(WAY)})
        ),
    },
    "With `permission` who may it; with `person` or `token` what they may.",
)
QUERY = {
    "permission": one_of(*PERMISSIONS, about="Who may this?"),
    "environment": text("In this environment.", most=100, example="production"),
    "locale": text("In this locale.", most=100, example="de"),
    "person": text("What may they do? An address.", most=300, example="ada@example.org"),
    "token": text("What may it do? A token's number.", pattern="^[1-9][0-9]{0,17}$", most=18, example="7"),
}
