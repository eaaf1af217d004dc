"""Which event a happening is, when a delivery is tried again, and what chats are sent."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.webhooks import endpoint, retrying
from app.webhooks.endpoint import Draft
from app.webhooks.event import AUDIT, CHANGE_REQUEST, TYPES, Event, Wish, derive, merged
from app.webhooks.excerpt import excerpt
from app.webhooks.message import MOST_TEAMS_BYTES, Told, body_of, slack_text
from config import ROOT

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def audit(action, subject="flag:checkout", before=None, after=None, at=NOW):
    row = {"action": action, "subject": subject, "before": before or {}, "after": after or {}}
    return derive("audit", None, {**row, "who": "ada@house.test", "at": at.isoformat()}, NOW)


def told(title="checkout", type_="flag.changed", **more):
    event = Event(type_, NOW, "ada@house.test", "flag:checkout", title, "/flags/checkout", **more)
    return Told("0b1f2c3d-4e5f-6071-8293-a4b5c6d7e8f9", event, "Flag changed", "info", "https://b.test/")


def test_every_type_that_is_derived_is_on_the_list():
    assert {*AUDIT.values(), *CHANGE_REQUEST.values()} <= set(TYPES)


def test_a_change_of_a_flag_knows_its_place_and_its_page():
    event = audit("flag.switch", after={"environment": "staging", "enabled": True})
    assert (event.type, event.environment, event.url) == ("flag.changed", "staging", "/flags/checkout")
    assert event.title == "checkout · staging"


@pytest.mark.parametrize(
    ("action", "before", "after", "wanted"),
    [
        ("change-request.submit", {"state": "draft"}, {"state": "in_review"}, "change_request.waiting"),
        ("change-request.edit", {}, {"title": "x"}, None),
        ("slo.policy_step", {}, {"steps": 1, "left": 0.2}, "slo.policy_step"),
        ("slo.policy_step", {}, {"steps": 2, "left": -0.1}, "slo.budget_exhausted"),
        ("slo.policy_step", {}, {"steps": 2, "left": None}, "slo.policy_step"),
        ("locales.save", {"state": "draft"}, {"state": "review"}, "translation.review_waiting"),
        ("locales.save", {"state": "review"}, {"state": "review"}, None),
        ("locales.extract", {}, {"added": 3}, "translation.new_strings"),
        ("locales.extract", {}, {"added": 0, "gone": 2}, None),
        ("person.looks", {}, {"theme": "dark"}, None),
    ],
)
def test_which_entries_of_the_trail_are_events(action, before, after, wanted):
    event = audit(action, before=before, after=after)
    assert (event.type if event else None) == wanted


def test_what_is_imported_is_no_news():
    assert audit("flag.kill", at=NOW - timedelta(days=2)) is None


def test_a_text_belongs_to_its_locale():
    event = audit("locales.comment", "message:de:17", after={"text": "?"})
    assert (event.locale, event.url) == ("de", "/locales/de/strings/17")


@pytest.mark.parametrize(
    ("wish", "is_taken"),
    [
        (Wish(), True),
        (Wish(types=("flag.changed",)), True),
        (Wish(types=("flag.*",)), True),
        (Wish(types=("flag",)), False),
        (Wish(types=("alert.*",)), False),
        (Wish(environments=("production",)), True),
        (Wish(environments=("staging",)), False),
        (Wish(locales=("de",)), True),  # it is of no locale
        (Wish(subjects=("flag:*",)), True),
        (Wish(subjects=("flag:other",)), False),
    ],
)
def test_what_passes_a_filter(wish, is_taken):
    event = Event("flag.changed", NOW, "", "flag:checkout", "x", environment="production")
    assert wish.takes(event) is is_taken


def test_the_type_of_a_webhook_must_exist():
    for types in (("flag.exploded",), ("nothing.*",)):
        with pytest.raises(Refused) as refused:
            endpoint.check(Draft("x", "https://a.example/", wish=Wish(types=types)))
        assert set(refused.value.fields) == {"types"}
    endpoint.check(Draft("x", "https://a.example/", wish=Wish(types=("flag.*", "alert.fired"))))


def test_the_waits_come_to_about_two_days():
    assert 1 < sum(retrying.WAITS_SECONDS) / 86_400 < 2.5


@given(st.integers(1, 10), st.floats(0, 0.999), st.sampled_from([None, 302, 400, 429, 500, 503]))
def test_the_wait_is_anything_up_to_twice_its_mean(tries, chance, status):
    outcome = retrying.after_try(status, tries, NOW, chance)
    assert outcome.result == "again"
    assert timedelta() <= outcome.due_at - NOW <= timedelta(seconds=2 * retrying.WAITS_SECONDS[tries - 1])


def test_how_a_try_ends():
    assert retrying.after_try(204, 1, NOW, 0.5).result == "delivered"
    assert retrying.after_try(410, 1, NOW, 0.5).result == "gone"
    assert retrying.after_try(None, len(retrying.WAITS_SECONDS) + 1, NOW, 0.5).result == "failed"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Sat, 31 Jan 2026 12:05:00 GMT", 300),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
        ("999999999", 8 * 3600),
    ],
)
def test_a_receiver_may_ask_for_time(header, seconds):
    assert retrying.after_try(503, 1, NOW, 0.0, header).due_at - NOW == timedelta(seconds=seconds)


def test_slack_gets_blocks_within_its_limits_and_no_name_rings_anybody():
    made = json.loads(body_of(told("<!channel> & <https://evil.test|click> " + "x" * 5_000), "slack"))
    assert "<!channel>" not in json.dumps(made)
    assert "&lt;!channel&gt; &amp; " in made["text"]
    assert len(made["text"]) <= 3_000
    assert len(made["blocks"]) <= 50
    header, section, _context = made["blocks"]
    assert len(header["text"]["text"]) <= 150
    assert len(section["text"]["text"]) <= 3_000


def test_slack_links_to_the_page():
    made = json.loads(body_of(told(), "slack"))
    assert made["blocks"][1]["text"]["text"] == "<https://b.test/flags/checkout|checkout>"


@given(st.text(max_size=6_000))
def test_whatever_a_title_holds_chats_get_json_within_their_limits(title):
    for format_ in ("json", "slack", "teams"):
        body = body_of(told(title), format_)
        assert json.loads(body)
    assert len(body) <= MOST_TEAMS_BYTES
    assert "<" not in slack_text(title)


def test_teams_gets_a_card_whose_texts_are_plain():
    made = json.loads(body_of(told("[click](https://evil.test) **now**"), "teams"))
    card = made["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    assert card["body"][1]["text"] == r"\[click\]\(https://evil\.test\) \*\*now\*\*"
    assert card["actions"][0]["url"] == "https://b.test/flags/checkout"


def test_facts_of_megabytes_are_left_out():
    made = json.loads(body_of(told(data={"before": "x" * 300_000}), "json"))
    assert made["data"]["is_cut"] is True
    assert "facts" not in made["data"]


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ('{"api_key": "abc123"}', "abc123"),
        ('{"client_secret":"s"}', '"s"'),
        ("sent whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ"),
        ("Authorization: Bearer eyJhbGciOi", "eyJ"),
        ("card 4242 4242 4242 4242", "4242 4242"),
    ],
)
def test_the_log_holds_no_secrets(body, hidden):
    assert hidden not in excerpt(body.encode())
    assert "***" in excerpt(body.encode())


def test_a_number_that_is_no_card_stays():
    assert "1234567890123" in excerpt(b"order 1234567890123")


def test_a_thousand_texts_sent_to_review_are_one_event():
    texts = [
        audit("locales.save", f"message:{code}:{n}", {"state": "draft"}, {"state": "review"})
        for code in ("de", "fr")
        for n in range(3)
    ]
    flag = audit("flag.kill")
    found = merged([texts[0], flag, *texts[1:], audit("flag.kill")])
    assert [(one.type, one.title) for one in found] == [
        ("translation.review_waiting", "de · 3"),
        ("flag.killed", "checkout"),
        ("translation.review_waiting", "fr · 3"),
        ("flag.killed", "checkout"),
    ]
    assert merged(texts[:1]) == texts[:1]


def run(job, said):
    row = {"job": job, "said": said, "finished_at": NOW.isoformat(), "slot": NOW.isoformat()}
    return derive("job", None, row, NOW)


def test_a_run_that_a_restart_cut_off_is_no_failure():
    assert run("kpi.daily", "The scheduler stopped in mid-run; the next slot does the work.") is None
    assert run("kpi.daily", "ValueError: x").type == "job.failed"
    assert run("backups.make", "no room").type == "backup.failed"


def test_an_altered_audit_trail_and_a_blind_monitoring_are_told_apart_from_incidents():
    row = {
        "kind": "incident",
        "at": NOW.isoformat(),
        "ends_at": None,
        "event": "",
        "facts": {},
        "title": "x",
        "subject": "x",
        "url": "",
        "detail": "",
    }
    for key, wanted in (("blind:1", "monitoring.blind"), ("audit.broken:7:x", "audit.chain_broken")):
        assert derive("timeline", None, {**row, "key": key}, NOW).type == wanted
    assert derive("timeline", None, {**row, "key": "incident:1"}, NOW) is None


def test_the_docs_list_every_type():
    listed = re.findall(
        r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", (ROOT / "docs/webhooks.md").read_text(), re.M
    )
    assert dict(listed) == {name: str(one.label) for name, one in TYPES.items()}
