"""Segments, parents, environments, and the life of a flag: what they allow and what they refuse."""

from __future__ import annotations

import pytest

from app import clock
from app.errors import Conflict, NotFound, Refused
from app.flags import (
    commands,
    dependency_commands,
    environment_commands,
    favourites,
    lifecycle_commands,
    queries,
    segment_commands,
)
from app.flags.segment import checked
from tests.integration.flags.conftest import PLAIN, WHO

GERMANY = [{"contextName": "country", "operator": "IN", "values": ["DE"]}]


@pytest.fixture
def session(control_session):
    commands.ensure_environments(control_session)
    for name in ("parent", "child", "other"):
        commands.create(control_session, name, PLAIN, clock.now(), WHO)
    control_session.commit()
    return control_session


def row(session, name):
    return queries.one(session, name, clock.now())


def segment(session, name="germans"):
    return segment_commands.create(session, checked(name, "", None, GERMANY), clock.now(), WHO)


def target(session, flag, *ids):
    strategies = [{"name": "default", "segments": list(ids)}]
    return commands.set_targeting(session, flag, "production", strategies, [], clock.now(), WHO)


def depend(session, flag, *parents):
    raw = [{"feature": parent} for parent in parents]
    return dependency_commands.set_dependencies(session, flag, raw, clock.now(), WHO)


def test_a_segment_reaches_sdks_with_a_revision_of_its_own(session):
    before = queries.revision(session)
    number = segment(session)
    target(session, "child", number)
    constraint = GERMANY[0] | {"inverted": False, "caseInsensitive": False}
    assert queries.segments(session) == [{"id": number, "name": "germans", "constraints": [constraint]}]
    assert queries.segment(session, number).revision == before + 1
    assert queries.segment(session, number).used_by == ("child",)


def test_a_segment_in_use_stays_until_it_is_taken_out(session):
    number = segment(session)
    target(session, "child", number)
    with pytest.raises(Conflict, match="child"):
        segment_commands.delete(session, number, clock.now(), WHO)
    target(session, "child")
    segment_commands.delete(session, number, clock.now(), WHO)
    assert queries.segments(session) == []
    with pytest.raises(NotFound) as refused:
        target(session, "child", number)
    assert set(refused.value.fields) == {"strategies"}


def test_the_name_of_a_segment_is_its_own_until_it_is_deleted(session):
    number = segment(session)
    with pytest.raises(Conflict) as conflict:
        segment(session)
    assert set(conflict.value.fields) == {"name"}
    segment_commands.delete(session, number, clock.now(), WHO)
    assert segment(session) != number


def test_a_segment_is_not_changed_on_an_old_revision(session):
    number = segment(session)
    old = queries.segment(session, number).revision
    wider = checked("germans", "and more", None, [])
    assert segment_commands.change(session, number, wider, clock.now(), WHO, old)
    assert not segment_commands.change(session, number, wider, clock.now(), WHO)
    with pytest.raises(Conflict):
        segment_commands.change(session, number, wider, clock.now(), WHO, old)


def test_parents_go_to_sdks_and_may_not_go_round_or_up_twice(session):
    depend(session, "child", "parent")
    [found] = [one for one in queries.features(session, "production") if one.name == "child"]
    assert found.dependencies == [{"feature": "parent", "enabled": True}]
    for flag, parent in (("parent", "child"), ("child", "child"), ("other", "child"), ("parent", "other")):
        with pytest.raises(Refused) as refused:
            depend(session, flag, parent)
        assert set(refused.value.fields) == {"dependencies"}
    with pytest.raises(NotFound, match="no flag nobody"):
        depend(session, "other", "nobody")


def test_a_parent_in_use_is_not_archived_and_a_child_waits_for_its_parent(session):
    depend(session, "child", "parent")
    with pytest.raises(Conflict, match="child"):
        lifecycle_commands.archive(session, "parent", clock.now(), WHO)
    lifecycle_commands.archive(session, "child", clock.now(), WHO)
    lifecycle_commands.archive(session, "parent", clock.now(), WHO)
    with pytest.raises(Conflict, match="parent"):
        lifecycle_commands.revive(session, "child", clock.now(), WHO)
    lifecycle_commands.revive(session, "parent", clock.now(), WHO)
    lifecycle_commands.revive(session, "child", clock.now(), WHO)
    assert row(session, "child").archived_at is None


def test_giving_a_parent_can_be_undone(session):
    entry = depend(session, "child", "parent")
    commands.undo(session, "child", entry, clock.now(), WHO)
    assert row(session, "child").dependencies == []


