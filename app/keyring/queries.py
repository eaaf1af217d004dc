"""Which rows stand under which key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Column, Text, func, select, type_coerce
from sqlalchemy.orm import Session

from app.keyring import columns
from app.vault import Vault

State = Literal["current", "old", "unknown"]


@dataclass(frozen=True)
class Standing:
    """Some rows of one column under one key."""

    place: str  # <table>.<column>
    key: str  # its name, as app/vault.py makes it
    rows: int
    state: State  # old: opens, and wants a new seal; unknown: its key is not in ENCRYPTION_KEYS
    is_sealed: bool  # False: names the key of a file, which no new seal reaches


def census(session: Session, vault: Vault) -> list[Standing]:
    """Every key that anything stands under, column by column."""
    found = [
        _standing(column, key, rows, vault, is_sealed=True)
        for column in columns.sealed()
        for key, rows in _by_key(session, column, func.split_part(type_coerce(column, Text), ".", 2))
    ]
    return found + [
        _standing(column, key, rows, vault, is_sealed=False)
        for column in columns.naming()
        for key, rows in _by_key(session, column, column)
    ]


def _by_key(session: Session, column: Column[Any], key: Any) -> list[tuple[str, int]]:
    named = select(key.label("key_name")).where(column.is_not(None)).subquery()
    counted = select(named.c.key_name, func.count()).group_by(named.c.key_name).order_by(named.c.key_name)
    return [(str(name), rows) for name, rows in session.execute(counted)]


def _standing(column: Column[Any], key: str, rows: int, vault: Vault, *, is_sealed: bool) -> Standing:
    state: State = "current" if key == vault.current else "old" if vault.knows(key) else "unknown"
    return Standing(f"{columns.table_of(column).name}.{column.name}", key, rows, state, is_sealed)
