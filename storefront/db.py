"""The shop's database: one pool a process, short waits, never a hung page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import MetaData, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from storefront.errors import Unavailable

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# A shopper waits at most this long for the database before the page says so.
STATEMENT_TIMEOUT_MS = 2_000
POOL_WAIT_SECONDS = 1


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


Sessions = sessionmaker[Session]


def connect(url: str, *, pool_size: int = 8, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS) -> Sessions:
    """A session factory on a pool of at most twice `pool_size` connections."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC",
            "connect_timeout": 2,
            "prepare_threshold": None,
        },
    )
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """One transaction. A database that cannot be reached becomes `Unavailable`."""
    try:
        with sessions.begin() as session:
            yield session
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable("database") from error


@contextmanager
def begin() -> Iterator[Session]:
    """A transaction in the current Flask app (`app.extensions["sessions"]`)."""
    with transaction(current_app.extensions["sessions"]) as session:
        yield session
