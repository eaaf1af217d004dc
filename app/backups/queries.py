"""Reads of backups, shaped for the page, the API, the command line and the gauges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.backups.models import Backup, BackupCheck
from app.errors import NotFound

MOST = 200


@dataclass(frozen=True)
class Line:
    """One backup with its newest look of each kind; None: there was none."""

    backup: Backup
    verified: BackupCheck | None
    proven: BackupCheck | None


@dataclass(frozen=True)
class Standing:
    """How far a database is safe."""

    database: str
    saved_at: datetime | None  # of the newest backup whose file is there
    proven_at: datetime | None  # of the newest backup that was restored and was the same
    proof_finished_at: datetime | None
    is_stale: bool  # the newest proven backup is too old, or there is none
    failed: str  # what the newest try to save it ended with; empty: it went well


def lines(session: Session, most: int = MOST) -> list[Line]:
    backups = session.scalars(
        select(Backup).order_by(Backup.asked_at.desc(), Backup.id.desc()).limit(most)
    ).all()
    return with_checks(session, backups)


def line(session: Session, backup_id: int) -> Line:
    backup = session.get(Backup, backup_id)
    if backup is None:
        raise NotFound(f"there is no backup {backup_id}")
    return with_checks(session, [backup])[0]


def with_checks(session: Session, backups: Sequence[Backup]) -> list[Line]:
    ids = [backup.id for backup in backups]
    checks = session.scalars(
        select(BackupCheck).where(BackupCheck.backup_id.in_(ids)).order_by(BackupCheck.id)
    )
    newest = {(check.backup_id, check.kind): check for check in checks}
    return [Line(one, newest.get((one.id, "verify")), newest.get((one.id, "prove"))) for one in backups]


def standing(session: Session, database: str, stale_hours: int, now: datetime) -> Standing:
    of_it = select(Backup).where(Backup.database == database)
    saved = session.scalar(of_it.where(Backup.state == "ok").order_by(Backup.made_at.desc()).limit(1))
    proven = session.execute(
        select(Backup.made_at, BackupCheck.finished_at)
        .join(BackupCheck, BackupCheck.backup_id == Backup.id)
        .where(Backup.database == database, BackupCheck.kind == "prove", BackupCheck.state == "ok")
        .order_by(Backup.made_at.desc())
        .limit(1)
    ).one_or_none()
    last = session.scalar(
        of_it.where(Backup.state.in_(("ok", "failed")))
        .order_by(Backup.asked_at.desc(), Backup.id.desc())
        .limit(1)
    )
    proven_at = proven.made_at if proven else None
    return Standing(
        database,
        saved.made_at if saved else None,
        proven_at,
        proven.finished_at if proven else None,
        proven_at is None or proven_at < now - timedelta(hours=stale_hours),
        last.error if last and last.state == "failed" else "",
    )


def newest_unproven(session: Session, database: str) -> int | None:
    """The newest backup of a database, unless a proof of it was tried already."""
    newest = session.scalar(
        select(Backup.id)
        .where(Backup.database == database, Backup.state == "ok")
        .order_by(Backup.made_at.desc())
        .limit(1)
    )
    tried = select(BackupCheck.id).where(BackupCheck.backup_id == newest, BackupCheck.kind == "prove")
    return newest if newest is not None and session.scalar(tried.limit(1)) is None else None


def is_made_since(session: Session, database: str, moment: datetime) -> bool:
    good = select(Backup.id).where(
        Backup.database == database, Backup.state == "ok", Backup.made_at >= moment
    )
    return session.scalar(good.limit(1)) is not None
