"""Many rows as one parameter: a statement of the same text for one row and for ten thousand. No I/O.

A row of VALUES each costs a named parameter a cell, which takes longer to write down and to read than the
rows take to be stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, TableValuedAlias, bindparam, column, func
from sqlalchemy.dialects.postgresql import JSONB


def rowset(table: Table, names: Iterable[str], rows: Sequence[dict[str, Any]]) -> TableValuedAlias:
    """The rows as something to select from, with these columns of the table and their types."""
    columns: list[ColumnElement[Any]] = [column(name, table.c[name].type) for name in names]
    sent = bindparam("rows", rows, JSONB, unique=True)
    return func.jsonb_to_recordset(sent).table_valued(*columns, name="sent").render_derived(with_types=True)
