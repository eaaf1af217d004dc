"""Tags of what is read, and writes that name the tag they were made on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import jsonify, request

from app.errors import NotFound
from app.guards import requires


class Shelf:
    """A thing in memory that knows nothing of versions: what guards it lies outside of its views."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {"a": "old"}
        self.seen: dict[str, str] = {}
        self.writers = 0
        self.most_writers = 0
        self.lock = threading.Lock()

    def read(self, name: str) -> str:
        if name not in self.words:
            raise NotFound("There is no such word.")
        return self.words[name]

    def write(self, name: str, word: str) -> None:
        with self.lock:
            self.writers += 1
            self.most_writers = max(self.most_writers, self.writers)
        threading.Event().wait(0.02)
        self.words[name] = word
        with self.lock:
            self.writers -= 1


@pytest.fixture
def shelf(control_app) -> Shelf:
    shelf = Shelf()

    @requires("view")
    def show(name):
        return jsonify(name=name, word=shelf.read(name), **shelf.seen)

    @requires("flags.write")
    def change(name):
        if request.method == "DELETE":
            del shelf.words[name]
            return "", 204
        shelf.write(name, request.get_json()["word"])
        return jsonify(name=name, word=shelf.read(name))

    @requires("flags.write")
    def shout(name):
        shelf.write(name, shelf.read(name).upper())
        return jsonify(name=name, word=shelf.read(name))

    control_app.add_url_rule("/api/v1/words/<name>", view_func=show)
    control_app.add_url_rule("/api/v1/words/<name>", view_func=change, methods=["PUT", "PATCH", "DELETE"])
    control_app.add_url_rule("/api/v1/words/<name>/shout", view_func=shout, methods=["POST"])
    return shelf


WORD = "/api/v1/words/a"


@pytest.fixture
def ops(program):
    return program("ops")


def test_what_was_read_before_is_not_sent_again(ops, shelf):
    first = ops.get(WORD)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = ops.get(WORD, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    shelf.words["a"] = "new"
    assert ops.get(WORD, headers={"If-None-Match": tag}).json["word"] == "new"
    assert "private" in first.headers["Cache-Control"]


def test_a_change_of_what_was_read_is_made_and_answers_with_the_tag_that_a_read_then_has(ops, shelf):
    tag = ops.get(WORD).headers["ETag"]
    changed = ops.put(WORD, json={"word": "new"}, headers={"If-Match": f'"x", {tag}'})
    assert changed.json["word"] == "new"
    assert changed.headers["ETag"] == ops.get(WORD).headers["ETag"] != tag
    shouted = ops.post(f"{WORD}/shout", headers={"If-Match": changed.headers["ETag"]})
    assert shouted.headers["ETag"] == ops.get(WORD).headers["ETag"]


def test_that_somebody_looked_at_it_meanwhile_is_no_change(ops, shelf):
    shelf.seen = {"evaluated_at": "2026-01-31T09:00:00Z"}
    tag = ops.get(WORD).headers["ETag"]
    shelf.seen = {"evaluated_at": "2026-01-31T09:00:15Z"}
    assert ops.get(WORD).headers["ETag"] == tag
    assert ops.put(WORD, json={"word": "new"}, headers={"If-Match": tag}).status_code == 200
    assert ops.put(WORD, json={"word": "late"}, headers={"If-Match": tag}).status_code == 412


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_change_of_an_older_state_changes_nothing_and_shows_the_present_one(ops, shelf, method):
    tag = ops.get(WORD).headers["ETag"]
    ops.put(WORD, json={"word": "theirs"})
    path = f"{WORD}/shout" if method == "POST" else WORD
    late = ops.open(path, method=method, json={"word": "mine"}, headers={"If-Match": tag})
    assert (late.status_code, late.json["type"]) == (412, "/problems/changed-meanwhile")
    assert late.json["current"] == {"name": "a", "word": "theirs"}
    assert shelf.words["a"] == "theirs"
    kept = ops.put(WORD, json={"word": "both"}, headers={"If-Match": late.headers["ETag"]})
    assert kept.status_code == 200


def test_a_weak_tag_is_too_weak_for_a_write_and_a_star_only_asks_that_there_is_something(ops, shelf):
    tag = ops.get(WORD).headers["ETag"]
    assert ops.put(WORD, json={"word": "x"}, headers={"If-Match": f"W/{tag}"}).status_code == 412
    assert ops.put(WORD, json={"word": "x"}, headers={"If-Match": "*"}).status_code == 200
    nowhere = ops.put("/api/v1/words/none", json={"word": "x"}, headers={"If-Match": "*"})
    assert nowhere.status_code == 412
    assert "none" not in shelf.words


def test_of_writers_at_the_same_moment_exactly_one_wins(ops, shelf, control_app):
    tag = ops.get(WORD).headers["ETag"]
    header = {"Authorization": ops.environ_base["HTTP_AUTHORIZATION"], "If-Match": tag}

    def write(n: int) -> int:
        return control_app.test_client().put(WORD, json={"word": str(n)}, headers=header).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(write, range(8)))
    assert statuses == [200] + [412] * 7
    assert shelf.most_writers == 1


def test_who_may_write_and_not_read_is_not_shown_what_is_there(ops, shelf, program, control_app):
    control_app.view_functions["show"].guard = requires("audit.view")(lambda: None).guard
    viewer = program("product_manager")
    control_app.view_functions["show"].guard = requires("accounts.manage")(lambda: None).guard
    late = viewer.put(WORD, json={"word": "mine"}, headers={"If-Match": '"0"'})
    assert late.status_code == 412
    assert "current" not in late.json


def test_a_flag_keeps_its_own_revision_as_the_tag(program, house):
    ops = program("ops")
    made = ops.post("/api/v1/flags", json={"name": "new-cart"})
    place = made.headers["Location"]
    tag = ops.get(place).headers["ETag"]
    assert ops.patch(place, json={"owner": "ada"}, headers={"If-Match": tag}).status_code == 200
    late = ops.patch(place, json={"owner": "bob"}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert late.json["current"]["owner"] == "ada"
    assert ops.post(f"{place}/archive", headers={"If-Match": tag}).status_code == 412
