"""The thin client and the command line over it, against the whole app."""

from __future__ import annotations

import json
import stat
from io import StringIO

import httpx
import pytest
from sqlalchemy import func, select

from app import client as client_file
from app import remote
from app.accounts import commands as accounts
from app.client import Backroom, Problem
from app.timeline.models import TimelineEntry

URL = "http://control.test"
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def pauses(monkeypatch) -> list[float]:
    """What the client would have waited."""
    waited: list[float] = []
    monkeypatch.setattr(client_file.time, "sleep", waited.append)
    return waited


@pytest.fixture
def door(control_app):
    return httpx.WSGITransport(app=control_app, raise_app_exceptions=False)


@pytest.fixture
def api(program, door, house):
    token = program("ops").environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    with Backroom(URL, token, transport=door) as opened:
        yield opened


def test_it_makes_reads_and_lists(api):
    for n in range(3):
        api.post("flags", {"name": f"f{n}"})
    assert api.get("flags/f1")["name"] == "f1"
    assert api.patch("flags/f1", {"owner": "ada"})["owner"] == "ada"
    assert {flag["name"] for flag in api.pages("flags", "flags")} >= {"f0", "f1", "f2"}


def test_what_is_refused_says_each_wrong_field(api):
    with pytest.raises(Problem) as refused:
        api.post("flags", {"name": "no spaces please"})
    assert (refused.value.status, refused.value.kind) == (422, "refused")
    assert "name" in refused.value.fields


def test_an_edit_is_made_anew_on_what_somebody_else_wrote_meanwhile(api):
    api.post("flags", {"name": "shared"})
    tries = []

    def describe(flag):
        if not tries:
            api.patch("flags/shared", {"owner": "somebody else"})
        tries.append(flag["owner"])
        return {"description": f"of {flag['owner']}"}

    done = api.edit("flags/shared", describe)
    assert tries == ["", "somebody else"]
    assert (done["owner"], done["description"]) == ("somebody else", "of somebody else")


class Line(httpx.BaseTransport):
    """The way to the app, on which answers are lost or others come instead, once each."""

    def __init__(self, door: httpx.BaseTransport) -> None:
        self.door, self.instead, self.loses = door, [], 0

    def handle_request(self, request):
        if self.instead:
            return self.instead.pop(0)
        answer = self.door.handle_request(request)
        if request.method == "POST" and self.loses:
            self.loses -= 1
            raise httpx.ReadError("the line broke")
        return answer


@pytest.fixture
def line(door):
    return Line(door)


@pytest.fixture
def far(program, line, house):
    token = program("ops", "far away").environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    with Backroom(URL, token, transport=line) as opened:
        yield opened


def test_a_create_whose_answer_was_lost_is_sent_again_and_done_once(far, line, control_session, pauses):
    line.loses = 2
    far.post("timeline", {"title": "deployed", "kind": "deploy"})
    assert len(pauses) == 2
    assert control_session.scalar(select(func.count()).select_from(TimelineEntry)) == 1


def test_it_waits_as_long_as_it_is_asked_to(far, line, pauses):
    line.instead = [httpx.Response(status, headers={"Retry-After": "7"}) for status in (429, 503)]
    assert far.get("jobs")["jobs"]
    assert len(pauses) == 2
    assert all(7 <= pause <= 8 for pause in pauses)


@pytest.fixture
def ada(control_session, now, tmp_path, monkeypatch):
    accounts.add_person(control_session, "ada@example.org", "admin", PASSWORD, now, "test")
    control_session.commit()
    monkeypatch.setenv(remote.KEPT, str(tmp_path / "kept" / "login.json"))
    monkeypatch.delenv(remote.TOKEN, raising=False)
    return tmp_path / "kept" / "login.json"


def backroom(door, *words):
    return remote.run(["--url", URL, *words], transport=door)


def test_somebody_signs_in_works_and_signs_out_on_the_command_line(ada, door, house, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
    assert backroom(door, "login", "--email", "ada@example.org") == 0
    assert stat.S_IMODE(ada.stat().st_mode) == 0o600
    assert PASSWORD not in ada.read_text()
    first = json.loads(ada.read_text())[URL]
    assert backroom(door, "api", "post", "flags", "name=from-afar", "tags:=[]") == 0
    capsys.readouterr()
    assert backroom(door, "api", "get", "flags/from-afar") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "from-afar"
    assert json.loads(ada.read_text())[URL] != first
    for group in ("flags", "people", "tokens", "kpi"):
        assert backroom(door, group, "list") == 0
    told = capsys.readouterr().out
    assert "from-afar" in told
    assert "ada@example.org" in told
    assert backroom(door, "api", "operations") == 0
    assert "auth/tokens" in capsys.readouterr().out
    assert backroom(door, "api", "post", "flags", "name=a b") == 1
    assert "name:" in capsys.readouterr().err
    assert backroom(door, "logout") == 0
    assert json.loads(ada.read_text()) == {}
    assert backroom(door, "flags", "list") == 1


def test_commands_of_this_machine_are_left_to_it(monkeypatch):
    monkeypatch.delenv(remote.URL, raising=False)
    assert not remote.is_wanted(["flags", "list"])
    assert remote.is_wanted(["--url", URL, "flags", "list"])
    assert remote.is_wanted(["api", "get", "flags"])
