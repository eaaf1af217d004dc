"""Flags on their pages: made, moved, killed, undone, and everything that must not happen."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock
from app.audit.models import AuditEntry
from app.db import begin
from app.flags import commands, queries
from app.flags.defaults import DEFAULTS
from app.series import store
from app.timeline.models import TimelineEntry

HTMX = {"HX-Request": "true"}


@pytest.fixture
def pm(signed_in):
    return signed_in("product_manager")


@pytest.fixture
def state(control_app):
    def read(name="f", environment="production"):
        with control_app.app_context(), begin() as session:
            return queries.one(session, name, clock.now()).states[environment]

    return read


@pytest.fixture
def entries(control_app):
    def read(table):
        with control_app.app_context(), begin() as session:
            return list(session.scalars(select(table).order_by(table.id)))

    return read


def move(client, percent, name="f", **more):
    return client.post(f"/flags/{name}/percent", data={"percent": percent, **more})


def offered_undo(page):
    """Where the toast's button leads."""
    toasts = page.split('id="toasts"')[1]
    return re.search(r'action="(/flags/f/undo/[^"]+)"', toasts)[1]


def test_a_new_flag_is_off_everywhere(pm, state, entries):
    form = {"name": "gift-wrap", "type": "release", "description": "Paper and a bow.", "owner": "growth"}
    answer = pm.post("/flags/-/new", data=form | {"tags": "area:cart"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/flags/gift-wrap")
    page = pm.get("/flags/gift-wrap").text
    assert "Paper and a bow." in page
    assert not state("gift-wrap").enabled
    assert not state("gift-wrap", "development").enabled
    [entry] = entries(AuditEntry)
    assert (entry.action, entry.who) == ("flag.create", "product_manager@house.test")


def test_a_second_flag_of_the_name_is_refused_beside_the_field(pm, flag):
    flag("f")
    form = {"name": "f", "type": "release"}
    answer = pm.post("/flags/-/new", data=form, headers=HTMX)
    assert answer.status_code == 409
    assert 'id="error-name"' in answer.text
    assert pm.post("/flags/-/new", data=form).status_code == 409


@pytest.mark.parametrize("form", [{"name": "a b", "type": "release"}, {"name": "ok", "type": "nonsense"}, {}])
def test_a_form_with_mistakes_stores_nothing(pm, entries, form):
    assert pm.post("/flags/-/new", data=form).status_code == 422
    assert entries(AuditEntry) == []


def test_a_moved_percentage_is_stored_audited_told_and_counted(pm, flag, state, entries, control_session):
    flag("f")
    before = queries.revision(control_session)
    assert move(pm, "25").status_code == 303
    assert state().reach.percent == 25
    assert state().moved_by == "product_manager@house.test"
    control_session.rollback()
    assert queries.revision(control_session) == before + 1
    entry = entries(AuditEntry)[-1]
    assert (entry.action, entry.subject) == ("flag.rollout", "flag:f")
    assert entries(TimelineEntry)[-1].title == "f: 0 % → 25 %"
    assert store.latest(control_session, "flag.share", {"flag": "f"}).value == 0.25


def test_open_pages_hear_of_the_move(pm, flag, redis):
    flag("f")
    with redis.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe("backroom:events")
        listener.get_message(timeout=1)
        move(pm, "25")
        heard = [listener.get_message(timeout=1) for _ in range(3)]
    topics = {json.loads(message["data"])["topic"] for message in heard if message}
    assert {"flags", "timeline"} <= topics


def test_a_move_in_development_is_not_on_the_shops_timeline(pm, flag, state, entries):
    flag("f")
    move(pm, "60", environment="development")
    assert state("f", "development").reach.percent == 60
    assert state().reach.percent == 0
    assert entries(TimelineEntry) == []


@pytest.mark.parametrize("percent", ["-1", "101", "1.5", "NaN", "", "1e9", "١"])
def test_a_percentage_that_is_none_is_refused_beside_the_field(pm, flag, state, percent):
    flag("f", 10)
    answer = pm.post("/flags/f/percent", data={"percent": percent}, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="error-percent"' in answer.text
    assert "whole number from 0 to 100" in answer.text
    assert state().reach.percent == 10


def test_an_edit_on_an_old_revision_is_a_conflict(pm, flag, state):
    flag("f", 10)
    old = state().revision
    move(pm, "20", revision=old)
    assert move(pm, "30", revision=old).status_code == 409
    assert state().reach.percent == 20


def test_a_move_to_where_it_is_changes_nothing(pm, flag, state, entries):
    flag("f", 10)
    revision, trail = state().revision, len(entries(AuditEntry))
    move(pm, "10")
    assert state().revision == revision
    assert len(entries(AuditEntry)) == trail


def test_the_kill_switch_needs_no_revision_and_can_be_undone(pm, flag, state):
    flag("f", 40)
    page = pm.post("/flags/f/kill", follow_redirects=True).text
    assert state().reach.percent == 0
    assert "off for everybody in production" in page
    assert pm.post(offered_undo(page)).status_code == 303
    assert state().reach.percent == 40


def test_off_and_on_keep_the_percentage(pm, flag, state):
    flag("f", 40)
    pm.post("/flags/f/switch", data={"enabled": "off"})
    assert state().reach.percent == 0
    pm.post("/flags/f/switch", data={"enabled": "on"})
    assert state().reach.percent == 40


def test_targeting_is_checked_in_full_before_it_is_stored(pm, flag, state):
    flag("f", 40)
    constraint = {"contextName": "country", "operator": "IN", "values": ["DE"]}
    good = [{"name": "flexibleRollout", "parameters": {"rollout": "5"}, "constraints": [constraint]}]
    variants = [{"name": "red", "weight": 500}, {"name": "blue", "weight": 500}]
    form = {"strategies": json.dumps(good), "variants": json.dumps(variants)}
    assert pm.post("/flags/f/targeting", data=form).status_code == 303
    assert state().reach.is_targeted
    assert [variant["name"] for variant in state().variants] == ["red", "blue"]

    for field, wrong in (
        ("strategies", "{"),
        ("strategies", "x" * 10_000_000),
        ("strategies", json.dumps([{"name": "default", "constraints": [{"operator": "MAYBE"}]}])),
        ("variants", json.dumps([{"name": "red", "weight": 999}])),
    ):
        answer = pm.post("/flags/f/targeting", data=form | {field: wrong}, headers=HTMX)
        assert answer.status_code in (413, 422)
        if answer.status_code == 422:
            assert f'id="error-{field}"' in answer.text
    assert [variant["name"] for variant in state().variants] == ["red", "blue"]


def test_several_strategies_leave_the_slider_to_the_targeting(pm, flag, state):
    flag("f")
    two = json.dumps([{"name": "flexibleRollout", "parameters": {"rollout": "5"}}, {"name": "remoteAddress"}])
    pm.post("/flags/f/targeting", data={"strategies": two})
    pm.post("/flags/f/switch", data={"enabled": "on"})
    assert state().reach.percent is None
    assert move(pm, "30").status_code == 422
    assert "by strategies" in pm.get("/flags/").text
    assert "one slider cannot say it" in pm.get("/flags/f").text


def test_every_change_of_the_history_can_be_undone_unless_it_changed_again(pm, flag, state, entries):
    flag("f", 10)
    move(pm, "20")
    first = entries(AuditEntry)[-1].id
    move(pm, "30")
    last = entries(AuditEntry)[-1].id
    assert pm.post(f"/flags/f/undo/{first}").status_code == 409
    assert pm.post(f"/flags/f/undo/{last}").status_code == 303
    assert state().reach.percent == 20
    assert pm.post("/flags/f/undo/999999").status_code == 404
    assert pm.post(f"/flags/other/undo/{last}").status_code == 404


def test_words_and_marks_are_changed_and_undone(pm, flag, entries):
    flag("f")
    pm.post("/flags/f/details", data={"type": "experiment", "description": "New words", "owner": "growth"})
    pm.post("/flags/f/stale", data={"stale": "on"})
    page = pm.get("/flags/f").text
    assert "New words" in page
    assert "to be removed" in page
    described = next(entry.id for entry in entries(AuditEntry) if entry.action == "flag.describe")
    assert pm.post(f"/flags/f/undo/{described}").status_code == 409
    assert pm.post(f"/flags/f/undo/{entries(AuditEntry)[-1].id}").status_code == 303
    assert "to be removed" not in pm.get("/flags/f").text


def test_an_archived_flag_leaves_the_list_and_the_sdks_and_comes_back_by_undo(pm, flag, control_session):
    flag("f", 40)
    page = pm.post("/flags/f/archive", follow_redirects=True).text
    assert "/flags/f" not in pm.get("/flags/").text
    assert queries.features(control_session, "production") == []
    assert "archived" in pm.get("/flags/f").text
    assert move(pm, "10").status_code == 404
    pm.post(offered_undo(page))
    control_session.rollback()
    assert [feature.name for feature in queries.features(control_session, "production")] == ["f"]


def test_the_list_is_searched_by_its_address(pm, flag):
    flag("gift-wrap", 40)
    flag("other")
    assert "gift-wrap" in pm.get("/flags/?q=gift").text
    assert "/flags/other" not in pm.get("/flags/?q=gift").text
    assert "No flag matches" in pm.get("/flags/?q=nothing-like-it").text
    assert "gift-wrap" in pm.get("/flags/-/list?q=is:moving").text
    assert pm.get("/flags/?q=" + "x" * 10_000).status_code == 200


def test_an_empty_list_says_how_to_make_the_first(pm):
    assert "Make the first flag" in pm.get("/flags/").text


def test_the_page_says_what_a_percentage_would_mean(pm, flag, control_app):
    flag("f", 10)
    assert "no data" in pm.get("/flags/f/reach?percent=25").text
    with control_app.app_context(), begin() as session:
        store.record(session, "live.shoppers_hour", [(clock.now() - timedelta(minutes=20), 48)])
    told = pm.get("/flags/f/reach?percent=25").text
    assert "About 12 of the 48 shoppers of the last hour; now 5." in told
    assert "20 minutes ago" in told
    assert pm.get("/flags/f/reach?percent=125").status_code == 422


def test_the_page_notices_that_somebody_else_moved_the_flag(pm, flag, state):
    flag("f", 10)
    opened = state().revision
    assert "changed since you opened" not in pm.get(f"/flags/f/now?revision={opened}").text
    move(pm, "20")
    told = pm.get(f"/flags/f/now?revision={opened}").text
    assert "changed since you opened" in told
    assert "20%" in told


def test_what_sdks_answered_is_drawn_by_hour(pm, flag, control_app):
    from app.flags import reports, sightings

    flag("f", 10)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    counts = (reports.Count("f", 4, 36, {"red": 3}),)
    with control_app.app_context(), begin() as session:
        sightings.count(session, "production", reports.Report("storefront", hour, counts), clock.now())
        sightings.saw(session, "production", reports.Instance("storefront", "i", "c", "py:6", 5), clock.now())
    chart = pm.get("/flags/f/answers.json").json
    assert [line["values"][-1] for line in chart["lines"]] == [4, 36]
    asked = pm.get("/flags/f/asked").text
    assert "1 connected" in asked
    assert "red" in asked
    assert "1 SDK connected" in pm.get("/flags/").text


def test_a_row_that_cannot_be_read_is_shown_as_such_and_can_be_mended(pm, flag, state, control_app):
    flag("f", 10)
    with control_app.app_context(), begin() as session:
        session.execute(text("UPDATE flag_states SET strategies = '{\"no\": \"list\"}' WHERE flag = 'f'"))
    assert "unreadable" in pm.get("/flags/").text
    assert "cannot be read" in pm.get("/flags/f").text
    assert move(pm, "20").status_code == 422
    assert pm.post("/flags/f/targeting", data={"strategies": ""}).status_code == 303
    assert state().is_readable


def test_unknown_flags_and_environments_are_not_found(pm, flag):
    flag("f")
    assert pm.get("/flags/nope").status_code == 404
    assert pm.get("/flags/f?environment=moon").status_code == 404
    assert pm.post("/flags/f/kill", data={"environment": "moon"}).status_code == 404
    assert pm.post("/flags/nope/details", data={"type": "release"}).status_code == 404


def test_a_viewer_reads_and_does_not_write(signed_in, flag, state):
    flag("f", 10)
    viewer = signed_in("viewer")
    page = viewer.get("/flags/f").text
    assert "Kill" not in page
    assert not re.search(r'name="percent"', page)
    for path in ("percent", "switch", "kill", "targeting", "details", "stale", "archive", "undo/1"):
        assert viewer.post(f"/flags/f/{path}", data={"percent": "50"}).status_code == 403
    assert viewer.get("/flags/-/new").status_code == 403
    assert state().reach.percent == 10


def test_markup_in_words_is_shown_as_words(pm):
    form = {
        "name": "f",
        "type": "release",
        "description": "<script>alert(1)</script>{{7*7}}",
        "owner": "%(x)s",
    }
    pm.post("/flags/-/new", data=form)
    page = pm.get("/flags/f").text + pm.get("/flags/").text
    assert "<script>alert(1)" not in page
    assert "{{7*7}}" in page
    assert "%(x)s" in page


def test_a_new_installation_starts_with_its_flags_once(control_session, pm):
    for _ in range(2):
        commands.ensure_defaults(control_session, clock.now())
        control_session.commit()
    listed = {row["flag"]: row for row in queries.table(control_session)}
    assert "new-checkout" in listed
    drills = {name for name in DEFAULTS if name.startswith("fault-")}
    assert {name for name in listed if name.startswith("fault-")} == drills
    assert len(drills) >= 16
    assert {row["percent"] for row in queries.table(control_session)} == {0}
    assert "Failure drills" in pm.get("/flags/").text


def test_writes_at_the_same_moment_wait_for_each_other(control_sources, flag):
    """Twenty moves from four threads: twenty revisions, none twice, none lost."""
    from concurrent.futures import ThreadPoolExecutor

    flag("f")

    def write(percent):
        with control_sources.control.begin() as session:
            commands.set_percent(session, "f", "production", percent, clock.now(), "pm@house.test")
            return queries.revision(session)

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(write, range(1, 21)))
    assert len(set(seen)) == 20
    assert max(seen) - min(seen) == 19
