"""Each entry is numbered and sealed when its transaction is committed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from app.audit.commands import record
from app.audit.models import AuditEntry, AuditHead
from app.audit.verifying import verify


def write(session, now, *subjects):
    for subject in subjects:
        record(session, "ada@example.org", "flag.rollout", subject, {"share": 1e16}, {"share": 0.1}, now)


def numbers(session):
    return session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence)).all()


def test_entries_are_numbered_in_the_order_of_their_commits(control_session, now):
    write(control_session, now, "flag:a", "flag:b")
    control_session.commit()
    write(control_session, now, "flag:c")
    control_session.commit()
    rows = control_session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert [row.sequence for row in rows] == [1, 2, 3]
    assert [row.previous for row in rows] == ["", rows[0].seal, rows[1].seal]
    assert control_session.scalar(select(AuditHead.entry_seal)) == rows[2].seal


def test_what_is_rolled_back_takes_no_number(control_session, now):
    write(control_session, now, "flag:a")
    control_session.rollback()
    write(control_session, now, "flag:b")
    control_session.flush()
    savepoint = control_session.begin_nested()
    write(control_session, now, "flag:c")
    savepoint.rollback()
    with control_session.begin_nested():
        write(control_session, now, "flag:d")
    control_session.commit()
    found = control_session.execute(select(AuditEntry.sequence, AuditEntry.subject).order_by(AuditEntry.id))
    assert [tuple(row) for row in found] == [(1, "flag:b"), (2, "flag:d")]


def test_eight_writers_at_once_leave_no_gap(control_sources, control_session, now):
    def work(number):
        for turn in range(5):
            with control_sources.control.begin() as session:
                write(session, now, f"flag:{number}-{turn}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert numbers(control_session) == list(range(1, 41))
    rows = control_session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert [row.previous for row in rows[1:]] == [row.seal for row in rows[:-1]]


def test_what_was_written_before_the_commit_and_what_is_written_by_it_are_one_chain(control_session, now):
    write(control_session, now, "flag:a")
    control_session.flush()
    write(control_session, now, "flag:b", "flag:c")
    control_session.commit()
    rows = control_session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(row.sequence, row.subject) for row in rows] == [(1, "flag:a"), (2, "flag:b"), (3, "flag:c")]
    assert verify(control_session).broken is None
