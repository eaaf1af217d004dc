from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from app.errors import Unavailable
from app.mail import Mail, deliver
from config import ControlPlaneConfig
from tests.mailbox import Mailbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAIL = Mail("slo-report-2026-w47", "ops@example.org", "Week 47:\n99,95 %", "Grüße", "<p>Grüße</p>", "de")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def test_without_a_mail_server_each_mail_is_one_file(control_config: ControlPlaneConfig) -> None:
    deliver(control_config, MAIL, NOW)
    deliver(control_config, replace(MAIL, text="something else"), NOW)
    [path] = control_config.mail_dir.iterdir()
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message["Subject"] == "Week 47: 99,95 %"
    assert message["Message-ID"] == "<slo-report-2026-w47@hearth-and-ladle.example>"
    assert message.get_body(("plain",)).get_content().strip() == "Grüße"
    assert message.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"


def test_a_mail_server_is_handed_the_mail(control_config: ControlPlaneConfig, mailbox: Mailbox) -> None:
    config = replace(control_config, smtp_url=f"smtp://us:p%40ss@127.0.0.1:{mailbox.server_address[1]}")
    deliver(config, MAIL, NOW)
    [raw] = mailbox.taken
    assert message_from_bytes(raw, policy=default)["To"] == "ops@example.org"
    assert any(line.startswith(b"AUTH PLAIN") for line in mailbox.said)


def test_a_refusal_names_who_did_not_get_it(control_config: ControlPlaneConfig, mailbox: Mailbox) -> None:
    mailbox.refuses = True
    config = replace(control_config, smtp_url=f"smtp://127.0.0.1:{mailbox.server_address[1]}")
    with pytest.raises(Unavailable, match=r"ops@example\.org"):
        deliver(config, MAIL, NOW)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_is_down_is_told_apart(control_config: ControlPlaneConfig, scheme: str) -> None:
    with pytest.raises(Unavailable):
        deliver(replace(control_config, smtp_url=f"{scheme}://127.0.0.1:9"), MAIL, NOW)
