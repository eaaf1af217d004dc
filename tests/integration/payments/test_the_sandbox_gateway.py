from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.machine import free_port
from storefront.payments.cards import Card
from storefront.payments.gateway import NoAnswer, State, Unreachable
from storefront.payments.sandbox_client import SandboxGateway
from tests.shopping import DECLINED_CARD, GOOD_CARD, LATE_AUTHORISATION, LATE_CARD, Gateway, running_gateway

SECRET = "gateway-secret-for-tests"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Gateway]:
    with running_gateway(tmp_path, SECRET) as gateway:
        yield gateway


@pytest.fixture
def client(running: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxGateway]:
    monkeypatch.setattr("storefront.payments.sandbox_client.ANSWER_SECONDS", 0.3)
    running.stop()
    running.late_seconds = 0.6
    running.start()
    client = SandboxGateway(running.url, SECRET)
    yield client
    client.close()


def card(number: str = GOOD_CARD) -> Card:
    return Card(number, 8, 2039, "123")


def test_a_good_card_is_held_then_taken(client: SandboxGateway, running: Gateway) -> None:
    held = client.authorise("k", 500, "EUR", card())
    assert (held.state, held.amount_cents) == (State.AUTHORISED, 500)
    assert running.captured() == []
    assert client.capture("k", 500).state is State.CAPTURED
    assert client.look_up("k").state is State.CAPTURED


def test_the_same_call_again_never_charges_twice(client: SandboxGateway, running: Gateway) -> None:
    for _ in range(3):
        client.authorise("k", 500, "EUR", card())
        assert client.capture("k", 500).state is State.CAPTURED
    assert running.captured() == [500]


@pytest.mark.parametrize(
    ("number", "reason"), [(DECLINED_CARD, "card_declined"), ("4000000000009995", "insufficient_funds")]
)
def test_some_cards_are_declined(client: SandboxGateway, number: str, reason: str) -> None:
    told = client.authorise("k", 500, "EUR", card(number))
    assert (told.state, told.reason) == (State.DECLINED, reason)
    assert client.capture("k", 500).state is State.DECLINED


def test_one_card_is_charged_and_the_answer_comes_too_late(client: SandboxGateway, running: Gateway) -> None:
    client.authorise("k", 500, "EUR", card(LATE_CARD))
    with pytest.raises(NoAnswer):
        client.capture("k", 500)
    assert running.captured() == [500]
    assert client.capture("k", 500).state is State.CAPTURED


def test_one_card_is_held_and_the_answer_comes_too_late(client: SandboxGateway, running: Gateway) -> None:
    with pytest.raises(NoAnswer):
        client.authorise("k", 500, "EUR", card(LATE_AUTHORISATION))
    assert running.captured() == []
    assert client.look_up("k").state is State.AUTHORISED


def test_a_key_that_was_given_up_before_it_arrived_is_never_charged(client: SandboxGateway) -> None:
    assert client.void("k").state is State.VOIDED
    assert client.authorise("k", 500, "EUR", card()).state is State.VOIDED


def test_what_is_held_can_be_given_up_and_what_is_taken_cannot(client: SandboxGateway) -> None:
    client.authorise("held", 500, "EUR", card())
    assert client.void("held").state is State.VOIDED
    client.authorise("taken", 500, "EUR", card())
    client.capture("taken", 500)
    assert client.void("taken").state is State.CAPTURED


def test_what_was_taken_is_given_back_once(client: SandboxGateway) -> None:
    client.authorise("k", 500, "EUR", card())
    client.capture("k", 500)
    assert client.refund("k", 500).state is State.REFUNDED
    assert client.refund("k", 500).state is State.REFUNDED


def test_another_amount_than_the_one_held_is_refused(client: SandboxGateway, running: Gateway) -> None:
    client.authorise("k", 500, "EUR", card())
    for act in (lambda: client.capture("k", 499), lambda: client.authorise("k", 499, "EUR", card())):
        with pytest.raises(NoAnswer):
            act()
    client.capture("k", 500)
    with pytest.raises(NoAnswer):
        client.refund("k", 499)
    assert running.captured() == [500]


def test_an_unheard_of_payment_is_unknown(client: SandboxGateway) -> None:
    assert client.look_up("k").state is State.UNKNOWN
    for act in (client.capture, client.refund):
        with pytest.raises(NoAnswer):
            act("k", 500)


def test_a_gateway_that_is_down_is_unreachable(client: SandboxGateway, running: Gateway) -> None:
    running.stop()
    with pytest.raises(Unreachable):
        client.look_up("k")


def test_what_it_knows_outlives_a_restart(client: SandboxGateway, running: Gateway) -> None:
    client.authorise("k", 500, "EUR", card())
    client.capture("k", 500)
    running.stop()
    running.start()
    assert client.look_up("k").state is State.CAPTURED


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/healthz", None, 200),
        ("GET", "/v1/payments/k", None, 200),
        ("GET", "/v1/payments/k/capture", None, 405),
        ("GET", "/", None, 404),
        ("POST", "/v1/payments/k/steal", b"{}", 404),
        ("POST", "/v1/payments/k/authorise", b"not json", 400),
        ("POST", "/v1/payments/k/authorise", b"[]", 400),
        ("POST", "/v1/payments/k/authorise", b"[" * 9_000, 400),
        ("POST", "/v1/payments/k/authorise", b"x" * 20_000, 413),
        ("POST", "/v1/payments/k/authorise", b'{"amount_cents": 5, "currency": "EUR"}', 422),
        ("POST", "/v1/payments/k/authorise", b'{"amount_cents": 0}', 422),
        ("POST", "/v1/payments/k/authorise", b'{"amount_cents": 1.5}', 422),
        ("POST", "/v1/payments/k/authorise", b'{"amount_cents": true}', 422),
    ],
)
def test_what_makes_no_sense_is_answered(
    running: Gateway, method: str, path: str, body: bytes | None, status: int
) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    assert httpx.request(method, running.url + path, content=body, headers=headers).status_code == status


@pytest.mark.parametrize("secret", ["", "Bearer wrong", SECRET])
def test_strangers_are_turned_away(running: Gateway, secret: str) -> None:
    answer = httpx.get(f"{running.url}/v1/payments/k", headers={"Authorization": secret})
    assert answer.status_code == 401


def test_an_answer_that_is_no_payment_counts_as_none(running: Gateway) -> None:
    client = SandboxGateway(f"{running.url}/healthz?", SECRET)
    with pytest.raises(NoAnswer):
        client.look_up("k")
    client.close()


def test_it_runs_as_a_process_of_its_own_and_ends_when_told(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    settings = {
        **os.environ,
        "GATEWAY_URL": url,
        "GATEWAY_SECRET": SECRET,
        "SHOP_DATA_DIR": str(tmp_path),
    }
    process = subprocess.Popen([sys.executable, "-m", "storefront.payments.sandbox"], env=settings)
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
                break
            except httpx.ConnectError:
                time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert (tmp_path / "gateway.sqlite").exists()


def test_without_a_secret_it_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from storefront.payments.sandbox import main

    monkeypatch.delenv("GATEWAY_SECRET", raising=False)
    with pytest.raises(SystemExit, match="GATEWAY_SECRET"):
        main(["--state", str(tmp_path / "x.sqlite")])
