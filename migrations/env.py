"""What Alembic runs: one owner's chain against one database, under a lock so that two starts cannot race."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from alembic import context
from sqlalchemy import MetaData, create_engine, text

ROOT = Path(__file__).parents[1]
PACKAGE = {"control": "app", "storefront": "storefront"}
# Files beside the features that own a table.
PLUMBING = {
    "control": (),
    "storefront": tuple(
        ROOT / "storefront" / name
        for name in (
            "error_reports.py",
            "exposures.py",
            "impressions.py",
            "outbox.py",
            "rates.py",
            "usage.py",
        )
    ),
}
# Any two numbers that nothing else locks: a session-level advisory lock per owner.
LOCK = {"control": 7_340_001, "storefront": 7_340_002}


def metadata_of(owner: str) -> MetaData:
    """All tables of an owner, by importing every models file of its package."""
    package = ROOT / PACKAGE[owner]
    for path in (*sorted(package.rglob("*models.py")), *PLUMBING[owner]):
        _imported(path)
    found: MetaData = _imported(package / "db.py").Base.metadata
    return found


def _imported(path: Path) -> ModuleType:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return importlib.import_module(name)  # nosemgrep: non-literal-import # a file of our own


def owned(object_: object, name: str | None, type_: str, reflected: bool, compare_to: object) -> bool:
    """Leave out partitions: PostgreSQL owns them, the parent table is in the models."""
    return not (type_ == "table" and reflected and compare_to is None and name is not None and "_y20" in name)


def run() -> None:
    owner = context.config.attributes["owner"]
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK[owner]})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata_of(owner),
            include_object=owned,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK[owner]})
        connection.commit()
    engine.dispose()


run()
