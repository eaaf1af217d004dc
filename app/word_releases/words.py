"""Candidates and what is decided of them, in words. Pure: in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.ui import formats

GUARDS: Mapping[str, LazyString] = {
    "errors:browse": _l("Failures while browsing"),
    "errors:search": _l("Failures in search"),
    "errors:cart": _l("Failures in the cart"),
    "errors:checkout": _l("Failures at checkout"),
    "errors:pay": _l("Failures in payment"),
    "errors:fallbacks": _l("Pages that lack a text"),
    "errors:failures": _l("Pages with a text that could not be filled in"),
    "conversion": _l("Conversion"),
    "checkout": _l("Orders of those at the checkout"),
}
# A guard without enough to go by is never called well.
STATES: Mapping[str, tuple[LazyString, str]] = {
    "harm": (_l("worse"), "exhausted"),
    "suspect": (_l("suspicious"), "risk"),
    "ok": (_l("no harm"), "ok"),
    "early": (_l("not enough data"), "nodata"),
    "silent": (_l("no data"), "nodata"),
}
OUTCOMES: Mapping[str, tuple[LazyString, str]] = {
    "": (_l("on its way"), "running"),
    "finished": (_l("shown to all"), "ok"),
    "rolled_back": (_l("withdrawn"), "exhausted"),
    "expired": (_l("ran out of time"), "off"),
    "aborted": (_l("withdrawn by hand"), "off"),
}
REASONS: Mapping[tuple[str, str], LazyString] = {
    ("stay", "started"): _l("%(share)s of the visitors see it."),
    ("stay", "share"): _l("Set by hand: %(share)s of the visitors see it."),
    ("stay", "time"): _l("No harm so far. At least %(left)s more before the next step."),
    ("stay", "time_early"): _l("Not enough data yet. At least %(left)s more before the next step."),
    ("stay", "exposures"): _l("Not enough data: %(have)s of %(want)s shoppers have seen it."),
    ("hold", "no_exposures"): _l("It waits: how many shoppers saw it is not known at the moment."),
    ("hold", "blind"): _l("It waits: the shop's figures do not arrive. No step is taken unseen."),
    ("hold", "silent"): _l("It waits: there is no data for %(guards)s."),
    ("hold", "no_traffic"): _l("Not enough data: too few shoppers come to compare anything."),
    ("hold", "mismatch"): _l(
        "It waits: the groups are not as large as they should be, so a comparison means nothing."
    ),
    ("hold", "suspicious"): _l("It waits: %(guards)s looks worse, not yet beyond chance."),
    ("hold", "returning"): _l("It is watched again since a moment ago. %(left)s more to be sure."),
    ("freeze", "both_suffer"): _l(
        "Frozen: shoppers of the live release suffer too, so it is not these words. It goes on by itself."
    ),
    ("freeze", "frozen"): _l("Frozen, as all rollouts are at the moment."),
    ("freeze", "policy"): _l("Frozen: the error-budget policy allows no changes now."),
    ("ask", "by_hand"): _l("No harm was found at %(share)s. Show it to more shoppers, or to all."),
    ("advance", "good"): _l("No harm was found. Now %(share)s of the visitors see it."),
    ("finish", "good"): _l("No harm was found at any share: all shoppers see it."),
    ("finish", "by_person"): _l("Shown to all shoppers by hand."),
    ("roll_back", "harm"): _l("Halted, nobody sees it any more: %(guards)s became worse."),
    ("roll_back", "by_person"): _l("Withdrawn by hand."),
    ("expire", "deadline"): _l("Its time was up, nobody sees it any more."),
    ("abort", "by_hand"): _l("It went by another way, such as going back to an earlier release."),
}


def guard_name(key: str) -> str:
    return str(GUARDS.get(key, key))


def reason(action: str, code: str, about: Mapping[str, Any], percent: int) -> str:
    """What was decided and why, in one sentence."""
    told = {
        "share": formats.percent(about.get("percent", percent) / 100),
        "left": formats.span(about.get("seconds", 0)),
        "have": formats.number(about.get("have")),
        "want": formats.number(about.get("want")),
        "guards": str(_(" and ")).join(map(guard_name, about.get("guards", ()))),
    }
    return str(REASONS[action, code]) % told


def verdict(found: Sequence[Mapping[str, Any]]) -> str:
    """Of all guards together: the worst of them, and never well where one has not enough to go by."""
    states = {one["state"] for one in found}
    return next(
        (state for state in ("harm", "suspect", "silent", "early") if state in states),
        "ok" if states else "early",
    )


def figure(number: float | None) -> str:
    return formats.percent(number, 2)
