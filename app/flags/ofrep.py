"""Answers of flags in the words of OFREP 0.3 (OpenFeature Remote Evaluation Protocol). Pure: no I/O, no
clock.

A flag has a value of one kind. With payloads it is the payload of the variant; where none was given the
value is left out, and the application takes the default of its code. Without payloads the value is on or
off.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.flags.evaluator import Answer, Variant
from app.flags.wire import Feature

Json = dict[str, Any]
FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
INVALID_CONTEXT = "INVALID_CONTEXT"
TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
PARSE_ERROR = "PARSE_ERROR"
GENERAL = "GENERAL"
WHOLE_SHARE = ("100", "")
# Parameters that choose people by name or place.
CHOOSING = ("userIds", "IPs", "hostNames")


class Unanswerable(Exception):
    """The request is no evaluation; `code` is one of OpenFeature's."""

    def __init__(self, code: str, details: object) -> None:
        super().__init__(code, details)
        self.code, self.details = code, details


def context_of(body: object) -> Json:
    """The context of a request as our engine reads it: the targeting key is who is asked for."""
    context = body.get("context") if isinstance(body, dict) else None
    if not isinstance(context, dict):
        raise Unanswerable(INVALID_CONTEXT, _l("Send an object with the context."))
    key = context.get("targetingKey")
    if key is None or key == "":
        raise Unanswerable(TARGETING_KEY_MISSING, _l("The context has no targetingKey."))
    if not isinstance(key, str):
        raise Unanswerable(INVALID_CONTEXT, _l("The targetingKey is a text."))
    rest = {name: value for name, value in context.items() if name != "targetingKey"}
    return {"userId": key, "targetingKey": key, **rest}


def success(feature: Feature, answer: Answer, revision: int) -> Json:
    """One evaluation; the payload may turn out to be none, which is a failure of this flag alone."""
    found: Json = {
        "key": feature.name,
        "reason": reason(feature),
        "variant": variant_of(answer),
        "metadata": {"type": feature.type, "project": feature.project, "revision": revision},
    }
    if not has_payloads(feature):
        return found | {"value": answer.is_enabled}
    if not _is_given(answer.variant) or answer.variant.payload is None:
        return found
    try:
        return found | {"value": value_of(answer.variant.payload)}
    except ValueError:
        return failure(PARSE_ERROR, _l("The payload is not of its type."), feature.name)


def failure(code: str, details: object, key: str | None = None) -> Json:
    found: Json = {} if key is None else {"key": key}
    return found | {"errorCode": code, "errorDetails": str(details)}


def variant_of(answer: Answer) -> str:
    if _is_given(answer.variant):
        return answer.variant.name
    return "on" if answer.is_enabled else "off"


def value_of(payload: Mapping[str, str]) -> object:
    """Raises `ValueError` for a payload that is not what it says."""
    text = payload.get("value", "")
    if payload.get("type") == "number":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return int(number) if number.is_integer() and "." not in text else number
    return json.loads(text, parse_constant=_no_number) if payload.get("type") == "json" else text


def _no_number(name: str) -> object:
    raise ValueError(f"JSON knows no {name}")


def has_payloads(feature: Feature) -> bool:
    return any(variant.get("payload") for variant in _variants(feature))


def reason(feature: Feature) -> str:
    """Why a flag answers what it answers: for all the same, by who is asked, or by lot."""
    if not feature.enabled:
        return "DISABLED"
    active = _active(feature)
    if feature.dependencies or any(_chooses(strategy) for strategy in active):
        return "TARGETING_MATCH"
    if any(_draws(strategy) for strategy in active) or len(_variants(feature)) > 1:
        return "SPLIT"
    return "STATIC"


def _is_given(variant: Variant) -> bool:
    return variant.is_enabled


def _active(feature: Feature) -> list[Json]:
    return [strategy for strategy in feature.strategies if not strategy.get("disabled")]


def _variants(feature: Feature) -> list[Json]:
    of_strategies = [one for strategy in _active(feature) for one in strategy.get("variants") or ()]
    return [*feature.variants, *of_strategies]


def _chooses(strategy: Json) -> bool:
    parameters = strategy.get("parameters") or {}
    return bool(strategy.get("constraints") or strategy.get("segments")) or any(
        parameters.get(name) for name in CHOOSING
    )


def _draws(strategy: Json) -> bool:
    parameters = strategy.get("parameters") or {}
    shares = (parameters.get("rollout", "100"), parameters.get("percentage", "100"))
    return any(share not in WHOLE_SHARE for share in shares)
