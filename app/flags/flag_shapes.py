"""What the API takes and answers of flags, their state in an environment, and what they answer. Pure."""

from __future__ import annotations

from typing import Any, get_args

from app.flags import targeting_shapes as targeting
from app.flags.dependency import MOST_PARENTS, MOST_TEXT, MOST_VARIANTS
from app.flags.explain import Cause
from app.flags.flag import (
    DESCRIPTION_LENGTH,
    LINKS,
    LONGEST_LIFETIME_DAYS,
    OWNER_LENGTH,
    RESERVED,
    TAGS,
    TYPES,
    URL_LENGTH,
)
from app.flags.lifecycle import OUTCOMES, STAGES
from app.flags.requests import MOST_ROWS
from app.openapi.shapes import (
    Named,
    Shape,
    anything,
    many,
    maybe,
    moment,
    number,
    one_of,
    table,
    text,
    thing,
    whole,
    yes_or_no,
)

MOST_FIELDS = 100
REVISION = maybe(whole("The one that was seen: of an older one nothing is saved (409).", least=0, example=12))
NAME: Shape = {
    **text(
        "Letters, digits, dots, dashes, underscores and tildes; it never changes.",
        least=1,
        most=100,
        pattern="^[A-Za-z0-9._~-]+$",
        example="new-checkout",
    ),
    "not": {"enum": list(RESERVED)},
}
ENVIRONMENT = text(most=200, example="production")
PROJECT = text(least=1, most=100, pattern="^[A-Za-z0-9._~-]+$", example="shop")
_TAG = text(
    "type:value",
    most=101,
    pattern=r"^[A-Za-z0-9._~-]{1,50}:[^\s,\u0000][^,\u0000]{0,49}$",
    example="team:pay",
)
_LINK = thing(
    {
        "url": text(
            least=8,
            most=URL_LENGTH,
            pattern=r'^https?://[^\s\u0000-\u001f<>"]+$',
            example="https://tracker.example/42",
        )
    },
    {"title": maybe(text(most=OWNER_LENGTH, example="The plan"))},
)
_COLUMNS: dict[str, Shape] = {
    "type": one_of(*TYPES),
    "description": text("What it is for.", most=DESCRIPTION_LENGTH, example="The checkout on one page."),
    "owner": text("Who looks after it.", most=OWNER_LENGTH, example="growth"),
    "project": PROJECT,
    "tags": many(_TAG, most=TAGS),
    "links": many(_LINK, most=LINKS),
    "impression_data": yes_or_no("SDKs report each answer."),
    "is_stale": yes_or_no("Marked by a person: it should go."),
    "expected_lifetime_days": maybe(
        whole("Null: as its type says; 0: made to stay.", least=0, most=LONGEST_LIFETIME_DAYS, example=40)
    ),
}
DRAFT = thing({"name": NAME}, _COLUMNS)
CHANGES = thing({}, {**_COLUMNS, "revision": REVISION}, "What is left out stays.")
COMPLETION: Shape = {
    **thing(
        {"outcome": one_of(*OUTCOMES)},
        {"variant": maybe(text("The one that was kept.", most=10_000, example="blue"))},
    ),
    "allOf": [
        {
            "if": {"properties": {"outcome": {"const": "discarded"}}, "required": ["outcome"]},
            "then": {"properties": {"variant": {"enum": [None, ""]}}},
        }
    ],
    "examples": [{"outcome": "kept", "variant": "blue"}],
}
CLONE = thing({"name": NAME})
_PARENT: Shape = {
    **thing(
        {"feature": text("The flag that must be so.", least=1, most=MOST_TEXT, example="new-cart")},
        {
            "enabled": maybe(yes_or_no()),
            "variants": maybe(many(text(least=1, most=MOST_TEXT, example="blue"), most=MOST_VARIANTS)),
        },
    ),
    "allOf": [
        {
            "if": {"properties": {"enabled": {"const": False}}, "required": ["enabled"]},
            "then": {"properties": {"variants": {"anyOf": [{"type": "null"}, {"maxItems": 0}]}}},
        }
    ],
    "examples": [{"feature": "new-cart", "enabled": True}],
}
DEPENDENCIES = thing({"dependencies": many(_PARENT, most=MOST_PARENTS)}, {"revision": REVISION})
LISTED: dict[str, Shape] = {
    "q": text("As the pages take it: type:release tag:team owner:ada is:favourite …", most=200),
    "archived": one_of("1", "true", "yes", "0", "false", "no", about="Those that are archived instead."),
    "limit": whole("How many rows a page holds.", least=1, most=MOST_ROWS, example=50),
    "cursor": text("`next_cursor` of the page before.", least=1, most=500),
    "after": text("The same as `cursor`, as older programs send it.", most=500),
}

