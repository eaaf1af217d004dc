"""Saving one database: contents and dump of the same snapshot, sealed on their way into the file."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.backups import archive, databases, measuring, programs
from app.backups.header import SALT_BYTES, Header
from app.backups.manifest import Manifest
from app.backups.programs import Programs
from app.errors import Refused, Unavailable
from app.vault import Vault
from config import ControlPlaneConfig


@dataclass(frozen=True)
class Made:
    file_name: str
    size_bytes: int
    seconds: float
    header: Header
    manifest: Manifest


def folder_of(config: ControlPlaneConfig) -> Path:
    if config.backup_dir is None:
        raise Refused("BACKUP_DIR is empty: no backups are made")
    return config.backup_dir


def make(config: ControlPlaneConfig, database: str, vault: Vault, now: datetime) -> Made:
    """Raises `Unavailable` with what stands in the way; then there is no new file."""
    started, folder = time.perf_counter(), folder_of(config)
    url, tools = databases.url_of(config, database), Programs(config.pg_bin)
    try:
        with databases.engine(url).connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            head = _header(connection, database, tools, vault, now)
            snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
            contents = measuring.measure(connection, with_figures=database == databases.CONTROL)
            path = folder / _file_name(head)
            size = archive.write(path, head, contents, programs.dump(tools, url, snapshot), vault)
    except OperationalError as error:
        raise Unavailable(f"the database {database} does not answer", "PostgreSQL") from error
    return Made(path.name, size, time.perf_counter() - started, head, contents)


def _header(connection: Connection, database: str, tools: Programs, vault: Vault, now: datetime) -> Header:
    number = int(connection.scalar(text("SELECT current_setting('server_version_num')::integer")) or 0)
    tools.check(number // 10_000)
    return Header(
        database=database,
        made_at=now.astimezone(UTC),
        key=vault.current,
        salt=secrets.token_hex(SALT_BYTES),
        schema_revision=databases.revision(connection),
        server_version=str(connection.scalar(text("SHOW server_version"))),
    )


def _file_name(head: Header) -> str:
    return f"{head.database}-{head.made_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}{archive.SUFFIX}"
