from __future__ import annotations

import inspect
from collections import Counter

from sqlalchemy import MetaData, select

from app import cli
from app.db import engine_of
from app.schedule import SCHEDULE

# Written anew at every run, so no sign of a job done twice.
VOLATILE = {"updated_at", "measured_at", "seen_at", "synced_at", "checked_at", "computed_at"}


def test_names_are_unique_and_say_feature_and_verb():
    names = Counter(job.name for job in SCHEDULE)
    assert max(names.values()) == 1
    for job in SCHEDULE:
        feature, _, verb = job.name.partition(".")
        assert feature
        assert verb
        assert job.work.__module__.endswith(".jobs"), job.name


def test_every_job_takes_the_session_the_moment_and_the_sources():
    for job in SCHEDULE:
        assert list(inspect.signature(job.work).parameters) == ["session", "now", "sources"], job.name


def test_every_job_says_what_it_is_for(control_app):
    with control_app.test_request_context():
        said = [str(job.about) for job in SCHEDULE]
    assert all(said)


def dump(sources) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the control plane's database, without the columns that only say when."""
    engine = engine_of(sources.control)
    metadata = MetaData()
    metadata.reflect(engine)
    rows = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            kept = [column for column in table.columns if column.name not in VOLATILE]
            rows[table.name] = sorted((tuple(row) for row in connection.execute(select(*kept))), key=repr)
    return rows


def run(job, now, sources) -> str:
    with sources.control.begin() as session:
        return job.work(session, now, sources)


def test_a_job_that_runs_twice_for_one_moment_changes_nothing(
    prometheus, alertmanager, control_app, control_sources, now
):
    assert cli.run(control_app, ["init"]) == 0
    for job in SCHEDULE:
        assert run(job, now, control_sources), f"{job.name} says nothing"
        once = dump(control_sources)
        run(job, now, control_sources)
        assert dump(control_sources) == once, job.name
