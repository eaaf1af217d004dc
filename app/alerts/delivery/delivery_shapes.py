"""What the API takes and answers of delivery: receivers, routes, mute times and escalations. Pure."""

from __future__ import annotations

from app.alerts.delivery.delivery import MOST_ROUTES, WEEKDAYS
from app.alerts.delivery.receiver import HIDDEN, KINDS, LONGEST, Field
from app.alerts.matcher import LONGEST as LONGEST_MATCHER
from app.alerts.matcher import SHAPE_OF_TEXT
from app.openapi.shapes import Named, Shape, either, many, one_of, text, thing, whole, yes_or_no

REVISION = whole(
    "The one that was read: of an older one nothing is saved (409).", least=0, most=2**31 - 1, example=5
)
NAME = text(
    "Small letters, digits and dashes.",
    least=1,
    most=60,
    pattern="^[a-z0-9][a-z0-9_-]*$",
    example="pager",
)
RECEIVER_NAME: Shape = {**NAME, "not": {"pattern": "^backroom"}}
MATCHER = text(most=LONGEST_MATCHER, pattern=SHAPE_OF_TEXT, example='team=~"pay|cart"')
MATCHERS = many(MATCHER, "All must match; none: every alert.", most=20)
LENGTH = text(
    "A length of time such as 5m; empty: as above it.",
    most=12,
    pattern="^([0-9]{1,7}s|[0-9]{1,4}m|[0-9]{1,2}h|[0-9]d|[12][0-9]d|30d|[0-9]{1,2}h[0-9]{1,2}m)?$",
    example="5m",
)
_PATTERNS = {
    "text": r"^[^\u0000-\u001f]*$",
    "url": r"^(https?://([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(:[1-9][0-9]{0,4})?([/?][^\s\u0000-\u001f]*)?)?$",
    "mails": r"^([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+(, ?[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+)*)?$",
    "number": r"^(-?[0-9]{1,18})?$",
}
_EXAMPLES = {
    "text": "#alerts",
    "url": "https://hooks.example.org/alerts",
    "mails": "ops@example.org",
    "number": "-1001234",
}


def _field(one: Field) -> Shape:
    said = text(str(one.hint) or "", most=LONGEST, pattern=_PATTERNS[one.check], example=_EXAMPLES[one.check])
    if one.is_secret:
        return either(said, {"const": HIDDEN}, about="Secret: masked or empty it stays what it was.")
    if one.check == "number":
        return either(said, whole(least=-(10**15), most=10**15))
    return said


_FIELDS = {one.name: _field(one) for kind in KINDS.values() for one in kind.fields}
_OWN = ("kind", "send_resolved", "revision")


def _of_kind(kind: str) -> Shape:
    fields = KINDS[kind].fields
    needed = [one.name for one in fields if one.is_needed and not one.is_secret]
    return {
        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
        "then": {
            "propertyNames": {"enum": [*_OWN, *(one.name for one in fields)]},
            "properties": {name: {"not": {"const": ""}} for name in needed},
            "required": needed,
        },
    }


RECEIVER_DRAFT: Shape = {
    **thing(
        {"kind": one_of(*KINDS)},
        {**_FIELDS, "send_resolved": yes_or_no("Also that it is over."), "revision": REVISION},
    ),
    "allOf": [_of_kind(kind) for kind in KINDS],
    "examples": [{"kind": "webhook", "url": "https://hooks.example.org/alerts", "send_resolved": True}],
}
_TIME = text("In its zone.", most=5, pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example="22:00")
_MUTE_TIME: dict[str, Shape] = {
    "weekdays": {**many(one_of(*WEEKDAYS), "Empty: every day.", most=7), "uniqueItems": True},
    "start": {**_TIME, "not": {"const": "24:00"}},
    "end": {**_TIME, "description": "Before the start it goes past midnight.", "examples": ["06:00"]},
    "zone": text(most=64, pattern="^[A-Za-z][A-Za-z0-9_+/-]*$", example="Europe/Berlin"),
}
MUTE_TIME_DRAFT = thing({}, {**_MUTE_TIME, "revision": REVISION})
_ESCALATION: dict[str, Shape] = {
    "after_minutes": whole("Nobody has acknowledged it for so long.", least=1, most=1_440, example=15),
    "receiver": {**NAME, "description": "Who hears of it then."},
}
ESCALATION_DRAFT = thing(_ESCALATION, {"matchers": MATCHERS, "revision": REVISION})
_ROUTE: dict[str, Shape] = {
    "matchers": MATCHERS,
    "continue": yes_or_no("Also try the routes below."),
    "group_by": many(
        text(most=100, pattern="^[a-zA-Z_][a-zA-Z0-9_]*$", example="alertname"),
        "Labels; empty: as above it.",
        most=20,
    ),
    "group_wait": LENGTH,
    "group_interval": LENGTH,
    "repeat_interval": LENGTH,
    "mute_times": many(NAME, most=20),
}
ROUTES_DRAFT = thing(
    {
        "routes": many(
            thing({"receiver": {**NAME, "examples": ["backroom"]}}, _ROUTE),
            "In their order.",
            most=MOST_ROUTES,
        )
    },
    {"revision": REVISION},
)

RECEIVER = Named(
    "Receiver",
    thing(
        {"name": NAME, "kind": one_of(*KINDS), "send_resolved": yes_or_no()},
        {name: text("Secrets are masked.", example=HIDDEN) for name in _FIELDS},
        "Where alerts go.",
    ),
)
_LABELS = many(text(example="alertname"))
_MATCHERS = many(text(example='severity="page"'))
ROUTE = Named(
    "AlertRoute",
    thing(
        {
            **_ROUTE,
            "matchers": _MATCHERS,
            "group_by": _LABELS,
            "receiver": text(example="pager"),
            **{name: text(example="5m") for name in ("group_wait", "group_interval", "repeat_interval")},
        }
    ),
)
MUTE_TIME = Named("MuteTime", thing({"name": NAME, **_MUTE_TIME}))
ESCALATION = Named("Escalation", thing({"name": NAME, **_ESCALATION, "matchers": _MATCHERS}))
DELIVERY = Named(
    "AlertDelivery",
    thing(
        {
            "revision": REVISION,
            "receivers": many(RECEIVER),
            "routes": many(ROUTE, "In their order."),
            "mute_times": many(MUTE_TIME),
            "escalations": many(ESCALATION),
        },
        about="Where alerts go, as one thing with a revision.",
    ),
)
SEEN: dict[str, Shape] = {"revision": REVISION}
TRIED = thing(
    {
        "delivered": whole(least=0, example=1),
        "failed": whole(least=0, example=0),
        "is_known": yes_or_no("Whether Alertmanager's counters said so in time."),
    }
)
LABEL_VALUE = text("A label of the alert.", most=1_000, example="page")
LEADS_TO = thing({"receivers": many(text(example="pager"))})
