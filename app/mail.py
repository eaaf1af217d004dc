"""Mails to the people who run the shop, by SMTP or as .eml files in a folder.

A mail has a name of its own that is the same on each try: delivered twice, it is there once in the folder,
and a mail program can tell that it had it. Whoever sends decides what a failure means: `deliver` raises.
"""

from __future__ import annotations

import logging
import os
import re
import smtplib
import ssl
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask_babel import lazy_gettext as _l

from app.errors import Unavailable
from app.i18n import LOCALES
from config import ControlPlaneConfig

log = logging.getLogger(__name__)

NAME = "the mail server"
ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
LONGEST_ADDRESS = 254
TIMEOUT_SECONDS = 10
KEEP = timedelta(days=30)  # files in MAIL_DIR
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    name: str  # letters, digits and -, unique per mail: becomes Message-ID and file name
    to: str
    subject: str
    text: str
    html: str = ""  # "": the text alone
    language: str = "en"


def deliver(config: ControlPlaneConfig, mail: Mail, now: datetime) -> None:
    """Raises `Unavailable` where the mail could not be handed over or written."""
    message = compose(mail, config.control_mail_from, now)
    try:
        if config.smtp_url:
            _hand_over(config.smtp_url, message)
        else:
            _file_away(config.mail_dir / f"{mail.name}.eml", message)
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"The mail to {mail.to} was not accepted: {error}", NAME) from error


def send_each(due: Sequence[int], send: Callable[[int], None]) -> str:
    """Each mail in a try of its own: one that is refused stops no other, and the job counts as failed."""
    refused = [number for number in due if not _is_sent(number, send)]
    if refused:
        raise Unavailable(f"{len(refused)} mails were not accepted", NAME)
    return f"{len(due)} mails sent"


def _is_sent(number: int, send: Callable[[int], None]) -> bool:
    try:
        send(number)
    except Unavailable as error:
        log.warning("%s", error)
        return False
    return True


def wrong_recipient(email: str, language: str) -> dict[str, object]:
    """What is wrong, by field, with somebody who is to get mails. Empty: nothing."""
    wrong: dict[str, object] = {}
    if not ADDRESS.fullmatch(email) or len(email) > LONGEST_ADDRESS:
        wrong["email"] = _l("Give one mail address, such as ops@your-shop.example.")
    if language not in LOCALES:
        wrong["language"] = _l("Choose one of the languages.")
    return wrong


def compose(mail: Mail, sender: str, now: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    # Last: making parts would move it to the first of them.
    message["Content-Language"] = mail.language
    return message


def _hand_over(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    address = (parts.hostname or "localhost", parts.port or PORTS[parts.scheme])
    trust = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=TIMEOUT_SECONDS, context=trust)
    else:
        server = smtplib.SMTP(*address, timeout=TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=trust)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _file_away(path: Path, message: EmailMessage) -> None:
    """The whole file or none: written beside, synced, renamed. One that is there was delivered before."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    Path(draft).replace(path)


def forget_old(folder: Path, now: datetime) -> int:
    """Mails that were filed, not sent, and are older than KEEP. How many went."""
    old = [path for path in folder.glob("*.eml") if path.stat().st_mtime < (now - KEEP).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
