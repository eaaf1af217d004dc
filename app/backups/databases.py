"""Databases as a whole: which are saved, scratch ones beside them, and one put in another's place."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from psycopg.sql import Identifier
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from app.errors import Refused, Unavailable
from app.sql import statement
from config import ControlPlaneConfig

CONTROL, SHOP = ALL = ("control", "shop")
SCRATCH = "backroom_scratch"
SCRATCH_KEPT = timedelta(hours=12)
MAINTENANCE = ("postgres", "template1")
# What `pg_database` may grant; nothing else is ever put into a statement.
PRIVILEGES = ("CONNECT", "CREATE", "TEMPORARY")

_TABLES_OF = text("""
    SELECT count(*) FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p') AND space.nspname NOT IN ('pg_catalog', 'information_schema')
      AND space.nspname NOT LIKE 'pg_toast%'
""")


def urls(config: ControlPlaneConfig) -> dict[str, str]:
    """What is saved: the control plane's database, and the shop's where its URL is given."""
    found = {CONTROL: config.control_database_url, SHOP: config.backup_shop_database_url}
    return {name: url for name, url in found.items() if url}


def url_of(config: ControlPlaneConfig, database: str) -> str:
    if (url := urls(config).get(database)) is None:
        raise Refused(f"nothing is set up for the database {database}: see BACKUP_SHOP_DATABASE_URL")
    return url


def engine(url: str, *, autocommit: bool = False) -> Engine:
    """Outside of any pool and without a limit on how long a statement may take."""
    level = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    options = {"connect_timeout": 5, "options": "-c timezone=UTC", "prepare_threshold": None}
    return create_engine(url, poolclass=NullPool, connect_args=options, **level)


def named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def name_of(url: str) -> str:
    name = make_url(url).database
    if not name:
        raise Refused("the URL names no database")
    return name


@contextmanager
def maintenance(url: str) -> Iterator[Connection]:
    """A connection to the server that is in no way of the database itself."""
    for number, database in enumerate(MAINTENANCE, 1):
        try:
            connection = engine(named(url, database), autocommit=True).connect()
        except OperationalError as error:
            if number == len(MAINTENANCE):
                raise Unavailable("the PostgreSQL server does not answer", "PostgreSQL") from error
            continue
        with connection:
            yield connection
            return


@contextmanager
def scratch(url: str, now: datetime) -> Iterator[str]:
    """The URL of an empty database beside that of `url`; it is dropped at the end, whatever happens."""
    name = f"{SCRATCH}_{int(now.timestamp())}_{secrets.token_hex(4)}"
    with maintenance(url) as connection:
        _drop_left_over(connection, now)
        create(connection, name)
    try:
        yield named(url, name)
    finally:
        with maintenance(url) as connection:
            drop(connection, name)


def create(connection: Connection, name: str) -> None:
    try:
        _run(connection, "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'", name=name)
        _run(connection, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=name)
    except ProgrammingError as error:
        role = connection.scalar(text("SELECT current_user"))
        raise Refused(
            f"the role {role} may make no databases; a superuser can: ALTER ROLE {role} CREATEDB"
        ) from error


def drop(connection: Connection, name: str) -> None:
    _run(connection, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)


def _drop_left_over(connection: Connection, now: datetime) -> None:
    """Of processes that were killed."""
    names = connection.scalars(
        text("SELECT datname FROM pg_database WHERE datname LIKE :like"), {"like": f"{SCRATCH}%"}
    )
    for name in names.all():
        made = re.fullmatch(rf"{SCRATCH}_(\d+)_[0-9a-f]{{8}}", name)
        if made and datetime.fromtimestamp(int(made[1]), now.tzinfo) < now - SCRATCH_KEPT:
            drop(connection, name)


def exists(connection: Connection, name: str) -> bool:
    return bool(
        connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": name})
    )


def tables_in(url: str) -> int:
    with engine(url).connect() as connection:
        return int(connection.scalar(_TABLES_OF) or 0)


def revision(connection: Connection) -> str:
    """The newest migration that a database holds; empty where it holds none."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return ""
    return str(connection.scalar(text("SELECT max(version_num) FROM alembic_version")))


def swap(url: str, fresh: str, now: datetime) -> str | None:
    """The database `fresh` gets the name that `url` says. The name of the former; None: there was none.

    Who is connected to the former is disconnected; when the second renaming fails the first is taken back.
    """
    name, aside = name_of(url), f"{name_of(url)}_before_{now:%Y%m%d%H%M%S}"
    with maintenance(url) as connection:
        if not exists(connection, name):
            _rename(connection, fresh, name)
            return None
        _rename(connection, name, aside)
        try:
            _rename(connection, fresh, name)
        except DBAPIError:
            _rename(connection, aside, name)
            raise
    return aside


def _rename(connection: Connection, name: str, to: str) -> None:
    """Nobody may come in between the last who is sent away and the renaming."""
    _run(connection, "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false", name=name)
    called = name
    try:
        connection.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"),
            {"name": name},
        )
        _run(connection, "ALTER DATABASE {name} RENAME TO {to}", name=name, to=to)
        called = to
    finally:
        _run(connection, "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true", name=called)


def grant(url: str, name: str, grants: Sequence[tuple[str, str]]) -> list[str]:
    """Let in who was let in. The roles that this server does not have."""
    missing = []
    with maintenance(url) as connection:
        for role, privilege in grants:
            if role != "PUBLIC" and not _has_role(connection, role):
                missing.append(role)
            elif privilege in PRIVILEGES:
                to = role if role == "PUBLIC" else Identifier(role)
                granting = "GRANT {privilege} ON DATABASE {name} TO {to}"
                connection.execute(statement(granting, privilege=privilege, name=Identifier(name), to=to))
    return sorted(set(missing))


def _has_role(connection: Connection, role: str) -> bool:
    return bool(
        connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role})
    )


def _run(connection: Connection, words: str, **names: str) -> None:
    connection.execute(statement(words, **{key: Identifier(name) for key, name in names.items()}))
