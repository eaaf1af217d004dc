from __future__ import annotations

import pytest

from app.errors import NotFound
from app.incidents import commands, queries, runbooks
from app.incidents.incident import Opening

TEXT = "# Fire\n\n## Act\n\n1. Leave. {within 2 min}\n"


@pytest.fixture
def ops(signed_in, now):
    return signed_in("ops")


def test_what_ships_is_listed_and_read(ops):
    assert "System failure" in ops.get("/runbooks/").text
    page = ops.get("/runbooks/system-failure").text
    assert "<h2>Act</h2>" in page
    assert "{within" not in page
    assert "edited here" not in page


@pytest.mark.parametrize("name", ["..%2f..%2fconfig", "no-such", "Checkout", "a--b", "x" * 61])
def test_no_name_leads_elsewhere(ops, name):
    assert ops.get(f"/runbooks/{name}").status_code == 404


def test_a_changed_runbook_is_shown_and_the_next_incident_follows_it(ops, control_session, now):
    form = {"name": "system-failure", "text": TEXT, "revision": 0}
    assert ops.post("/runbooks/", data=form).status_code == 303
    page = ops.get("/runbooks/system-failure").text
    assert "Leave." in page
    assert "edited here" in page
    made = commands.open_incident(control_session, Opening("X", "minor", "failure", now), "ops", now)
    control_session.flush()
    assert [step.text for step in queries.whole(control_session, made.id, now).steps] == ["Leave."]


def test_the_slower_of_two_keeps_what_was_typed(ops, control_session):
    ops.post("/runbooks/", data={"name": "system-failure", "text": TEXT, "revision": 0})
    answer = ops.post(
        "/runbooks/",
        data={"name": "system-failure", "text": "# Mine\n\n1. Stay.", "revision": 0},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 409
    assert answer.headers["HX-Reswap"] == "none"  # the form stays as it is
    assert runbooks.get(control_session, "system-failure").text == TEXT


def test_one_can_go_back_to_what_ships(ops, control_session):
    ops.post("/runbooks/", data={"name": "system-failure", "text": TEXT, "revision": 0})
    ops.post("/runbooks/system-failure/restore", data={"revision": 1})
    book = runbooks.get(control_session, "system-failure")
    assert (book.is_edited, book.revision) == (False, 2)


def test_people_write_runbooks_of_their_own(ops, control_session):
    assert ops.get("/runbooks/-/new").status_code == 200
    assert ops.post("/runbooks/", data={"name": "fire", "text": TEXT, "revision": 0}).status_code == 303
    assert "Fire" in ops.get("/runbooks/").text
    answer = ops.post("/runbooks/fire/restore", data={"revision": 1}, headers={"HX-Request": "true"})
    assert answer.status_code == 409  # nothing ships under this name
    with pytest.raises(NotFound):
        runbooks.get(control_session, "water")


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [("A b", TEXT, "name"), ("fire", "no title", "text"), ("fire", "# T\n\n1. {do x}", "text")],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(ops, name, text, field):
    form = {"name": name, "text": text, "revision": 0}
    answer = ops.post("/runbooks/", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert f"error-{field}" in answer.text


def test_machines_read_and_write_them(ops):
    assert "system-failure" in [book["name"] for book in ops.get("/api/v1/runbooks").json["runbooks"]]
    assert ops.put("/api/v1/runbooks/fire", json={"text": TEXT, "revision": 0}).json["revision"] == 1
    assert ops.put("/api/v1/runbooks/fire", json={"text": TEXT, "revision": 0}).status_code == 409
    assert ops.get("/api/v1/runbooks/fire").json["text"] == TEXT
    assert ops.put("/api/v1/runbooks/fire", json={"text": TEXT}).status_code == 422
    assert ops.post("/api/v1/runbooks/fire/restore", json={"revision": 1}).status_code == 409
    assert ops.put("/api/v1/runbooks/system-failure", json={"text": TEXT, "revision": 0}).json["is_edited"]
    back = ops.post("/api/v1/runbooks/system-failure/restore", json={"revision": 1}).json
    assert not back["is_edited"]
