"""The audit trail: written with the change, secrets hidden, searched and paged."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.audit import queries
from app.audit.commands import record
from app.audit.keeping import HIDDEN
from app.audit.models import AuditEntry


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
        ("q=%27%3B+DROP+TABLE+audit_entries%3B--", []),
        ("q=%00", ["kpi:100%", "cost:hosting", "flag:new-checkout"]),
    ],
)
def test_the_trail_is_searched_by_person_action_and_thing(signed_in, trail, now, query, found):
    trail(at=now - timedelta(minutes=3))
    trail(who="bo@example.org", action="cost.add", subject="cost:hosting", at=now - timedelta(minutes=2))
    trail(action="kpi.target", subject="kpi:100%", at=now - timedelta(minutes=1))
    entries = signed_in("admin").get(f"/api/v1/audit?{query}").json["entries"]
    assert [entry["subject"] for entry in entries] == found


def test_long_trails_are_paged(signed_in, control_session, now):
    for number in range(queries.ROWS + 1):
        record(control_session, "a", "x", f"flag:{number}", {}, {}, now + timedelta(seconds=number))
    control_session.commit()
    client = signed_in("ops")
    first, second = (client.get(f"/api/v1/audit?page={page}").json for page in (1, 2))
    assert (len(first["entries"]), len(second["entries"])) == (queries.ROWS, 1)
    assert first["last_page"] == 2
    assert second["entries"][0]["subject"] == "flag:0"
    assert 'rel="next"' in client.get("/audit/").text
    assert 'rel="prev"' in client.get("/audit/?page=2").text


@pytest.mark.parametrize("page", ["0", "-1", "1e9", "٣", "999999999999", "x"])
def test_a_page_that_is_none_is_the_first_or_an_empty_one(signed_in, page):
    assert signed_in("ops").get(f"/audit/?page={page}").status_code == 200


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
