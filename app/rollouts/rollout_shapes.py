"""What the API takes and answers of rollouts: plans, where they are, and what was decided why. Pure."""

from __future__ import annotations

from typing import get_args

from app.openapi.shapes import (
    PAGING,
    Named,
    Shape,
    anything,
    either,
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
from app.rollouts import guards, machine
from app.rollouts.plan import (
    APPROVERS,
    AT_DEADLINE,
    CUSTOMERS,
    DEVICES,
    GUARD_KINDS,
    JOURNEYS,
    MOST_EXPOSURES,
    MOST_GUARDS,
    MOST_MINUTES,
    MOST_STEPS,
    MOST_VALUES,
    ON_HARM,
    WHEN_SILENT,
    GuardKind,
    Scope,
)
from app.rollouts.words import OUTCOMES

MOST_REASON = 500
FLAG = text(least=1, most=100, example="new-checkout")
ENVIRONMENT = text("Without it production.", most=50, example="production")
VERSION = whole(
    "The one that was read: does nothing where somebody did something since.", least=1, most=2**31 - 1
)
SENTENCE = "5 % of all shoppers for an hour, then everybody."
REASON = text("Why.", most=MOST_REASON, example="Agreed with ops")
NEEDED_REASON = words("Why.", most=MOST_REASON, example="Agreed with ops")

STEP = Named(
    "RolloutStep",
    thing(
        {
            "percent": whole("Of the audience or of everyone.", least=1, most=100, example=5),
            "minutes": whole("At least so long, counting only what was seen.", least=0, most=MOST_MINUTES),
        },
        {
            "exposures": whole("And so many shoppers who met it.", least=0, most=MOST_EXPOSURES, example=500),
            "scope": one_of(*get_args(Scope)),
            "approver": one_of(*APPROVERS, about="Who must agree before; empty: nobody."),
        },
    ),
)
_STEPS: Shape = {
    **many(STEP, "Each reaches more than the one before.", least=1, most=MOST_STEPS),
    "allOf": [{"prefixItems": [{"properties": {"approver": {"const": ""}}}]}],
    "examples": [[{"percent": 5, "minutes": 60, "exposures": 500}, {"percent": 100, "minutes": 0}]],
}


def _of_kind(kind: GuardKind) -> Shape:
    """What a kind of guard asks for beyond what all do."""
    properties: Shape = {"limit": {"minimum": kind.least, "maximum": kind.most}}
    if not kind.of_journeys:
        properties["journey"] = {"const": ""}
    properties["slo"] = {"minLength": 1} if kind.of_slo else {"const": ""}
    needed = {"required": ["slo"]} if kind.of_slo else {}
    given = {"properties": {"kind": {"const": kind.key}}, "required": ["kind"]}
    return {"if": given, "then": {"properties": properties, **needed}}


GUARD = Named(
    "RolloutGuard",
    {
        **thing(
            {"kind": one_of(*GUARD_KINDS)},
            {
                "limit": number("Times as much, a share or a burn rate, as the kind says.", example=1.5),
                "journey": one_of("", *JOURNEYS),
                "slo": text("The key of an objective.", most=100, pattern="^[a-z0-9._-]*$", example=""),
                "when_silent": one_of(*WHEN_SILENT, about="Without data."),
            },
        ),
        "allOf": [_of_kind(kind) for kind in GUARD_KINDS.values()],
        "examples": [{"kind": "errors", "limit": 1.5, "journey": "checkout", "when_silent": "hold"}],
    },
)
_WORD = text(least=1, most=40, pattern="^[A-Za-z0-9_-]+$", example="de")
_SEGMENT = either(_WORD, whole(least=0, most=2**31 - 1), about="By its number.")
AUDIENCE = thing(
    {},
    {
        "locales": many(_WORD, most=MOST_VALUES),
        "countries": many({**_WORD, "examples": ["DE"]}, most=MOST_VALUES),
        "devices": many(one_of(*DEVICES), most=MOST_VALUES),
        "customer": one_of(*CUSTOMERS, about="Empty: both."),
        "segments": {**many(_SEGMENT, "All must hold.", most=MOST_VALUES), "examples": [[]]},
    },
    "All that is said must hold; nothing said: everybody.",
)
PLAN = Named(
    "RolloutPlan",
    thing(
        {"steps": _STEPS, "deadline": moment_of_ours("By when it must be over: within 90 days.")},
        {
            "guards": {
                **many(GUARD, "What may not get worse; no two of the same.", most=MOST_GUARDS),
                "uniqueItems": True,
            },
            "audience": AUDIENCE,
            "on_harm": one_of(*ON_HARM),
            "at_deadline": one_of(*AT_DEADLINE),
            "tell": text(
                "An e-mail address that hears of it, besides the page.",
                most=255,
                pattern=r"^([^@\s,;<>\"\u0000]{1,64}@[^@\s,;<>\"\u0000]{1,190})?$",
                example="ops@example.org",
            ),
            "recipe": text("The template it was made from.", most=40, pattern="^[A-Za-z0-9_-]*$", example=""),
        },
    ),
)
START = thing(
    {"flag": FLAG, "plan": PLAN},
    {
        "environment": ENVIRONMENT,
        "flag_revision": maybe(whole("Of the flag there, as it was seen.", least=0, most=2**31 - 1)),
    },
)
PREVIEW_OF = thing({"plan": PLAN})
_SEEN: dict[str, Shape] = {"version": maybe(VERSION)}
ACT = thing({}, {**_SEEN, "reason": REASON})
ACT_WITH_REASON = thing({"reason": NEEDED_REASON}, _SEEN)
APPROVAL = thing(
    {}, {**_SEEN, "step": maybe(whole("Which, counted from 1.", least=1, most=MOST_STEPS, example=2))}
)
OVERRIDE = thing({"reason": NEEDED_REASON, "until": moment_of_ours("Within 7 days.")}, _SEEN)
FREEZING = thing({"reason": NEEDED_REASON})
LISTED: dict[str, Shape] = {
    **PAGING,
    "state": one_of("open", "ended", about="Without it both."),
    "flag": text("Of one flag.", most=200, example="new-checkout"),
}

_NUMBER = maybe(number(example=0.02))
VERDICT = Named(
    "RolloutVerdict",
    thing(
        {
            "key": text(example="errors:checkout"),
            "kind": one_of(*GUARD_KINDS),
            "state": one_of(*get_args(guards.State)),
            "limit": number(example=1.5),
            "treated": _NUMBER,
            "control": _NUMBER,
            "low": _NUMBER,
            "high": maybe(number("Interval of the difference, where there is one.")),
            "capital": maybe(number("Of the bet on harm.")),
            "needed": maybe(number("Capital at which chance is ruled out.")),
            "counts": maybe(many(number(), "Bad and all of treated, of control.", least=4, most=4)),
        },
        about="One guard's answer with what it rests on.",
    ),
)
_FREE = anything(example="x")
_ABOUT = table(_FREE, "Facts of the decision.", example={"percent": 5})
_DECISION = thing(
    {
        "action": one_of(*get_args(machine.Action)),
        "code": text("Why, for programs.", example="started"),
        "about": _ABOUT,
        "since": text(example="2026-01-31T09:00:00+00:00"),
    },
    {"who": text("Where a person did it.", example="ada@example.org")},
    "The last decision.",
)
ROLLOUT = Named(
    "Rollout",
    thing(
        {
            "id": whole(least=1, example=12),
            "flag": FLAG,
            "environment": text(example="production"),
            "state": one_of(*get_args(machine.State)),
            "outcome": maybe(one_of(*(name for name in OUTCOMES if name))),
            "version": whole(least=1),
            "step": whole("Counted from 1.", least=1),
            "steps": whole(least=1),
            "percent": maybe(whole("Of this step; null: it is over.", least=0, most=100, example=5)),
            "observed_seconds": number("Of this step, only what was seen.", least=0, example=840),
            "exposures": maybe(whole("Shoppers who met it in this step.", least=0, example=312)),
            "approved_step": whole("Up to which step somebody agreed.", least=1),
            "looked_at": maybe(moment()),
            "started_at": moment(),
            "started_by": text(example="ada@example.org"),
            "ended_at": maybe(moment()),
            "ended_by": maybe(text(example="ada@example.org")),
            "decision": _DECISION,
            "said": text("The last decision in words.", example="Started at 5 %."),
            "to_do": text("What somebody should do, if anything.", example=""),
            "sentence": text("The plan in words.", example=SENTENCE),
            "override": maybe(thing({"who": text(), "reason": text(), "until": moment()})),
            "plan": PLAN,
            "verdicts": many(VERDICT, "Of the last look."),
        }
    ),
)
FREEZE = Named(
    "RolloutFreeze",
    thing(
        {"frozen": yes_or_no("Nothing new begins in any rollout.")},
        {"since": moment(), "by": text(example="ada@example.org"), "reason": text(example="Incident 7")},
    ),
)
ROLLOUTS = thing({**page_of("rollouts", ROLLOUT)["properties"], "freeze": FREEZE})
DECISIONS = page_of(
    "decisions",
    Named(
        "RolloutDecision",
        thing(
            {
                "id": whole(least=1, example=41),
                "at": moment(),
                "who": text("A person, or the job.", example="job:rollouts.decide"),
                "step": whole(least=1),
                "action": one_of(*get_args(machine.Action)),
                "code": text(example="started"),
                "said": text(example="Started at 5 %."),
                "about": _ABOUT,
                "evidence": table(_FREE, "What it rests on, in full.", example={}),
                "mailed_at": maybe(moment()),
            }
        ),
    ),
)
TEMPLATES = thing(
    {
        "templates": many(
            thing(
                {
                    "key": text(example="careful"),
                    "name": text(example="Careful"),
                    "about": text(example="Small steps over days."),
                    "plan": PLAN,
                    "sentence": text(example=SENTENCE),
                }
            )
        )
    }
)
PREVIEW = thing(
    {
        "sentence": text(example=SENTENCE),
        "shoppers": whole("Different ones of the last hour.", least=0, example=820),
        "matching": maybe(whole("Of those, the audience; null: only the shop knows.", least=0, example=640)),
        "steps": many(maybe(whole(least=0, example=32)), "About how many each step reaches."),
    }
)
