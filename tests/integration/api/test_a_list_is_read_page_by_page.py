"""Pages of a select, on a real table with equal and missing sort keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import jsonify
from sqlalchemy import select

from app import paging
from app.accounts.models import PersonRow
from app.db import begin
from app.guards import public

ORDERS = {
    "newest sign-in first": (PersonRow.signed_in_at.desc(), PersonRow.id.desc()),
    "oldest sign-in first": (PersonRow.signed_in_at, PersonRow.id),
    "by role, then latest": (PersonRow.role, PersonRow.signed_in_at.desc(), PersonRow.id),
    "by id": (PersonRow.id.desc(),),
}


@pytest.fixture
def people(control_session, now):
    for n in range(11):
        control_session.add(
            PersonRow(
                email=f"p{n}@house.test",
                name="",
                role="viewer" if n % 3 else "ops",
                password_hash="",
                is_active=True,
                created_at=now,
                signed_in_at=None if n % 4 == 0 else now - timedelta(days=n // 3),
            )
        )
    control_session.commit()


@pytest.fixture
def reader(control_app):
    """A client of lists made for this test."""

    @public
    def entities(order: str):
        with begin() as session:
            page = paging.of_select(session, select(PersonRow), *ORDERS[order])
            return paging.answer("people", page, lambda row: row.email)

    @public
    def columns(order: str):
        with begin() as session:
            page = paging.of_select(session, select(PersonRow.id, PersonRow.email), *ORDERS[order])
            return jsonify(people=[row.email for row in page], width=[len(row) for row in page])

    control_app.add_url_rule("/api/v1/test-people/<order>", view_func=entities)
    control_app.add_url_rule("/api/v1/test-columns/<order>", view_func=columns)
    return control_app.test_client()


@pytest.mark.parametrize("order", ORDERS)
def test_following_the_links_gives_every_row_once_in_order(reader, people, control_session, order):
    url, walked = f"/api/v1/test-people/{order}?limit=3&filter=a%26b", []
    while url:
        answer = reader.get(url)
        walked += answer.json["people"]
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json["next_cursor"] is None)
        url = link.partition(">")[0].lstrip("<") if link else None
        assert url is None or "filter=a%26b" in url
    ordered = select(PersonRow.email).order_by(*(column.nulls_last() for column in ORDERS[order]))
    assert walked == list(control_session.scalars(ordered))


def test_rows_of_several_columns_stay_as_they_were_selected(reader, people):
    told = reader.get("/api/v1/test-columns/by id?limit=2").json
    assert told == {"people": ["p10@house.test", "p9@house.test"], "width": [2, 2]}


def test_a_cursor_of_another_order_leads_to_no_page(reader, people):
    cursor = reader.get("/api/v1/test-people/by id?limit=2").json["next_cursor"]
    answer = reader.get("/api/v1/test-people/oldest sign-in first", query_string={"cursor": cursor})
    assert answer.status_code == 404
    assert [error["field"] for error in answer.json["errors"]] == ["cursor"]
