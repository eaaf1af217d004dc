"""What stands under a key: every sealed column, and every column that names the key of something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, MetaData, Table

from app.db import Base
from app.vault import Sealed

# `mapped_column(Text, info=NAMES_A_KEY)`: the row names the key of something kept elsewhere, such as a file.
NAMES_A_KEY = {"names_a_key": True}


def sealed(metadata: MetaData = Base.metadata) -> list[Column[Any]]:
    """Every column of the type `Sealed`, in the order of the tables' names."""
    return [column for column in _columns(metadata) if isinstance(column.type, Sealed)]


def naming(metadata: MetaData = Base.metadata) -> list[Column[Any]]:
    return [column for column in _columns(metadata) if column.info.get("names_a_key")]


def table_of(column: Column[Any]) -> Table:
    table = column.table
    if not isinstance(table, Table):
        raise TypeError(f"{column} is no column of a table")
    return table


def _columns(metadata: MetaData) -> Iterator[Column[Any]]:
    for name in sorted(metadata.tables):
        yield from metadata.tables[name].columns
