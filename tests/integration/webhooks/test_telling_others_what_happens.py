"""From a write in the house to a signed message at a receiver outside."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from standardwebhooks import Webhook

from app import clock
from app.audit.commands import record as audit
from app.errors import Refused
from app.timeline.commands import record, tell
from app.vault import Vault
from app.webhooks import commands, sending, stream
from app.webhooks.endpoint import Draft
from app.webhooks.event import Wish
from app.webhooks.models import Attempt, Delivery, Endpoint, EventRow
from tests.integration.webhooks.receiver import receiving


@pytest.fixture
def make(control_session, control_config, receiver):
    """`make(wish)` → an endpoint that leads to the receiver."""

    def made(wish=Wish(), url=None, format_="json"):  # noqa: B008 - frozen
        draft = Draft("Ops", url or receiver.url, format_, wish)
        row = commands.create(
            control_session, draft, control_config.webhook_allowed_networks, "t", clock.now()
        )
        control_session.commit()
        return row

    return made


@pytest.fixture
def happen(control_session):
    """Something happens, and the stream flows."""

    def done(kind="deploy", title="Storefront 2.0", **more):
        record(control_session, clock.now(), kind, title, "service:shop", **more)
        control_session.commit()
        stream.flow(control_session, clock.now())
        control_session.commit()

    return done


def deliveries(session):
    session.expire_all()
    return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def test_an_event_arrives_once_signed_as_the_standard_says(make, happen, receiver, control_sources):
    row = make()
    happen()
    assert sending.send_due(control_sources) == 1
    assert sending.send_due(control_sources) == 0
    (got,) = receiver.got
    assert Webhook(row.secret).verify(got.body, got.headers)["type"] == "deploy.finished"
    told = json.loads(got.body)
    assert told["id"] == got.headers["webhook-id"]
    assert told["data"]["title"] == "Storefront 2.0"
    assert got.headers["content-type"] == "application/json"


def test_while_a_secret_is_changed_both_sign(make, happen, receiver, control_sources, control_session):
    row = make()
    before = row.secret
    after = commands.rotate(control_session, row.id, "t", clock.now()).secret
    control_session.commit()
    happen()
    sending.send_due(control_sources)
    for secret in (before, after):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    stored = control_session.execute(text("SELECT secret, url FROM webhook_endpoints")).one()
    assert after not in str(stored)
    assert receiver.url not in str(stored)


def test_only_what_it_wants_is_told(make, happen, control_session):
    make(Wish(types=("alert.*",)))
    make(Wish(environments=("staging",)))
    happen(facts={"environment": "production"})
    assert deliveries(control_session) == []
    happen("alert", "It burns")
    assert len(deliveries(control_session)) == 2


def test_what_was_written_and_taken_back_is_no_event(control_session):
    record(control_session, clock.now(), "deploy", "never", "x")
    control_session.rollback()
    assert stream.flow(control_session, clock.now()) == 0


def test_what_is_committed_late_is_found_late_and_nothing_twice(control_sources, control_session):
    with control_sources.control() as late:
        record(late, clock.now(), "deploy", "first to be written", "x")
        late.flush()
        record(control_session, clock.now(), "deploy", "first to be committed", "x")
        control_session.commit()
        assert stream.flow(control_session, clock.now()) == 1
        control_session.commit()
        late.commit()
    assert stream.flow(control_session, clock.now()) == 1
    assert stream.flow(control_session, clock.now()) == 0
    titles = control_session.scalars(select(EventRow.title).order_by(EventRow.id)).all()
    assert titles == ["first to be committed", "first to be written"]


def test_the_trail_the_timeline_the_jobs_and_the_told_flow_together(control_session, now):
    audit(
        control_session,
        "ada@house.test",
        "flag.kill",
        "flag:checkout",
        {},
        {"environment": "production"},
        now,
    )
    for end in (None, now):
        record(control_session, now, "alert", "It burns", "slo:x", ends_at=end, key="alert:1")
    tell(control_session, now, "rollout.advanced", "checkout", "flag:checkout")
    insert = (
        "INSERT INTO job_runs (job, slot, cause, asked_by, outcome, started_at) "
        "VALUES ('backups.make', now() + make_interval(secs => :n), 'schedule', 's', 'running', now())"
    )
    for n in range(2):  # it fails twice, which is news once
        control_session.execute(text(insert), {"n": n})
        control_session.execute(
            text("UPDATE job_runs SET outcome = 'failed', finished_at = :now WHERE outcome = 'running'"),
            {"now": now},
        )
    record(control_session, now - timedelta(days=30), "deploy", "imported", "x")
    record(control_session, now, "deploy", "demo", "x", is_demo=True)
    control_session.commit()
    stream.flow(control_session, now)
    types = control_session.scalars(select(EventRow.type).order_by(EventRow.id)).all()
    assert types == ["flag.killed", "alert.fired", "alert.resolved", "rollout.advanced", "backup.failed"]


def test_what_fails_is_tried_again_later_and_the_log_says_why(
    make, happen, receiver, control_sources, control_session
):
    make()
    receiver.status, receiver.body = 500, b'{"password": "hunter2", "error": "out of order"}'
    happen()
    sending.send_due(control_sources)
    (one,) = deliveries(control_session)
    assert (one.state, one.tries, one.leased_until) == ("waiting", 1, None)
    assert one.due_at >= clock.now() - timedelta(seconds=60)
    attempt = control_session.scalars(select(Attempt)).one()
    assert attempt.status == 500
    assert "out of order" in attempt.response
    assert "hunter2" not in attempt.response
    receiver.status = 200
    control_session.execute(update(Delivery).values(due_at=clock.now()))
    control_session.commit()
    sending.send_due(control_sources)
    assert deliveries(control_session)[0].state == "delivered"
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


def test_one_that_hangs_delays_nobody_else(make, happen, receiver, control_sources):
    with receiving() as other:
        receiver.hangs = threading.Event()
        make()
        make(url=other.url)
        for _ in range(3):
            happen()
        sender = threading.Thread(target=sending.send_due, args=(control_sources,))
        sender.start()
        waited = threading.Event()
        while len(other.got) < 3 and sender.is_alive():
            waited.wait(0.05)
        assert len(other.got) == 3
        assert len(receiver.got) == 1  # its own queue waits
        receiver.hangs.set()
        sender.join()


def test_a_redirect_is_not_followed(make, happen, receiver, control_sources, control_session):
    with receiving() as inside:
        receiver.status, receiver.headers = 302, {"Location": inside.url}
        make()
        happen()
        sending.send_due(control_sources)
        assert inside.got == []
    assert control_session.scalars(select(Attempt.status)).all() == [302]


def test_a_name_that_leads_inside_at_the_time_of_sending_is_not_called(
    make, happen, receiver, control_sources, control_session
):
    make()
    happen()
    sending.send_due(replace(control_sources, config=_closed(control_sources.config)))
    assert receiver.got == []
    assert "private" in control_session.scalars(select(Attempt.error)).one()


def _closed(config):
    return replace(config, webhook_allowed_networks=())


def test_an_address_inside_is_refused_when_it_is_typed(control_session):
    with pytest.raises(Refused) as refused:
        commands.create(control_session, Draft("x", "https://127.0.0.1/"), (), "t", clock.now())
    assert set(refused.value.fields) == {"url"}


def test_gone_switches_off_at_once_and_failures_for_days_do_so_with_a_notice(
    make, happen, receiver, control_sources, control_session
):
    gone, failing = make(), make()
    receiver.status = 410
    control_session.execute(
        update(Endpoint)
        .where(Endpoint.id == failing.id)
        .values(failing_since=clock.now() - timedelta(days=4))
    )
    happen()
    sending.send_due(control_sources)
    control_session.expire_all()
    assert not gone.is_active
    receiver.status = 500
    commands.switch(control_session, failing.id, True, "t", clock.now())
    failing.failing_since = clock.now() - timedelta(days=4)
    control_session.commit()
    happen()
    sending.send_due(control_sources)
    control_session.expire_all()
    assert not failing.is_active
    assert "HTTP 500" in failing.disabled_why
    stream.flow(control_session, clock.now())
    types = control_session.scalars(select(EventRow.type).where(EventRow.type == "webhook.disabled")).all()
    assert len(types) >= 2


def test_one_whose_key_was_lost_is_off_with_a_notice_and_all_others_go_on(
    make, happen, receiver, control_sources, control_session, signed_in
):
    lost, good = make(), make()
    elsewhere = Vault(["a key that was lost, of thirty-two signs"]).seal("x", "webhook_endpoints.secret")
    control_session.execute(
        text("UPDATE webhook_endpoints SET secret = :secret WHERE id = :id"),
        {"secret": elsewhere, "id": lost.id},
    )
    control_session.commit()
    happen()
    assert sending.send_due(control_sources, 0.1) == 1
    waits, arrived = deliveries(control_session)
    assert (waits.endpoint_id, waits.state, waits.tries, waits.leased_until) == (lost.id, "waiting", 0, None)
    assert (arrived.endpoint_id, arrived.state) == (good.id, "delivered")
    control_session.refresh(lost)
    assert (lost.is_active, "not in ENCRYPTION_KEYS" in lost.disabled_why) == (False, True)
    ops = signed_in("ops")
    assert "not in ENCRYPTION_KEYS" in ops.get(f"/webhooks/{lost.id}").text
    assert ops.get("/webhooks/").status_code == 200
    assert ops.post(f"/webhooks/{lost.id}/rotate").status_code == 200
    assert ops.post(f"/webhooks/{lost.id}/switch", data={"active": "on"}).status_code == 303
    assert sending.send_due(control_sources, 0.1) == 1
    assert [one.state for one in deliveries(control_session)] == ["delivered", "delivered"]


def test_two_that_send_at_once_take_each_delivery_once(
    make, happen, control_sources, control_session, receiver
):
    make()
    happen()
    with control_sources.control() as other:
        mine = sending.take(control_session, clock.now(), 9, "http://c")
        control_session.commit()
        theirs = sending.take(other, clock.now(), 9, "http://c")
        later = sending.take(other, clock.now() + sending.LEASE * 2, 9, "http://c")
    assert (len(mine), len(theirs), len(later)) == (1, 0, 1)


def test_what_was_given_up_is_replayed_under_its_id(make, happen, receiver, control_sources, control_session):
    row = make()
    happen()
    control_session.execute(update(Delivery).values(state="failed", done_at=clock.now()))
    control_session.commit()
    assert (
        commands.replay_failed(control_session, row.id, clock.now() - timedelta(days=1), "t", clock.now())
        == 1
    )
    control_session.commit()
    sending.send_due(control_sources)
    assert deliveries(control_session)[0].state == "delivered"


@pytest.mark.parametrize(("format_", "title"), [("slack", "&lt;!channel&gt;"), ("teams", r"\<\!channel\>")])
def test_chats_get_their_own_form(make, happen, receiver, control_sources, format_, title):
    make(format_=format_)
    happen(title="<!channel> *2.0*")
    sending.send_due(control_sources)
    assert json.dumps(title)[1:-1] in receiver.got[0].body.decode()


def test_a_name_that_turns_inward_between_saving_and_sending_is_not_called(
    make, happen, receiver, control_sources, control_session, monkeypatch
):
    answers = ["93.184.216.34", "127.0.0.1"]
    look_up = socket.getaddrinfo

    def getaddrinfo(host, port, *more, **named):
        if host != "turning.example":
            return look_up(host, port, *more, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    closed = replace(control_sources, config=_closed(control_sources.config))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    commands.create(
        control_session, Draft("x", f"https://turning.example:{receiver.port}/"), (), "t", clock.now()
    )
    control_session.commit()
    happen()
    sending.send_due(closed)
    assert (receiver.got, answers) == ([], [])
    assert "private" in control_session.scalars(select(Attempt.error)).one()
