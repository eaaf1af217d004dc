"""What the API takes and answers of candidate releases. Pure: shapes alone."""

from __future__ import annotations

from typing import get_args

from app.locales.shapes import CODE
from app.openapi.shapes import (
    Named,
    many,
    maybe,
    moment,
    number,
    one_of,
    text,
    thing,
    whole,
    yes_or_no,
)
from app.rollouts.guards import State as GuardState
from app.rollouts.machine import Action, Outcome, State
from app.word_releases.share_plan import MOST_MINUTES, MOST_STEPS

PERCENT = whole("Of the visitors.", least=0, most=100, example=5)
MINUTES = whole("At least this long.", least=0, most=MOST_MINUTES, example=60)
STEP = thing({"percent": PERCENT, "minutes": MINUTES})

GUARD = thing(
    {
        "key": text("What is watched.", example="errors:checkout"),
        "state": one_of(*get_args(GuardState), about="early: not enough data; silent: no data."),
        "treated": maybe(number("The share of those who see the candidate.", example=0.012)),
        "control": maybe(number("The share of the others.", example=0.011)),
        "low": maybe(number("Where the difference begins, if it is known as an interval.")),
        "high": maybe(number("Where it ends.")),
        "counts": maybe(
            many(number(), "Bad and all of those who see it, bad and all of the others.", least=4, most=4)
        ),
    }
)
DECISION = thing(
    {
        "at": moment(),
        "who": text("A person, token:name or job:name.", example="job:word_releases.decide"),
        "action": one_of(*get_args(Action)),
        "percent": PERCENT,
        "said": text("What was decided and why, in a sentence.", example="5% of the visitors see it."),
    }
)
CANDIDATE = Named(
    "CandidateRelease",
    thing(
        {
            "locale": CODE,
            "candidate": whole("The number of the release.", least=1, example=8),
            "stable": whole("What the others see; 0: what ships.", least=0, example=7),
            "percent": PERCENT,
            "steps": many(STEP, least=1),
            "by_hand": yes_or_no("A person takes each step."),
            "step": whole("Which of the steps it stands at, from 0.", least=0, example=0),
            "state": one_of(*get_args(State)),
            "outcome": maybe(one_of(*(one for one in get_args(Outcome) if one))),
            "verdict": one_of("ok", "early", "silent", "suspect", "harm", about="Of all guards together."),
            "said": text("How it stands, in a sentence.", example="5% of the visitors see it."),
            "started_at": moment(),
            "started_by": text(example="ada@example.org"),
            "ended_at": maybe(moment()),
            "looked_at": maybe(moment("When its figures were last looked at; null: not yet.")),
            "guards": many(GUARD),
            "decisions": many(DECISION, "Newest first; where one was asked for, not where one was changed."),
        },
        about="A release that a share of the shoppers of a locale sees beside the live one.",
    ),
)

STEP_DRAFT = thing({"percent": whole("Of the visitors.", least=1, most=100, example=5)}, {"minutes": MINUTES})
START = thing(
    {},
    {
        "steps": many(
            STEP_DRAFT,
            "Each reaches more visitors than the one before. Without: 5, then 25 %.",
            least=1,
            most=MOST_STEPS,
        ),
        "note": text("What is new in it.", most=500, example="A shorter word for the cart"),
        "release": whole("An earlier release; without: what is approved now.", least=1, most=2**31 - 1),
    },
)
SHARE = thing({"percent": whole("0 withdraws it, 100 shows it to all.", least=0, most=100, example=40)})
