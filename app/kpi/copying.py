"""Rows from one database into another, streamed through COPY: no row becomes a Python object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

_NAMED = re.compile(r"(?<!:):(\w+)")


def cursor(session: Session) -> psycopg.Cursor[tuple[object, ...]]:
    """A cursor of the session's own transaction."""
    driver = session.connection().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("COPY needs psycopg")
    return driver.cursor()


def make_room(session: Session) -> None:
    """Sums of months stay in memory, and no plan is compiled that takes longer to compile than to run."""
    session.execute(text("SET LOCAL work_mem = '128MB'"))
    session.execute(text("SET LOCAL jit = off"))


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


ROWS_AT_A_TIME = 500
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@contextmanager
def copying(target: Session, table: str) -> Iterator[Callable[[Sequence[object]], None]]:
    """A function that writes a row into the table, and sends many at once."""
    waiting: list[str] = []
    with cursor(target) as writing, writing.copy(f"COPY {table} FROM STDIN") as stage:

        def write(values: Sequence[object]) -> None:
            waiting.append(copied(values))
            if len(waiting) >= ROWS_AT_A_TIME:
                stage.write("".join(waiting))
                waiting.clear()

        yield write
        stage.write("".join(waiting))


def copied(values: Sequence[object]) -> str:
    """A row as COPY takes it."""
    plain = "\t".join([r"\N" if value is None else str(value) for value in values])
    is_plain = plain.count("\t") == len(values) - 1 and "\n" not in plain and "\r" not in plain
    if is_plain and plain.count("\\") == values.count(None):
        return plain + "\n"
    return "\t".join(r"\N" if value is None else str(value).translate(_ESCAPED) for value in values) + "\n"
