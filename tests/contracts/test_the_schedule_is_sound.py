from __future__ import annotations

import inspect
from collections import Counter

from sqlalchemy import MetaData, text

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


def fingerprints(sources, tables) -> dict[str, str | None]:
    """A checksum of every table's rows, without the columns that only say when; made by the database."""
    with sources.control() as session:
        return {name: session.scalar(text(query)) for name, query in tables.items()}


def checksums(sources) -> dict[str, str]:
    """The query of each table's checksum."""
    metadata = MetaData()
    metadata.reflect(engine_of(sources.control))
    return {
        table.name: f"""
            SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
                SELECT row({", ".join(f'"{column.name}"' for column in kept)})::text AS line
                FROM "{table.name}"
            ) AS lines"""
        for table in metadata.sorted_tables
        if (kept := [column for column in table.columns if column.name not in VOLATILE])
    }


def run(job, now, sources) -> str:
    with sources.control.begin() as session:
        return job.work(session, now, sources)


def test_a_job_that_runs_twice_for_one_moment_changes_nothing(
    prometheus, alertmanager, control_app, control_sources, now
):
    assert cli.run(control_app, ["init"]) == 0
    tables = checksums(control_sources)
    for job in SCHEDULE:
        assert run(job, now, control_sources), f"{job.name} says nothing"
        once = fingerprints(control_sources, tables)
        run(job, now, control_sources)
        assert fingerprints(control_sources, tables) == once, job.name
