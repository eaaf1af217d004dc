"""The shapes of webhooks, deliveries, events and sources in JSON."""

from __future__ import annotations

from app.openapi.shapes import (
    Named,
    Shape,
    anything,
    either,
    many,
    maybe,
    moment,
    number,
    one_of,
    page_of,
    text,
    thing,
    web_address,
    whole,
    words,
    yes_or_no,
)
from app.webhooks import event, incoming
from app.webhooks.endpoint import LONGEST_ENTRY, LONGEST_NAME, MOST_ENTRIES
from app.webhooks.message import FORMATS
from app.webhooks.queries import STATES

CALLED = words("What people call it.", most=LONGEST_NAME, example="Chat of ops")
GROUPS = sorted({f"{name.rpartition('.')[0]}.*" for name in event.TYPES})
NAMES = many(text(least=1, most=LONGEST_ENTRY), most=MOST_ENTRIES)
FILTERS = {
    "types": many(
        one_of(*event.TYPES, *GROUPS, about="A type, or flag.* for all of flags."), most=MOST_ENTRIES
    ),
    "environments": NAMES,
    "locales": NAMES,
    "subjects": NAMES,
}
DRAFT = thing(
    {
        "name": CALLED,
        "url": web_address("A public https:// address.", example="https://hooks.example/T0/B0"),
    },
    {"format": one_of(*FORMATS), "is_active": yes_or_no(), **FILTERS},
)
CHANGE = thing(
    {"revision": whole("The revision that you read.", least=1)},
    {
        "name": CALLED,
        "url": web_address("Left out: as it is.", example="https://hooks.example/T0/B0"),
        "format": one_of(*FORMATS),
        "is_active": yes_or_no(),
        **FILTERS,
    },
)
_ENDPOINT = {
    "id": whole(least=1),
    "name": text(),
    "url": text("Its end is left out: it often is a secret."),
    "format": one_of(*FORMATS),
    "types": many(text()),
    "environments": many(text()),
    "locales": many(text()),
    "subjects": many(text()),
    "is_active": yes_or_no(),
    "state": one_of("ok", "risk", "failed", "off"),
    "disabled_why": text(),
    "failing_since": maybe(moment()),
    "both_secrets_until": maybe(moment("Until then the secret before signs too.")),
    "revision": whole(least=1),
    "created_at": moment(),
    "created_by": text(),
}
ENDPOINT = Named("Webhook", thing(_ENDPOINT))
SECRET = text("Shown this once.", example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ENDPOINT_WITH_SECRET = Named("WebhookWithSecret", thing({**_ENDPOINT, "secret": SECRET}))
ENDPOINTS = page_of("webhooks", ENDPOINT)

EVENT = Named(
    "Event",
    thing(
        {
            "id": text(example="evt_0b1f2c3d4e5f60718293a4b5c6d7e8f9"),
            "type": text(example="flag.changed"),
            "at": moment(),
            "who": text(),
            "subject": text(example="flag:new-checkout"),
            "environment": text(),
            "locale": text(),
            "title": text(),
            "url": text(),
            "facts": anything("What is known of it.", example={}),
        }
    ),
)
EVENTS = page_of("events", EVENT)
TYPES = thing({"types": many(thing({"type": text(), "about": text()}))})
DELIVERY = Named(
    "Delivery",
    thing(
        {
            "id": whole(least=1),
            "event": text(),
            "type": text(),
            "title": text(),
            "state": one_of(*STATES),
            "tries": whole(least=0),
            "due_at": maybe(moment("Of the next try; null: there is none.")),
            "created_at": moment(),
            "done_at": maybe(moment()),
            "status": maybe(whole("Of the last answer.", least=100, most=999)),
            "error": text("Why no answer came."),
            "seconds": maybe(number(least=0)),
        }
    ),
)
DELIVERIES = page_of("deliveries", DELIVERY)
ATTEMPTS = thing(
    {
        "delivery": DELIVERY,
        "attempts": many(
            thing(
                {
                    "at": moment(),
                    "status": maybe(whole(least=100, most=999)),
                    "error": text(),
                    "seconds": number(least=0),
                    "request": text("Its beginning, without what looks like a secret."),
                    "response": text(),
                }
            )
        ),
    }
)

# As the other system shows it, or as it is typed in there; "": one is made here.
_PLAIN = r"[!-~][ -~]{14,498}[!-~]"
_BASE64 = r"(whsec_)?([A-Za-z0-9+/]{4}){4,120}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"


def _source(kinds: tuple[str, ...], secret: Shape, *, is_needed: bool = False) -> Shape:
    required = {"name": words(most=LONGEST_NAME, example="Pipeline of the shop"), "kind": one_of(*kinds)}
    optional = {"environment": text(most=LONGEST_NAME)}
    if is_needed:
        return thing({**required, "secret": secret}, optional)
    return thing(required, {**optional, "secret": secret})


def _secret(about: str, pattern: str) -> Shape:
    return text(about, most=500, pattern=f"^({pattern})$", example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


_OF_OTHERS = tuple(kind for kind in incoming.KINDS if kind not in (*incoming.KEYED, *incoming.THEIR_SECRET))
SOURCE_DRAFT = either(
    _source(incoming.KEYED, _secret("Left out: one is made.", f"|{_BASE64}")),
    _source(_OF_OTHERS, _secret("Left out: one is made.", f"|{_PLAIN}")),
    _source(incoming.THEIR_SECRET, _secret("The signing secret that they show you.", _PLAIN), is_needed=True),
)
_SOURCE = {
    "id": whole(least=1),
    "name": text(),
    "kind": one_of(*incoming.KINDS),
    "environment": text(),
    "address": text("Where it sends to.", example="https://backroom.example/api/v1/hooks/Zm9vYmFy"),
    "is_active": yes_or_no(),
    "received_at": maybe(moment()),
    "refused_at": maybe(moment()),
    "refused_why": text(),
    "created_at": moment(),
    "created_by": text(),
}
SOURCE = Named("Source", thing(_SOURCE))
SOURCE_WITH_SECRET = Named("SourceWithSecret", thing({**_SOURCE, "secret": SECRET}))
SOURCES = page_of("sources", SOURCE)
NEW_SECRET = thing({}, {"secret": _secret("Of Stripe: theirs. Left out: one is made.", f"|{_PLAIN}")})
ACTIVE = thing({"is_active": yes_or_no()})
MESSAGES = page_of(
    "messages",
    thing({"id": text("As the sender names it."), "at": moment(), "about": text("What became of it.")}),
)
