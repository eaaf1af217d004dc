"""Flags come from Unleash and go back to it: one file, all of it or nothing, and again changes nothing."""

from __future__ import annotations

import json

import pytest

from app import clock
from app.errors import Refused
from app.flags import (
    commands,
    dependency_commands,
    import_commands,
    lifecycle_commands,
    queries,
    segment_commands,
    unleash_export,
    unleash_import,
)
from app.flags.segment import checked
from tests.integration.flags.conftest import PLAIN, WHO

EXPORT = {
    "features": [
        {
            "name": "show-cart",
            "description": "By region",
            "type": "experiment",
            "project": "shop",
            "stale": True,
        },
        {"name": "chat", "description": None, "type": "release", "impressionData": True, "archived": False},
    ],
    "featureStrategies": [
        {
            "name": "flexibleRollout",
            "id": "e777c8eb",
            "featureName": "show-cart",
            "title": "Half",
            "parameters": {"groupId": "show-cart", "rollout": "50", "stickiness": "default"},
            "constraints": [{"values": ["us"], "operator": "IN", "contextName": "region", "inverted": False}],
            "variants": [{"name": "A", "weight": 1000, "stickiness": "default", "weightType": "variable"}],
            "segments": [7],
            "disabled": False,
            "sortOrder": 2,
        },
        {"name": "userWithId", "featureName": "show-cart", "parameters": {"userIds": "1"}, "sortOrder": 1},
    ],
    "featureEnvironments": [
        {
            "enabled": True,
            "featureName": "show-cart",
            "environment": "live",
            "variants": [],
            "name": "show-cart",
        }
    ],
    "contextFields": [],
    "featureTags": [
        {"featureName": "chat", "tagType": "team", "tagValue": "growth"},
        {"featureName": "chat", "tagType": "owner", "tagValue": "ada"},
    ],
    "segments": [{"id": 7, "name": "testers", "constraints": []}],
    "tagTypes": [{"name": "team"}],
    "dependencies": [{"feature": "chat", "dependencies": [{"feature": "show-cart", "enabled": True}]}],
    "links": [{"feature": "chat", "links": [{"url": "https://x.example/1", "title": None}]}],
}


@pytest.fixture
def session(control_session):
    commands.ensure_environments(control_session)
    control_session.commit()
    return control_session


def take(session, raw, environment="production", source=""):
    return import_commands.take_over(session, unleash_import.read(raw, source), environment, clock.now(), WHO)


def row(session, name):
    return queries.one(session, name, clock.now())


def exported(session, environment="production"):
    rows, segments = queries.rows(session, clock.now()), queries.segment_rows(session)
    return unleash_export.rendered(rows, segments, environment)


def test_an_export_of_unleash_is_taken_over_whole(session):
    report = take(session, EXPORT)
    assert {line.name: line.outcome for line in report.lines} == {
        "testers": "created",
        "chat": "created",
        "show-cart": "created",
    }
    cart, chat = row(session, "show-cart"), row(session, "chat")
    state = cart.states["production"]
    assert (cart.type, cart.project, cart.is_stale, state.enabled) == ("experiment", "shop", True, True)
    assert [strategy["name"] for strategy in state.strategies] == ["userWithId", "flexibleRollout"]
    assert state.strategies[1]["segments"] == [queries.segment_rows(session)[0].id]
    assert not cart.states["development"].enabled
    assert (chat.owner, chat.tags, chat.impression_data) == ("ada", ("team:growth",), True)
    assert chat.dependencies == [{"feature": "show-cart", "enabled": True}]
    assert chat.links == [{"url": "https://x.example/1", "title": ""}]


def test_what_was_exported_is_the_same_after_it_was_imported(session):
    take(session, EXPORT)
    commands.patch(session, "chat", {"expected_lifetime_days": 12}, clock.now(), WHO)
    first = exported(session)
    assert [one.get("expectedLifetimeDays") for one in first["features"] if one["name"] == "chat"] == [12]
    assert {line.outcome for line in take(session, json.loads(json.dumps(first))).lines} == {"unchanged"}
    for name in ("chat", "show-cart"):
        dependency_commands.set_dependencies(session, name, [], clock.now(), WHO)
        lifecycle_commands.archive(session, name, clock.now(), WHO)
        lifecycle_commands.delete(session, name, clock.now(), WHO)
    take(session, first)
    assert json.dumps(exported(session)) == json.dumps(first)


