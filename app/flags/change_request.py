"""Changes that wait: for somebody else's word, for their hour, or for both. Pure: no I/O, no clock.

    draft → in review → approved → applied
              ↓  ↑          ↓
           rejected     scheduled → applied, or not applied (it came too late, or the flag changed meanwhile)

Where an environment asks for no approval, sending a draft makes it approved, or scheduled where it has an
hour. What ends nowhere else can be cancelled. Each change of what is proposed begins a new round: words
given in an earlier one no longer count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, Forbidden, Refused
from app.flags import targeting
from app.flags.percent import checked_percent, moved, reach

Json = dict[str, Any]
State = Literal[
    "draft", "in_review", "approved", "scheduled", "applied", "rejected", "cancelled", "not_applied"
]
Kind = Literal["percent", "enabled", "targeting"]
Verdict = Literal["approve", "reject", "comment"]
Problem = Literal["changed", "late", "refused"]

NAMES: Mapping[str, object] = {
    "draft": _l("draft"),
    "in_review": _l("in review"),
    "approved": _l("approved"),
    "scheduled": _l("planned"),
    "applied": _l("applied"),
    "rejected": _l("rejected"),
    "cancelled": _l("cancelled"),
    "not_applied": _l("not applied"),
}
OPEN: tuple[State, ...] = ("not_applied", "in_review", "approved", "scheduled", "draft", "rejected")
ENDED: tuple[State, ...] = ("applied", "cancelled")
EDITABLE: tuple[State, ...] = ("draft", "rejected", "not_applied", "in_review", "approved", "scheduled")

MOST_CHANGES = 50
MOST_LETTERS = 200
LONGEST_TEXT = 4_000
FURTHEST = timedelta(days=366)
# After so long (the scheduler was down) a change that gives the flag to more shoppers is not made any more:
# nobody may be watching at that hour. One that takes it away is made however late.
GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class Opinion:
    who: str
    verdict: Verdict
    round: int


@dataclass(frozen=True)
class Change:
    """One change of one flag, checked."""

    flag: str
    kind: Kind
    payload: Json  # {"percent": 25} · {"enabled": true} · {"strategies": […], "variants": […]}


def checked_change(flag: object, raw: Mapping[str, object]) -> Change:
    """What somebody proposes: exactly one of percent, enabled, strategies (with variants)."""
    if not isinstance(flag, str) or not flag:
        raise Refused(_l("The change was not kept."), {"flag": _l("Say which flag.")})
    given = [key for key in ("percent", "enabled", "strategies") if raw.get(key) is not None]
    if len(given) != 1:
        raise Refused(
            _l("The change was not kept."),
            {"kind": _l("Say what changes: one of percent, enabled, strategies.")},
        )
    match given[0]:
        case "percent":
            return Change(flag, "percent", {"percent": checked_percent(raw["percent"])})
        case "enabled":
            return Change(flag, "enabled", {"enabled": _checked_switch(raw["enabled"])})
        case _:
            return Change(
                flag,
                "targeting",
                {
                    "strategies": targeting.checked_strategies(raw["strategies"], flag),
                    "variants": targeting.checked_variants(raw.get("variants")),
                },
            )


def _checked_switch(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise Refused(_l("The change was not kept."), {"enabled": _l("this must be true or false")})
    return raw


def outcome(before: Json, change: Change) -> Json:
    """What the flag's state becomes; `before` and the answer as the audit trail keeps them."""
    match change.kind:
        case "percent":
            share = change.payload["percent"]
            return before | {"strategies": moved(before["strategies"], share, change.flag), "enabled": True}
        case "enabled":
            return before | {"enabled": change.payload["enabled"]}
        case "targeting":
            return before | change.payload


def narrows(before: Json, after: Json) -> bool:
    """Whether surely nobody gets the flag who did not have it before."""
    if not after["enabled"]:
        return True
    was, is_ = reach(before["enabled"], before["strategies"]), reach(True, after["strategies"])
    if was.percent is None or is_.percent is None or is_.percent > was.percent:
        return False
    return _but_for_share(before["strategies"]) == _but_for_share(after["strategies"])


def _but_for_share(strategies: Sequence[Json]) -> list[Json]:
    return [
        {**one, "parameters": {k: v for k, v in one.get("parameters", {}).items() if k != "rollout"}}
        for one in strategies
    ]


def is_too_late(apply_at: datetime, now: datetime, all_narrow: bool) -> bool:
    """Whether a change whose hour was missed must not be made any more."""
    return now - apply_at > GRACE and not all_narrow


def checked_hour(at: datetime | None, now: datetime) -> datetime:
    wrong = _l("Give a moment in the future, within a year.")
    if at is None or at <= now or at > now + FURTHEST:
        raise Refused(_l("Nothing was planned."), {"apply_at": wrong})
    return at


def checked_title(text: str) -> str:
    found = " ".join(text.split())
    if not found or len(found) > MOST_LETTERS or "\x00" in found:
        message = _l("Say what it is for, in at most %(most)s characters.", most=MOST_LETTERS)
        raise Refused(_l("The change request was not saved."), {"title": message})
    return found


def checked_text(text: str, *, required: bool = False) -> str:
    found = text.strip()
    if len(found) > LONGEST_TEXT or "\x00" in found or (required and not found):
        message = _l("Write at most %(most)s characters.", most=LONGEST_TEXT)
        raise Refused(_l("The comment was not saved."), {"text": message})
    return found


def sent(state: State, changes: int, approvals_needed: int, apply_at: datetime | None) -> State:
    """Where a draft goes when its author lets it go."""
    _from(state, ("draft", "rejected", "not_applied"))
    if changes == 0:
        raise Refused(_l("There is nothing in this change request yet."))
    return "in_review" if approvals_needed > 0 else approved(apply_at)


def approved(apply_at: datetime | None) -> State:
    return "approved" if apply_at is None else "scheduled"


def judged(
    state: State,
    verdict: Verdict,
    who: str,
    authors: Iterable[str],
    opinions: Iterable[Opinion],
    round_: int,
    approvals_needed: int,
    apply_at: datetime | None,
) -> State:
    """The state after `who` said so. Nobody approves what is their own, whatever their role."""
    if verdict == "comment":
        return state
    _from(state, ("in_review",))
    if verdict == "reject":
        return "rejected"
    if who in set(authors):
        raise Forbidden(_l("This is your own change. Somebody else has to approve it."))
    said = {opinion.who for opinion in opinions if opinion.verdict == "approve" and opinion.round == round_}
    return approved(apply_at) if len(said | {who}) >= approvals_needed else "in_review"


def is_ready(state: State) -> bool:
    """Whether it may be applied by hand, at once."""
    return state in ("approved", "scheduled")


def check_ready(state: State) -> None:
    if not is_ready(state):
        raise Conflict(
            _l("Only what is approved can be applied. This change request: %(state)s.", state=NAMES[state])
        )


def check_approvals(given: int, needed: int) -> None:
    """`given`: how many it was approved by, where nobody had to: 0."""
    if needed > given:
        raise Conflict(_l("This environment asks for more approvals now. Send the change request again."))


def check_open(state: State) -> None:
    _from(state, OPEN)


def check_editable(state: State) -> None:
    _from(state, EDITABLE)


def _from(state: State, allowed: Sequence[State]) -> None:
    if state not in allowed:
        raise Conflict(
            _l("This change request has moved on meanwhile: it is %(state)s now.", state=NAMES[state])
        )
