"""The audit trail: written with the change, secrets hidden, searched and paged."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from sqlalchemy import select

from app import paging
from app.audit.commands import record
from app.audit.keeping import HIDDEN
from app.audit.models import AuditEntry
from app.audit.origin import LONGEST_AGENT


@pytest.fixture
def trail(control_session, now):
    def write(
        who="ada@example.org",
        action="flag.rollout",
        subject="flag:new-checkout",
        at=now,
        before=None,
        after=None,
    ):
        record(control_session, who, action, subject, before or {"share": 10}, after or {"share": 25}, at)
        control_session.commit()

    return write


def test_secrets_are_never_kept(control_session, now):
    after = {"password": "x", "api_token": "y", "nested": {"card_number": "4242"}, "name": "z", "tokens": 3}
    record(control_session, "a", "b", "c", None, after, now)
    control_session.commit()
    kept = control_session.scalar(select(AuditEntry.after))
    assert kept == {
        "password": HIDDEN,
        "api_token": HIDDEN,
        "nested": {"card_number": HIDDEN},
        "name": "z",
        "tokens": 3,
    }


def test_values_that_json_does_not_know_are_kept_as_text(control_session, now):
    after = {
        "at": now,
        "day": date(2026, 2, 28),
        "amount": Decimal("1.10"),
        "odd": float("nan"),
        "zero": "a\x00b",
        "half": "\ud800",
        "many": (1, {2}),
        "other": object,
    }
    record(control_session, "a", "b", "c", None, after, now)
    control_session.commit()
    kept = control_session.scalar(select(AuditEntry.after))
    assert kept["at"] == now.isoformat()
    assert (kept["day"], kept["amount"], kept["odd"]) == ("2026-02-28", "1.10", "nan")
    assert (kept["zero"], kept["half"], kept["many"]) == ("ab", "?", [1, [2]])
    assert "object" in kept["other"]


def test_a_change_that_fails_leaves_no_trace(control_session, now):
    record(control_session, "a", "b", "c", None, {}, now)
    control_session.rollback()
    assert control_session.scalar(select(AuditEntry)) is None


def test_the_page_shows_what_differs_newest_first(signed_in, trail, now):
    trail(subject="flag:old", at=now - timedelta(days=1))
    trail()
    page = signed_in("ops").get("/audit/").text
    assert page.index("flag:new-checkout") < page.index("flag:old")
    assert "<del>10</del>" in page
    assert "<ins>25</ins>" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=NEW-check", ["flag:new-checkout"]),
        ("q=bo@", ["cost:hosting"]),
        ("q=100%25", ["kpi:100%"]),
        ("q=_", []),
        ("who=bo@example.org", ["cost:hosting"]),
        ("subject=kpi:100%25", ["kpi:100%"]),
        ("action=kpi.", ["kpi:100%"]),
        ("action=%25", []),
        ("text=25", ["kpi:100%", "cost:hosting", "flag:new-checkout"]),
        ("text=absent", []),
        ("address=203.0.113.7", []),
        ("q=%27%3B+DROP+TABLE+audit_entries%3B--", []),
    ],
)
def test_the_trail_is_searched_by_person_action_and_thing(signed_in, trail, now, query, found):
    trail(at=now - timedelta(minutes=3))
    trail(who="bo@example.org", action="cost.add", subject="cost:hosting", at=now - timedelta(minutes=2))
    trail(action="kpi.target", subject="kpi:100%", at=now - timedelta(minutes=1))
    entries = signed_in("admin").get(f"/api/v1/audit?{query}").json["entries"]
    assert [entry["subject"] for entry in entries] == found


def test_long_trails_are_read_page_by_page(signed_in, control_session, now):
    for number in range(paging.DEFAULT + 1):
        record(control_session, "a", "x", f"flag:{number}", {}, {}, now + timedelta(seconds=number))
    control_session.commit()
    client = signed_in("ops")
    first = client.get("/api/v1/audit").json
    second = client.get(f"/api/v1/audit?cursor={first['next_cursor']}").json
    assert (len(first["entries"]), len(second["entries"])) == (paging.DEFAULT, 1)
    assert second["entries"][0]["subject"] == "flag:0"
    assert second["next_cursor"] is None
    page = client.get("/audit/").text
    older = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert 'rel="prev"' in client.get(older).text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("cursor=x", 404),
        ("cursor=%20", 422),
        ("from=yesterday", 422),
        ("to=31.1.2026", 422),
        ("limit=0", 422),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(signed_in, query, status):
    answer = signed_in("ops").get(f"/api/v1/audit?{query}")
    assert answer.status_code == status
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


def test_names_of_an_address_cannot_be_turned_against_the_page(signed_in, trail):
    trail()
    page = signed_in("ops").get("/audit/?endpoint=x&_external=1&_anchor=y&who=ada@example.org")
    assert page.status_code == 200


def test_an_empty_trail_says_so_and_an_empty_search_how_to_go_on(signed_in, trail):
    client = signed_in("ops")
    assert "Nothing was changed yet" in client.get("/audit/").text
    trail()
    assert "Show everything" in client.get("/audit/?q=absent").text


def test_names_in_the_trail_cannot_run(signed_in, trail):
    trail(subject="flag:<img src=x onerror=alert(1)>", after={"note": "<script>1</script>"})
    page = signed_in("ops").get("/audit/").text
    assert "<img src=x" not in page
    assert "<script>1" not in page


def test_a_change_says_from_where_it_came(control_app, signed_in, control_session, now):
    from app.accounts import commands

    raw = commands.create_token(control_session, "api", "production", "ci", "admin", now, "test")
    control_session.commit()
    agent = {"User-Agent": "deploy/1.0 " + "x" * 500}
    made = {"name": "new-flag"}
    control_app.test_client().post(
        "/api/v1/flags",
        json=made,
        headers={"Authorization": raw, **agent},
        environ_base={"REMOTE_ADDR": "203.0.113.7"},
    )
    signed_in("ops").post("/flags/new-flag/switch", data={"enabled": "on", "environment": "production"})
    of = {entry.action: entry for entry in control_session.scalars(select(AuditEntry))}
    by_token, by_page, by_hand = of["flag.create"], of["flag.switch"], of["token.create"]
    assert (by_token.via, by_token.address, by_token.agent[:10]) == ("api", "203.0.113.7", "deploy/1.0")
    assert len(by_token.agent) == LONGEST_AGENT
    assert by_token.token_id is not None
    assert (by_page.via, by_page.address, by_page.token_id) == ("page", "127.0.0.1", None)
    assert (by_hand.via, by_hand.address) == (None, None)


def test_an_export_holds_what_the_search_finds_and_no_formula(signed_in, trail, now):
    trail(subject="=cmd|calc", at=now - timedelta(days=2))
    trail(who="bo@example.org", after={"note": "a, b"})
    client = signed_in("ops")
    rows = list(csv.DictReader(StringIO(client.get("/api/v1/audit/export.csv").text)))
    assert [row["subject"] for row in rows[:2]] == ["'=cmd|calc", "flag:new-checkout"]
    assert json.loads(rows[1]["after"]) == {"note": "a, b"}
    found = client.get("/api/v1/audit/export.jsonl?who=bo@example.org")
    assert found.mimetype == "application/jsonl"
    assert [json.loads(line)["sequence"] for line in found.text.splitlines()] == [2]
