"""Writes around backups: asked for, taken by whoever does the work, and what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.backups import archive, databases
from app.backups.header import Header
from app.backups.making import Made
from app.backups.models import Backup, BackupCheck
from app.backups.retention import Keep, kept
from app.errors import Conflict, NotFound, Refused
from config import ControlPlaneConfig

KINDS = ("verify", "prove")
ABANDONED = timedelta(hours=6)  # whoever did it was killed
REMEMBERED = timedelta(days=400)  # rows of deleted files and of failures


def ask(
    session: Session, config: ControlPlaneConfig, database: str, who: str, now: datetime, cause: str
) -> Backup:
    """A job takes it within seconds. Refused where nothing is set up, or one waits or runs already."""
    if config.backup_dir is None:
        raise Refused(_l("BACKUP_DIR is empty: no backups are made."))
    if database not in databases.urls(config):
        raise Refused(_l("Nothing is set up to save the database %(name)s.", name=database))
    busy = select(Backup.id).where(Backup.database == database, Backup.state.in_(("asked", "running")))
    if session.scalar(busy.where(Backup.asked_at > now - ABANDONED)) is not None:
        raise Conflict(_l("A backup of this database is being made already."))
    made = Backup(database=database, state="asked", cause=cause, asked_by=who, asked_at=now)
    session.add(made)
    session.flush()
    record(session, who, "backup.ask", f"backup:{made.id}", None, {"database": database}, now)
    return made


def ask_check(session: Session, backup_id: int, kind: str, who: str, now: datetime) -> BackupCheck:
    if kind not in KINDS:
        raise Refused(_l("Choose one of: %(kinds)s.", kinds=", ".join(KINDS)))
    backup = session.get(Backup, backup_id)
    if backup is None:
        raise NotFound(_l("There is no such backup."))
    if backup.state != "ok":
        raise Refused(_l("Only a backup whose file is there can be checked."))
    busy = select(BackupCheck.id).where(
        BackupCheck.backup_id == backup_id, BackupCheck.state.in_(("asked", "running"))
    )
    if session.scalar(busy.where(BackupCheck.asked_at > now - ABANDONED)) is not None:
        raise Conflict(_l("This backup is being checked already."))
    made = BackupCheck(backup_id=backup_id, kind=kind, state="asked", asked_by=who, asked_at=now)
    session.add(made)
    session.flush()
    record(session, who, f"backup.{kind}", f"backup:{backup_id}", None, {"file": backup.file_name}, now)
    return made


def take(session: Session, kind: type[Backup] | type[BackupCheck], now: datetime) -> int | None:
    """The oldest that waits, marked as running; one that another holds is skipped."""
    waiting = select(kind.id).where(kind.state == "asked").order_by(kind.id).limit(1)
    found = session.scalar(waiting.with_for_update(skip_locked=True))
    if found is not None:
        session.execute(update(kind).where(kind.id == found).values(state="running", started_at=now))
    return found


def begin_own(session: Session, backup_id: int, now: datetime) -> None:
    """Whoever asked does it at once: no job takes it."""
    session.execute(update(Backup).where(Backup.id == backup_id).values(state="running", started_at=now))


def close_abandoned(session: Session, now: datetime) -> None:
    for kind, said in ((Backup, "error"), (BackupCheck, "said")):
        left = update(kind).where(kind.state.in_(("asked", "running")), kind.asked_at < now - ABANDONED)
        session.execute(left.values({"state": "failed", said: "nobody finished it"}))


def keep_made(session: Session, backup_id: int, made: Made) -> None:
    values = {
        **_of_header(made.header),
        "state": "ok",
        "error": "",
        "seconds": made.seconds,
        "file_name": made.file_name,
        "size_bytes": made.size_bytes,
        "tables": len(made.manifest.tables),
        "rows": made.manifest.rows,
    }
    session.execute(update(Backup).where(Backup.id == backup_id).values(**values))


def keep_failure(session: Session, backup_id: int, why: str) -> None:
    session.execute(update(Backup).where(Backup.id == backup_id).values(state="failed", error=why[:2000]))


def keep_check(session: Session, check_id: int, *, ok: bool, said: str, now: datetime) -> None:
    values = {"state": "ok" if ok else "failed", "said": said[:2000], "finished_at": now}
    session.execute(update(BackupCheck).where(BackupCheck.id == check_id).values(**values))


def adopt(session: Session, folder: Path, now: datetime) -> int:
    """Files that no row knows, as after a restore of the control plane itself. How many."""
    known = set(session.scalars(select(Backup.file_name).where(Backup.file_name.is_not(None))))
    new = [(path, head) for path, head in archive.listed(folder) if path.name not in known]
    for path, head in new:
        session.add(
            Backup(
                **_of_header(head),
                database=head.database,
                state="ok",
                cause="found",
                asked_by="job:backups.prune",
                asked_at=now,
                file_name=path.name,
                size_bytes=path.stat().st_size,
            )
        )
    session.flush()
    return len(new)


def _of_header(head: Header) -> dict[str, object]:
    return {"made_at": head.made_at, "key_name": head.key, "schema_revision": head.schema_revision}


def prune(session: Session, folder: Path, keep: Keep, who: str, now: datetime) -> list[str]:
    """Files that retention lets go, of each database for itself; the newest proven one always stays."""
    gone = [row for database in databases.ALL for row in _superfluous(session, database, keep)]
    for row in gone:
        if row.file_name:
            (folder / row.file_name).unlink(missing_ok=True)
        row.state, row.key_name = "gone", None
    old = Backup.state.in_(("gone", "failed")) & (Backup.asked_at < now - REMEMBERED)
    session.execute(delete(Backup).where(old))
    names = [row.file_name or "" for row in gone]
    if names:
        record(session, who, "backup.prune", "backups", {"files": names}, None, now)
    return names


def _superfluous(session: Session, database: str, keep: Keep) -> list[Backup]:
    good = select(Backup).where(
        Backup.database == database, Backup.state == "ok", Backup.made_at.is_not(None)
    )
    rows = list(session.scalars(good.order_by(Backup.made_at.desc(), Backup.id.desc())))
    proven = set(
        session.scalars(
            select(BackupCheck.backup_id).where(BackupCheck.kind == "prove", BackupCheck.state == "ok")
        )
    )
    stay = kept([row.made_at for row in rows if row.made_at], keep)
    newest_proven = next((row.id for row in rows if row.id in proven), None)
    return [row for row in rows if row.made_at not in stay and row.id != newest_proven]


def forget_checks(session: Session, now: datetime) -> int:
    old = delete(BackupCheck).where(BackupCheck.asked_at < now - REMEMBERED).returning(BackupCheck.id)
    return len(session.scalars(old).all())
