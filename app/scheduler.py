"""The scheduler: its own process. Many may run; one leads, by an advisory lock on a connection of its own.

A lost connection loses the lock, and with it the lead: whoever gets the lock next closes what was left
running and goes on. Every run is settled by (job, slot) in the database, so that even two leaders for a
moment do nothing twice.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from prometheus_client import start_http_server
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from app import clock, telemetry, tracing
from app.db import engine_of, transaction
from app.error_reports import collector as error_collector
from app.errors import Unavailable
from app.jobs import commands, plan, runner
from app.jobs.job import Job
from app.logs import configure
from app.schedule import SCHEDULE
from app.sources import Sources, connect
from config import control_plane_config

log = logging.getLogger(__name__)

# Any number that nothing else locks.
LEADER_LOCK = 7_340_100
HEARTBEAT_SECONDS = 1.0
JOBS_AT_ONCE = 10
# Jobs scan weeks of history at their first run; a page may not.
STATEMENT_TIMEOUT_MS = 60_000


def lock_engine(url: str) -> Engine:
    """Connections outside of any pool: a lock must live and die with its connection."""
    return create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2}
    )


def try_to_lead(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}))


def run_one(job: Job, sources: Sources, *, at_start: bool = False) -> None:
    try:
        runner.run_planned(job, sources, at_start=at_start)
    except Unavailable as error:
        log.warning("job %s waits: %s", job.name, error)


def run_requested(sources: Sources, jobs: tuple[Job, ...]) -> bool:
    """Do the oldest run that somebody asked for. False where none waits."""
    with transaction(sources.control, "PostgreSQL") as session:
        run = commands.take_requested(session, clock.now())
        asked = (run.id, run.job, run.slot) if run else None
    if asked is None:
        return False
    run_id, name, at = asked
    runner.perform(plan.find(jobs, name), run_id, at, sources)
    return True


def start_job(works: BackgroundScheduler, job: Job, sources: Sources) -> None:
    """Once at once, so that a restarted system need not wait for the next slot; then at every slot."""
    run_one(job, sources, at_start=True)
    works.add_job(
        run_one,
        "interval",
        args=(job, sources),
        id=job.name,
        seconds=job.every_seconds,
        start_date=job.slot(clock.now()),
    )


@contextmanager
def running(sources: Sources, jobs: tuple[Job, ...]) -> Iterator[None]:
    """The clockwork of the leader: each job at its slots, never two runs of one at once."""
    with transaction(sources.control, "PostgreSQL") as session:
        left = commands.close_abandoned(session, clock.now())
    log.info("leading; %d runs were left over", left)
    threads = ThreadPoolExecutor(JOBS_AT_ONCE)
    works = BackgroundScheduler(
        timezone="UTC",
        executors={"default": threads},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        works.add_job(start_job, args=(works, job, sources), id=f"{job.name} at start")
    works.start()
    telemetry.LEADER.set(1)
    try:
        yield
    finally:
        telemetry.LEADER.set(0)
        works.shutdown(wait=False)
        threads.shutdown()  # APScheduler would wait with locks held that the end of a first run needs


def lead(connection: Connection, sources: Sources, jobs: tuple[Job, ...], stop: threading.Event) -> None:
    """Lead until told to stop, or until the connection that holds the lock dies (raises SQLAlchemyError)."""
    with running(sources, jobs):
        while not stop.wait(HEARTBEAT_SECONDS):
            connection.execute(text("SELECT 1"))
            while run_requested(sources, jobs):
                pass


def serve(sources: Sources, jobs: tuple[Job, ...], stop: threading.Event) -> None:
    """Wait for the lead, lead, and wait again, until told to stop."""
    engine = lock_engine(sources.config.control_database_url)
    while not stop.is_set():
        try:
            with engine.connect() as connection:
                while not stop.is_set() and not try_to_lead(connection):
                    stop.wait(HEARTBEAT_SECONDS)
                if not stop.is_set():
                    lead(connection, sources, jobs, stop)
        except (SQLAlchemyError, Unavailable) as error:
            log.warning("lost the lead: %s", error.__class__.__name__)
            stop.wait(HEARTBEAT_SECONDS)


def main() -> None:
    config = control_plane_config()
    configure(config, "scheduler")
    sources = connect(config, statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    errors = error_collector.Collector(sources.control, sources.redis, config, "scheduler")
    error_collector.install(errors)
    tracing.start(config, "scheduler", [engine_of(sources.control), engine_of(sources.reporting)])
    telemetry.expect_jobs([job.name for job in SCHEDULE])
    start_http_server(config.scheduler_metrics_port, addr=config.metrics_address)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(sources, SCHEDULE, stop)
    errors.stop()
    tracing.stop()
    sources.close()


if __name__ == "__main__":
    main()
