"""What the worker would mail by now."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import sqlalchemy as sa

from storefront import outbox
from storefront.orders.handlers import Means
from storefront.users.mails import HANDLERS
from tests.shopping import Shop


def mailed(shop: Shop) -> list[EmailMessage]:
    """All mails about accounts so far, the oldest first."""
    means = Means(shop.config, shop.sessions, None, lambda: datetime.now(UTC))  # type: ignore[arg-type]
    with shop.sessions() as session:
        waiting = session.scalars(
            sa.select(outbox.OutboxEvent)
            .where(outbox.OutboxEvent.kind.in_(HANDLERS), outbox.ALIVE)
            .order_by(outbox.OutboxEvent.id)
        ).all()
    with shop.app.app_context():
        for one in waiting:
            HANDLERS[one.kind](outbox.Event(one.event_id, one.kind, one.payload, 1), means)
    files = sorted(shop.config.mail_dir.glob("user-*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]  # type: ignore[misc]


def link_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"token=([\w-]+)", body.get_content())
    assert found
    return found[1]
