"""Strategies, constraints and variants as the API takes and answers them. Pure.

What one field can say alone stands here. That weights add up, that names differ and that a pattern is one
which SDKs can match is for targeting.py to judge.
"""

from __future__ import annotations

from typing import Any

from app.flags.constraint import MAX_CONSTRAINTS, MAX_VALUES, MAY_BE_EMPTY, OPERATORS
from app.flags.shape import MAX_TEXT
from app.flags.targeting import MAX_ID, MAX_SEGMENTS, MAX_STRATEGIES, STRATEGIES
from app.flags.variant import MAX_VARIANTS, PAYLOAD_TYPES, WEIGHT_TOTAL, WEIGHT_TYPES
from app.openapi.shapes import (
    STORABLE,
    Named,
    Shape,
    anything,
    either,
    many,
    maybe,
    one_of,
    table,
    text,
    thing,
    whole,
    yes_or_no,
)

_NULL: Shape = {"type": "null"}
_QUOTED = r'^([^"\\\u0000]|\\[^"\u0000])*$'  # stands between quotes in the rules of SDKs
_DECIMAL: Shape = {"type": "number", "minimum": -(10**12), "maximum": 10**12, "multipleOf": 0.0001}
_PLAIN = either(
    text(most=MAX_TEXT), _DECIMAL, yes_or_no(), about="Written as the text that SDKs compare with."
)
_DAY = (
    r"((19|20)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|20([02468][048]|[13579][26])-02-29)"
)
_MOMENT = (
    rf"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{3}})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_PART = "(0|[1-9][0-9]{0,17})"
_MORE = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*"
_VERSION = rf"^{_PART}\.{_PART}\.{_PART}(-{_MORE})?(\+{_MORE})?$"
MAX_LISTED = 300  # characters: as many of them as may be fit into a body
_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_NETWORK = rf"^({_BYTE}(\.{_BYTE}){{3}}(/(3[0-2]|[12]?[0-9]))?|[0-9a-fA-F:]{{2,39}}(/[0-9]{{1,3}})?)$"
_VALUE = r"^([^\u0000]*[^\\\u0000])?$"  # no backslash at its end


def _single(operator: str) -> Shape:
    """The value that an operator compares with, where it takes one alone."""
    kind = operator.partition("_")[0]
    patterns = {"NUM": r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$", "DATE": _MOMENT, "SEMVER": _VERSION}
    said: Shape = {"type": "string", "maxLength": MAX_TEXT, "pattern": patterns.get(kind, _VALUE)}
    return {"anyOf": [said, _DECIMAL]} if kind == "NUM" else said


def _of_operator(operator: str) -> Shape:
    several, _read = OPERATORS[operator]
    given = {"properties": {"operator": {"const": operator}}, "required": ["operator"]}
    if not several:
        return {"if": given, "then": {"properties": {"value": _single(operator)}, "required": ["value"]}}
    values: dict[str, Any] = {}
    if operator == "IN_CIDR":
        values["items"] = {"type": "string", "pattern": _NETWORK}
    if operator not in MAY_BE_EMPTY:
        values |= {"type": "array", "minItems": 1}
    needed = [] if operator in MAY_BE_EMPTY else ["values"]
    return {"if": given, "then": {"properties": {"values": values}, "required": needed}}


_COMPARED = either(text(most=MAX_TEXT, pattern=_VALUE, example="DE"), _DECIMAL, yes_or_no())
_LISTED = either(text(most=MAX_LISTED, pattern=_VALUE, example="DE"), _DECIMAL, yes_or_no())
CONSTRAINT = Named(
    "Constraint",
    {
        **thing(
            {
                "contextName": text(
                    "A field of the context.", least=1, most=MAX_TEXT, pattern=_QUOTED, example="country"
                ),
                "operator": one_of(*OPERATORS),
            },
            {
                "values": maybe(many(_LISTED, "Of operators that take several.", most=MAX_VALUES)),
                "value": maybe(_COMPARED),
                "inverted": maybe(yes_or_no("Holds where it would not.")),
                "caseInsensitive": maybe(yes_or_no()),
            },
            "What a value of the context is compared with.",
        ),
        "allOf": [_of_operator(operator) for operator in OPERATORS],
        "examples": [{"contextName": "country", "operator": "IN", "values": ["DE", "AT"]}],
    },
)
CONSTRAINTS = maybe(many(CONSTRAINT, "All must hold.", most=MAX_CONSTRAINTS))

_WORD = text(least=1, most=MAX_TEXT, example="blue")
_LISTED_WORD = text(least=1, most=MAX_LISTED, example="blue")
_OVERRIDE = thing(
    {"contextName": text(least=1, most=MAX_TEXT, example="userId")},
    {"values": maybe(many(either(_LISTED_WORD, _DECIMAL, yes_or_no()), most=MAX_VALUES))},
)
VARIANT = Named(
    "Variant",
    {
        **thing(
            {
                "name": _WORD,
                "weight": whole("In thousandths; all together 1000.", least=0, most=WEIGHT_TOTAL),
            },
            {
                "weightType": maybe(one_of(*WEIGHT_TYPES)),
                "stickiness": maybe(text("By which field lots are drawn.", most=MAX_TEXT, example="userId")),
                "payload": maybe(
                    thing(
                        {
                            "type": one_of(*PAYLOAD_TYPES),
                            "value": either(text(most=MAX_TEXT, example="#2d6cdf"), _DECIMAL, yes_or_no()),
                        }
                    )
                ),
                "overrides": maybe(many(_OVERRIDE, most=MAX_CONSTRAINTS)),
            },
            "One of several answers of a flag.",
        ),
        "examples": [{"name": "blue", "weight": 1_000, "payload": {"type": "string", "value": "#2d6cdf"}}],
    },
)
VARIANTS = maybe(many(VARIANT, "Each with a name of its own.", most=MAX_VARIANTS))

_SHARE = either(
    whole(least=0, most=100, example=25), text(most=3, pattern="^(100|[1-9]?[0-9])$", example="25"), _NULL
)
_BETWEEN_QUOTES = either(text(most=MAX_TEXT, pattern=_QUOTED, example="userId"), _DECIMAL, yes_or_no(), _NULL)
_PARAMETERS: Shape = {
    "type": "object",
    "description": "As the strategy takes them.",
    "properties": {
        "rollout": {**_SHARE, "description": "Percent of those who match."},
        "percentage": _SHARE,
        **dict.fromkeys(("stickiness", "groupId", "IPs", "hostNames", "userIds"), _BETWEEN_QUOTES),
    },
    "propertyNames": {"minLength": 1, "maxLength": 200, "pattern": STORABLE},
    "additionalProperties": maybe(_PLAIN),
    "examples": [{"rollout": "25", "stickiness": "userId", "groupId": "new-checkout"}],
}
STRATEGY = Named(
    "Strategy",
    {
        **thing(
            {"name": one_of(*STRATEGIES)},
            {
                "parameters": maybe(_PARAMETERS),
                "constraints": CONSTRAINTS,
                "variants": VARIANTS,
                "segments": maybe(
                    many(whole("Its number.", least=0, most=MAX_ID, example=3), most=MAX_SEGMENTS)
                ),
                "title": maybe(text(most=MAX_TEXT, example="A quarter of Germany")),
                "disabled": maybe(yes_or_no("SDKs do not hear of it.")),
                "sortOrder": maybe(whole("As Unleash sends it; here the order of the list counts.")),
            },
            "Who gets a flag.",
        ),
        "examples": [
            {
                "name": "flexibleRollout",
                "parameters": {"rollout": "25", "stickiness": "userId", "groupId": "new-checkout"},
                "constraints": [{"contextName": "country", "operator": "IN", "values": ["DE"]}],
            }
        ],
    },
)
STRATEGIES_OF_ONE = many(STRATEGY, "Any of them will do.", most=MAX_STRATEGIES)
VARIANTS_OF_ONE = many(VARIANT, "Each with a name of its own.", most=MAX_VARIANTS)

# What is stored may have been written past all checks: it is shown as it is.
STORED_STRATEGIES = many(
    table(anything(example="x"), example={"name": "flexibleRollout", "parameters": {"rollout": "25"}}),
    "As SDKs get them.",
)
STORED_CONSTRAINTS = many(
    table(anything(example="x"), example={"contextName": "country", "operator": "IN", "values": ["DE"]})
)
STORED_VARIANTS = many(table(anything(example="x"), example={"name": "blue", "weight": 1_000}))
