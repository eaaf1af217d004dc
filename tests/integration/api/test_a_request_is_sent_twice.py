"""Idempotency-Key: the same request again is answered again, and done once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import jsonify, request
from sqlalchemy import func, select, text, update

from app import idempotency
from app.db import begin
from app.errors import Forbidden, Refused, Unavailable
from app.guards import requires
from app.idempotency import IdempotencyRow
from app.timeline.models import TimelineEntry

PATH = "/api/v1/notes"
KEY = {"Idempotency-Key": '"note-1"'}


@pytest.fixture
def ops(program):
    return program("ops")


@pytest.fixture
def troubles() -> list[Exception]:
    """Raised one after the other, before anything is written."""
    return []


@pytest.fixture
def notes(control_app, control_session, now, troubles):
    """A route that writes one line of the timeline, with what may come between."""

    @requires("view")
    def note():
        wanted = request.get_json()
        with begin() as session:  # reads alone mark nothing
            session.scalar(select(func.count()).select_from(TimelineEntry))
        if troubles:
            raise troubles.pop()
        if wanted.get("overtaken"):
            control_session.execute(update(IdempotencyRow).values(lease="another's"))
            control_session.commit()
        with begin() as session:
            line = {"kind": "deploy", "subject": "", "detail": "", "url": ""}
            session.add(TimelineEntry(at=now, title=wanted["title"], **line))
            if wanted.get("slow"):
                time.sleep(0.2)
        if wanted.get("late"):
            raise RuntimeError("after the commit")
        return jsonify(secret=wanted["title"]), 201, {"Location": "/api/v1/notes/1"}

    control_app.add_url_rule(PATH, view_func=note, methods=["POST"])
    control_app.testing = False  # errors are answered, as they are outside of tests


@pytest.fixture
def written(control_session):
    def count() -> int:
        control_session.rollback()
        return control_session.scalar(select(func.count()).select_from(TimelineEntry))

    return count


def test_the_same_again_is_answered_as_before_and_done_once(ops, notes, written, control_session):
    first = ops.post(PATH, json={"title": "hush-hush"}, headers=KEY)
    again = ops.post(PATH, json={"title": "hush-hush"}, headers={"Idempotency-Key": "note-1"})
    assert (first.status_code, again.status_code, written()) == (201, 201, 1)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    kept = control_session.execute(text("SELECT * FROM idempotency_keys")).one()
    assert "hush" not in str(kept)
    assert "note-1" not in str(kept)


def test_another_body_or_address_under_the_same_key_is_refused(ops, notes, written):
    ops.post(PATH, json={"title": "one"}, headers=KEY)
    for path, body in ((PATH, {"title": "two"}), (f"{PATH}?x=1", {"title": "one"})):
        other = ops.post(path, json=body, headers=KEY)
        assert (other.status_code, other.json["type"]) == (422, "/problems/key-used-before")
    assert written() == 1


def test_a_key_belongs_to_whoever_sent_it(ops, notes, written, program):
    ops.post(PATH, json={"title": "one"}, headers=KEY)
    assert program("ops", "another").post(PATH, json={"title": "two"}, headers=KEY).status_code == 201
    assert written() == 2


@pytest.mark.parametrize("key", ["", " ", "ä", "a" * 201, 'a"b', "a b"])
def test_a_key_that_is_none_is_refused(ops, notes, written, key):
    answer = ops.post(PATH, json={"title": "one"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, written()) == (400, 0)


def test_twenty_at_once_have_one_effect(ops, notes, written, control_app):
    headers = {"Authorization": ops.environ_base["HTTP_AUTHORIZATION"], **KEY}

    def send(_n: int) -> tuple[int, str]:
        body = {"title": "one", "slow": True}
        answer = control_app.test_client().post(PATH, json=body, headers=headers)
        assert answer.status_code == 201 or answer.headers["Retry-After"] == "1"
        return answer.status_code, answer.json.get("type", "")

    with ThreadPoolExecutor(20) as pool:
        told = sorted(pool.map(send, range(20)))
    assert written() == 1
    assert set(told) <= {(201, ""), (409, "/problems/in-progress")}
    assert (201, "") in told
    assert ops.post(PATH, json={"title": "one", "slow": True}, headers=KEY).status_code == 201
    assert written() == 1


@pytest.mark.parametrize("trouble", [Forbidden("no"), Unavailable("away", "x"), RuntimeError("broken")])
def test_an_answer_that_says_nothing_of_the_request_frees_the_key(ops, notes, written, troubles, trouble):
    troubles.append(trouble)
    assert ops.post(PATH, json={"title": "a"}, headers=KEY).status_code in (403, 500, 503)
    assert ops.post(PATH, json={"title": "a"}, headers=KEY).status_code == 201
    assert written() == 1


def test_a_refusal_is_an_answer(ops, notes, troubles):
    troubles.append(Refused("no"))
    first = ops.post(PATH, json={"title": "a"}, headers=KEY)
    again = ops.post(PATH, json={"title": "a"}, headers=KEY)
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.mimetype == "application/problem+json"


def test_what_was_done_and_not_answered_is_told_and_not_done_again(ops, notes, written):
    body = {"title": "a", "late": True}
    assert ops.post(PATH, json=body, headers=KEY).status_code == 500
    again = ops.post(PATH, json=body, headers=KEY)
    assert (again.status_code, again.json["type"], written()) == (409, "/problems/carried-out", 1)
    assert PATH in again.json["detail"]


def test_who_took_too_long_cannot_commit_once_another_has_taken_over(ops, notes, written):
    answer = ops.post(PATH, json={"title": "a", "overtaken": True}, headers=KEY)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/in-progress")
    assert written() == 0


def test_a_key_whose_holder_died_before_doing_anything_is_taken_over(control_session, now):
    sent = b"POST\n/api/v1/notes?\n{}"
    assert idempotency.claim(control_session, "k", sent, now)
    assert idempotency.claim(control_session, "k", sent, now + idempotency.LEASE / 2) is None
    assert idempotency.claim(control_session, "k", sent, now + idempotency.LEASE)


def test_keys_are_forgotten_after_a_day(control_session, control_sources, now):
    assert idempotency.claim(control_session, "k", b"one", now)
    assert idempotency.claim(control_session, "k", b"two", now + idempotency.KEPT)
    idempotency.claim(control_session, "old", b"one", now - timedelta(days=2))
    assert idempotency.prune(control_session, now, control_sources) == "1 keys forgotten"