_WHO = maybe(text(example="ada@example.org"))
STATE = Named(
    "FlagState",
    thing(
        {
            "environment": text(example="production"),
            "enabled": yes_or_no(),
            "is_readable": yes_or_no("Else SDKs get none of it, and it counts as off."),
            "percent": maybe(
                whole("Null where one number cannot say who gets it.", least=0, most=100, example=25)
            ),
            "is_targeted": yes_or_no("The percentage is of those who match constraints."),
            "strategies": targeting.STORED_STRATEGIES,
            "variants": targeting.STORED_VARIANTS,
            "revision": whole(least=0, example=12),
            "changed_at": moment(),
            "changed_by": text(example="ada@example.org"),
            "moved_at": maybe(moment("When its percentage moved last.")),
            "moved_from": maybe(whole(least=0, most=100, example=10)),
            "moved_by": _WHO,
        },
        about="A flag in one environment.",
    ),
)
FLAG = Named(
    "Flag",
    thing(
        {
            "name": text(example="new-checkout"),
            "project": text(example="shop"),
            "type": text(example="release"),
            "description": text(example="The checkout on one page."),
            "owner": text(example="growth"),
            "tags": many(text(example="team:pay")),
            "links": many(table(text(), example={"url": "https://tracker.example/42", "title": ""})),
            "dependencies": many(
                table(anything(example=True), example={"feature": "new-cart", "enabled": True})
            ),
            "impression_data": yes_or_no(),
            "is_stale": yes_or_no(),
            "is_overdue": yes_or_no("It has outlived what it is meant for."),
            "expected_lifetime_days": maybe(whole(least=0, example=40)),
            "lifetime_days": maybe(whole("Null: made to stay.", least=0, example=40)),
            "stage": maybe(one_of(*STAGES)),
            "stage_since": maybe(moment()),
            "live_at": maybe(moment("When somebody in production got it first.")),
            "completed_at": maybe(moment()),
            "outcome": maybe(one_of(*OUTCOMES)),
            "outcome_variant": maybe(text(example="blue")),
            "archived_at": maybe(moment()),
            "created_at": moment(),
            "created_by": text(example="ada@example.org"),
            "is_favourite": yes_or_no("Of whoever asks."),
            "seen_at": maybe(moment("When an SDK asked for it last.")),
            "apps": whole("Applications that asked in the last day.", least=0, example=2),
            "revision": whole(least=0, example=12),
            "environments": table(STATE, "By their names.", example={}),
        }
    ),
)
FLAGS = thing(
    {
        "flags": many(FLAG, "By their names."),
        "total": whole("How many there are on all pages.", least=0, example=42),
        "next_cursor": maybe(text("Give it as `cursor` to read on; null: there is no more.")),
        "after": maybe(text("The same, as older programs read it.", example="new-checkout")),
    }
)
UNKNOWN = thing(
    {
        "flags": many(
            thing(
                {
                    "name": text(example="old-checkout"),
                    "apps": many(text(example="shop")),
                    "asked": whole("Times in the last day.", least=0, example=120),
                    "seen_at": moment(),
                }
            )
        )
    }
)

_PERCENT = whole("Of shoppers, and on.", least=0, most=100, example=25)
STATE_CHANGES: Shape = {
    **thing(
        {},
        {
            "strategies": targeting.STRATEGIES_OF_ONE,
            "variants": targeting.VARIANTS_OF_ONE,
            "percent": _PERCENT,
            "enabled": yes_or_no(),
            "revision": REVISION,
        },
        "What is left out stays.",
    ),
    "examples": [{"percent": 25, "revision": 12}],
}
SEEN = thing({}, {"revision": REVISION})
COPY = thing({"from": text("Another environment.", most=200, example="development")}, {"revision": REVISION})
FROM: dict[str, Shape] = {"from": text("Another environment.", most=200, example="development")}
_TEXT = maybe(text(example="10 %"))
COPY_PREVIEW = thing(
    {
        "changes": many(thing({"name": text(example="Percentage"), "before": _TEXT, "after": _TEXT})),
        "revision": whole(least=0, example=12),
    }
)

