from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock, scheduler
from app.errors import Conflict, Refused
from app.jobs import commands, queries, runner
from app.jobs.job import Job
from app.jobs.models import JobRun


def job(work, name="test.work", every=3600):
    return Job(name, every, work, "A job of a test")


def runs(sources, name="test.work"):
    with sources.control() as session:
        return list(session.scalars(select(JobRun).where(JobRun.job == name).order_by(JobRun.id)))


def test_a_run_is_recorded_with_what_it_said(control_sources):
    assert runner.run_planned(job(lambda session, now, sources: "3 rows"), control_sources)
    (run,) = runs(control_sources)
    assert (run.outcome, run.said, run.cause) == ("ok", "3 rows", "schedule")
    assert run.finished_at >= run.started_at


def test_a_slot_is_run_once_whoever_tries(control_sources):
    done = []
    once = job(lambda session, now, sources: done.append(now) or "done")
    threads = [threading.Thread(target=runner.run_planned, args=(once, control_sources)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert len(runs(control_sources)) == 1


def test_the_first_run_of_a_leader_is_not_late_and_does_not_use_up_the_slot(control_sources):
    hourly = job(lambda *_: "done")
    assert runner.run_planned(hourly, control_sources, at_start=True)
    with control_sources.control() as session:
        (row,) = queries.board(session, (hourly,), clock.now())
    assert row.late_seconds is None
    assert runner.run_planned(hourly, control_sources)
    assert [run.cause for run in runs(control_sources)] == ["start", "schedule"]


def test_a_failing_job_is_recorded_and_leaves_nothing_half_done(control_sources):
    def half(session, now, sources):
        session.add(JobRun(job="half", slot=now, cause="cli", asked_by="test", outcome="ok"))
        session.flush()
        raise ZeroDivisionError("division by zero")

    assert runner.run_planned(job(half), control_sources)
    (run,) = runs(control_sources)
    assert (run.outcome, run.said) == ("failed", "ZeroDivisionError: division by zero")
    assert runs(control_sources, "half") == []


def test_a_refusal_is_said_in_its_own_words(control_sources):
    def refuse(session, now, sources):
        raise Refused("promtool is not installed")

    runner.run_planned(job(refuse), control_sources)
    assert runs(control_sources)[0].said == "promtool is not installed"


def test_who_asks_twice_is_told_that_it_waits_already(control_sources, control_session, now):
    commands.request(control_session, "test.work", "ops@shop.example", now, "page")
    with pytest.raises(Conflict):
        commands.request(control_session, "test.work", "ops@shop.example", now, "page")


def test_the_scheduler_takes_what_was_asked_for(control_sources, now):
    with control_sources.control.begin() as session:
        commands.request(session, "test.work", "ops@shop.example", now, "page")
    wanted = job(lambda session, at, sources: f"for {at.isoformat()}")
    assert scheduler.run_requested(control_sources, (wanted,))
    assert not scheduler.run_requested(control_sources, (wanted,))
    assert runs(control_sources)[0].said == f"for {now.isoformat()}"


def test_what_a_dead_scheduler_left_running_is_closed_by_the_next(control_sources, now):
    with control_sources.control.begin() as session:
        commands.begin_planned(session, "test.work", now, now)
    with control_sources.control.begin() as session:
        assert commands.close_abandoned(session, now) == 1
    (run,) = runs(control_sources)
    assert run.outcome == "failed"
    assert "stopped in mid-run" in run.said


def test_old_runs_are_forgotten_and_young_ones_kept(control_sources, now):
    with control_sources.control.begin() as session:
        commands.begin_planned(session, "test.work", now - timedelta(days=8), now)
        commands.begin_planned(session, "test.work", now, now)
        assert commands.prune(session, now) == 1
    assert len(runs(control_sources)) == 1


def test_the_board_shows_the_worst_first(control_sources, now):
    good, bad = job(lambda *_: "fine", "a.good"), job(lambda *_: 1 / 0, "z.bad")
    for one in (good, bad):
        runner.run_planned(one, control_sources)
    with control_sources.control() as session:
        rows = queries.board(session, (good, bad), clock.now())
    assert [(row.job.name, row.state) for row in rows] == [("z.bad", "failed"), ("a.good", "ok")]
    assert rows[1].duration_seconds >= 0


def leading(sources, jobs):
    stop = threading.Event()
    thread = threading.Thread(target=scheduler.serve, args=(sources, jobs, stop))
    thread.start()
    return stop, thread


def wait_until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_of_two_schedulers_one_leads_and_the_other_takes_over(control_sources):
    every_second = (job(lambda *_: "tick", every=1),)
    first = leading(control_sources, every_second)
    second = leading(control_sources, every_second)
    try:
        assert wait_until(lambda: len(runs(control_sources)) >= 2)
        first[0].set()
        first[1].join(10)
        had = len(runs(control_sources))
        assert wait_until(lambda: len(runs(control_sources)) > had + 1)
    finally:
        for stop, thread in (first, second):
            stop.set()
            thread.join(10)
    slots = [run.slot for run in runs(control_sources) if run.cause == "schedule"]
    assert len(slots) == len(set(slots)) > 0


def test_a_leader_whose_connection_dies_comes_back(control_sources):
    stop, thread = leading(control_sources, (job(lambda *_: "tick", every=1),))
    try:
        assert wait_until(lambda: runs(control_sources))
        with control_sources.control.begin() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        had = len(runs(control_sources))
        assert wait_until(lambda: len(runs(control_sources)) > had + 1)
    finally:
        stop.set()
        thread.join(10)


def test_a_leader_that_is_stopped_during_a_first_run_ends_with_it(control_sources):
    began, go_on, stop = threading.Event(), threading.Event(), threading.Event()

    def work(session, now, sources):
        began.set()
        go_on.wait(10)
        return "done"

    thread = threading.Thread(target=scheduler.serve, args=(control_sources, (job(work),), stop), daemon=True)
    thread.start()
    assert began.wait(10)
    stop.set()
    time.sleep(2 * scheduler.HEARTBEAT_SECONDS)  # it waits for the run by now
    go_on.set()
    thread.join(10)
    assert not thread.is_alive()
    assert runs(control_sources)[0].outcome == "ok"
