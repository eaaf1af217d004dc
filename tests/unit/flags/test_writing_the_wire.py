"""The body that SDKs download."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

from app.flags.wire import Feature, etag, finished, query_of

FLAG = Feature(
    name="shop-banner",
    project="default",
    type="release",
    description="",
    tags=("area:front",),
    impression_data=False,
    is_stale=False,
    enabled=True,
    strategies=[
        {"name": "flexibleRollout", "parameters": {"rollout": "50"}, "constraints": [], "title": "half"},
        {"name": "default", "parameters": {}, "constraints": [], "disabled": True},
    ],
    variants=[{"name": "red", "weight": 1000}],
)
ALL = query_of("production", [], "", [])


def body(query=ALL, features=(FLAG,), revision=7):
    return json.loads(finished(query, revision, features).plain)


def test_a_feature_has_every_field_of_the_format():
    [feature] = body()["features"]
    assert feature == {
        "name": "shop-banner",
        "type": "release",
        "description": "",
        "enabled": True,
        "project": "default",
        "stale": False,
        "impressionData": False,
        "strategies": [{"name": "flexibleRollout", "parameters": {"rollout": "50"}, "constraints": []}],
        "variants": [{"name": "red", "weight": 1000}],
        "dependencies": [],
    }


def test_the_body_tells_its_version_query_and_revision():
    told = body()
    assert told["version"] == 2
    assert told["segments"] == []
    assert told["query"]["environment"] == "production"
    assert told["meta"] == {"revisionId": 7, "etag": etag(ALL, 7), "queryHash": ALL.hash}


def test_the_etag_is_strong_and_names_query_and_revision():
    assert etag(ALL, 7) == f'"{ALL.hash}:7:v1"'
    assert etag(ALL, 8) != etag(ALL, 7)
    assert etag(query_of("development", [], "", []), 7) != etag(ALL, 7)


def test_the_zipped_bytes_hold_the_same_and_are_the_same_each_time():
    made = finished(ALL, 7, [FLAG])
    assert gzip.decompress(made.zipped) == made.plain
    assert finished(ALL, 7, [FLAG]) == made


def test_filters_leave_out_what_does_not_match():
    other = replace(FLAG, name="other", project="ops", tags=())

    def names(**asked):
        plain = {"projects": [], "name_prefix": "", "tags": []}
        query = query_of("production", **plain | asked)
        return [feature["name"] for feature in body(query, (FLAG, other))["features"]]

    assert names() == ["shop-banner", "other"]
    assert names(projects=["*"]) == ["shop-banner", "other"]
    assert names(projects=["ops"]) == ["other"]
    assert names(projects=["ops", "default"]) == ["shop-banner", "other"]
    assert names(name_prefix="shop") == ["shop-banner"]
    assert names(tags=["area:front", "area:back"]) == ["shop-banner"]
    assert names(tags=["nonsense"]) == ["shop-banner", "other"]


def test_the_same_question_in_another_order_shares_its_answer():
    one = query_of("production", ["b", "a", "a"], "", ["x:1", "y:2"])
    same = query_of("production", ["a", "b"], "", ["y:2", "x:1", "x:1"])
    assert one == same
    assert one.as_json()["tag"] == [["x", "1"], ["y", "2"]]
    assert one.as_json()["project"] == ["a", "b"]
