"""The targeting editor, conflicts that lose nothing, and the pages around a flag."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import clock
from app.db import begin
from app.flags import queries, segment, segment_commands
from tests.reporting import prepare
from tests.usage import event

HTMX = {"HX-Request": "true"}
FORM = {
    "environment": "production",
    "strategies-0-name": "flexibleRollout",
    "strategies-0-rollout": "25",
    "strategies-0-constraints-0-contextName": "locale",
    "strategies-0-constraints-0-operator": "IN",
    "strategies-0-constraints-0-values": "de\nen",
    "variants-0-name": "red",
    "variants-0-weight": "50",
    "variants-1-name": "blue",
    "variants-1-weight": "50",
}


@pytest.fixture
def pm(now, signed_in):
    return signed_in("product_manager")


@pytest.fixture
def row(control_app):
    def read(name="f"):
        with control_app.app_context(), begin() as session:
            return queries.one(session, name, clock.now())

    return read


@pytest.fixture
def state(row):
    return lambda name="f", environment="production": row(name).states[environment]


@pytest.fixture
def shoppers(shop_session, now):
    """Two shoppers of the last hour who read English and none who reads German."""
    prepare(shop_session, now, now)
    for visitor in ("ada", "bo"):
        event(shop_session, visitor, now - timedelta(minutes=10))
    shop_session.commit()


def test_a_form_without_json_is_what_sdks_get(flag, pm, state):
    flag("f")
    assert pm.post("/flags/f/targeting", data=FORM).status_code == 303
    [strategy] = state().strategies
    assert strategy["parameters"]["rollout"] == "25"
    assert strategy["constraints"][0]["values"] == ["de", "en"]
    assert [one["weight"] for one in state().variants] == [500, 500]
    page = pm.get("/flags/f").text
    assert "25% of shoppers whose locale is one of de, en" in page
    assert "red 50%, blue 50%" in page


def test_the_editor_shows_again_what_was_saved_and_json_shows_the_same(flag, pm):
    flag("f")
    pm.post("/flags/f/targeting", data=FORM)
    page = pm.get("/flags/f/targeting").text
    assert 'name="strategies-0-rollout"' in page
    assert "de\nen" in page
    assert '"rollout": "25"' in pm.get("/flags/f/targeting?mode=json").text


def test_a_button_of_the_editor_changes_the_page_and_nothing_else(flag, pm, state):
    flag("f")
    answer = pm.post(
        "/flags/f/targeting/draft", data=FORM | {"press": "add:userWithId:strategies"}, headers=HTMX
    )
    assert 'name="strategies-1-list"' in answer.text
    assert 'name="strategies-0-constraints-0-values"' in answer.text
    assert state().strategies == []
    whole = pm.post("/flags/f/targeting/draft", data=FORM | {"press": "remove:strategies[0]"})
    assert "<h1>" in whole.text
    assert "strategies-0-rollout" not in whole.text


def test_the_preview_counts_real_shoppers(flag, pm, shoppers):
    flag("f")
    everybody = FORM | {"strategies-0-rollout": "100"}
    answer = pm.post("/flags/f/targeting/preview", data=everybody).text
    assert "all shoppers whose locale is one of de, en" in answer
    assert re.search(r'figure">2</span>\s+of the 2 shoppers', answer)
    germans = everybody | {"strategies-0-constraints-0-values": "de"}
    assert re.search(r'figure">0</span>\s+of the 2', pm.post("/flags/f/targeting/preview", data=germans).text)


def test_without_shoppers_there_is_no_number(flag, pm):
    flag("f")
    assert "no data" in pm.post("/flags/f/targeting/preview", data=FORM).text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"strategies-0-rollout": "101"}, "strategies-0"),
        ({"strategies-0-constraints-0-operator": "NUM_GT"}, "strategies-0-constraints-0-values"),
        ({"strategies-0-constraints-0-operator": "LIKE"}, "strategies-0-constraints-0"),
        ({"variants-1-weight": "40"}, "variants"),
        ({"variants-1-weight": "half"}, "variants-1-weight"),
        ({"variants-1-name": ""}, "variants-1-name"),
        ({"strategies-0-segments": "99"}, "strategies"),
    ],
)
def test_a_mistake_is_told_beside_its_input_and_stores_nothing(flag, pm, state, wrong, field):
    flag("f")
    answer = pm.post("/flags/f/targeting", data=FORM | wrong, headers=HTMX)
    assert answer.status_code == (404 if "strategies-0-segments" in wrong else 422)
    assert f'id="error-{field}' in answer.text
    assert state().strategies == []


def test_saving_on_an_old_revision_shows_theirs_and_keeps_what_was_typed(flag, pm, state):
    flag("f", 10)
    page = pm.get("/flags/f/targeting").text
    opened = {key: re.search(rf'name="{key}" value="(\d+)"', page)[1] for key in ("revision", "opened")}
    pm.post("/flags/f/percent", data={"percent": "40"})
    answer = pm.post("/flags/f/targeting", data=FORM | opened, headers=HTMX)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#targeting-editor"
    assert "10 %" in answer.text
    assert "40 %" in answer.text
    assert "de\nen" in answer.text
    assert state().reach.percent == 40
    again = {key: re.search(rf'name="{key}" value="(\d+)"', answer.text)[1] for key in ("revision", "opened")}
    assert pm.post("/flags/f/targeting", data=FORM | again).status_code == 303
    assert state().strategies[0]["constraints"]


def test_words_on_an_old_revision_are_told_beside_their_field(flag, pm, row):
    flag("f")
    seen = row().revision
    form = {"type": "release", "description": "Mine.", "owner": "product", "tags": "", "revision": seen}
    pm.post("/flags/f/details", data=form | {"description": "Theirs."})
    answer = pm.post("/flags/f/details", data=form, headers=HTMX)
    assert answer.status_code == 409
    assert "Now it says: Theirs." in answer.text
    assert row().description == "Theirs."
    fresh = re.search(r'id="details-revision" name="revision" value="(\d+)"', answer.text)[1]
    assert pm.post("/flags/f/details", data=form | {"revision": fresh}).status_code == 303
    assert row().description == "Mine."


def test_undoing_what_changed_again_shows_both(flag, pm, state):
    flag("f", 10)
    pm.post("/flags/f/percent", data={"percent": "20"})
    first = re.findall(r"/flags/f/undo/(\d+)", pm.get("/flags/f/history").text)[0]
    pm.post("/flags/f/percent", data={"percent": "30"})
    answer = pm.post(f"/flags/f/undo/{first}", headers=HTMX)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == f"#undo-{first}"
    for share in ("10 %", "20 %", "30 %"):
        assert share in answer.text
    assert pm.post(f"/flags/f/undo/{first}").status_code == 409
    assert state().reach.percent == 30


def test_links_lifetime_and_parents_are_kept(flag, pm, row):
    flag("f")
    flag("parent", 100)
    form = {"type": "release", "description": "", "owner": "", "tags": "team:checkout"}
    form |= {"links": "https://wiki.example/f The plan", "expected_lifetime_days": "90"}
    form |= {"has_impression_data": "1", "impression_data": "1"}
    pm.post("/flags/f/details", data=form)
    assert row().links == [{"url": "https://wiki.example/f", "title": "The plan"}]
    assert (row().lifetime_days, row().impression_data) == (90, True)
    pm.post(
        "/flags/f/dependencies", data={"parent": ["parent", ""], "says": ["on", "on"], "variants": ["", ""]}
    )
    assert row().dependencies == [{"feature": "parent", "enabled": True}]
    page = pm.get("/flags/f").text
    assert "The plan" in page
    assert "parent is on" in page
    bad = pm.post(
        "/flags/f/dependencies", data={"parent": ["f"], "says": ["on"], "variants": [""]}, headers=HTMX
    )
    assert (bad.status_code, 'id="error-dependencies"' in bad.text) == (422, True)


def test_a_favourite_is_ones_own_and_stands_first(flag, pm, signed_in):
    for name in ("a", "b"):
        flag(name)
    pm.post("/flags/b/favourite", data={"favourite": "on"})
    mine, theirs = (client.get("/flags/").text for client in (pm, signed_in("ops")))
    assert mine.index("/flags/b") < mine.index("/flags/a")
    assert theirs.index("/flags/a") < theirs.index("/flags/b")


def test_a_copy_shows_first_what_it_would_change(flag, pm, state):
    flag("f")
    pm.post("/flags/f/targeting", data=FORM)
    shown = pm.get("/flags/f/copy?environment=production&target=development").text
    assert "locale is one of de, en" in shown
    assert state(environment="development").strategies == []
    form = {"source": "production", "environment": "development", "how": "now"}
    assert pm.post("/flags/f/copy", data=form).status_code == 303
    assert state(environment="development").strategies == state().strategies


def test_a_flag_lives_is_decided_archived_revived_and_cloned(flag, pm, row):
    flag("f", 100)
    pm.post("/flags/f/complete", data={"outcome": "kept"})
    assert row().life.stage == "completed"
    assert "What stays in the code: the branch of the flag being on" in pm.get("/flags/f").text
    assert "f</a>" in pm.get("/flags/-/clean-up").text
    pm.post("/flags/f/archive")
    assert "f</a>" in pm.get("/flags/-/archived").text
    pm.post("/flags/f/revive")
    assert row().archived_at is None
    pm.post("/flags/f/clone", data={"name": "g"})
    assert row("g").states["production"].strategies
    assert not row("g").states["production"].enabled


def test_later_and_asking_are_ways_of_the_same_forms(flag, pm, state, now):
    flag("f", 10)
    hour = (now + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    later = pm.post("/flags/f/percent", data={"percent": "50", "how": "later", "apply_at": hour})
    assert "/flags/-/changes/" in later.headers["Location"]
    pm.post("/flags/f/switch", data={"enabled": "off", "how": "ask"})
    pm.post("/flags/f/targeting", data=FORM | {"how": "ask"})
    assert state().reach.percent == 10
    waits = pm.get("/flags/-/changes/of-flag/f").text
    assert waits.count("planned") == 1
    assert waits.count("draft") == 1
    wrong = pm.post("/flags/f/percent", data={"percent": "5", "how": "later", "apply_at": ""}, headers=HTMX)
    assert (wrong.status_code, 'id="error-apply_at"' in wrong.text) == (422, True)


def test_the_playground_says_what_each_flag_answers_and_why(flag, pm, shoppers):
    flag("f")
    pm.post("/flags/f/targeting", data=FORM | {"strategies-0-rollout": "100"})
    pm.post("/flags/f/switch", data={"enabled": "on"})
    asked = "/flags/-/playground/?environment=production&userId=ada&flag=f&properties=locale%3D"
    assert "locale is one of de, en – it is “fr”" in pm.get(asked + "fr").text
    german = pm.get(asked + "de&compare=development").text
    assert "Strategy 1 says yes." in german
    assert "differs" in german
    visitor = pm.get("/flags/-/playground/?visitor=ada&flag=f").text
    assert "locale=en" in visitor
    assert "Strategy 1 says yes." in visitor
    assert "Write each as name=value" in pm.get(asked.replace("locale%3D", "locale")).text
    assert pm.get("/flags/-/playground/?environment=nowhere").status_code == 404


def test_a_segment_is_made_counted_used_and_guarded(flag, pm, shoppers, control_app, control_session):
    form = {
        "name": "English",
        "description": "",
        "strategies-0-name": "default",
        "strategies-0-constraints-0-contextName": "locale",
        "strategies-0-constraints-0-operator": "IN",
        "strategies-0-constraints-0-values": "en",
    }
    assert re.search(r'figure">2<', pm.post("/flags/-/segments/preview", data=form).text)
    made = pm.post("/flags/-/segments/new", data=form)
    number = made.headers["Location"].rpartition("/")[2]
    flag("f")
    pm.post("/flags/f/targeting", data=FORM | {"strategies-0-segments": number})
    assert "only in the segment “English”" in pm.get("/flags/f").text
    assert "/flags/f" in pm.get(f"/flags/-/segments/{number}").text
    assert pm.post(f"/flags/-/segments/{number}/delete").status_code == 409
    seen = re.search(r'id="segment-revision" value="(\d+)"', pm.get(f"/flags/-/segments/{number}").text)[1]
    with control_app.app_context(), begin() as session:
        theirs = segment.checked("Theirs", "", None, [])
        segment_commands.change(session, int(number), theirs, clock.now(), "ops@house.test")
    answer = pm.post(f"/flags/-/segments/{number}", data=form | {"revision": seen}, headers=HTMX)
    assert answer.status_code == 409
    assert "Now it says: Theirs." in answer.text
    wrong = form | {"strategies-0-constraints-0-operator": "NUM_GT", "name": "Other"}
    beside = pm.post("/flags/-/segments/new", data=wrong, headers=HTMX)
    assert (beside.status_code, 'id="error-strategies-0-constraints-0-values"' in beside.text) == (422, True)


def test_only_admins_say_where_approval_is_needed(pm, signed_in, control_app, control_session):
    admin = signed_in("admin")
    form = {"type": "production", "requires_approval": "1", "approvals_needed": "2"}
    assert pm.post("/flags/-/environments/production", data=form).status_code == 403
    assert admin.post("/flags/-/environments/production", data=form).status_code == 303
    assert "2 approvals" in pm.get("/flags/-/environments/").text
    form = {"type": "production", "approvals_needed": "1"}
    assert admin.post("/flags/-/environments/production", data=form).status_code == 303
    assert queries.place(control_session, "production").requires_approval is False


def test_a_search_and_a_sort_live_in_the_address(flag, pm):
    for name in ("alpha", "beta"):
        flag(name)
    flag("gamma", 50)
    page = pm.get("/flags/?q=is:moving").text
    assert "/flags/gamma" in page
    assert "/flags/alpha" not in page
    backwards = pm.get("/flags/?sort=-name").text
    assert backwards.index("/flags/gamma") < backwards.index("/flags/beta") < backwards.index("/flags/alpha")
