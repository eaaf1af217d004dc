"""Moments of anybody's shoppers as the API takes them. Pure.

What a number can say alone stands here; what numbers say together (squares and sums, the same variants in
every metric) is for reading.py to judge.
"""

from __future__ import annotations

from typing import Any, get_args

from app.experiments.analysis import CORRECTIONS
from app.experiments.reading import KINDS, MOST, MOST_METRICS, MOST_SHOPPERS, MOST_VARIANTS
from app.experiments.stats import Difference, Side, Test
from app.openapi.shapes import Shape, either, many, number, one_of, text, thing, whole, yes_or_no

_N = whole("Shoppers.", least=0, most=MOST_SHOPPERS, example=1_000)
_SUM = number("Over the shoppers.", least=-MOST, most=MOST, example=50.0)
_SQUARES = number("Sum of squares.", least=0, most=MOST, example=60.0)
_PRODUCTS = number("Sum of products.", least=-MOST, most=MOST, example=55.0)
_SAMPLE = thing({"sum": _SUM, "sum_squares": _SQUARES})
_BOUGHT = number("Of a proportion, how many did it.", least=0, most=MOST, example=100)

GROUPS: dict[str, Shape] = {
    "proportion": thing({"n": _N, "sum": _BOUGHT}),
    "mean": thing({"n": _N, "sum": _SUM, "sum_squares": _SQUARES}),
    "ratio": thing({"n": _N, "numerator": _SAMPLE, "denominator": _SAMPLE, "sum_of_products": _PRODUCTS}),
    "mean_cuped": thing({"n": _N, "post": _SAMPLE, "pre": _SAMPLE, "post_pre_sum_of_products": _PRODUCTS}),
}
_GROUP: Shape = {"type": "object", "examples": [{"n": 1_000, "sum": 130}]}
_NAME = text(least=1, most=100, example="orders")
_VARIANT = text(least=1, most=100, example="control")


def _by_variant(value: Shape, about: str, example: Any) -> Shape:
    return {
        "type": "object",
        "description": about,
        "additionalProperties": value,
        "propertyNames": {"minLength": 1, "maxLength": 100},
        "minProperties": 2,
        "maxProperties": MOST_VARIANTS,
        "examples": [example],
    }


_NAMED = {"off": {"n": 1_000, "sum": 100}, "on": {"n": 1_000, "sum": 130}}
_ROWS: dict[str, Shape] = {
    "name": _NAME,
    "metric": one_of(*KINDS),
    "control": _GROUP,
    "treatment": _GROUP,
    "variants": _by_variant(_GROUP, "By name, in place of control and treatment.", _NAMED),
    "role": one_of("goal", "guard"),
    "margin": number("Of a guard: may be worse by so much.", least=0, most=1e6, example=0.05),
    "less_is_better": yes_or_no(),
}
_PAIR: Shape = {"required": ["control", "treatment"], "properties": {"control": {"type": "object"}}}
_GROUPED: Shape = {"anyOf": [{"required": ["variants"]}, _PAIR]}


def _as_its_kind(kind: str) -> Shape:
    """What the groups hold follows from the kind of the metric."""
    group = GROUPS[kind]
    where = {"treatment": group, "variants": {"additionalProperties": group}}
    control = {"if": {"type": "object"}, "then": group}
    return {
        "if": {"properties": {"metric": {"const": kind}}, "required": ["metric"]},
        "then": {"properties": {**where, "control": control}},
    }


_KINDS = [_as_its_kind(kind) for kind in KINDS]
_TWO = {"control": {"n": 1_000, "sum": 100}, "treatment": {"n": 1_000, "sum": 130}}
_METRIC: Shape = {
    **thing({"metric": _ROWS["metric"]}, {name: shape for name, shape in _ROWS.items() if name != "metric"}),
    "allOf": [_GROUPED, *_KINDS],
    "examples": [{"name": "orders", "metric": "proportion", **_TWO}],
}
_EACH = number(least=1e-9, most=1e9, example=1)
ASKED: Shape = {
    **thing(
        {},
        {
            **_ROWS,
            "control": either(_VARIANT, _GROUP, about="Its moments; beside `variants` its name."),
            "variants": _by_variant(_GROUP, "By name, in place of control and treatment.", _NAMED),
            "metrics": many(_METRIC, "Several at once.", least=1, most=MOST_METRICS),
            "users": _by_variant(_N, "Where the split is of other units.", {"control": 1, "treatment": 1}),
            "split": _by_variant(_EACH, "As planned, to be checked.", {"control": 1, "treatment": 1}),
            "test": one_of(*get_args(Test)),
            "side": one_of(*get_args(Side)),
            "difference": one_of(*get_args(Difference)),
            "alpha": number(least=1e-9, most=1 - 1e-9, example=0.05),
            "tuning": number(least=1e-3, most=1e12, example=5_000),
            "correction": one_of(*CORRECTIONS),
            "prior": thing(
                {"variance": number(least=1e-30, most=MOST, example=0.09)},
                {
                    "mean": number(least=-MOST, most=MOST, example=0),
                    "difference": one_of(*get_args(Difference)),
                },
            ),
            "expected_effect": number(least=-0.99, most=100, example=0.05),
            "power": number(least=0.01, most=0.999, example=0.8),
            "shoppers_a_day": number(least=0, most=MOST_SHOPPERS, example=900),
            "money": thing(
                {},
                {
                    "margin": number("Share of revenue that is kept.", least=0, most=1, example=0.4),
                    "exposure_cents": number(least=-MOST, most=MOST, example=0.01),
                    "metric": _NAME,
                },
            ),
        },
    ),
    "allOf": [
        {"if": {"required": ["metrics"]}, "else": {"required": ["metric"], **_GROUPED}},
        *_KINDS,
    ],
    "examples": [{"metric": "proportion", **_TWO}],
}
