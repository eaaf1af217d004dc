"""Tokens see what they are for, end by themselves, and are exchanged without a gap."""

from __future__ import annotations

import re
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select

from app.accounts import jobs, queries, token_commands
from app.errors import Conflict, Refused
from app.flags import commands as flags
from app.flags.flag import checked_details
from app.guards import TOKENS_CHANNEL
from app.timeline.models import TimelineEntry
from tests.integration.accounts.conftest import browser, sign_in

PLAIN = checked_details("release", "", "")


@pytest.fixture
def make(control_session, now):
    def make_one(kind="client", projects=(), days=None, at=now, role=None):
        raw = token_commands.create_token(
            control_session, kind, "production", "sdk", role, at, "test", projects, days
        )
        control_session.commit()
        return raw

    return make_one


@pytest.fixture
def admin(house, add):
    add("admin@example.org", "admin")
    client = browser(house)
    sign_in(client, "admin@example.org")
    return client


def scope(session, raw, at):
    found = queries.token_of(session, raw, at)
    return found[0] if found else None


def test_a_token_is_written_as_unleash_writes_it(make, control_session, now):
    assert make().startswith("*:production.")
    one, two = make(projects=["shop"]), make(projects=["shop", "back"])
    assert one.startswith("shop:production.")
    assert two.startswith("[]:production.")
    assert scope(control_session, two, now).projects == ("shop", "back")


def test_an_sdk_gets_the_flags_of_its_projects_only(house, make, control_session, now):
    flags.ensure_environments(control_session)
    for name, project in (("a", "shop"), ("b", "back"), ("c", "other")):
        flags.create(control_session, name, PLAIN, now, "test", project)

    def seen(raw, query=""):
        answer = house.test_client().get(f"/api/client/features{query}", headers={"Authorization": raw})
        return [feature["name"] for feature in answer.json["features"]]

    narrow = make(projects=["shop", "back"])
    assert seen(narrow) == ["a", "b"]
    assert seen(narrow, "?project=shop") == ["a"]
    assert seen(narrow, "?project=other") == []
    assert seen(make()) == ["a", "b", "c"]


def test_a_token_ends_at_its_time(house, make, control_session, now):
    raw = make(days=30)
    assert scope(control_session, raw, now).expires_at == now + timedelta(days=30)
    assert scope(control_session, raw, now + timedelta(days=30)) is None
    old = make(days=1, at=now - timedelta(days=2))
    assert house.test_client().get("/api/client/features", headers={"Authorization": old}).status_code == 401
    states = [line.state for line in queries.tokens(control_session, now + timedelta(days=20))]
    assert states == ["ends soon", "expired"]


def test_an_exchanged_secret_works_on_for_its_grace(make, control_session, now):
    old = make()
    [line] = queries.tokens(control_session, now)
    new = token_commands.rotate_token(control_session, line.id, 2, now, "test")
    assert scope(control_session, new, now).expires_at is None
    assert scope(control_session, old, now).expires_at == now + timedelta(hours=2)
    assert scope(control_session, old, now + timedelta(hours=2)) is None
    newest = token_commands.rotate_token(control_session, line.id, 2, now, "test")
    assert scope(control_session, old, now) is None
    assert scope(control_session, new, now) is not None
    token_commands.revoke_token(control_session, line.id, now, "test")
    assert scope(control_session, new, now) is None
    assert scope(control_session, newest, now) is None
    with pytest.raises(Conflict):
        token_commands.rotate_token(control_session, line.id, 2, now, "test")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"projects": ["a b"]}, "projects"), ({"days": 0}, "days"), ({"kind": "api"}, "role")],
)
def test_a_token_with_a_mistake_is_not_made(make, control_session, now, wrong, field):
    with pytest.raises(Refused) as refused:
        make(**wrong)
    assert set(refused.value.fields) == {field}
    assert queries.tokens(control_session, now) == []


def test_every_write_of_tokens_is_told(services, make, control_session, now):
    url = services.control_database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute(f"LISTEN {TOKENS_CHANNEL}")
        make()
        [line] = queries.tokens(control_session, now)
        token_commands.rotate_token(control_session, line.id, 0, now, "test")
        control_session.commit()
        token_commands.revoke_token(control_session, line.id, now, "test")
        control_session.commit()
        assert len(list(listener.notifies(timeout=5, stop_after=3))) == 3


def test_the_page_makes_exchanges_and_shows_each_secret_once(admin, house):
    form = {"name": "shop", "kind": "client", "environment": "development", "projects": "a, b", "days": "30"}
    made = admin.post("/accounts/tokens/", data=form).text
    raw = re.search(r'<code id="secret">([^<]+)</code>', made)[1]
    assert raw.startswith("[]:development.")
    page = admin.get("/accounts/tokens/").text
    assert raw not in page
    assert "a, b" in page
    number = re.search(r"/accounts/tokens/(\d+)/rotate", page)[1]
    exchanged = admin.post(f"/accounts/tokens/{number}/rotate", data={"grace_hours": "24"}).text
    again = re.search(r'<code id="secret">([^<]+)</code>', exchanged)[1]
    assert again != raw
    assert "the old secret works until" in exchanged
    assert admin.post(f"/accounts/tokens/{number}/rotate", data={"grace_hours": "-1"}).status_code == 422
    assert admin.post("/accounts/tokens/", data=form | {"days": "soon"}).status_code == 422
    nowhere = admin.post("/accounts/tokens/", data=form | {"environment": "moon"})
    assert nowhere.status_code == 422
    assert "development" in nowhere.text


