"""From an event to the bell, the list, the mail and the digest of a person."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta
from email.policy import default

import pytest
from sqlalchemy import select, update

from app.accounts.models import PersonRow
from app.notifications import commands, jobs
from app.notifications.models import Notification, NotificationSetting
from app.timeline.commands import record
from app.webhooks import commands as webhooks
from app.webhooks import stream
from app.webhooks.models import Delivery, Endpoint, EventRow


@pytest.fixture
def happen(control_session):
    """It happens, the stream flows and people are told."""

    def done(title="It burns", event="", kind="alert", now=None, **facts):
        now = now or datetime.now(UTC)
        record(control_session, now, kind, title, "slo:x", url="/slo/x", event=event, facts=facts)
        control_session.commit()
        stream.flow(control_session, now)
        made = commands.fan_out(control_session, now)
        control_session.commit()
        return made

    return done


def mails(config):
    paths = sorted(config.mail_dir.glob("*.eml")) if config.mail_dir.exists() else []
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in paths]


def test_the_bell_counts_the_list_leads_there_and_read_is_read(signed_in, happen, control_session):
    client, viewer = signed_in("ops"), signed_in("viewer")
    assert happen() == 1
    assert "not read:" in client.get("/notifications/bell").text
    assert "not read:" not in viewer.get("/notifications/bell").text
    assert "It burns" in client.get("/notifications/").text
    one = client.get("/api/v1/me/notifications?unread=true").json["notifications"][0]
    assert (one["type"], one["kind"], one["url"]) == ("alert.fired", "alerts", "/slo/x")
    assert viewer.post(f"/notifications/{one['id']}/open").status_code == 404
    opened = client.post(f"/notifications/{one['id']}/open")
    assert (opened.status_code, opened.headers["Location"]) == (303, "/slo/x")
    assert client.get("/api/v1/me/notifications/unread").json == {"unread": 0}
    happen()
    happen()
    client.post("/notifications/read")
    assert client.get("/api/v1/me/notifications/unread").json == {"unread": 0}
    assert len(client.get("/api/v1/me/notifications").json["notifications"]) == 3


def test_nobody_is_told_twice_nor_of_their_own(signed_in, happen, control_session):
    signed_in("ops")
    assert happen("checkout", "rollout.rolled_back", "flag", who="ops@house.test") == 0
    assert happen() == 1
    control_session.execute(update(EventRow).values(notified_at=None))  # as after a crash
    assert commands.fan_out(control_session, datetime.now(UTC)) == 0
    assert len(control_session.scalars(select(Notification)).all()) == 1


def test_nobody_is_told_of_what_happened_before_they_were_here(signed_in, happen):
    happened = datetime.now(UTC) - timedelta(minutes=5)
    client = signed_in("ops")
    assert happen(now=happened) == 0
    assert "not read:" not in client.get("/notifications/bell").text


def test_what_goes_wrong_is_mailed_once_in_their_language(
    signed_in, happen, control_session, control_sources
):
    signed_in("ops")
    control_session.execute(update(PersonRow).values(locale="de"))
    for title in ("checkout: rolled back", "search: rolled back"):
        happen(title, "rollout.rolled_back", "flag")
    for _ in range(2):
        jobs.mail(control_session, datetime.now(UTC), control_sources)
    (mail,) = mails(control_sources.config)
    assert mail["To"] == "ops@house.test"
    assert mail["Content-Language"] == "de"
    text = mail.get_body(("plain",)).get_content()
    assert "search: rolled back" in text
    assert "http://control.test/slo/x" in text


def test_in_quiet_hours_mails_wait(signed_in, happen, control_session, control_sources):
    client = signed_in("ops")
    now = datetime.now(UTC)
    settings = {"quiet_from": now.hour, "quiet_to": (now.hour + 2) % 24, "time_zone": "UTC"}
    assert client.patch("/api/v1/me/notification-settings", json=settings).status_code == 200
    happen("checkout", "rollout.halted", "flag")
    jobs.mail(control_session, now, control_sources)
    assert mails(control_sources.config) == []
    jobs.mail(control_session, now + timedelta(hours=3), control_sources)
    assert len(mails(control_sources.config)) == 1


def test_a_digest_holds_what_was_not_read_and_comes_once(signed_in, happen, control_session, control_sources):
    client = signed_in("ops")
    client.patch("/api/v1/me/notification-settings", json={"digest": "daily", "digest_hour": 0})
    now = datetime.now(UTC)
    jobs.digest(control_session, now, control_sources)
    assert mails(control_sources.config) == []  # nothing happened
    control_session.execute(update(NotificationSetting).values(digested_on=None))
    happen("read meanwhile")
    read = client.get("/api/v1/me/notifications").json["notifications"][0]["id"]
    client.post(f"/api/v1/me/notifications/{read}/read")
    happen("It burns")
    for _ in range(2):
        jobs.digest(control_session, now, control_sources)
    (mail,) = mails(control_sources.config)
    assert "It burns" in mail.get_body(("html",)).get_content()
    assert "read meanwhile" not in mail.get_body(("html",)).get_content()


def test_a_person_chooses_on_the_page_what_and_where(signed_in, happen, control_session):
    client = signed_in("viewer")
    assert "Deploys" in client.get("/notifications/settings").text
    form = {"deploys.page": "1", "time_zone": "Asia/Tokyo", "digest": "weekly", "digest_hour": "7"}
    assert client.post("/notifications/settings", data=form).status_code == 303
    kept = client.get("/api/v1/me/notification-settings").json
    assert (kept["time_zone"], kept["digest"], kept["kinds"]["deploys"]) == ("Asia/Tokyo", "weekly", ["page"])
    assert happen("2.0", kind="deploy") == 1
    wrong = client.post("/notifications/settings", data={**form, "quiet_from": "25", "time_zone": "x"})
    assert wrong.status_code == 422
    refused = client.patch("/api/v1/me/notification-settings", json={"kinds": {"safety": ["page"]}})
    assert refused.status_code == 409


def test_their_own_webhook_is_told_what_they_chose_alone(signed_in, happen, control_session):
    client = signed_in("viewer")
    assert client.post("/notifications/webhook", data={"url": "https://127.0.0.1/"}).status_code == 422
    made = client.post("/notifications/webhook", data={"url": "https://93.184.216.34/x", "format": "slack"})
    row = control_session.scalars(select(Endpoint)).one()
    assert row.secret in made.text
    client.patch("/api/v1/me/notification-settings", json={"kinds": {"deploys": ["webhook"]}})
    happen()
    assert control_session.scalars(select(Delivery)).all() == []
    happen("2.0", kind="deploy")
    assert len(control_session.scalars(select(Delivery)).all()) == 1
    assert client.get("/api/v1/me/notifications").json["notifications"] == []
    assert signed_in("admin").get(f"/webhooks/{row.id}").status_code == 404  # theirs alone
    assert client.post("/api/v1/me/webhook/test").status_code == 202
    again = client.put("/api/v1/me/webhook", json={"url": "https://93.184.216.34/y"})
    assert again.json["secret"] != row.secret
    assert client.get("/api/v1/me/webhook").json["webhook"]["format"] == "json"
    assert [client.delete("/api/v1/me/webhook").status_code for _ in range(2)] == [204, 404]
    assert control_session.scalars(select(Endpoint.id)).all() == []


def test_admins_are_mailed_when_a_webhook_is_switched_off(signed_in, control_session, control_sources):
    signed_in("admin")
    now = datetime.now(UTC)
    row = Endpoint(
        name="Pager",
        url="https://pager.example/",
        format="json",
        types=[],
        environments=[],
        locales=[],
        subjects=[],
        secret="whsec_AAAA",
        is_active=True,
        disabled_why="",
        revision=1,
        created_at=now,
        created_by="t",
    )
    control_session.add(row)
    control_session.flush()
    webhooks.disable(control_session, row, "HTTP 500 for days", "job:webhooks.send", now)
    stream.flow(control_session, now)
    commands.fan_out(control_session, now)
    control_session.commit()
    jobs.mail(control_session, now, control_sources)
    (mail,) = mails(control_sources.config)
    assert mail["To"] == "admin@house.test"
    assert "Pager" in mail["Subject"]
