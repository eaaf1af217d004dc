"""What the API says of jobs and their runs. Pure."""

from __future__ import annotations

from typing import get_args

from app.jobs.job import State
from app.openapi.shapes import Named, many, maybe, moment, number, one_of, page_of, text, thing, whole

NAME = text(least=1, most=100, pattern=r"^[a-z_]+\.[a-z_]+$", example="slo.gather")
OUTCOME = one_of("requested", "running", "ok", "failed")

JOB = Named(
    "Job",
    thing(
        {
            "name": NAME,
            "every_seconds": whole("Its interval.", least=1, example=60),
            "state": one_of(*get_args(State)),
            "finished_at": maybe(moment("Of the newest run that is over.")),
            "duration_seconds": maybe(number("How long that run took.", least=0, example=0.8)),
            "late_seconds": maybe(number("How long after its moment it began; null: it was asked for.")),
            "last_ok_at": maybe(moment("When it last went well.")),
            "said": text("What it did, or what went wrong.", example="4 objectives gathered"),
        },
        about="A line of the schedule with its newest run.",
    ),
)
JOBS = thing({"jobs": many(JOB, "The worst first.")})

RUN = Named(
    "JobRun",
    thing(
        {
            "run": whole(least=1, example=7_214),
            "job": NAME,
            "outcome": OUTCOME,
            "cause": one_of("schedule", "start", "page", "api", "cli"),
            "asked_by": text(example="ada@example.org"),
            "planned_for": moment("The moment that the run is for."),
            "started_at": maybe(moment()),
            "finished_at": maybe(moment()),
            "said": text("What it did, or what went wrong.", example="4 objectives gathered"),
        },
    ),
)
RUNS = page_of("runs", RUN)
