"""How fast the shop felt: browsers report three numbers per page view when the page is left (vitals.js)."""

from __future__ import annotations

import json
import math
from typing import Any

from flask import Blueprint, request

from storefront import telemetry
from storefront.security import csrf
from storefront.shopper import device_of

blueprint = Blueprint("vitals", __name__)
csrf.exempt(blueprint)  # sendBeacon cannot send the token, and nothing is changed in anybody's name

LARGEST_BODY = 256  # bytes
# What a browser can mean; more is a clock that jumped or somebody's joke.
LARGEST = {"lcp": 60.0, "inp": 60.0, "cls": 10.0}  # seconds, seconds, score


class Nonsense(ValueError):
    """Not what vitals.js sends."""


@blueprint.post("/vitals")
def receive() -> tuple[str, int]:
    try:
        vitals = read_vitals(request.get_data(cache=False) if _is_small_json() else b"")
    except Nonsense:
        return "", 400
    telemetry.web_vitals(device_of(request.user_agent.string), **vitals)
    return "", 204


def _is_small_json() -> bool:
    return request.is_json and (request.content_length or 0) <= LARGEST_BODY


def read_vitals(body: bytes) -> dict[str, float | None]:
    """`{"lcp": 1.2, "inp": null, "cls": 0.01}`: these keys alone, numbers in range or null, one at least."""
    found = _object(body)
    if not found or not found.keys() <= LARGEST.keys():
        raise Nonsense
    vitals = {name: _number(found.get(name), largest) for name, largest in LARGEST.items()}
    if all(value is None for value in vitals.values()):
        raise Nonsense
    return vitals


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Nonsense from None
    if not isinstance(found, dict):
        raise Nonsense
    return found


def _number(value: object, largest: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Nonsense
    if not 0 <= value <= largest:
        raise Nonsense
    return float(value)