def test_a_flag_lives_from_defined_to_archived(session):
    assert row(session, "child").life.stage == "defined"
    commands.set_percent(session, "child", "development", 50, clock.now(), WHO)
    assert row(session, "child").life.stage == "defined"
    commands.set_percent(session, "child", "production", 50, clock.now(), WHO)
    assert row(session, "child").life.stage == "live"
    lifecycle_commands.complete(session, "child", "kept", "blue", clock.now(), WHO)
    assert (row(session, "child").life.stage, row(session, "child").life.variant) == ("completed", "blue")
    lifecycle_commands.reopen(session, "child", clock.now(), WHO)
    assert row(session, "child").life.stage == "live"
    lifecycle_commands.archive(session, "child", clock.now(), WHO)
    assert row(session, "child").life.stage == "archived"
    with pytest.raises(Refused):
        lifecycle_commands.complete(session, "child", "maybe", None, clock.now(), WHO)


def test_what_is_deleted_leaves_a_mark_for_sdks_and_frees_its_name(session):
    with pytest.raises(Conflict):
        lifecycle_commands.delete(session, "child", clock.now(), WHO)
    commands.set_percent(session, "child", "production", 50, clock.now(), WHO)
    lifecycle_commands.archive(session, "child", clock.now(), WHO)
    lifecycle_commands.delete(session, "child", clock.now(), WHO)
    with pytest.raises(NotFound):
        row(session, "child")
    commands.create(session, "child", PLAIN, clock.now(), WHO)
    assert not row(session, "child").states["production"].enabled


def test_a_clone_has_the_targeting_and_is_off(session):
    commands.set_percent(session, "child", "production", 50, clock.now(), WHO)
    lifecycle_commands.clone(session, "child", "sibling", clock.now(), WHO)
    state = row(session, "sibling").states["production"]
    assert not state.enabled
    assert state.strategies[0]["parameters"] == {
        "rollout": "50",
        "stickiness": "default",
        "groupId": "sibling",
    }


@pytest.mark.usefixtures("more_environments")
def test_a_new_environment_has_every_flag_off(session):
    environment_commands.create(session, "staging", "test", clock.now(), WHO)
    assert queries.environments(session) == ["development", "production", "staging"]
    assert not row(session, "child").states["staging"].enabled
    environment_commands.reorder(session, ["staging", "development", "production"], clock.now(), WHO)
    environment_commands.change(
        session, "staging", {"requires_approval": True, "approvals_needed": 2}, clock.now(), WHO
    )
    assert queries.place(session, "staging").approvals_needed == 2
    environment_commands.set_archived(session, "staging", True, clock.now(), WHO)
    assert queries.environments(session) == ["development", "production"]
    with pytest.raises(Conflict):
        environment_commands.create(session, "staging", "test", clock.now(), WHO)
    with pytest.raises(Conflict):
        environment_commands.set_archived(session, "production", True, clock.now(), WHO)
    for wrong in ({"approvals_needed": 0}, {"requires_approval": "yes"}, {"name": "x"}):
        with pytest.raises(Refused):
            environment_commands.change(session, "staging", wrong, clock.now(), WHO)


def test_a_program_changes_single_fields_and_hears_of_each_that_is_wrong(session):
    fine = {"owner": "growth", "expected_lifetime_days": 0, "links": [{"url": "https://a.example/1"}]}
    commands.patch(session, "child", fine, clock.now(), WHO)
    found = row(session, "child")
    assert (found.owner, found.lifetime_days) == ("growth", None)
    assert found.links == [{"url": "https://a.example/1", "title": ""}]
    wrong = {
        "owner": 5,
        "links": [{"url": "javascript:alert(1)"}],
        "tags": ["x"],
        "nope": 1,
        "project": "a b",
    }
    with pytest.raises(Refused) as refused:
        commands.patch(session, "child", wrong, clock.now(), WHO)
    assert set(refused.value.fields) == set(wrong)


def test_everybody_has_their_own_favourites(session):
    favourites.set_favourite(session, "a@house.test", "child", True, clock.now())
    favourites.set_favourite(session, "a@house.test", "child", True, clock.now())
    assert favourites.favourites(session, "a@house.test") == {"child"}
    assert favourites.favourites(session, "b@house.test") == frozenset()
    favourites.set_favourite(session, "a@house.test", "child", False, clock.now())
    assert favourites.favourites(session, "a@house.test") == frozenset()


def test_copying_keeps_on_and_off(session):
    commands.set_percent(session, "child", "development", 50, clock.now(), WHO)
    commands.copy_state(session, "child", "development", "production", clock.now(), WHO)
    state = row(session, "child").states["production"]
    assert (state.enabled, state.reach_when_on.percent) == (False, 50)


def test_whoever_listens_hears_the_revision_when_it_is_committed(session, services):
    import psycopg

    url = services.control_database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN backroom_flags")
        commands.set_percent(session, "child", "production", 50, clock.now(), WHO)
        assert list(listener.notifies(timeout=0.2)) == []
        session.commit()
        [heard] = listener.notifies(timeout=5, stop_after=1)
        assert int(heard.payload) == queries.revision(session)