SCOPED = {"kind": "api", "environment": "production", "name": "narrow", "days": "30"}
TURN_ON = "/api/v1/flags/narrow/environments/{}/on"


@pytest.fixture
def by_page(admin):
    """`by_page(permissions=…)` → the headers of a token that somebody made on the page."""

    def made(**scope):
        page = admin.post("/accounts/tokens/", data=SCOPED | scope).text
        secret = re.search(r'<code id="secret">([^<]+)</code>', page)[1]
        return {"Authorization": f"Bearer {secret}"}

    return made


@pytest.fixture
def by_program(house, make):
    """The same, made by the API."""
    headers = {"Authorization": f"Bearer {make('api', role='admin')}"}

    def made(locales="", **scope):
        wanted = {**SCOPED, "days": 30, **scope, "locales": locales.split()}
        answer = house.test_client().post("/api/v1/tokens", json=wanted, headers=headers)
        return {"Authorization": f"Bearer {answer.json['token']}"}

    return made


@pytest.fixture(params=["by_page", "by_program"])
def narrow(request):
    return request.getfixturevalue(request.param)


def test_a_token_for_one_environment_is_refused_in_the_others(narrow, house, control_session, now):
    flags.ensure_environments(control_session)
    flags.create(control_session, "narrow", PLAIN, now, "test", "default")
    control_session.commit()
    headers = narrow(permissions=["view", "flags.write"], environments=["development"])
    client = house.test_client()

    def status(environment):
        return client.post(TURN_ON.format(environment), headers=headers).status_code

    assert (status("development"), status("production")) == (200, 403)
    assert client.get("/api/v1/flags/narrow", headers=headers).status_code == 200
    assert client.post("/api/v1/flags", json={"name": "n"}, headers=headers).status_code == 403


def test_a_token_for_one_locale_is_refused_in_the_others(narrow, house):
    headers = narrow(permissions=["locales.manage"], locales="de")
    client = house.test_client()

    def status(code):
        return client.patch(
            f"/api/v1/locales/{code}", json={"asks_review": True}, headers=headers
        ).status_code

    assert (status("de"), status("fr")) == (404, 403)  # there is no such locale here
    assert client.get("/api/v1/locales", headers=headers).status_code == 403


def test_a_token_with_single_permissions_may_nothing_else(narrow, house):
    headers, client = narrow(permissions=["view", "jobs.run"]), house.test_client()
    assert client.get("/api/v1/jobs", headers=headers).status_code == 200
    assert client.post("/api/v1/jobs/nothing/run", headers=headers).status_code == 404
    assert client.get("/api/v1/tokens", headers=headers).status_code == 403


def test_a_scope_that_makes_no_sense_is_refused_on_the_page(admin, control_session, now):
    for wrong, field in (
        ({"kind": "client", "environments": ["production"]}, "kind"),
        ({"permissions": ["fly"]}, "permissions"),
        ({"permissions": ["view"], "locales": "de, /etc"}, "locales"),
        ({"permissions": ["view"], "environments": ["<b>"]}, "environments"),
        ({"locales": "de"}, "role"),
    ):
        answer = admin.post("/accounts/tokens/", data=SCOPED | wrong, headers={"HX-Request": "true"})
        assert (answer.status_code, f'id="error-{field}"' in answer.text) == (422, True)
    assert queries.tokens(control_session, now) == []


def test_the_job_tells_of_each_token_that_ends_soon_once(make, control_session, control_sources, now):
    make(days=10), make(days=200), make()

    def told(at):
        jobs.warn_of_tokens(control_session, at, control_sources)
        control_session.commit()
        return control_session.scalars(
            select(TimelineEntry.title).where(TimelineEntry.title.startswith("A token ends soon"))
        ).all()

    assert told(now) == ["A token ends soon: sdk"]
    assert len(told(now + timedelta(hours=1))) == 1
    assert len(told(now + timedelta(days=190))) == 2


def test_programs_make_list_exchange_and_revoke(house, make, now):
    client = house.test_client()
    headers = {"Authorization": f"Bearer {make('api', role='admin')}"}
    wanted = {"kind": "frontend", "environment": "production", "name": "web", "projects": ["shop"], "days": 9}
    made = client.post("/api/v1/tokens", json=wanted, headers=headers)
    assert made.status_code == 201
    assert made.json["token"].startswith("shop:production.")
    listed = client.get("/api/v1/tokens", headers=headers)
    assert made.json["token"] not in listed.text
    [line] = [one for one in listed.json["tokens"] if one["name"] == "web"]
    assert (line["state"], line["projects"]) == ("ends soon", ["shop"])
    exchanged = client.post(f"/api/v1/tokens/{line['id']}/rotate", json={"grace_hours": 1}, headers=headers)
    assert exchanged.json["token"] != made.json["token"]
    assert client.delete(f"/api/v1/tokens/{line['id']}", headers=headers).status_code == 204
    wrong = client.post("/api/v1/tokens", json=wanted | {"days": "9"}, headers=headers)
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "days")
