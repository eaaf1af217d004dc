"""/api/v1/flags for programs: everything that the pages do, with the same rules."""

from __future__ import annotations

import json

import pytest

from app import clock
from app.accounts import commands as accounts
from app.db import begin
from app.flags import commands

PERCENT = {
    "name": "flexibleRollout",
    "parameters": {"rollout": "100", "stickiness": "userId", "groupId": "f"},
}
GERMANY = {"contextName": "country", "operator": "IN", "values": ["DE"]}


@pytest.fixture
def call(control_app):
    """`call("POST", "/flags", {...})` as a product manager's token; answers the response."""
    with control_app.test_request_context(), begin() as session:
        commands.ensure_environments(session)
        raw = accounts.create_token(
            session, "api", "production", "tests", "product_manager", clock.now(), "test"
        )
    client = control_app.test_client()

    def send(method, path, body=None, **headers):
        headers = {"Authorization": f"Bearer {raw}", **headers}
        data = body if isinstance(body, str | None) else json.dumps(body)
        return client.open(f"/api/v1{path}", method=method, data=data, headers=headers)

    return send


@pytest.fixture
def made(call):
    call("POST", "/flags", {"name": "f", "owner": "growth"})
    return call


def fields(answer):
    """The outermost: of strategies.0.name strategies."""
    return {error["field"].partition(".")[0] for error in answer.json["errors"]}


def test_a_flag_is_made_read_changed_and_found(call):
    wanted = {"name": "f", "type": "experiment", "tags": ["team:growth"], "expected_lifetime_days": 5}
    answer = call("POST", "/flags", wanted | {"links": [{"url": "https://x.example"}], "project": "shop"})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/v1/flags/f")
    assert (answer.json["stage"], answer.json["lifetime_days"], answer.json["project"]) == (
        "defined",
        5,
        "shop",
    )
    assert call("PATCH", "/flags/f", {"owner": "ada"}).json["owner"] == "ada"
    found = call("GET", "/flags?q=owner:ada type:experiment tag:growth").json
    assert [flag["name"] for flag in found["flags"]] == ["f"]
    assert call("GET", "/flags?q=owner:bob").json["total"] == 0


def test_a_long_list_is_read_in_pages(call):
    for name in ("a", "b", "c"):
        call("POST", "/flags", {"name": name})
    first = call("GET", "/flags?limit=2").json
    assert ([flag["name"] for flag in first["flags"]], first["after"], first["total"]) == (["a", "b"], "b", 3)
    rest = call("GET", "/flags?limit=2&after=b").json
    assert ([flag["name"] for flag in rest["flags"]], rest["after"]) == (["c"], None)
    same = call("GET", f"/flags?limit=2&cursor={first['next_cursor']}").json
    assert (same["flags"], same["next_cursor"]) == (rest["flags"], None)
    assert call("GET", "/flags?limit=0").status_code == 422
    assert call("GET", "/flags?colour=red").status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "f"}, "name"),
        ({"name": "import"}, "name"),
        ({"name": 5}, "name"),
        ({"name": "g", "type": "moon"}, "type"),
        ({"name": "g", "colour": "red"}, "colour"),
        ({"name": "g", "tags": "a:b"}, "tags"),
    ],
)
def test_a_flag_with_a_mistake_is_not_made(made, body, field):
    answer = made("POST", "/flags", body)
    assert answer.status_code == (409 if body == {"name": "f"} else 422)
    assert fields(answer) == {field}
    assert made("GET", "/flags").json["total"] == 1


def test_an_old_revision_is_a_conflict_and_in_a_header_a_failed_precondition(made):
    old = made("GET", "/flags/f")
    made("PATCH", "/flags/f", {"owner": "ada"})
    conflict = made("PATCH", "/flags/f", {"owner": "bob", "revision": old.json["revision"]})
    assert (conflict.status_code, fields(conflict)) == (409, {"revision"})
    failed = made("PATCH", "/flags/f", {"owner": "bob"}, **{"If-Match": old.headers["ETag"]})
    assert failed.status_code == 412
    current = made("GET", "/flags/f")
    assert current.json["owner"] == "ada"
    fine = made("PATCH", "/flags/f", {"owner": "bob"}, **{"If-Match": current.headers["ETag"]})
    assert fine.json["owner"] == "bob"


