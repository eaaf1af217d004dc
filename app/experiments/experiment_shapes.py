"""What the API takes and answers of experiments: the plan, its course and what came of it. Pure."""

from __future__ import annotations

from typing import get_args

from app.experiments.analysis import CORRECTIONS, Kind
from app.experiments.definition import (
    DECISIONS,
    DIMENSIONS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_VARIANTS,
    STATE_NAMES,
)
from app.experiments.metrics import METRICS
from app.experiments.money import Line
from app.experiments.stats import Difference, Meaningless, Side, Test
from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    many,
    maybe,
    moment,
    moment_of_ours,
    needing,
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

REVISION = whole("The one that was read; without it whatever is there.", least=1, most=2**31 - 1, example=1)
FLAG = text(least=1, most=100, pattern=r"^[A-Za-z0-9._~-]+$", example="new-checkout")
_VARIANT_NAME = text("As the flag names it.", least=1, most=100, pattern=r"^[A-Za-z0-9._~-]+$", example="on")
_METRIC = one_of(*METRICS)
_CENTS = number("Of the shop's currency.", least=0, most=1e6, example=0.0)
_DECISION = one_of(*DECISIONS)
_UNEQUAL_0 = {"not": {"const": 0}}
_WEIGHT = {"type": "number", "exclusiveMinimum": 0, "maximum": 1e6, "description": "Over the sum of all."}

_VARIANTS = {
    **many(thing({"name": _VARIANT_NAME, "weight": _WEIGHT}), least=2, most=MOST_VARIANTS),
    "uniqueItems": True,
    "examples": [[{"name": "off", "weight": 1}, {"name": "on", "weight": 1}]],
}
_GUARD = thing(
    {"metric": _METRIC},
    {"margin": number("May be worse by this share of the control.", least=0, most=1, example=0.05)},
)
_GUARDS = {
    **many(_GUARD, "Each once, and none of them the goal.", most=len(METRICS)),
    "uniqueItems": True,
    "examples": [[{"metric": "latency", "margin": 0.1}]],
}
_VALUES = many(text(least=1, most=40, example="de"), most=100)
_NEEDED: dict[str, Shape] = {
    "name": words(most=LONGEST_NAME, example="New checkout"),
    "flag": FLAG,
    "variants": _VARIANTS,
}
_OPEN: dict[str, Shape] = {
    "hypothesis": text(most=LONGEST_TEXT, example="Fewer fields bring more orders."),
    "control": text("One of the variants; the first without it.", least=1, most=100, example="off"),
    "environment": text(most=LONGEST_NAME, example="production"),
    "goal": one_of(*METRICS),
    "guards": _GUARDS,
    "filters": thing({}, dict.fromkeys(DIMENSIONS, _VALUES), "Who counts; without it everybody."),
    "expected_effect": {
        **number("Relative, that one wants to see.", least=-0.99, most=10, example=0.05),
        **_UNEQUAL_0,
    },
    "power": number(least=0.5, most=0.99, example=0.8),
    "alpha": number(least=0.0001, most=0.2, example=0.05),
    "tuning": number("Of the always valid test: shoppers it looks sharpest at.", least=10, most=1e9),
    "correction": one_of(*CORRECTIONS),
    "adjusted": yes_or_no("By what shoppers did before (CUPED)."),
    "margin": number("Share of revenue that is kept.", least=0, most=1, example=0.4),
    "exposure_cents": _CENTS,
    "page_cents": _CENTS,
    "order_cents": _CENTS,
    "ends_at": maybe(moment_of_ours("It stops by itself then.")),
}
DRAFT = thing(_NEEDED, _OPEN, "What is left out takes its default.")
REPLACEMENT = thing(_NEEDED, {**_OPEN, "revision": REVISION})
CHANGES = thing({}, {**_NEEDED, **_OPEN, "revision": REVISION}, "What is left out stays.")
SEEN = thing({}, {"revision": REVISION})
DECISION = needing(
    thing(
        {
            "decision": _DECISION,
            "reason": words("Why.", most=LONGEST_TEXT, example="More orders, and no guard is broken."),
        },
        {"variant": maybe(text("Which is shipped.", most=100, example="on")), "revision": REVISION},
    ),
    {"decision": "ship"},
    "variant",
)
LISTED: dict[str, Shape] = {**PAGING, "flag": text("Those of one flag.", most=200, example="new-checkout")}
SEEN_BY_QUERY: dict[str, Shape] = {"revision": REVISION}

_MOMENT = maybe(moment())
_EXPERIMENT: dict[str, Shape] = {
    "id": whole(least=1, example=7),
    "state": one_of(*STATE_NAMES),
    "revision": whole(least=1),
    **_NEEDED,
    **_OPEN,
    "created_at": _MOMENT,
    "started_at": _MOMENT,
    "stopped_at": _MOMENT,
    "decided_at": _MOMENT,
    "counted_from": maybe(moment("Since the split is as it is.")),
    "counted_at": maybe(moment("When shoppers were counted last.")),
    "ready_at": maybe(moment("When there was enough data to decide; null: not yet.")),
    "created_by": text(example="ada@example.org"),
    "decision": maybe(_DECISION),
    "shipped": maybe(text("The variant.", example="on")),
    "reason": maybe(text(example="More orders, and no guard is broken.")),
    "demo": yes_or_no("Made up for a tour."),
    "headline": text("What can be said now, in words.", example="Too early: about 3 days more."),
}
EXPERIMENT = Named("Experiment", thing(_EXPERIMENT))
EXPERIMENTS = page_of("experiments", EXPERIMENT)

