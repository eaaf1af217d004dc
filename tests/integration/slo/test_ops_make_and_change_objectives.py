"""Objectives are made, edited, archived and deleted, as rows of a real database."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound, Refused
from app.series import store
from app.slo import commands, queries
from app.slo.models import SloRevision
from app.slo.reading import read

OPS = "ops@house.test"
EVENTS = {
    "key": "search",
    "name": "Search",
    "objective": 0.99,
    "good": 'shop_journeys_total{journey="search",outcome="good"}',
    "total": 'shop_journeys_total{journey="search"}',
}


@pytest.fixture
def search(control_session, now):
    return commands.create(control_session, read(EVENTS), OPS, now)


def test_a_new_objective_is_kept_as_it_was_said(control_session, search, now):
    found = queries.objective(control_session, "search")
    assert (found.revision, found.version, found.window_days) == (1, 1, 30)
    assert found == search
    assert [line.state for line in queries.lines(control_session, now)] == ["nodata"]
    entry = control_session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.who, entry.after["objective"]) == ("slo.create", OPS, 0.99)


def test_a_key_is_taken_once(control_session, search, now):
    with pytest.raises(Conflict) as conflict:
        commands.create(control_session, read(EVENTS), OPS, now)
    assert set(conflict.value.fields) == {"key"}


def test_another_name_keeps_the_revision_and_another_query_begins_one(control_session, search, now):
    named = commands.edit(control_session, "search", 1, read({"name": "Finding"}, search), OPS, now)
    assert (named.name, named.revision, named.version) == ("Finding", 1, 2)
    asked = commands.edit(control_session, "search", 2, read({"total": "other_total"}, named), OPS, now)
    assert (asked.revision, asked.version) == (2, 3)
    kept = control_session.scalars(select(SloRevision).order_by(SloRevision.revision)).all()
    assert [row.definition["total"] for row in kept] == [EVENTS["total"], "other_total"]


def test_two_people_cannot_overwrite_each_other_unseen(control_session, search, now):
    commands.edit(control_session, "search", 1, read({"name": "One"}, search), OPS, now)
    with pytest.raises(Conflict):
        commands.edit(control_session, "search", 1, read({"name": "Two"}, search), OPS, now)
    with pytest.raises(Conflict):
        commands.delete(control_session, "search", 1, OPS, now)


def test_an_archived_objective_leaves_the_list_and_comes_back(control_session, search, now):
    commands.set_archived(control_session, "search", 1, True, OPS, now)
    assert queries.objectives(control_session) == []
    commands.set_archived(control_session, "search", 2, False, OPS, now)
    assert [slo.key for slo in queries.gathered(control_session)] == ["search"]


def test_a_deleted_objective_is_gone_and_the_audit_trail_knows_it(control_session, search, now):
    commands.delete(control_session, "search", 1, OPS, now)
    with pytest.raises(NotFound):
        queries.objective(control_session, "search")
    last = control_session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.action, last.before["total"]) == ("slo.delete", EVENTS["total"])


def composite(key, *members):
    return read(
        {"key": key, "name": key, "objective": 0.99, "indicator": "composite", "members": "\n".join(members)}
    )


def test_a_composite_is_made_of_what_exists_and_never_of_itself(control_session, search, now):
    commands.create(control_session, composite("shop", "search 2"), OPS, now)
    commands.create(control_session, composite("house", "shop"), OPS, now)
    with pytest.raises(Refused) as refused:
        commands.create(control_session, composite("other", "nowhere"), OPS, now)
    assert "nowhere" in str(refused.value.fields["members"])
    with pytest.raises(Refused) as refused:
        commands.edit(control_session, "shop", 1, composite("shop", "house"), OPS, now)
    assert "shop → house → shop" in str(refused.value.fields["members"])


def test_what_a_composite_needs_cannot_go(control_session, search, now):
    commands.create(control_session, composite("shop", "search"), OPS, now)
    for action in (
        lambda: commands.delete(control_session, "search", 1, OPS, now),
        lambda: commands.set_archived(control_session, "search", 1, True, OPS, now),
    ):
        with pytest.raises(Refused, match="shop"):
            action()


def test_members_of_a_group_follow_their_group(control_session, now):
    group = commands.create(control_session, read(EVENTS | {"group_label": "locale"}), OPS, now)
    commands.add_member(control_session, group, "search--de", "Search, de", "de", now)
    commands.add_member(control_session, group, "search--de", "Search, de", "de", now)
    commands.edit(control_session, "search", 1, read({"objective": 0.98, "owner": "shop"}, group), OPS, now)
    (member,) = queries.members_of(control_session, group)
    assert (str(member.objective), member.owner, member.group_value) == ("0.980000", "shop", "de")
    assert (member.key, member.parent_key) == ("search--de", "search")
    with pytest.raises(Refused, match="group"):
        commands.edit(control_session, "search--de", 2, read({"name": "X"}, member), OPS, now)


def test_what_is_not_gathered_any_more_has_no_figure_that_could_look_stale(control_session, search, now):
    store.record(control_session, "slo.state", [(now, 0.0)], {"slo": "search"})
    store.record(control_session, "slo.freeze", [(now, 1.0)], {"slo": "search"})
    commands.set_archived(control_session, "search", 1, True, OPS, now)
    assert store.latest(control_session, "slo.state", {"slo": "search"}) is None
    assert store.latest(control_session, "slo.freeze", {"slo": "search"}) is None


def test_a_group_by_another_label_forgets_the_values_of_the_old_one(control_session, now):
    group = commands.create(control_session, read(EVENTS | {"group_label": "locale"}), OPS, now)
    commands.add_member(control_session, group, "search--de", "Search, de", "de", now)
    ungrouped = commands.edit(control_session, "search", 1, read({"group_label": ""}, group), OPS, now)
    assert queries.members_of(control_session, ungrouped) == []
    assert ungrouped.revision == 2
