from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import NotFound
from app.jobs.job import Job, LastRuns, state_of
from app.jobs.plan import find

NOW = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)
JOB = Job("slo.gather", 30, lambda session, now, sources: "done", "Gathers")


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_a_slot_is_the_moment_rounded_down_to_the_interval():
    assert JOB.slot(NOW) == datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    assert JOB.slot(NOW + timedelta(seconds=23)) == datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


def test_two_schedulers_get_the_same_slot_within_one_interval():
    assert JOB.slot(NOW) == JOB.slot(NOW + timedelta(seconds=22.9))


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (None, "never"),
        (LastRuns(None, None, False, None), "never"),
        (LastRuns(None, ago(5), False, ago(5)), "ok"),
        (LastRuns(None, ago(5), True, ago(35)), "failed"),
        (LastRuns(ago(1), ago(20), False, ago(20)), "running"),
        (LastRuns(ago(1), None, False, None), "running"),
        (LastRuns(None, ago(91), False, ago(91)), "late"),
        (LastRuns(ago(100), None, False, None), "late"),
    ],
)
def test_the_worst_that_is_true_is_shown(last, state):
    assert state_of(JOB, last, NOW) == state


def test_a_frequent_job_is_not_late_within_a_minute():
    often = Job("health.probe", 10, JOB.work, "Looks")
    assert state_of(often, LastRuns(None, ago(59), False, ago(59)), NOW) == "ok"
    assert state_of(often, LastRuns(None, ago(61), False, ago(61)), NOW) == "late"


def test_an_unknown_job_is_refused_with_the_names_there_are(babel_context):
    assert find((JOB,), "slo.gather") is JOB
    with pytest.raises(NotFound, match=r"There is no job nope\. There are: slo\.gather\."):
        find((JOB,), "nope")
