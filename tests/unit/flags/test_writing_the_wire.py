"""The body that SDKs download."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from app.flags.targeting import NOBODY
from app.flags.wire import Feature, Segment, etag, finished, knows_segments, query_of

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
CURRENT = query_of("production", [], "", [], spec="5.2.0")


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


GERMANY = Segment(3, "Germany", [{"contextName": "country", "operator": "IN", "values": ["DE"]}])
SEGMENTED = replace(
    FLAG, strategies=[{"name": "default", "parameters": {}, "constraints": [], "segments": [3, 4]}]
)


def test_segments_in_use_stand_beside_the_features():
    told = json.loads(finished(CURRENT, 7, [SEGMENTED], {3: GERMANY, 9: GERMANY}).plain)
    assert [segment["id"] for segment in told["segments"]] == [3]
    assert told["features"][0]["strategies"][0]["segments"] == [3, 4]


def test_old_sdks_get_the_constraints_of_segments_in_the_strategies_and_nobody_for_a_missing_one():
    told = json.loads(finished(ALL, 7, [SEGMENTED], {3: GERMANY}).plain)
    [strategy] = told["features"][0]["strategies"]
    assert "segments" not in strategy
    assert strategy["constraints"] == [*GERMANY.constraints, *NOBODY]
    assert told["segments"] == []


@pytest.mark.parametrize(
    ("spec", "knows"),
    [("4.2.0", True), ("5.2.0", True), ("10.0.0", True), ("4.1.9", False), (None, False), ("x", False)],
)
def test_segments_are_known_since_version_4_2_0_of_the_specification(spec, knows):
    assert knows_segments(spec) is knows


def test_a_token_of_some_projects_sees_no_others():
    def projects(asked, allowed):
        return query_of("production", asked, "", [], allowed=allowed).projects

    assert projects([], []) is None
    assert projects(["*"], ["*"]) is None
    assert projects(["a"], []) == ("a",)
    assert projects([], ["b", "a"]) == ("a", "b")
    assert projects(["a", "c"], ["a", "b"]) == ("a",)
    assert projects(["c"], ["a", "b"]) == ()
    assert not query_of("production", ["c"], "", [], allowed=["a"]).matches(FLAG)
