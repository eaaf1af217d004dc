from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spreadsheets import harmless, written


@pytest.mark.parametrize(
    "cell", ["=1+1", "+SUM(A1)", "-cmd|' /C calc'!A0", "@A1", "\t=1", "\r=1", "-", "\t1"]
)
def test_text_that_would_run_gets_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+1.5", "-1e9", -5, 2.5, None, "words", "", "a=b"])
def test_numbers_and_words_stay(cell):
    assert harmless(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1))
def test_what_is_written_reads_back_without_a_formula(row):
    read = next(csv.reader(StringIO(written([row]), newline="")))
    assert [cell.removeprefix("'") for cell in read] == [cell.removeprefix("'") for cell in row]
    assert not any(cell.startswith(("=", "@")) for cell in read)
