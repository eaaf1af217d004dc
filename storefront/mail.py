"""Mails, by SMTP or as .eml files in a folder. Each has its own name: filed twice, it is there once."""

from __future__ import annotations

import os
import smtplib
import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config import StorefrontConfig

SMTP_SECONDS = 10
KEEP = timedelta(days=30)  # files in MAIL_DIR


@dataclass(frozen=True)
class Mail:
    name: str  # unique per mail, the same on each try: becomes Message-ID and file name
    to: str
    subject: str
    text: str
    html: str
    language: str


def deliver(config: StorefrontConfig, mail: Mail, now: datetime) -> None:
    """Raises OSError or SMTPException when it could not be handed over."""
    message = compose(mail, config.mail_from, now)
    if config.smtp_url:
        hand_over(config.smtp_url, message)
    else:
        file_away(config.mail_dir / f"{mail.name}.eml", message)


def compose(mail: Mail, sender: str, now: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    # Last: making parts would move it to the first of them.
    message["Content-Language"] = mail.language
    return message


def hand_over(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
    port = parts.port or (465 if secure else 25)
    trust = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=trust)
        if secure
        else smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    )
    with server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=trust)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def file_away(path: Path, message: EmailMessage) -> None:
    """The whole file or none: written beside, synced, renamed. One that is there was delivered before."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def forget_old(folder: Path, now: datetime) -> int:
    """Mails that were filed, not sent, and are older than KEEP. How many went."""
    old = [path for path in folder.glob("*.eml") if path.stat().st_mtime < (now - KEEP).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
