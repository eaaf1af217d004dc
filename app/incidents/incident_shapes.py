"""What the API takes and answers of incidents and runbooks. Pure."""

from __future__ import annotations

from app.incidents.incident import (
    COMPONENTS,
    IMPACTS,
    MOST_TEXT,
    MOST_TITLE,
    OPEN_STATES,
    PROCEDURES,
    ROLES,
    SEVERITIES,
    STATES,
)
from app.incidents.notice import MOST_TEXT as MOST_NOTICE
from app.incidents.notice import NOTICES
from app.incidents.procedure import ACTIONS, MOST_CHARACTERS
from app.openapi.shapes import (
    PAGING,
    SIGN,
    Named,
    Shape,
    day,
    day_of_ours,
    many,
    maybe,
    moment,
    moment_of_ours,
    needing,
    number,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

MOST_NAME = 120
ID = whole(least=1, example=12)
REVISION = whole("The one that was read: of an older one nothing is saved (409).", least=0, most=2**31 - 2)
ROLE = one_of(*ROLES)
IMPACT = thing({}, {part: one_of(*IMPACTS) for part in COMPONENTS}, "How bad it is by part of the shop.")
PERSON = text("Who; empty: nobody.", most=MOST_NAME, example="ada@example.org")
_TITLE = words("What shoppers feel.", most=MOST_TITLE, example="Orders cannot be placed")
_BEGAN = moment_of_ours(
    "When shoppers began to feel it: within the last 30 days.", example="2026-01-31T14:02:00+00:00"
)
_PUBLIC = yes_or_no("Whether the status page tells shoppers of it.")
_TEXT = words("What is known now.", most=MOST_TEXT, example="The payment gateway answers again.")

OPENING = needing(
    thing(
        {"title": _TITLE, "severity": one_of(*SEVERITIES), "procedure": one_of(*PROCEDURES)},
        {
            "started_at": _BEGAN,
            "components": IMPACT,
            "is_public": _PUBLIC,
            "public_text": words("What shoppers read first.", most=MOST_TEXT, example="We look into it."),
            "alert": whole("The alert that it began with.", least=1, example=4_211),
        },
    ),
    {"is_public": True},
    "public_text",
)
FACTS = thing(
    {"revision": REVISION},
    {
        "title": _TITLE,
        "severity": one_of(*SEVERITIES),
        "started_at": _BEGAN,
        "components": IMPACT,
        "is_public": _PUBLIC,
    },
    "What is left out stays.",
)
UPDATE = thing({"state": one_of(*OPEN_STATES), "text": _TEXT}, {"is_public": _PUBLIC})
ASSIGNMENT = thing({"person": PERSON})
RESOLUTION = thing({"text": _TEXT})
REVIEW = thing(
    {
        "cause": words("What it was.", most=MOST_TEXT, example="A deploy doubled the connections."),
        "revision": REVISION,
    },
    {"lessons": text("What is learned.", most=MOST_TEXT, example="Watch the pool of connections.")},
)
TICK = thing({"is_done": yes_or_no()})
POSITION = whole("Of a step in the check-list.", least=0, most=2**15 - 1, example=0)
_POSITION = {"position": {**POSITION, "description": "The step of the check-list that this does."}}


def _act(name: str, members: dict[str, Shape]) -> Shape:
    return thing({"act": {"const": name}, **members}, _POSITION)


ACT: Shape = {
    "oneOf": [
        _act("freeze-rollouts", {}),
        _act("thaw-rollouts", {}),
        _act("kill-flag", {"flag": text(least=1, most=100, pattern=r"^\S+$", example="new-checkout")}),
        _act("note-scale", {"what": words(most=MOST_TEXT, example="8 workers instead of 4")}),
        thing(
            {"act": {"const": "tell-shoppers"}, "notice": one_of(*NOTICES)},
            {**_POSITION, "text": text("After the shop's own words, as it is.", most=MOST_NOTICE)},
        ),
        _act("stop-telling", {}),
    ]
}
TASK = thing(
    {
        "text": words("What is to be done.", most=MOST_TEXT, example="Alert on the pool of connections"),
        "owner": words("Who does it.", most=MOST_NAME, example="ada@example.org"),
    },
    {"due_on": maybe(day_of_ours(example="2026-02-14"))},
)

_SECONDS = number(least=0, example=840.0)
_INCIDENT: dict[str, Shape] = {
    "id": ID,
    "revision": whole(least=1, example=3),
    "title": text(example="Orders cannot be placed"),
    "severity": one_of(*SEVERITIES),
    "procedure": one_of(*PROCEDURES),
    "state": one_of(*STATES),
    "components": thing({}, {part: one_of(*IMPACTS) for part in COMPONENTS}, "Parts that work are left out."),
    "roles": thing({}, {role: text(example="ada@example.org") for role in ROLES}),
    "is_public": _PUBLIC,
    "started_at": moment("Shoppers began to feel it."),
    "opened_at": moment("Somebody said so here."),
    "resolved_at": maybe(moment()),
    "seconds_to_notice": number("From its start until it was opened.", example=120.0),
    "seconds_to_mitigate": maybe(_SECONDS),
    "seconds_to_resolve": maybe(_SECONDS),
    "cause": text("Of the review.", example=""),
    "lessons": text("Of the review.", example=""),
}
INCIDENT = Named("Incident", thing(_INCIDENT))
STEP = Named(
    "IncidentStep",
    thing(
        {
            "position": whole(least=0, example=0),
            "section": text(example="Identify"),
            "text": text(example="Look at what was deployed last."),
            "within_minutes": maybe(whole("Of the opening.", least=0, example=15)),
            "action": maybe(one_of(*ACTIONS, about="What its button does.")),
            "done_at": maybe(moment()),
            "done_by": maybe(text(example="ada@example.org")),
        }
    ),
)
ACTION = Named(
    "IncidentAction",
    thing(
        {
            "id": ID,
            "incident": ID,
            "text": text(example="Alert on the pool of connections"),
            "owner": text(example="ada@example.org"),
            "due_on": maybe(day()),
            "done_at": maybe(moment()),
        },
        about="What a review asks somebody to do.",
    ),
)
ACTIONS_TO_DO = page_of("actions", ACTION)
_SAID = thing(
    {
        "at": moment(),
        "who": text(example="ada@example.org"),
        "kind": text("opened, update, role, impact, act, step, resolved, review …", example="update"),
        "state": one_of(*STATES, about="Of the incident from then on."),
        "text": text(example="The payment gateway answers again."),
        "is_public": _PUBLIC,
    }
)
WHOLE = Named(
    "IncidentWithLog",
    thing(
        {
            **_INCIDENT,
            "updates": many(_SAID, "What was said and done, the newest first."),
            "steps": many(STEP, "The check-list."),
            "alerts": many(ID, "Alerts that belong to it."),
            "actions": many(ACTION),
        }
    ),
)
LIST = thing(
    {
        **page_of("incidents", INCIDENT)["properties"],
        "page": whole("By the number of the page, as older programs read.", least=1),
        "pages": whole(least=1),
    }
)
LISTED: dict[str, Shape] = {
    **PAGING,
    "state": one_of("open", "resolved", about="Without it: what goes on."),
    "page": whole("Rather give `cursor`: pages by their number, of what is resolved.", least=1, most=999_999),
}
LINK = thing({"incident": ID, "alert": ID})

BOOK_NAME = text(
    "Small letters, digits and single hyphens.",
    most=60,
    pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
    example="payments-down",
)
_BOOK_TEXT = text(
    "Markdown that begins with a title; steps are items of lists.",
    most=MOST_CHARACTERS,
    pattern=rf"^# [^\u0000]*{SIGN}[^\u0000]*$",
    example="# Payments fail\n\n## Act\n\n1. Freeze every rollout. {within 5 min} {do freeze-rollouts}\n",
)
BOOK_DRAFT = thing({"text": _BOOK_TEXT, "revision": REVISION})
RESTORING = thing({"revision": REVISION})
_BOOK: dict[str, Shape] = {
    "name": BOOK_NAME,
    "title": text(example="Payments fail"),
    "revision": whole("0: as it ships.", least=0),
    "is_edited": yes_or_no("Whether it differs from the one that ships."),
    "changed_at": maybe(moment()),
    "changed_by": maybe(text(example="ada@example.org")),
}
BOOKS = page_of("runbooks", Named("Runbook", thing(_BOOK)))
BOOK = Named(
    "RunbookWithText", thing({**_BOOK, "text": text("Markdown.", most=60_000, example="# Payments fail\n")})
)
