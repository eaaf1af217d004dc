"""New seals under the first of ENCRYPTION_KEYS, a few rows at a time, beside all who read and write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Select, Text, and_, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from app.db import Sessions
from app.keyring import columns
from app.vault import Sealed, Unsealable, Vault

BATCH_ROWS = 200


@dataclass(frozen=True)
class Rotated:
    """What became of one column's rows that were not under the current key."""

    place: str
    resealed: int
    left: int  # no key of ours opens them, or somebody wrote them at that moment


def rotate(sessions: Sessions, vault: Vault) -> list[Rotated]:
    """Every sealed column. Each batch is a transaction of its own, so that what is done stays done."""
    return [_rotate(sessions, vault, column) for column in columns.sealed()]


def _rotate(sessions: Sessions, vault: Vault, column: Column[Any]) -> Rotated:
    resealed, seen, last = 0, 0, None
    while True:
        with sessions.begin() as session:
            rows = _batch(session, vault, column, last)
            resealed += sum(_reseal(session, vault, column, row) for row in rows)
        if not rows:
            return Rotated(f"{columns.table_of(column).name}.{column.name}", resealed, seen - resealed)
        seen, last = seen + len(rows), tuple(rows[-1])[:-1]


def _batch(session: Session, vault: Vault, column: Column[Any], last: Any) -> Sequence[Row[Any]]:
    """The next rows by primary key that another key sealed; the last value of each is what is stored."""
    key, raw = list(columns.table_of(column).primary_key), type_coerce(column, Text)
    wanted = and_(column.is_not(None), raw.not_like(f"{vault.prefix}%"))
    found: Select[Any] = select(*key, raw).where(wanted).order_by(*key).limit(BATCH_ROWS)
    return session.execute(found if last is None else found.where(tuple_(*key) > last)).all()


def _reseal(session: Session, vault: Vault, column: Column[Any], row: Row[Any]) -> int:
    """1 where it is done. Only while the row is as it was read: whoever wrote it since has sealed it anew."""
    values: tuple[Any, ...] = tuple(row)[:-1]
    raw: str = row[-1]
    table = columns.table_of(column)
    if not isinstance(column.type, Sealed):
        raise TypeError(f"{column} is not sealed")
    try:
        plain = vault.open(raw, column.type.place)
    except Unsealable:
        return 0
    mine = [part == value for part, value in zip(table.primary_key, values, strict=True)]
    statement = update(table).where(*mine, type_coerce(column, Text) == raw).values({column: plain})
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
