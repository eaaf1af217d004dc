"""Rows from one database into another, streamed through COPY: no row becomes a Python object."""

from __future__ import annotations

import re
from collections.abc import Mapping

import psycopg
from sqlalchemy.orm import Session

_NAMED = re.compile(r"(?<!:):(\w+)")


def cursor(session: Session) -> psycopg.Cursor[tuple[object, ...]]:
    """A cursor of the session's own transaction."""
    driver = session.connection().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("COPY needs psycopg")
    return driver.cursor()


def copy_between(
    source: Session, query: str, values: Mapping[str, object], target: Session, table: str
) -> None:
    """`query` has :names, as everywhere; its columns are those of the table, in order."""
    wanted = _NAMED.sub(r"%(\1)s", query.replace("%", "%%"))
    with (
        cursor(source) as reading,
        cursor(target) as writing,
        reading.copy(f"COPY ({wanted}) TO STDOUT", values) as taken,
        writing.copy(f"COPY {table} FROM STDIN") as given,
    ):
        for block in taken:
            given.write(block)
