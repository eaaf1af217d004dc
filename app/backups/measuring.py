"""Reading what a database holds, in one snapshot: of the one that is saved, and of one that was restored.

A table's checksum is the sum of its rows' MD5, so that the order in which they lie does not matter; rows are
written as text with settings that are the same everywhere.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from app.backups.manifest import Manifest, Table
from app.series import gauges
from app.sql import statement

MOST_FIGURES = 1_000

_SAME_TEXT = text("""
    SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
           set_config('IntervalStyle', 'postgres', true), set_config('bytea_output', 'hex', true),
           set_config('extra_float_digits', '3', true), set_config('statement_timeout', '0', true),
           set_config('search_path', 'pg_catalog', true)
""")
# What belongs to an extension comes with the extension.
_TABLES = text("""
    SELECT format('%I.%I', space.nspname, class.relname) AS name
    FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
    WHERE class.relkind = 'r' AND class.relpersistence = 'p'
      AND space.nspname NOT IN ('pg_catalog', 'information_schema') AND space.nspname NOT LIKE 'pg_toast%'
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = class.oid
                                              AND deptype = 'e')
    ORDER BY name
""")
_SEQUENCES = text("SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences ORDER BY 1")
_LARGE_OBJECTS = text("SELECT count(*) FROM pg_largeobject_metadata")
_EXTENSIONS = text("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname")
_GRANTS = text("""
    SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type
    FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
    WHERE datname = current_database() AND grantee <> datdba
    ORDER BY 1, 2
""")
_ROWS = """
    SELECT count(*), coalesce(sum(('x' || substr(hash, 1, 16))::bit(64)::bigint::numeric), 0)::text || ':' ||
                     coalesce(sum(('x' || substr(hash, 17, 16))::bit(64)::bigint::numeric), 0)::text
    FROM (SELECT md5(one::text) AS hash FROM {table} AS one) AS hashes
"""


def measure(connection: Connection, *, with_figures: bool) -> Manifest:
    """In the transaction that `connection` has open; settings last as long as that."""
    connection.execute(_SAME_TEXT)
    tables = {name: _table(connection, name) for name in connection.scalars(_TABLES)}
    return Manifest(
        tables=tables,
        sequences=dict(tuple(row) for row in connection.execute(_SEQUENCES)),
        large_objects=connection.scalar(_LARGE_OBJECTS) or 0,
        figures=_figures(connection) if with_figures else {},
        grants=tuple((role, privilege) for role, privilege in connection.execute(_GRANTS)),
        extensions=tuple(connection.scalars(_EXTENSIONS)),
    )


def _table(connection: Connection, name: str) -> Table:
    rows, checksum = connection.execute(statement(_ROWS, table=name.replace(":", r"\:"))).one()
    return Table(rows, checksum)


def _figures(connection: Connection) -> dict[str, float]:
    """What the tiles show: budgets, KPIs and costs, each by the newest point of its series."""
    connection.execute(text("SELECT set_config('search_path', 'public', true)"))
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        rows = gauges.newest(session)
    named = {f"{row.key}{sorted(row.labels.items())}": row.value for row in rows}
    return dict(sorted(named.items())[:MOST_FIGURES])
