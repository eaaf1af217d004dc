from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select

from app import cli, console
from app.audit.models import AuditEntry
from app.flags import commands
from app.jobs.models import JobRun
from tests.people import send_csrf_token


@pytest.fixture
def backroom(control_app, capsys):
    """Runs one command; answers (exit status, standard output, standard error)."""

    def run(*arguments: str):
        capsys.readouterr()
        try:
            status = cli.run(control_app, arguments)
        except SystemExit as stop:
            status = stop.code
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_init_may_be_repeated_and_changes_nothing_the_second_time(backroom):
    assert backroom("init")[0] == 0
    listed = backroom("flags", "list", "--json")[1]
    assert backroom("init")[0] == 0
    assert backroom("flags", "list", "--json")[1] == listed
    assert "new-checkout" in listed


def test_a_person_is_added_with_a_password_that_is_printed_alone(backroom, control_app):
    status, out, err = backroom("people", "add", "ops@shop.example", "--role", "ops")
    assert status == 0
    assert "It is good for a day" in err
    client = control_app.test_client()
    send_csrf_token(control_app, client)
    form = {"email": "ops@shop.example", "password": out.strip()}
    answer = client.post("/accounts/sign-in", data=form)
    assert answer.headers["Location"] == "/"


def test_the_same_person_twice_is_refused_and_the_first_is_kept(backroom):
    backroom("people", "add", "ops@shop.example", "--role", "ops")
    status, out, err = backroom("people", "add", "ops@shop.example", "--role", "admin")
    assert (status, out) == (1, "")
    assert "backroom:" in err


def test_a_password_may_come_over_standard_input(backroom, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a-long-pass-phrase-of-my-own\n"))
    status, out, _ = backroom("people", "add", "a@shop.example", "--role", "viewer", "--password-stdin")
    assert (status, out.strip()) == (0, "a@shop.example")


def test_a_token_is_printed_alone_and_works(backroom, control_app):
    status, out, _ = backroom("tokens", "create", "--kind", "client", "--environment", "production")
    assert status == 0
    token = out.strip()
    assert token.startswith("*:production.")
    answer = control_app.test_client().get("/api/client/features", headers={"Authorization": token})
    assert answer.status_code == 200


def test_an_api_token_does_what_its_role_may(backroom, control_app):
    token = backroom("tokens", "create", "--kind", "api", "--environment", "production", "--role", "viewer")[
        1
    ]
    headers = {"Authorization": f"Bearer {token.strip()}"}
    client = control_app.test_client()
    assert client.get("/api/v1/jobs", headers=headers).status_code == 200
    assert client.post("/api/v1/jobs/jobs.prune/run", headers=headers).status_code == 403


@pytest.fixture
def flags(control_session, now):
    commands.ensure_defaults(control_session, now)
    control_session.commit()


@pytest.mark.usefixtures("flags")
def test_a_flag_is_set_listed_and_killed(backroom):
    assert backroom("flags", "set", "new-checkout", "30")[0] == 0
    assert "new-checkout" in backroom("flags", "list")[1]
    assert "fault-" not in backroom("flags", "list", "new", "type:release")[1]
    assert backroom("flags", "kill", "new-checkout")[0] == 0


@pytest.mark.usefixtures("flags")
@pytest.mark.parametrize("percent", ["-1", "101", "nan", "1e9"])
def test_a_wrong_percentage_fails_and_says_why(backroom, percent):
    status, out, err = backroom("flags", "set", "new-checkout", "--", percent)
    assert status in (1, 2)
    assert out == ""
    assert err


def test_an_unknown_flag_fails(backroom):
    status, _, err = backroom("flags", "kill", "no-such-flag")
    assert status == 1
    assert "no-such-flag" in err


def test_a_job_is_run_for_a_moment_and_its_status_is_the_exit_status(backroom, control_session):
    status, out, _ = backroom("jobs", "run", "jobs.prune", "--at", "2026-01-31T09:00:00Z")
    assert status == 0
    assert "forgotten" in out
    run = control_session.scalar(select(JobRun).where(JobRun.job == "jobs.prune"))
    assert (run.cause, run.slot.isoformat()) == ("cli", "2026-01-31T09:00:00+00:00")
    assert run.asked_by.startswith("cli:")


@pytest.mark.parametrize("at", ["yesterday", "2026-01-31T09:00:00", "2999-01-01T00:00:00Z"])
def test_a_moment_without_a_zone_or_in_the_future_is_refused(backroom, at):
    status, _, err = backroom("jobs", "run", "jobs.prune", "--at", at)
    assert status in (1, 2)
    assert at[:4] in err


def test_an_unknown_job_names_those_there_are(backroom):
    status, _, err = backroom("jobs", "run", "nope")
    assert status == 1
    assert "jobs.prune" in err


def test_tables_come_as_text_and_as_json(backroom):
    assert "jobs.prune" in backroom("jobs", "list")[1]
    rows = json.loads(backroom("jobs", "list", "--json")[1])
    assert {"job", "state", "last run", "late"} <= set(rows[0])


def test_who_did_it_is_in_the_audit_trail(backroom, control_session):
    backroom("people", "add", "ops@shop.example", "--role", "ops")
    entry = control_session.scalar(select(AuditEntry))
    assert entry.who.startswith("cli:")


def test_an_empty_table_says_so(capsys):
    console.show([], as_json=False)
    assert capsys.readouterr().out == "nothing\n"