def test_a_state_is_changed_in_one_step_or_not_at_all(made):
    place = "/flags/f/environments/production"
    one_step = {"strategies": [PERCENT | {"constraints": [GERMANY]}], "percent": 25, "enabled": True}
    answer = made("PATCH", place, one_step)
    assert (answer.json["percent"], answer.json["enabled"], answer.json["is_targeted"]) == (25, True, True)
    wrong = made("PATCH", place, {"strategies": [], "percent": 101})
    assert (wrong.status_code, fields(wrong)) == (422, {"percent"})
    assert made("GET", place).json["strategies"] == answer.json["strategies"]
    stale = made("PATCH", place, {"percent": 30, "revision": answer.json["revision"] - 1})
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        (
            {"strategies": [{"name": "default", "constraints": [GERMANY | {"operator": "WHAT"}]}]},
            "strategies",
            422,
        ),
        ({"strategies": [{"name": "default", "segments": [99]}]}, "strategies", 404),
        ({"strategies": [{"name": "default", "title": "x" * 10_001}]}, "strategies", 422),
        ({"variants": [{"name": "a", "weight": 999}]}, "variants", 409),
        ({"percent": -1}, "percent", 422),
        ({"percent": "101"}, "percent", 422),
        ({"enabled": "yes"}, "enabled", 422),
        ({"colour": "red"}, "colour", 422),
        (
            {
                "strategies": [
                    {
                        "name": "default",
                        "constraints": [{"contextName": "x", "operator": "REGEX", "value": r"(a+)+\1$"}],
                    }
                ]
            },
            "strategies",
            409,
        ),
    ],
)
def test_bad_targeting_is_refused_beside_its_field_and_nothing_is_stored(made, change, field, status):
    before = made("GET", "/flags/f/environments/production").json
    answer = made("PATCH", "/flags/f/environments/production", change)
    assert (answer.status_code, fields(answer)) == (status, {field})
    assert made("GET", "/flags/f/environments/production").json == before


def test_ten_megabytes_of_targeting_are_refused(made):
    huge = '{"strategies": [{"name": "default", "title": "' + "x" * 10_000_000 + '"}]}'
    answer = made("PATCH", "/flags/f/environments/production", huge)
    assert answer.status_code == 413


def test_switched_killed_and_copied(made):
    place = "/flags/f/environments"
    made("PATCH", f"{place}/development", {"percent": 40})
    preview = made("GET", f"{place}/production/copy?from=development").json
    assert len(preview["changes"]) >= 1
    copied = made(
        "POST", f"{place}/production/copy", {"from": "development", "revision": preview["revision"]}
    )
    assert not copied.json["enabled"]
    assert made("POST", f"{place}/production/on").json["percent"] == 40
    assert made("POST", f"{place}/production/kill").json["percent"] == 0
    assert made("POST", f"{place}/production/off").json["enabled"] is False
    assert made("POST", f"{place}/moon/kill").status_code == 404


def test_a_flag_lives_is_archived_revived_and_deleted(made):
    assert made("POST", "/flags/f/complete", {"outcome": "kept", "variant": "b"}).json["stage"] == "completed"
    assert made("POST", "/flags/f/reopen").json["outcome"] is None
    assert made("DELETE", "/flags/f").status_code == 409
    assert made("POST", "/flags/f/archive").json["stage"] == "archived"
    assert [flag["name"] for flag in made("GET", "/flags?archived=1").json["flags"]] == ["f"]
    made("POST", "/flags/f/revive")
    assert made("POST", "/flags/f/clone", {"name": "g"}).status_code == 201
    made("POST", "/flags/f/archive")
    assert made("DELETE", "/flags/f").status_code == 204
    assert made("GET", "/flags/f").status_code == 404


def test_parents_and_favourites(made):
    made("POST", "/flags", {"name": "p"})
    answer = made("PUT", "/flags/f/dependencies", {"dependencies": [{"feature": "p", "variants": ["a"]}]})
    assert answer.json["dependencies"] == [{"feature": "p", "enabled": True, "variants": ["a"]}]
    circle = made("PUT", "/flags/p/dependencies", {"dependencies": [{"feature": "f"}]})
    assert (circle.status_code, fields(circle)) == (409, {"dependencies"})
    assert made("POST", "/flags/p/archive").status_code == 409
    assert made("PUT", "/flags/f/favourite").json["is_favourite"]
    assert [flag["name"] for flag in made("GET", "/flags?q=is:favourite").json["flags"]] == ["f"]
    assert not made("DELETE", "/flags/f/favourite").json["is_favourite"]