_P = maybe(number(least=0, most=1, example=0.03))
_INTERVAL = maybe(
    many(maybe(number(example=0.02)), "Its two ends; null: open on this side.", least=2, most=2)
)
_EFFECT = maybe(number("Relative: a share of the control's mean.", example=0.12))
_SHOPPERS = whole(least=0, example=1_000)
_MORE = maybe(whole("How many more it takes.", least=0, example=12_000))
_DAYS = maybe(number("How many more days it takes.", least=0, example=6))
_BELIEF = thing(
    {
        "chance_to_beat_control": _P,
        "effect": _EFFECT,
        "ci": _INTERVAL,
        "stddev": maybe(number(example=0.05)),
        "risk_of_control": maybe(number(example=0.001)),
        "risk_of_treatment": maybe(number(example=0.001)),
    }
)
COMPARISON = Named(
    "ExperimentComparison",
    thing(
        {
            "variant": text(example="on"),
            "shoppers": _SHOPPERS,
            "mean": maybe(number(example=0.13)),
            "effect": _EFFECT,
            "ci": _INTERVAL,
            "p_value": _P,
            "p_adjusted": maybe(number("Corrected for all goals.", least=0, most=1, example=0.03)),
            "stddev": maybe(number("Standard error of the effect.", example=0.05)),
            "error": maybe(one_of(*(str(one) for one in Meaningless), about="Why there is no answer.")),
            "guard": one_of("holds", "broken", "open", None),
            "bayesian": _BELIEF,
        },
        about="One variant beside the control.",
    ),
)
_FINDING = thing(
    {
        "metric": text(example="conversion"),
        "role": one_of("goal", "guard"),
        "less_is_better": yes_or_no(),
        "margin": maybe(number("Of a guard.", example=0.05)),
        "control": thing({"shoppers": _SHOPPERS, "mean": maybe(number(example=0.11))}),
        "comparisons": many(COMPARISON),
    }
)
_GAIN = thing(
    {
        "cents_a_shopper": number("What one more shopper brings.", example=1.4),
        "low": maybe(number(example=0.2)),
        "high": maybe(number(example=2.6)),
        "line": one_of(*get_args(Line)),
    }
)
ANALYSIS: dict[str, Shape] = {
    "verdict": thing(
        {
            "kind": one_of(*get_args(Kind)),
            "sentence": text(example="Too early: about 12,000 shoppers more."),
            "variant": maybe(text(example="on")),
            "guards": many(text(example="latency"), "Those that are broken, or still open."),
            "shoppers_more": _MORE,
            "days_more": _DAYS,
        }
    ),
    "split": thing(
        {
            "users": table(_SHOPPERS, "By variant.", example={"off": 1_000, "on": 1_000}),
            "weights": maybe(table(number(), "As planned; null: not checked.", example={"off": 1, "on": 1})),
            "p_value": _P,
            "threshold": number(example=0.001),
            "is_mismatch": yes_or_no("The split is not as planned: nothing is to be believed."),
        }
    ),
    "plan": thing(
        {
            "control": text(example="off"),
            "test": one_of(*get_args(Test)),
            "side": one_of(*get_args(Side)),
            "difference": one_of(*get_args(Difference)),
            "alpha": number(example=0.05),
            "tuning": number(example=5_000),
            "correction": one_of(*CORRECTIONS),
            "expected_effect": number(example=0.05),
            "power": number(example=0.8),
        }
    ),
    "metrics": many(_FINDING, "The goal first."),
    "money": table(maybe(_GAIN), "By variant.", example={}),
}
_MOMENTS = thing(
    {
        "n": _SHOPPERS,
        "sums": table(number(), "Sums over the shoppers, and of products.", example={"bought": 110}),
    }
)
RESULTS = Named(
    "ExperimentResults",
    thing(
        {
            **ANALYSIS,
            "stale": yes_or_no("It runs, and was counted too long ago."),
            "shoppers_a_day": maybe(number(example=900)),
            "mixed": whole("Shoppers who met several variants: left out.", least=0),
            "unexpected": table(_SHOPPERS, "By variant that the plan does not know.", example={}),
            "moments": table(_MOMENTS, "By variant.", example={}),
        }
    ),
)
WITH_RESULTS = Named(
    "ExperimentWithResults",
    thing({**_EXPERIMENT, "results": maybe(RESULTS)}, about="`results`: null before a count."),
)
_POWER = thing(
    {
        "shoppers_needed": maybe(whole(least=0, example=24_000)),
        "shoppers_more": _MORE,
        "days_needed": _DAYS,
        "days_more": _DAYS,
        "power_now": _P,
        "smallest_effect_now": maybe(number(example=0.09)),
    }
)
EVALUATION = thing(
    {
        **ANALYSIS,
        "result": maybe(COMPARISON),
        "power": table(_POWER, "By variant: what the expected effect takes.", example={}),
    }
)
