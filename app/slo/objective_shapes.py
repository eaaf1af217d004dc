"""What the API takes and answers of objectives, their budgets and what is left out of them. Pure."""

from __future__ import annotations

from typing import Any, get_args

from app.i18n import LOCALES
from app.mail import LONGEST_ADDRESS
from app.openapi.shapes import (
    Named,
    Shape,
    many,
    maybe,
    moment,
    moment_of_ours,
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
from app.slo.correction import LONGEST_REASON, REPEATS
from app.slo.definition import INDICATOR_NAMES, METHOD_NAMES, OPS, Composition
from app.slo.history import MOST_WINDOWS
from app.slo.policy import ACTION_NAMES
from app.slo.policy import LONGEST_REASON as LONGEST_LIFTING
from app.slo.reading import (
    LONGEST,
    LONGEST_ABSENT_MINUTES,
    LONGEST_QUERY,
    MOST_EVENTS,
    MOST_LABELS,
    MOST_MEMBERS,
    MOST_STEPS,
    MOST_TIERS,
    RESERVED_KEYS,
    SLICES,
)
from app.slo.report import KINDS
from app.slo.window import LONGEST_DAYS, WINDOW_NAMES
from app.ui.shapes import when

_PRINTED = r"^[^\u0000-\u0008\u000b-\u001f]*$"  # as PromQL and YAML hold it: no control characters
_GATHERED = tuple(kind for kind in INDICATOR_NAMES if kind != "foreign")
VERSION = whole("The one that was read: of an older one nothing is saved (409).", least=1, most=2**31 - 1)
SHARE: Shape = {
    "type": "number",
    "exclusiveMinimum": 0,
    "exclusiveMaximum": 1,
    "multipleOf": 0.000001,
    "description": "The share of events that must be good.",
    "examples": [0.995],
}
KEY: Shape = {
    **text(
        "Small letters, digits and hyphens; it never changes.",
        most=63,
        pattern="^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        example="checkout-availability",
    ),
    "not": {"enum": list(RESERVED_KEYS)},
}
ZONE = text(most=64, pattern="^[A-Za-z][A-Za-z0-9_+/-]*$", example="Europe/Berlin")
_LABEL = "^[a-zA-Z_][a-zA-Z0-9_]{0,99}$"
LABELS: Shape = {
    **table(text(most=200, example="shop"), "Such as team=shop.", most=MOST_LABELS, example={"team": "shop"}),
    "propertyNames": {"pattern": _LABEL},
}
_LENGTH = r"^([0-9]{1,3}w)?([0-9]{1,3}d)?([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,7}s)?$"


def _query(about: str, example: str) -> Shape:
    return text(about, most=LONGEST_QUERY, pattern=_PRINTED, example=example)


_TIER = thing(
    {
        "severity": one_of("page", "ticket"),
        "budget_share": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Of the budget, gone within the long window.",
            "examples": [0.02],
        },
        "long": text("Whole minutes, such as 1h.", least=2, most=20, pattern=_LENGTH, example="1h"),
    },
    {"short": text("Shorter than the long one; empty: none.", most=20, pattern=_LENGTH, example="5m")},
)
_STEP = thing(
    {
        "left": number("Taken when at most this share is left.", least=-10, most=1, example=0.2),
        "action": one_of(*ACTION_NAMES),
    }
)
_MEMBERS: Shape = {
    **table(
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000},
        "Of a composite: the weight of each objective by its key.",
        most=MOST_MEMBERS,
        example={"checkout-availability": 2},
    ),
    "propertyNames": {"pattern": KEY["pattern"]},
}
_NAME: Shape = {
    **words(most=LONGEST["name"], example="Checkout works"),
    "allOf": [{"pattern": _PRINTED}, {"not": {"pattern": r"\{\{"}}],
}


def _printed(name: str, about: str, example: str) -> Shape:
    return text(about, most=LONGEST[name], pattern=_PRINTED, example=example)