def test_segments_are_made_used_and_kept_while_they_are(made):
    answer = made("POST", "/segments", {"name": "germans", "constraints": [GERMANY]})
    number = answer.json["id"]
    assert answer.headers["Location"] == f"/api/v1/segments/{number}"
    made("PATCH", "/flags/f/environments/production", {"strategies": [PERCENT | {"segments": [number]}]})
    assert made("DELETE", f"/segments/{number}").status_code == 409
    assert made("GET", "/segments").json["segments"][0]["used_by"] == ["f"]
    wrong = made("PUT", f"/segments/{number}", {"name": "", "constraints": [{"operator": "IN"}]})
    assert fields(wrong) == {"name", "constraints"}
    wider = {"name": "all", "constraints": []}
    assert made("PUT", f"/segments/{number}", wider | {"revision": 1}).status_code == 409
    assert made("PUT", f"/segments/{number}", wider).json["name"] == "all"
    made("PATCH", "/flags/f/environments/production", {"strategies": []})
    assert made("DELETE", f"/segments/{number}").status_code == 204


def test_a_flag_says_what_it_answers_and_why(made):
    strategies = [PERCENT | {"constraints": [GERMANY]}]
    made("PATCH", "/flags/f/environments/production", {"strategies": strategies, "enabled": True})
    yes = made("GET", "/flags/f/evaluate?userId=7&country=DE").json
    assert (yes["enabled"], yes["why"]["cause"]) == (True, "strategy")
    assert yes["because"].startswith("Strategy 1 says yes.")
    assert yes["why"]["strategies"][0]["bucket"]["identifier"] == "7"
    no = made("POST", "/flags/evaluate", {"context": {"userId": "7", "country": "AT"}, "flags": ["f"]}).json
    [flag] = no["flags"]
    assert (flag["enabled"], flag["why"]["strategies"][0]["constraints"][0]["value"]) == (False, "AT")
    assert made("GET", "/flags/nope/evaluate").status_code == 404
    assert made("GET", "/flags/evaluate?environment=moon").status_code == 404
    assert made("POST", "/flags/evaluate", {"context": 5}).status_code == 422


def test_a_file_is_tried_taken_refused_whole_and_handed_out(call):
    state = {
        "version": 2,
        "features": [{"name": "f", "enabled": True, "strategies": [PERCENT]}],
        "segments": [],
    }
    tried = call("POST", "/flags/import?dry_run=1&environment=production", state)
    assert (tried.json["created"], call("GET", "/flags").json["total"]) == (1, 0)
    assert call("POST", "/flags/import?environment=production", state).json["created"] == 1
    assert call("POST", "/flags/import?environment=production", state).json["unchanged"] == 1
    export = call("GET", "/flags/export?environment=production").json
    assert call("POST", "/flags/import?environment=production", export).json["unchanged"] == 1
    broken = {"features": [{"name": "g", "enabled": True, "strategies": []}, {"name": "h", "enabled": 5}]}
    refused = call("POST", "/flags/import?environment=production", broken)
    assert (refused.status_code, fields(refused)) == (409, {"h"})
    assert call("GET", "/flags").json["total"] == 1
    assert call("POST", "/flags/import", "{").status_code in (400, 409)


def test_a_program_reads_environments_and_makes_none(call):
    names = [place["name"] for place in call("GET", "/environments").json["environments"]]
    assert names[:2] == ["development", "production"]
    assert call("POST", "/environments", {"name": "staging"}).status_code == 403


@pytest.mark.usefixtures("more_environments")
def test_an_admin_makes_and_orders_environments(signed_in):
    admin = signed_in("admin")
    made = admin.post("/api/v1/environments", json={"name": "staging", "type": "test"})
    assert made.status_code == 201
    assert admin.get(made.headers["Location"]).json == made.json
    assert admin.put("/api/v1/environments", json={"names": ["staging"]}).status_code == 409
    assert admin.post("/api/v1/environments", json={"name": "No Name"}).status_code == 422
    assert '<option value="staging"' in admin.get("/flags/-/environments/").text  # the rail knows it
    changed = admin.patch("/api/v1/environments/staging", json={"requires_approval": True})
    assert changed.json["requires_approval"]
    order = admin.put("/api/v1/environments", json={"names": ["staging", "production", "development"]})
    assert next(place["name"] for place in order.json["environments"]) == "staging"
    assert admin.post("/api/v1/environments/staging/archive").json["is_archived"]
    assert '<option value="staging"' not in admin.get("/flags/").text
    assert not admin.post("/api/v1/environments/staging/revive").json["is_archived"]


def test_a_viewer_reads_only(signed_in, made):
    viewer = signed_in("viewer")
    assert viewer.get("/api/v1/flags").json["total"] == 1
    assert viewer.patch("/api/v1/flags/f", json={"owner": "me"}).status_code == 403
    assert viewer.post("/api/v1/flags/f/environments/production/kill").status_code == 403


def test_an_sdk_token_is_none_for_programs(control_app, client_token):
    answer = control_app.test_client().get("/api/v1/flags", headers={"Authorization": client_token})
    assert answer.status_code == 403
