"""Two databases: the control plane's own, and the shop's facts by a role that may only read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import Engine, MetaData, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from app.errors import Unavailable

# Named so that a migration can drop what it made.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


Sessions = sessionmaker[Session]


def connect(
    url: str, *, read_only: bool = False, statement_timeout_ms: int = 5_000, pool_size: int = 8
) -> Sessions:
    """A session factory on a pool. A slow or absent server is given up on within seconds, never minutes.

    Works behind PgBouncer in transaction mode: no server-side prepared statements, settings by `options`
    only where the server is reached directly.
    """
    options = f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC"
    if read_only:
        options += " -c default_transaction_read_only=on"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=2,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"options": options, "connect_timeout": 2, "prepare_threshold": None},
    )
    return sessionmaker(engine, expire_on_commit=False)


def engine_of(sessions: Sessions) -> Engine:
    engine = sessions.kw["bind"]
    if not isinstance(engine, Engine):
        raise TypeError("a session factory without an engine")
    return engine


@contextmanager
def transaction(sessions: Sessions, dependency: str) -> Iterator[Session]:
    """One transaction. A database that cannot be reached becomes `Unavailable`, naming it."""
    try:
        with sessions.begin() as session:
            yield session
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable(f"{dependency} does not answer", dependency) from error


@contextmanager
def begin() -> Iterator[Session]:
    """A transaction on the control plane's database, in the current Flask app."""
    with transaction(current_app.extensions["sources"].control, "PostgreSQL") as session:
        yield session


@contextmanager
def reporting() -> Iterator[Session]:
    """A read-only transaction on the shop's schema `reporting`, in the current Flask app."""
    with transaction(current_app.extensions["sources"].reporting, "PostgreSQL (reporting)") as session:
        yield session
