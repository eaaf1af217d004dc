"""What the API takes and answers of alerts. Pure."""

from __future__ import annotations

from app.alerts.search import LONGEST
from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    many,
    maybe,
    moment,
    number,
    page_of,
    table,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

MOST_NOTE = 500
_TEXTS = table(text(), example={"alertname": "CheckoutIsSlow"})
_ALERT: dict[str, Shape] = {
    "id": whole(least=1, example=4_211),
    "fingerprint": text("Alertmanager's name for its labels.", example="a1b2c3d4e5f60718"),
    "name": text(example="CheckoutIsSlow"),
    "severity": text(example="page"),
    "slo": maybe(text("The objective that it is about.", example="checkout-availability")),
    "labels": _TEXTS,
    "annotations": table(text(), example={"summary": "The checkout is slow"}),
    "starts_at": moment(),
    "ends_at": maybe(moment("null: it fires.")),
    "silenced_by": many(text(), "Ids of silences."),
    "inhibited_by": many(text(), "Fingerprints of louder alerts about the same."),
    "acknowledged_by": maybe(text("Who has it.", example="ada@example.org")),
}
ALERT = Named("Alert", thing(_ALERT))
ALERTS = page_of("alerts", ALERT)
_EVENT = thing(
    {
        "at": moment(),
        "kind": text("fired, acknowledged, handed_over, resolved …", example="fired"),
        "who": text(example="webhook"),
        "note": text(example=""),
    }
)
WITH_EVENTS = Named("AlertWithEvents", thing({**_ALERT, "events": many(_EVENT, "The oldest first.")}))
_WORDS = text("Words that must be there, such as team=pay.", most=LONGEST, example="checkout")
FIRING: dict[str, Shape] = {**PAGING, "q": _WORDS}
ENDED: dict[str, Shape] = {
    **PAGING,
    "q": _WORDS,
    "page": whole("Rather give `cursor`: pages by their number.", least=1, most=999_999),
}
ENDED_ALERTS = thing(
    {
        **ALERTS["properties"],
        "page": whole("By the number of the page, as older programs read.", least=1),
        "pages": whole(least=1),
    }
)
_SECONDS = maybe(number("The median; null: nobody did.", least=0, example=240))
RECORD = thing(
    {
        "start": moment(),
        "end": moment(),
        "rules": many(
            thing(
                {
                    "name": text(example="CheckoutIsSlow"),
                    "severity": text(example="page"),
                    "slo": maybe(text(example="checkout-availability")),
                    "fired": whole(least=0, example=6),
                    "acted_on": whole(least=0, example=5),
                    "is_noisy": yes_or_no("It fires often and nobody acts."),
                    "seconds_to_acknowledge": _SECONDS,
                    "seconds_to_resolve": _SECONDS,
                    "seconds_firing": number(least=0, example=1_800),
                    "last_at": moment(),
                }
            )
        ),
    }
)
SIGHT = thing(
    {
        "is_blind": yes_or_no("Alerts may be missing."),
        "since": maybe(moment()),
        "why": many(text(example="Prometheus does not answer.")),
        "clock_skew_seconds": maybe(number("Prometheus' clock ahead of ours.", example=0.2)),
    }
)
NOTE = thing({}, {"note": text("Why.", most=MOST_NOTE, example="On it")})
_TO = {
    **words("Who has it from now on.", most=100, example="day@example.org"),
    "not": {"pattern": r"[\u0001-\u001f]"},
}
HANDING_OVER = thing(
    {"to": _TO},
    {"note": text(most=MOST_NOTE, example="See the incident")},
)
CHANGED = thing({"changed": whole("How many of the alerts were news.", least=0, example=1)})
WEBHOOK: Shape = {
    "type": "object",
    "description": "Alertmanager's webhook payload, version 4.",
    "properties": {
        "version": {"const": "4"},
        "alerts": {"type": "array", "items": {"type": "object"}, "maxItems": 1_000},
    },
    "required": ["version", "alerts"],
    "examples": [{"version": "4", "alerts": []}],
}
