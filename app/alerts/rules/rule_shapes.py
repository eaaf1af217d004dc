"""What the API takes and answers of alert rules. Pure."""

from __future__ import annotations

from app.alerts.rules.rule import (
    LONGEST_EXPR,
    LONGEST_TEXT,
    MOST_LABELS,
    OWN_LABELS,
    SEVERITIES,
)
from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    many,
    maybe,
    moment,
    number,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

MOST_DAYS = 30
KEY = text(least=1, most=80, pattern="^[a-z0-9][a-z0-9-]*$", example="checkout-is-slow")
REVISION = whole(
    "The one that was read: of an older one nothing is saved (409).", least=0, most=2**31 - 1, example=1
)
_EVERY = text(
    "From 5 seconds to an hour.",
    most=8,
    pattern="^(([5-9]|[1-9][0-9]{1,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)s"
    "|([1-9]|[1-5][0-9]|60)m|([1-9]|[1-5][0-9])m([1-9]|[1-5][0-9])s|1h)$",
    example="1m",
)
_HOLD = text(
    "Up to 7 days.",
    most=16,
    pattern="^(0|7d|1w|([0-6]d)?((1?[0-9]|2[0-3])h)?([1-5]?[0-9]m)?([1-5]?[0-9]s)?"
    "|[0-9]{1,5}s|[0-9]{1,4}m|(1[0-5][0-9]|[0-9]{1,2})h)$",
    example="5m",
)
LABELS: Shape = {
    **table(
        text(least=1, most=1_000, pattern=r"^(?!.*\{\{)[^\u0000]+$", example="pay"),
        "Beside those that the house sets itself.",
        most=MOST_LABELS,
        example={"team": "pay"},
    ),
    "propertyNames": {
        "pattern": "^[a-zA-Z_][a-zA-Z0-9_]{0,79}$",
        "not": {"anyOf": [{"pattern": "^__"}, {"enum": list(OWN_LABELS)}]},
    },
}
_EXPR = words("PromQL: it fires for each series that this gives.", most=LONGEST_EXPR, example="up == 0")
_NAME = text(
    "A letter, then letters, digits and _.",
    least=1,
    most=80,
    pattern="^[A-Za-z][A-Za-z0-9_]*$",
    example="CheckoutIsSlow",
)
_FIELDS: dict[str, Shape] = {
    "severity": one_of(*SEVERITIES),
    "every": _EVERY,
    "for": _HOLD,
    "keep_firing_for": _HOLD,
    "labels": LABELS,
    "summary": text("What people read first.", most=LONGEST_TEXT, example="The checkout is slow"),
    "description": text(most=LONGEST_TEXT, example="More than a second for half of all shoppers."),
    "runbook": text(
        "The name of one here, or an https:// address.",
        most=300,
        pattern=r"^(|[a-z0-9][a-z0-9-]{0,79}|https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[^\s\u0000]*)?)$",
        example="performance-problem",
    ),
    "owner": text("Who looks after it.", most=100, example="shop"),
    "events": text("PromQL that counts what `min_events` is about.", most=LONGEST_EXPR, example=""),
    "min_events": whole("Quiet while there are fewer.", least=0, most=1_000_000_000, example=0),
    "is_enabled": yes_or_no(),
}
_COUNTED: Shape = {
    "if": {"properties": {"min_events": {"minimum": 1}}, "required": ["min_events"]},
    "then": {"properties": {"events": {"minLength": 1}}, "required": ["events"]},
}
_EXAMPLE = {
    "name": "CheckoutIsSlow",
    "expr": "histogram_quantile(0.5, sum by (le) (rate(shop_journey_duration_seconds_bucket[5m]))) > 1",
    "severity": "page",
    "for": "5m",
    "labels": {"team": "pay"},
    "summary": "The checkout is slow",
}
_STATE = one_of("failed", "firing", "pending", "unmatched", "unloaded", "inactive", "disabled")
_READ: dict[str, Shape] = {
    "state": _STATE,
    "error": text("Why Prometheus cannot evaluate it.", example=""),
    "unmatched": many(text(), "Selectors that match no series."),
    "evaluated_at": maybe(moment()),
    "fired_30d": whole("How often in 30 days.", least=0),
    "updated_at": moment(),
    "updated_by": text(example="ada@example.org"),
}
_ACCEPT = yes_or_no("Save it although it matches no series yet.")


def _draft(required: dict[str, Shape], optional: dict[str, Shape]) -> Shape:
    return {
        **thing({"name": _NAME, "expr": _EXPR, **required}, {"key": KEY, **_FIELDS, **optional}),
        "allOf": [_COUNTED],
    }


DRAFT: Shape = {**_draft({}, {"accept_unmatched": _ACCEPT}), "examples": [_EXAMPLE]}
REPLACEMENT: Shape = {
    **_draft({"revision": REVISION}, {"accept_unmatched": _ACCEPT, **_READ}),
    "description": "What a rule says of itself beside may be sent back as it was read; it changes nothing.",
    "examples": [{**_EXAMPLE, "revision": 1}],
}
DAYS: Shape = {
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": MOST_DAYS,
    "description": "Of history.",
    "examples": [7],
}
BACKTEST: Shape = {
    **_draft({}, {"days": DAYS, "accept_unmatched": _ACCEPT, "revision": REVISION, **_READ}),
    "examples": [{**_EXAMPLE, "days": 7}],
}
SEEN = thing({}, {"revision": REVISION})
SEEN_BY_QUERY: dict[str, Shape] = {"revision": REVISION}
LISTED: dict[str, Shape] = {
    **PAGING,
    "q": text("Words that must be there, such as team=pay or is:firing.", most=200, example="checkout"),
}

_RULE: dict[str, Shape] = {
    "key": KEY,
    "name": text(example="CheckoutIsSlow"),
    "expr": text(example="up == 0"),
    **_FIELDS,
    "labels": table(text(), example={"team": "pay"}),
}
RULE = Named("AlertRule", thing({**_RULE, "revision": REVISION, **_READ}))
_ITS_SEVERITY = one_of(*SEVERITIES, "none", about="none: of the watchdog, which always fires.")
HOUSE = Named(
    "HouseRule",
    thing(
        {**_RULE, "severity": _ITS_SEVERITY}, about="A rule that the house brings along; it is not edited."
    ),
)
RULES = thing({**page_of("rules", RULE)["properties"], "house": many(HOUSE)})
TEMPLATES = thing({"templates": many(thing({"about": text(example="Something is slow for many."), **_RULE}))})
REPLAYED = thing(
    {
        "series_now": whole("Alerts that it would give now.", least=0, example=1),
        "samples_per_evaluation": whole(least=0, example=1_200),
        "unmatched": many(text(), "Selectors that match no series now."),
        "start": moment(),
        "end": moment(),
        "every_seconds": number(least=0, example=60),
        "is_partial": yes_or_no("Time ran out: less than was asked for."),
        "count": whole(least=0, example=1),
        "firings": many(
            thing(
                {
                    "labels": table(text(), example={"team": "pay"}),
                    "active_at": moment(),
                    "starts_at": moment(),
                    "ends_at": maybe(moment()),
                    "began_before": yes_or_no("It fired at the beginning already."),
                }
            )
        ),
    }
)