_FIELDS: dict[str, Shape] = {
    "about": _printed("about", "What it promises.", "Orders can be placed."),
    "owner": _printed("owner", "Who looks after it.", "shop"),
    "runbook": _printed("runbook", "The name of a runbook.", "slo-burn"),
    "labels": LABELS,
    "indicator": one_of(*_GATHERED),
    "good": _query("PromQL of a counter of good events, or `bad`.", 'journeys_total{outcome="good"}'),
    "bad": _query("PromQL of a counter of bad events, or `good`.", ""),
    "total": _query("PromQL of a counter of all events.", "journeys_total"),
    "durations": _query("The buckets of a histogram.", ""),
    "threshold_seconds": maybe(number("A boundary of the histogram.", least=0, most=1e6, example=0.3)),
    "query": _query("PromQL of a probe, or a SELECT.", ""),
    "op": one_of(*OPS, about="A probe's value is good when it is so beside the threshold."),
    "threshold": maybe(number(least=-1e15, most=1e15, example=0.5)),
    "composition": one_of(*get_args(Composition)),
    "members": _MEMBERS,
    "method": one_of(*METHOD_NAMES),
    "slice_target": maybe(
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "multipleOf": 1e-6, "examples": [0.95]}
    ),
    "slice_seconds": one_of(*SLICES),
    "window_kind": one_of(*WINDOW_NAMES),
    "window_days": whole(
        "Of a rolling window; of a calendar's it follows.", least=1, most=LONGEST_DAYS, example=30
    ),
    "time_zone": ZONE,
    "group_label": text(
        "One objective for each of its values; empty: one alone.",
        most=100,
        pattern="^([a-zA-Z_][a-zA-Z0-9_]{0,99})?$",
        example="",
    ),
    "min_bad_events": whole("Fewer wake nobody.", least=0, most=MOST_EVENTS, example=5),
    "tiers": {**many(_TIER, "When to alert; empty: as usual.", most=MOST_TIERS), "uniqueItems": True},
    "absent_minutes": whole(
        "How long nothing may be counted before somebody is told; 0: nobody is.",
        least=0,
        most=LONGEST_ABSENT_MINUTES,
        example=5,
    ),
    "policy": {**many(_STEP, "What happens as the budget shrinks.", most=MOST_STEPS), "uniqueItems": True},
    "is_enabled": yes_or_no(),
}


def _of(indicator: str, *needed: str, properties: dict[str, Any] | None = None) -> Shape:
    """What one kind of indicator cannot do without. Where none is said it is events."""
    given: Shape = {"properties": {"indicator": {"const": indicator}}}
    if indicator != "events":
        given["required"] = ["indicator"]
    return {"if": given, "then": {"required": list(needed), "properties": properties or {}}}


_SAID: dict[str, Any] = {"minLength": 1}
_KINDS = [
    _of("events", "total", properties={"total": _SAID}),
    _of("latency", "durations", "threshold_seconds", properties={"durations": _SAID}),
    _of("probe", "query", "threshold", properties={"query": _SAID, "threshold": {"type": "number"}}),
    _of("sql", "query", properties={"query": _SAID}),
    _of("composite", "members", properties={"members": {"minProperties": 1}}),
]
_EXAMPLE = {
    "name": "Checkout works",
    "objective": 0.995,
    "good": 'shop_journeys_total{journey="checkout",outcome="good"}',
    "total": 'shop_journeys_total{journey="checkout"}',
    "window_days": 30,
}
DRAFT: Shape = {
    **thing({"key": KEY, "name": _NAME, "objective": SHARE}, _FIELDS),
    "allOf": _KINDS,
    "examples": [{"key": "checkout-availability", **_EXAMPLE}],
}
REPLACEMENT: Shape = {
    **thing({"name": _NAME, "objective": SHARE}, {"key": KEY, "version": VERSION, **_FIELDS}),
    "allOf": _KINDS,
    "examples": [{**_EXAMPLE, "version": 3}],
}
CHANGES: Shape = {
    **thing({}, {"key": KEY, "name": _NAME, "objective": SHARE, "version": VERSION, **_FIELDS}),
    "examples": [{"objective": 0.99, "version": 3}],
}

