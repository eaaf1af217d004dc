"""Both chains go up and down on a fresh database, and end where the models are."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from migrations.__main__ import alembic_config

OWNERS = ("control", "storefront")
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("owner", OWNERS)
def test_the_files_are_numbered_without_a_gap_and_read_as_one_chain(owner):
    files = sorted(path.name for path in (ROOT / "migrations" / owner).glob("[0-9]*.py"))
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    script = ScriptDirectory.from_config(alembic_config(owner, "postgresql+psycopg://unused"))
    chain = [revision.revision for revision in script.walk_revisions()]
    assert chain == [f"{number:04}" for number in range(len(files), 0, -1)]


@pytest.mark.parametrize("owner", OWNERS)
def test_a_fresh_database_goes_up_down_and_up_again(owner, fresh_database):
    url = fresh_database(owner)
    config = alembic_config(owner, url)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    engine = create_engine(url)
    assert [name for name in inspect(engine).get_table_names() if name != "alembic_version"] == []
    command.upgrade(config, "head")
    engine.dispose()


@pytest.mark.parametrize("owner", OWNERS)
def test_the_models_are_what_the_migrations_make(owner, fresh_database):
    url = fresh_database(owner)
    command.upgrade(alembic_config(owner, url), "head")
    command.check(alembic_config(owner, url))  # raises where a model and a table differ
