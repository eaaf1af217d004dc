from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from psycopg.sql import Identifier
from sqlalchemy import create_engine

from app.sql import statement

POSTGRES = create_engine("postgresql+psycopg://").dialect
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\\"), min_size=1)


def sent(words: str, **parts: str | Identifier) -> str:
    """As the driver gets it; it takes %% for %."""
    return str(statement(words, **parts).compile(dialect=POSTGRES)).replace("%%", "%")


def test_words_of_our_own_keep_their_parameters():
    assert sent("SELECT {columns} FROM t WHERE id = :id", columns="a, b") == (
        "SELECT a, b FROM t WHERE id = %(id)s"
    )


@given(NAMES)
def test_a_name_is_one_name_whatever_stands_in_it(name):
    quoted = name.replace('"', '""')
    assert sent("DROP DATABASE {name} WITH (FORCE)", name=Identifier(name)) == (
        f'DROP DATABASE "{quoted}" WITH (FORCE)'
    )