WARNINGS = table(text(), "By field: no reason not to save it.", example={"bad": "No bad event yet."})
_DEFINITION: dict[str, Shape] = {
    **_FIELDS,
    "key": text(example="checkout-availability"),
    "name": text(example="Checkout works"),
    "objective": number(least=0, most=1, example=0.995),
    "indicator": one_of(*INDICATOR_NAMES),
    "labels": table(text(), example={"team": "shop"}),
}
DEFINITION = thing({**_DEFINITION, "warnings": WARNINGS})
OBJECTIVE = Named(
    "Objective",
    thing(
        {
            **_DEFINITION,
            "revision": whole("Rises where the counts get another meaning.", least=1),
            "version": whole("Rises with each edit.", least=1),
            "archived_at": maybe(moment()),
            "group": many(
                thing({"key": text(example="search-de"), "value": text(example="de")}), "Its members."
            ),
            "group_key": maybe(text("The group that it belongs to.", example="search")),
            "warnings": WARNINGS,
        },
        about="A service level objective.",
    ),
)

_LEFT = maybe(number("Share of the budget; below 0 it is overspent.", most=1, example=0.62))
_SUMMARY: dict[str, Shape] = {
    "key": text(example="checkout-availability"),
    "name": text(example="Checkout works"),
    "objective": number(least=0, most=1, example=0.995),
    "revision": whole(least=1),
    "good_query": text(example='shop_journeys_total{journey="checkout",outcome="good"}'),
    "total_query": text(example='shop_journeys_total{journey="checkout"}'),
}
OBJECTIVES = page_of(
    "slos",
    Named(
        "ObjectiveStatus",
        thing(
            {
                **_SUMMARY,
                "state": text("ok, risk, burning, exhausted, nodata …", example="ok"),
                "budget_left": _LEFT,
                "window_kind": one_of(*WINDOW_NAMES),
                "window_days": whole(least=1, example=30),
                "indicator": one_of(*INDICATOR_NAMES),
                "owner": text(example="shop"),
                "labels": table(text(), example={"team": "shop"}),
                "group_key": maybe(text(example="search")),
                "gathered_at": maybe(moment()),
            }
        ),
    ),
)
_COUNT = number(least=0, example=120_000)
_ROWS = whole("Of five minutes.", least=0, example=8_640)
BUDGET = Named(
    "Budget",
    thing(
        {
            **_SUMMARY,
            "at": moment("Counted up to here."),
            "window": thing(
                {
                    "kind": one_of(*WINDOW_NAMES),
                    "days": whole(least=1, example=30),
                    "time_zone": text(example="UTC"),
                    "start": moment(),
                    "end": moment(),
                }
            ),
            "good": number("Increases are extrapolated, so no whole numbers.", example=119_700),
            "bad": number(least=0, example=300),
            "total": _COUNT,
            "error_ratio": maybe(number(least=0, most=1, example=0.0025)),
            "budget": thing(
                {
                    "left": _LEFT,
                    "allowed_events": maybe(number(example=600)),
                    "left_events": maybe(number(example=300)),
                    "allowed_minutes": maybe(number(example=216)),
                    "left_minutes": maybe(number(example=108)),
                    "left_uncorrected": _LEFT,
                }
            ),
            "rows": thing(
                {
                    "expected": _ROWS,
                    "ok": _ROWS,
                    "no_traffic": _ROWS,
                    "no_data": _ROWS,
                    "excluded": _ROWS,
                    "missing": _ROWS,
                }
            ),
        },
        about="The budget of one window, with what it was counted from.",
    ),
)
AT: dict[str, Shape] = {"at": when("A moment of the past; now without it.")}
HISTORY = thing(
    {
        "windows": many(
            thing(
                {
                    "start": moment(),
                    "end": moment(),
                    "revision": whole(least=1),
                    "bad": number(least=0, example=300),
                    "total": _COUNT,
                    "budget_left": _LEFT,
                    "budget_left_uncorrected": _LEFT,
                }
            ),
            "Those that are over, the newest first.",
        )
    }
)
COUNT: dict[str, Shape] = {"count": whole("How many windows.", least=1, most=MOST_WINDOWS, example=12)}