_FREE = anything(example="x")
_CHANCE = maybe(yes_or_no("Null: by chance."))
_SAID = maybe(text(example="7"))
_BUCKET = maybe(
    thing(
        {
            "group": text(example="new-checkout"),
            "stickiness": text(example="userId"),
            "identifier": _SAID,
            "number": maybe(whole("The lot that was drawn.", least=0, example=17)),
            "limit": whole("Numbers up to it are in.", least=0, example=25),
            "size": whole(least=1, example=100),
        }
    )
)
_CONSTRAINT = thing(
    {
        "constraint": table(_FREE, example={"contextName": "country", "operator": "IN", "values": ["DE"]}),
        "segment": maybe(text(example="germans")),
        "value": maybe(text("What the context says.", example="DE")),
        "holds": yes_or_no(),
    }
)
_STEP = thing(
    {
        "name": text(example="flexibleRollout"),
        "title": text(example=""),
        "is_disabled": yes_or_no(),
        "holds": _CHANCE,
        "own": _CHANCE,
        "own_value": _SAID,
        "bucket": _BUCKET,
        "constraints": many(_CONSTRAINT),
        "missing_segments": many(whole()),
        "is_decisive": yes_or_no("The first that says yes."),
    }
)
_PARENT_SEEN = thing(
    {
        "name": text(example="new-cart"),
        "wants_enabled": yes_or_no(),
        "wants_variants": many(text()),
        "is_known": yes_or_no(),
        "has_parent": yes_or_no(),
        "is_enabled": _CHANCE,
        "variant": _SAID,
        "is_satisfied": _CHANCE,
    }
)
_CHOSEN = thing(
    {
        "name": _SAID,
        "payload": maybe(table(_FREE, example={"type": "string", "value": "#2d6cdf"})),
        "cause": one_of("override", "bucket", "chance", "none"),
        "is_of_strategy": yes_or_no(),
        "field": _SAID,
        "value": _SAID,
        "bucket": _BUCKET,
    }
)
EVALUATED = Named(
    "FlagAnswer",
    thing(
        {
            "name": text(example="new-checkout"),
            "enabled": maybe(yes_or_no("Null where SDKs take none of these flags.")),
            "variant": maybe(
                thing(
                    {
                        "name": text(example="blue"),
                        "enabled": yes_or_no(),
                        "payload": maybe(table(_FREE, example={"type": "string", "value": "#2d6cdf"})),
                    }
                )
            ),
            "impression_data": maybe(yes_or_no()),
            "because": text(example="Strategy 1 says yes."),
            "why": thing(
                {
                    "cause": one_of(*get_args(Cause)),
                    "parents": many(_PARENT_SEEN),
                    "strategies": many(_STEP, "Every step that was taken."),
                    "variant": maybe(_CHOSEN),
                }
            ),
        },
        about="What SDKs answer to a context, and why.",
    ),
)
ALL_EVALUATED = thing({"flags": many(EVALUATED)})
CONTEXT: dict[str, Shape] = {
    "environment": text("Production without it.", most=200, example="production"),
    "context": table(
        text(most=1_000), "Its fields, each a parameter.", most=MOST_FIELDS, example={"userId": "7"}
    ),
}
_FIELD: Shape = {"anyOf": [text(most=1_000), number(), yes_or_no(), {"type": "null"}]}
_PROPERTIES = table(_FIELD, "Fields of one's own.", most=MOST_FIELDS, example={"country": "DE"})
ASKED = thing(
    {},
    {
        "environment": text("Production without it.", most=200, example="production"),
        "context": maybe(
            {
                **table(_FIELD, most=MOST_FIELDS, example={"userId": "7", "country": "DE"}),
                "properties": {"properties": _PROPERTIES},
            }
        ),
        "flags": maybe(many(text(most=200, example="new-checkout"), "All without it.", most=5_000)),
    },
)

IMPORTING: dict[str, Shape] = {
    "environment": text("Which to write; production without it.", most=200, example="production"),
    "source": text("Which of the file's.", most=200, example="production"),
    "dry_run": one_of("1", "true", "yes", "0", "false", "no", about="Only look."),
}
FILE: Shape = {
    "type": "object",
    "description": "Unleash's export, or what it answers SDKs.",
    "properties": {
        "features": {
            "type": "array",
            "description": "What is no flag is refused by itself, and the others are taken.",
            "items": {"anyOf": [{"type": "object"}, {}]},
        },
        "events": {"type": "array", "items": {"type": "object"}},
        "data": {"type": "object", "description": "What Unleash's own import wraps its export in."},
    },
    "anyOf": [{"required": ["features"]}, {"required": ["events"]}, {"required": ["data"]}],
    "examples": [{"version": 2, "features": [{"name": "new-checkout", "enabled": True, "strategies": []}]}],
}
_COUNT = whole(least=0, example=1)
IMPORTED = thing(
    {
        "dry_run": yes_or_no(),
        "environment": text(example="production"),
        "created": _COUNT,
        "changed": _COUNT,
        "unchanged": _COUNT,
        "refused": _COUNT,
        "lines": many(
            thing(
                {
                    "kind": one_of("flag", "segment"),
                    "name": text(example="new-checkout"),
                    "outcome": one_of("created", "changed", "unchanged", "refused"),
                    "reason": maybe(text("Of a refusal.")),
                    "changes": many(text(example="strategies")),
                }
            )
        ),
    }
)
EXPORTING: dict[str, Shape] = {
    "environment": text("Production without it.", most=200, example="production"),
    "project": text("Of one project.", most=200, example="shop"),
    "tag": text("With this tag.", most=200, example="team:pay"),
}
_ROWS: Any = many(table(_FREE, example={"name": "new-checkout"}))
_PARTS = (
    *("features", "featureStrategies", "featureEnvironments", "contextFields", "featureTags"),
    *("segments", "tagTypes", "dependencies", "links"),
)
EXPORTED = thing(
    {"version": whole(least=1), **dict.fromkeys(_PARTS, _ROWS)},
    about="As Unleash exports flags.",
)
