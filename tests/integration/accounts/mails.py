"""Mails about accounts, as their readers get them."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from sqlalchemy.orm import Session

from app.accounts import jobs
from app.sources import Sources


class Post:
    """Sends what is due and reads what came."""

    def __init__(self, session: Session, sources: Sources) -> None:
        self.session, self.sources = session, sources
        self.seen: set[str] = set()

    def send(self, now) -> list[EmailMessage]:
        """The new mails, in the order in which they were asked for."""
        jobs.send_mails(self.session, now, self.sources)
        self.session.commit()
        files = self.sources.config.mail_dir.glob("*.eml")
        new = sorted((file for file in files if file.name not in self.seen), key=number)
        self.seen |= {file.name for file in new}
        return [message_from_bytes(file.read_bytes(), policy=default) for file in new]


def number(file) -> int:
    return int(file.name.split("-")[1])


def text(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def link(mail: EmailMessage) -> str:
    return re.search(r"https?://\S+", text(mail))[0]


def path(mail: EmailMessage) -> str:
    return link(mail).removeprefix("http://control.test")