_REASON = words("Why these events do not count.", most=LONGEST_REASON, example="Database moved")
_CORRECTION: dict[str, Shape] = {
    "repeats": one_of(*REPEATS),
    "weekdays": {
        **many(whole(least=0, most=6, example=6), "0 is Monday; empty: the day that it starts on.", most=7),
        "uniqueItems": True,
    },
    "until": maybe(moment_of_ours("No span begins after it.")),
    "time_zone": ZONE,
    "labels": LABELS,
}
_SPAN: dict[str, Shape] = {
    "starts_at": moment_of_ours("At most 30 days back.", example="2026-01-31T02:00:00+00:00"),
    "ends_at": moment_of_ours("Of the first span.", example="2026-01-31T04:00:00+00:00"),
    "reason": _REASON,
}
CORRECTION_DRAFT = thing(
    _SPAN,
    {
        **_CORRECTION,
        "slo": maybe(text("The key of one objective; without it all with these labels.", most=200)),
    },
)
CORRECTION_OF_ONE = thing(_SPAN, _CORRECTION)
CORRECTION = Named(
    "Correction",
    thing(
        {
            **_SPAN,
            **_CORRECTION,
            "labels": table(text(), example={}),
            "id": whole(least=1, example=3),
            "slo": maybe(text(example="checkout-availability")),
            "who": text(example="ada@example.org"),
            "created_at": moment(),
            "undone_at": maybe(moment()),
            "undone_by": maybe(text(example="ada@example.org")),
        },
        about="A span whose events do not count.",
    ),
)
CORRECTIONS = page_of("corrections", CORRECTION)

LIFTING = thing(
    {
        "reason": words("Why the freeze is lifted.", most=LONGEST_LIFTING, example="The fix must go out."),
        "until": moment_of_ours("Within the next 30 days."),
    }
)
LIFTED = thing(
    {"who": text(example="ada@example.org"), "reason": text(example="The fix"), "ends_at": moment()}
)
POLICY = Named(
    "BudgetPolicy",
    thing(
        {
            "steps": many(_STEP),
            "steps_taken": whole(least=0),
            "freezes": yes_or_no("What the policy says."),
            "is_frozen": yes_or_no("What holds: an override may lift it."),
            "override": maybe(LIFTED),
        }
    ),
)
RULES_STATE = thing(
    {
        "places": many(
            thing(
                {
                    "place": text(example="folder"),
                    "checked_at": moment(),
                    "is_loaded": yes_or_no(),
                    "said": text(example=""),
                }
            ),
            "Where Prometheus gets its rules.",
        )
    }
)
IMPORT: dict[str, Shape] = {"dry_run": one_of("1", "0", "true", "false", "yes", "no", about="Only look.")}
IMPORTED = thing(
    {
        "dry_run": yes_or_no(),
        "objects": many(
            thing(
                {
                    "kind": text(example="SLO"),
                    "name": text(example="checkout-availability"),
                    "action": text("created, updated, unchanged, kept, refused", example="created"),
                    "warnings": many(text()),
                    "errors": many(thing({"field": text(), "detail": text()})),
                }
            )
        ),
    }
)
OPENSLO = text("OpenSLO v1, several documents or one.", example="apiVersion: openslo/v1\n")

RECIPIENT = Named(
    "ObjectiveReportRecipient",
    thing(
        {
            "kind": one_of(*KINDS),
            "email": text(
                least=3,
                most=LONGEST_ADDRESS,
                pattern=r"^[A-Za-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.[a-z]{2,24}$",
                example="ada@example.org",
            ),
            "language": one_of(*LOCALES),
        },
        about="Somebody who gets the weekly or monthly report by mail.",
    ),
)
RECIPIENTS = page_of("recipients", RECIPIENT)
