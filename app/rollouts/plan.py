"""What somebody wants of a rollout: for whom, in which steps, guarded by what, until when. Pure.

A plan travels as JSON: the form, the API and the database hold the same. What comes in is checked whole and
refused with one message beside each field.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Json = Mapping[str, Any]
Scope = Literal["audience", "everyone"]

LONGEST = timedelta(days=90)
MOST_STEPS = 12
MOST_GUARDS = 12
MOST_MINUTES = 60 * 24 * 30
MOST_EXPOSURES = 10_000_000
MOST_VALUES = 50

JOURNEYS = ("all", "browse", "search", "cart", "checkout", "pay")
DEVICES = ("desktop", "mobile", "tablet")
CUSTOMERS = ("", "guest", "account")
ON_HARM = ("roll_back", "off", "hold")
AT_DEADLINE = ("roll_back", "stay")
APPROVERS = ("", "another", "product_manager", "ops", "admin")
WHEN_SILENT = ("hold", "ignore")
WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")
MAIL = re.compile(r"[^@\s,;<>\"\x00]{1,64}@[^@\s,;<>\"\x00]{1,190}")


@dataclass(frozen=True)
class GuardKind:
    """`limit` is read as the unit says: times as much, a share, a burn rate."""

    key: str
    unit: Literal["times", "share", "burn"]
    usual: float
    least: float
    most: float
    of_journeys: bool = False  # about journeys, of one kind or all
    of_slo: bool = False  # about an objective


GUARD_KINDS: Mapping[str, GuardKind] = {
    kind.key: kind
    for kind in (
        GuardKind("errors", "times", 1.5, 1.05, 20, of_journeys=True),
        GuardKind("latency", "times", 1.5, 1.05, 20, of_journeys=True),
        GuardKind("burn", "burn", 6, 0.5, 1000, of_journeys=True, of_slo=True),
        GuardKind("budget", "share", 0.05, 0.001, 1, of_journeys=True, of_slo=True),
        GuardKind("conversion", "share", 0.05, 0.005, 0.5),
        GuardKind("revenue", "share", 0.1, 0.005, 0.5),
        GuardKind("checkout", "share", 0.05, 0.005, 0.5),
        GuardKind("cost", "times", 1.2, 1.01, 20),
    )
}


@dataclass(frozen=True)
class Audience:
    """Empty: everybody. Several lists must all hold; within a list any value will do."""

    locales: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    customer: str = ""  # guest, account or both
    segments: tuple[str, ...] = ()  # of the flags' named groups, by their id

    @property
    def is_everybody(self) -> bool:
        return self == Audience()


@dataclass(frozen=True)
class Step:
    percent: int
    minutes: int  # at least this long, counting only time that was seen
    exposures: int = 0  # and so many different shoppers who met the feature
    scope: Scope = "audience"
    approver: str = ""  # who must agree before this step begins; "": nobody


@dataclass(frozen=True)
class Guard:
    kind: str
    limit: float
    journey: str = ""  # of JOURNEYS, for kinds that are about journeys
    slo: str = ""
    when_silent: str = "hold"  # without data: hold, or ignore

    @property
    def key(self) -> str:
        return ":".join(part for part in (self.kind, self.slo, self.journey) if part)


@dataclass(frozen=True)
class Plan:
    steps: tuple[Step, ...]
    guards: tuple[Guard, ...]
    deadline: datetime
    audience: Audience = field(default_factory=Audience)
    on_harm: str = "roll_back"
    at_deadline: str = "roll_back"
    tell: str = ""  # who gets mail, besides the page
    recipe: str = ""  # the template it was made from

    @property
    def last(self) -> int:
        return len(self.steps) - 1


def as_json(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "deadline": plan.deadline.isoformat()}


def stored(raw: Json) -> Plan:
    """A plan that was checked before it was stored."""
    audience: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw["audience"].items()
    }
    return Plan(
        **{
            **raw,
            "steps": tuple(Step(**one) for one in raw["steps"]),
            "guards": tuple(Guard(**one) for one in raw["guards"]),
            "deadline": datetime.fromisoformat(raw["deadline"]),
            "audience": Audience(**audience),
        }
    )


def checked(raw: object, now: datetime) -> Plan:
    """A plan as it came in. Raises `Refused` with a message for each wrong field; nothing is guessed."""
    if not isinstance(raw, Mapping):
        raise Refused(_l("Send a plan as a JSON object."))
    wrong: dict[str, object] = {}
    plan = Plan(
        steps=_steps(raw.get("steps"), wrong),
        guards=_guards(raw.get("guards", []), wrong),
        deadline=_deadline(raw.get("deadline"), now, wrong),
        audience=_audience(raw.get("audience") or {}, wrong),
        on_harm=_one_of(raw.get("on_harm", "roll_back"), ON_HARM, "on_harm", wrong),
        at_deadline=_one_of(raw.get("at_deadline", "roll_back"), AT_DEADLINE, "at_deadline", wrong),
        tell=_mail(raw.get("tell", ""), wrong),
        recipe=_word(raw.get("recipe", ""), "recipe", wrong),
    )
    if unknown := sorted(set(map(str, raw)) - set(Plan.__dataclass_fields__)):
        wrong[unknown[0][:40]] = _l("There is no such field in a plan.")
    if wrong:
        raise Refused(_l("The rollout was not saved."), wrong)
    return plan


def _steps(raw: object, wrong: dict[str, object]) -> tuple[Step, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not 1 <= len(raw) <= MOST_STEPS:
        wrong["steps"] = _l("Give 1 to %(most)s steps.", most=MOST_STEPS)
        return ()
    steps = tuple(_step(one, number, wrong) for number, one in enumerate(raw, 1))
    if steps[0].approver:
        wrong["steps-1-approver"] = _l("The first step begins when you start the rollout.")
    for number, (before, after) in enumerate(pairwise(steps), 2):
        same_people = before.scope == after.scope
        if before.scope == "everyone" and after.scope == "audience":
            wrong[f"steps-{number}-scope"] = _l("Everyone has it by now: a later step cannot be for fewer.")
        elif same_people and after.percent <= before.percent:
            wrong[f"steps-{number}-percent"] = _l("Each step must reach more shoppers than the one before.")
        elif after.percent < before.percent:
            wrong[f"steps-{number}-percent"] = _l("A later step must not take it away from anybody.")
    return steps


def _step(raw: object, number: int, wrong: dict[str, object]) -> Step:
    found = raw if isinstance(raw, Mapping) else {}
    name = f"steps-{number}"
    if not isinstance(raw, Mapping) or set(map(str, found)) - set(Step.__dataclass_fields__):
        wrong[name] = _l("A step has percent, minutes, exposures, scope and approver.")
    return Step(
        percent=_whole(found.get("percent"), 1, 100, f"{name}-percent", wrong),
        minutes=_whole(found.get("minutes"), 0, MOST_MINUTES, f"{name}-minutes", wrong),
        exposures=_whole(found.get("exposures", 0), 0, MOST_EXPOSURES, f"{name}-exposures", wrong),
        scope=_one_of(found.get("scope", "audience"), ("audience", "everyone"), f"{name}-scope", wrong),  # type: ignore[arg-type]
        approver=_one_of(found.get("approver", ""), APPROVERS, f"{name}-approver", wrong),
    )


def _guards(raw: object, wrong: dict[str, object]) -> tuple[Guard, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or len(raw) > MOST_GUARDS:
        wrong["guards"] = _l("Give at most %(most)s guards.", most=MOST_GUARDS)
        return ()
    guards = tuple(_guard(one, number, wrong) for number, one in enumerate(raw, 1))
    if len({guard.key for guard in guards}) < len(guards):
        wrong["guards"] = _l("Two guards watch the same.")
    return guards


def _guard(raw: object, number: int, wrong: dict[str, object]) -> Guard:
    found = raw if isinstance(raw, Mapping) else {}
    name = f"guards-{number}"
    kind = GUARD_KINDS.get(str(found.get("kind")))
    if kind is None or set(map(str, found)) - set(Guard.__dataclass_fields__):
        wrong[name] = _l("Choose one of: %(kinds)s.", kinds=", ".join(GUARD_KINDS))
        return Guard("", 0)
    return Guard(
        kind=kind.key,
        limit=_number(found.get("limit", kind.usual), kind.least, kind.most, f"{name}-limit", wrong),
        journey=_one_of(found.get("journey") or "all", JOURNEYS, f"{name}-journey", wrong)
        if kind.of_journeys
        else "",
        slo=_slo(found.get("slo"), f"{name}-slo", wrong) if kind.of_slo else "",
        when_silent=_one_of(found.get("when_silent", "hold"), WHEN_SILENT, f"{name}-when_silent", wrong),
    )


def _audience(raw: object, wrong: dict[str, object]) -> Audience:
    if not isinstance(raw, Mapping) or set(map(str, raw)) - set(Audience.__dataclass_fields__):
        wrong["audience"] = _l("An audience has locales, countries, devices, customer and segments.")
        return Audience()
    return Audience(
        locales=_words(raw.get("locales", []), "locales", wrong),
        countries=tuple(one.upper() for one in _words(raw.get("countries", []), "countries", wrong)),
        devices=tuple(
            _one_of(one, DEVICES, "devices", wrong)
            for one in _words(raw.get("devices", []), "devices", wrong)
        ),
        customer=_one_of(raw.get("customer", ""), CUSTOMERS, "customer", wrong),
        segments=_words(raw.get("segments", []), "segments", wrong),
    )


def _words(raw: object, name: str, wrong: dict[str, object]) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or len(raw) > MOST_VALUES:
        wrong[name] = _l("Give a list of at most %(most)s.", most=MOST_VALUES)
        return ()
    if not all(isinstance(one, str | int) and WORD.fullmatch(str(one)) for one in raw):
        wrong[name] = _l("Use letters, digits and dashes, such as de or DE.")
        return ()
    return tuple(dict.fromkeys(str(one) for one in raw))


def _deadline(raw: object, now: datetime, wrong: dict[str, object]) -> datetime:
    try:
        found = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        wrong["deadline"] = _l("Give the day and time by which it must be over, with its zone.")
        return now
    if not now < found <= now + LONGEST:
        wrong["deadline"] = _l("The end must lie ahead, within %(days)s days.", days=LONGEST.days)
    return found


def _whole(raw: object, least: int, most: int, name: str, wrong: dict[str, object]) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        wrong[name] = _l("Use a whole number from %(least)s to %(most)s.", least=least, most=most)
        return least
    return raw


def _number(raw: object, least: float, most: float, name: str, wrong: dict[str, object]) -> float:
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)
    if not is_number or not least <= float(raw) <= most:  # type: ignore[arg-type]
        wrong[name] = _l("Use a number from %(least)s to %(most)s.", least=least, most=most)
        return least
    return float(raw)  # type: ignore[arg-type]


def _one_of(raw: object, allowed: Sequence[str], name: str, wrong: dict[str, object]) -> str:
    if not isinstance(raw, str) or raw not in allowed:
        wrong[name] = _l("Choose one of: %(kinds)s.", kinds=", ".join(filter(None, allowed)))
        return allowed[0]
    return raw


def _word(raw: object, name: str, wrong: dict[str, object]) -> str:
    if raw != "" and not (isinstance(raw, str) and WORD.fullmatch(raw)):
        wrong[name] = _l("Use letters, digits and dashes, such as de or DE.")
        return ""
    return str(raw)


def _slo(raw: object, name: str, wrong: dict[str, object]) -> str:
    if not isinstance(raw, str) or not re.fullmatch(r"[a-z0-9._-]{1,100}", raw):
        wrong[name] = _l("Choose an objective.")
        return ""
    return raw


def _mail(raw: object, wrong: dict[str, object]) -> str:
    if raw != "" and not (isinstance(raw, str) and MAIL.fullmatch(raw)):
        wrong["tell"] = _l("Give one e-mail address, or none.")
        return ""
    return str(raw)