def test_only_what_differs_is_changed_and_named(session):
    take(session, EXPORT)
    changed = json.loads(json.dumps(EXPORT))
    changed["features"][0]["description"] = "By country"
    lines = {line.name: line for line in take(session, changed).lines}
    assert (lines["show-cart"].outcome, lines["show-cart"].changes) == ("changed", ("description",))
    assert lines["chat"].outcome == "unchanged"


def test_each_refusal_has_its_reason_and_the_others_are_still_reported(session):
    commands.create(session, "gone", PLAIN, clock.now(), WHO)
    lifecycle_commands.archive(session, "gone", clock.now(), WHO)
    features = [
        {"name": "fine", "enabled": True, "strategies": [{"name": "ours", "parameters": {"a": None}}]},
        {"name": "gone", "enabled": True, "strategies": []},
        {"name": "a/b", "enabled": True, "strategies": []},
        {"name": "weights", "enabled": True, "strategies": [], "variants": [{"name": "x", "weight": 0}]},
        {"name": "percent", "enabled": True, "strategies": [flexible("101")]},
        {
            "name": "quotes",
            "enabled": True,
            "strategies": [flexible("5", groupId='x" or true or 5% sticky on "')],
        },
        {"name": "numbers", "enabled": "yes", "strategies": []},
        {"name": "fine", "enabled": True, "strategies": []},
        5,
    ]
    report = take(session, {"version": 2, "features": features, "segments": []})
    assert report.is_refused
    told = {line.name: str(line.reason) for line in report.lines if line.outcome == "refused"}
    wrong = {"gone", "a/b", "weights", "percent", "quotes", "numbers", "fine", "features[8]"}
    assert set(told) == wrong
    assert all(told.values())


def flexible(rollout, **more):
    return {"name": "flexibleRollout", "parameters": {"rollout": rollout, "stickiness": "default", **more}}


def test_a_segment_that_is_only_named_must_be_here(session):
    named = json.loads(json.dumps(EXPORT)) | {"segments": [{"id": 7, "name": "testers"}]}
    assert [line.name for line in take(session, named).lines if line.outcome == "refused"] == ["testers"]
    session.rollback()
    number = segment_commands.create(session, checked("testers", "", None, []), clock.now(), WHO)
    take(session, named)
    assert row(session, "show-cart").states["production"].strategies[1]["segments"] == [number]


def test_a_flag_whose_segment_is_nowhere_is_taken_and_its_kill_can_be_undone(session):
    lost = {"name": "lost", "enabled": True, "strategies": [{"name": "default", "segments": [404]}]}
    assert not take(session, {"version": 2, "features": [lost], "segments": []}).is_refused
    entry = commands.kill(session, "lost", "production", clock.now(), WHO)
    commands.undo(session, "lost", entry, clock.now(), WHO)
    assert row(session, "lost").states["production"].enabled


def test_of_several_environments_one_must_be_named(session):
    many = json.loads(json.dumps(EXPORT))
    many["featureEnvironments"].append({"enabled": False, "featureName": "show-cart", "environment": "test"})
    with pytest.raises(Refused):
        take(session, many)
    take(session, many, source="test")
    assert not row(session, "show-cart").states["production"].enabled


@pytest.mark.parametrize("raw", [None, [], 5, "x", {}, {"features": {}}, {"events": [{"type": "moon"}]}])
def test_what_is_no_file_of_flags_is_refused(raw):
    with pytest.raises(Refused):
        unleash_import.read(raw)


def test_a_delta_is_followed_to_its_end():
    def feature(name):
        return {"name": name, "enabled": True, "strategies": [{"name": "default"}]}

    events = [
        {"type": "hydration", "features": [feature("a"), feature("b")], "segments": []},
        {"type": "feature-removed", "featureName": "a"},
        {"type": "segment-updated", "segment": {"id": 1, "name": "s", "constraints": []}},
        {"type": "feature-updated", "feature": feature("c")},
    ]
    file = unleash_import.read({"events": events})
    assert [flag.name for flag in file.flags] == ["b", "c"]
    assert [segment.name for segment in file.segments] == ["s"]
