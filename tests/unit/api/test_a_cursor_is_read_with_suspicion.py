"""What a cursor may say, and that all pages together are the list."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import paging
from app.errors import NotFound, Refused

APP = Flask(__name__)
KEYS = st.tuples(
    st.one_of(st.none(), st.integers(-5, 5)),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4),
)


def pages(rows, *, descending=False, limit=3):
    """Every page in turn, as a reader follows them."""
    cursor = None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        with APP.test_request_context("/things", query_string=query):
            page = paging.of_list(rows, lambda row: row, descending=descending)
        yield list(page)
        if (cursor := page.next_cursor) is None:
            return


@given(st.sets(KEYS, max_size=20), st.booleans())
def test_all_pages_together_are_the_list_in_order_each_row_once(rows, descending):
    walked = [row for page in pages(rows, descending=descending) for row in page]
    assert len(walked) == len(rows)
    assert set(walked) == rows
    valued = [row for row in walked if row[0] is not None]
    assert valued == sorted(valued, reverse=descending)
    assert walked[: len(valued)] == valued  # rows without a value come last


def test_a_row_that_comes_or_goes_moves_no_other_row():
    rows = [(n,) for n in range(0, 20, 2)]
    walk = pages(rows)
    seen = next(walk)
    rows.remove((4,))  # the very row that the cursor names
    rows.append((-1,))
    rows.append((7,))
    seen += [row for page in walk for row in page]
    assert seen == [(0,), (2,), (4,), (6,), (7,), (8,), (10,), (12,), (14,), (16,), (18,)]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "١", "many", "", "9" * 30])
def test_a_limit_that_is_none_is_refused_beside_it(limit):
    with (
        APP.test_request_context("/things", query_string={"limit": limit}),
        pytest.raises(Refused) as refused,
    ):
        paging.of_list([(1,)], lambda row: row)
    assert list(refused.value.fields) == ["limit"]


def forged(*values, name=None):
    with APP.test_request_context("/things"):
        listed = name or paging._list_name(["", "up"])
    return base64.urlsafe_b64encode(json.dumps([listed, *values]).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "!",
        "' OR 1=1 --",
        "é",
        "bnVsbA",
        "e30",
        "A" * 3_000,
        base64.urlsafe_b64encode(b"[" * 1_000).decode(),
        forged("a"),
        forged(True),
        forged(1.0),
        forged(2**63),
        forged(1, 2),
        forged([1]),
        forged(1, name="elsewhere"),
    ],
)
def test_what_is_no_cursor_of_this_list_leads_to_no_page_of_it(cursor):
    with (
        APP.test_request_context("/things", query_string={"cursor": cursor}),
        pytest.raises(NotFound) as refused,
    ):
        paging.of_list([(1,)], lambda row: row)
    assert list(refused.value.fields) == ["cursor"]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (datetime, datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00"),
        (date, date(2026, 3, 1), "2026-13-01"),
        (Decimal, Decimal("1.50"), "NaN"),
        (float, 1.5, float("inf")),
        (str, "a'; DROP TABLE people; --", "a\x00"),
        (str, "é", "\ud800"),
        (bool, False, 0),
    ],
)
def test_sort_keys_come_back_as_they_were_and_nothing_else_does(kind, right, wrong):
    assert paging.decode(paging.encode("list", (right,)), "list", [kind]) == (right,)
    assert paging.decode(forged(wrong, name="list"), "list", [kind]) is None
