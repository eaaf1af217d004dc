from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from config import StorefrontConfig
from storefront.mail import Mail, deliver
from tests.mailbox import Mailbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAIL = Mail("HL-100001-confirmed", "ada@example.org", "Danke · HL-100001", "Grüße", "<p>Grüße</p>", "de")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def by_smtp(config: StorefrontConfig, mailbox: Mailbox, who: str = "") -> StorefrontConfig:
    return replace(config, smtp_url=f"smtp://{who}127.0.0.1:{mailbox.server_address[1]}")


def test_a_mail_is_a_whole_file_named_after_it(shop_config: StorefrontConfig) -> None:
    deliver(shop_config, MAIL, NOW)
    [path] = shop_config.mail_dir.iterdir()
    assert path.name == "HL-100001-confirmed.eml"
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message["Subject"] == "Danke · HL-100001"
    assert message["Message-ID"] == "<HL-100001-confirmed@hearth-and-ladle.example>"
    assert message["Content-Language"] == "de"
    assert message.get_body(("plain",)).get_content().strip() == "Grüße"


def test_the_same_mail_again_changes_nothing(shop_config: StorefrontConfig) -> None:
    deliver(shop_config, MAIL, NOW)
    deliver(shop_config, replace(MAIL, text="something else"), NOW)
    [path] = shop_config.mail_dir.iterdir()
    assert b"something else" not in path.read_bytes()


def test_a_mail_server_gets_it_by_smtp(shop_config: StorefrontConfig, mailbox: Mailbox) -> None:
    deliver(by_smtp(shop_config, mailbox), MAIL, NOW)
    [raw] = mailbox.taken
    message = message_from_bytes(raw, policy=default)
    assert message["To"] == "ada@example.org"
    assert not shop_config.mail_dir.exists()


def test_a_mail_server_is_told_who_sends(shop_config: StorefrontConfig, mailbox: Mailbox) -> None:
    deliver(by_smtp(shop_config, mailbox, "shop:p%40ss@"), MAIL, NOW)
    assert any(line.startswith(b"AUTH PLAIN") for line in mailbox.said)


def test_a_refused_recipient_is_an_error_to_try_again(
    shop_config: StorefrontConfig, mailbox: Mailbox
) -> None:
    mailbox.refuses = True
    with pytest.raises(OSError):
        deliver(by_smtp(shop_config, mailbox), MAIL, NOW)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_server_that_is_down_is_an_error_to_try_again(
    shop_config: StorefrontConfig, scheme: str
) -> None:
    with pytest.raises(OSError):
        deliver(replace(shop_config, smtp_url=f"{scheme}://127.0.0.1:9"), MAIL, NOW)


def test_a_line_break_in_an_address_sends_nothing(shop_config: StorefrontConfig) -> None:
    with pytest.raises(ValueError):
        deliver(shop_config, replace(MAIL, to="a@example.org\r\nBcc: all@example.org"), NOW)
