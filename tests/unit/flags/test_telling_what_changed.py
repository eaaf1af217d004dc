"""What an SDK is told after a revision: from every state it may know, it ends with what a newcomer gets."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.flags.snapshot import Entry, Snapshot, body
from app.flags.wire import Feature, Segment, query_of

ALL = query_of("production", [], "", [])
MINE = query_of("production", [], "", [], allowed=["mine"])
PLAIN = Feature("f", "mine", "release", "", (), False, False, True, [], [])
GERMANY = Segment(1, "Germany", [{"contextName": "country", "operator": "IN", "values": ["DE"]}], 2)


def using(*segments, name="f", **more):
    strategy = {"name": "default", "parameters": {}, "constraints": [], "segments": list(segments)}
    return replace(PLAIN, name=name, strategies=[strategy], **more)


def snapshot(revision, *entries, segments=(), gone=None, known_since=0):
    named = {entry.feature.name: entry for entry in entries}
    return Snapshot("production", revision, named, {one.id: one for one in segments}, gone or {}, known_since)


def told(seen, since, query=ALL):
    events = seen.changes(query, since)
    return None if events is None else json.loads(body(events))["events"]


def test_a_hydration_is_everything():
    seen = snapshot(
        5, Entry(using(1), 5), Entry(replace(PLAIN, name="g"), 3, is_gone=True), segments=[GERMANY]
    )
    [event] = [json.loads(seen.hydration(ALL))]
    assert (event["eventId"], event["type"]) == (5, "hydration")
    assert [feature["name"] for feature in event["features"]] == ["f"]
    assert event["segments"] == [{"id": 1, "name": "Germany", "constraints": list(GERMANY.constraints)}]


def test_only_what_came_later_is_told():
    seen = snapshot(5, Entry(PLAIN, 5), Entry(replace(PLAIN, name="g"), 3))
    assert [event["feature"]["name"] for event in told(seen, 4)] == ["f"]
    assert told(seen, 5) == []


def test_an_unknown_or_a_missing_revision_needs_everything():
    seen = snapshot(5, Entry(PLAIN, 5))
    assert told(seen, 6) is None
    assert told(seen, 0) is None
    assert told(seen, -1) is None


def test_an_archived_flag_is_removed():
    seen = snapshot(5, Entry(PLAIN, 5, is_gone=True))
    assert told(seen, 4) == [{"eventId": 5, "type": "feature-removed", "featureName": "f", "project": "mine"}]


def test_a_segment_comes_before_the_flag_that_first_uses_it():
    """Also one that is older than what the SDK knows: nobody needed it until now."""
    seen = snapshot(5, Entry(using(1), 5), segments=[GERMANY])
    assert [event["type"] for event in told(seen, 4)] == ["segment-updated", "feature-updated"]


def test_a_changed_segment_is_told_to_those_whose_flags_use_it():
    changed = replace(GERMANY, revision=5)
    assert [event["type"] for event in told(snapshot(5, Entry(using(1), 2), segments=[changed]), 4)] == [
        "segment-updated"
    ]
    assert told(snapshot(5, Entry(PLAIN, 2), segments=[changed]), 4) == []


def test_a_deleted_segment_is_removed():
    [event] = told(snapshot(5, Entry(PLAIN, 2), gone={1: 5}), 4)
    assert event == {"eventId": 5, "type": "segment-removed", "segmentId": 1}


def test_flags_of_other_projects_are_not_even_named():
    other = replace(PLAIN, name="secret", project="theirs")
    assert told(snapshot(5, Entry(other, 5)), 4, MINE) == []
    assert told(snapshot(5, Entry(other, 5, is_gone=True)), 4, MINE) == []


def test_a_flag_that_leaves_the_project_is_removed():
    before = snapshot(4, Entry(PLAIN, 3))
    after = before.with_changes(5, [Entry(replace(PLAIN, project="theirs"), 5)], {}, {})
    assert [event["type"] for event in told(after, 4, MINE)] == ["feature-removed"]
    assert [event["type"] for event in told(after, 4)] == ["feature-updated"]


def test_where_it_is_not_known_what_a_flag_was_before_everything_is_sent():
    moved = Entry(replace(PLAIN, project="theirs"), 5)
    assert told(snapshot(5, moved, known_since=5), 4, MINE) is None


SEGMENTS = {1: GERMANY, 2: replace(GERMANY, id=2, name="Austria")}
FLAG = st.builds(
    lambda project, enabled, used: using(*used, project=project, enabled=enabled),
    st.sampled_from(["mine", "theirs"]),
    st.booleans(),
    st.sets(st.sampled_from(sorted(SEGMENTS))),
)
CHANGE = st.tuples(st.sampled_from("abc"), FLAG, st.booleans())


class Sdk:
    """Keeps what it is told, as SDKs do."""

    def __init__(self):
        self.flags, self.segments = {}, {}

    def take(self, events):
        for event in events:
            match event["type"]:
                case "hydration":
                    self.flags = {feature["name"]: feature for feature in event["features"]}
                    self.segments = {segment["id"]: segment for segment in event["segments"]}
                case "feature-updated":
                    self.flags[event["feature"]["name"]] = event["feature"]
                    used = {n for one in event["feature"]["strategies"] for n in one.get("segments", ())}
                    assert used <= set(self.segments)
                case "feature-removed":
                    self.flags.pop(event["featureName"], None)
                case "segment-updated":
                    self.segments[event["segment"]["id"]] = event["segment"]
                case "segment-removed":
                    self.segments.pop(event["segmentId"], None)


@given(st.lists(CHANGE, max_size=12), st.sets(st.integers(0, 12)), st.sampled_from([ALL, MINE]))
def test_whoever_follows_ends_with_what_a_newcomer_gets(changes, looks, query):
    """However many changes lie between two looks."""
    seen = Snapshot("production", 1, {}, SEGMENTS, {}, known_since=1)
    sdk, known = Sdk(), 0
    for n, (name, flag, is_gone) in enumerate(changes):
        seen = seen.with_changes(n + 2, [Entry(replace(flag, name=name), n + 2, is_gone)], SEGMENTS, {})
        if n in looks:
            sdk.take(_after(seen, known, query))
            known = seen.revision
    sdk.take(_after(seen, known, query))
    newcomer = json.loads(seen.hydration(query))
    assert sdk.flags == {feature["name"]: feature for feature in newcomer["features"]}
    assert {segment["id"] for segment in newcomer["segments"]} <= set(sdk.segments)


def _after(seen, known, query):
    events = told(seen, known, query)
    return [json.loads(seen.hydration(query))] if events is None else events
