"""What the chain of the audit trail costs: the same commits with seals and without, alone and at once.

`python -m benchmarks.audit` on services of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from app.audit import verifying
from app.audit.commands import record
from app.audit.models import AuditEntry
from app.sources import Sources
from benchmarks.slo import control_plane
from tests.services import run_services

COMMITS, THREADS, ROUNDS = 80, 8, 7
Write = Callable[[Session, datetime], None]


def sealed(session: Session, now: datetime) -> None:
    record(session, "ada@example.org", "flag.rollout", "flag:new-checkout", {"share": 10}, {"share": 25}, now)


def plain(session: Session, now: datetime) -> None:
    """The same row, and nothing of the chain."""
    session.add(
        AuditEntry(
            at=now,
            who="ada@example.org",
            action="flag.rollout",
            subject="flag:new-checkout",
            before={"share": 10},
            after={"share": 25},
        )
    )


def commits_per_second(sources: Sources, write: Write, threads: int) -> float:
    def some(count: int) -> None:
        for _turn in range(count):
            with sources.control.begin() as session:
                write(session, datetime.now(UTC))

    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, [COMMITS // threads] * threads))
    return COMMITS / (time.perf_counter() - begun)


def rounds(sources: Sources, threads: int) -> Iterator[tuple[float, float]]:
    """Both in turn, so that a busy machine is busy for both: commits a second with seals, and without."""
    for _round in range(ROUNDS):
        yield commits_per_second(sources, sealed, threads), commits_per_second(sources, plain, threads)


def measure(sources: Sources) -> None:
    commits_per_second(sources, sealed, 1)  # connections, and the head of the chain
    for threads in (1, THREADS):
        found = sorted(rounds(sources, threads), key=lambda both: both[1] / both[0])
        with_seals, without = found[ROUNDS // 2]
        print(
            f"{threads} at once: {with_seals:.0f} commits/s sealed, {without:.0f} without:"
            f" a commit takes {without / with_seals:.2f} times as long (the median of {ROUNDS} rounds)"
        )
    with sources.control() as session:
        begun = time.perf_counter()
        found = verifying.verify(session)
        took = time.perf_counter() - begun
    print(f"verified {found.entries} entries in {took:.2f} s: {found.entries / took:.0f} a second")


def main() -> None:
    with (
        run_services() as services,
        TemporaryDirectory() as folder,
        control_plane(services, Path(folder)) as app,
    ):
        measure(app.extensions["sources"])


if __name__ == "__main__":
    main()
