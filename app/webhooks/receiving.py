"""Messages of sources outside: proven, taken once, put on the timeline; refused ones with their reason."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import NotFound, Refused
from app.timeline import commands as timeline
from app.webhooks import incoming, signing
from app.webhooks.commands import KEEP_EVENTS, new_secret
from app.webhooks.incoming import Arrived
from app.webhooks.models import Receipt, SourceRow

MOST_BYTES = 1024 * 1024
LONGEST_NAME, LONGEST_SECRET = 120, 500
# How each kind proves itself, as the page of sources and the docs say it.
PROOFS = {
    "deploy": "webhook-signature",
    "github": "X-Hub-Signature-256",
    "gitlab": "X-Gitlab-Token",
    "alertmanager": "Authorization: Bearer",
    "stripe": "Stripe-Signature",
    "signed": "webhook-signature",
}


NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class NotJson(Exception):
    """Signed well, and no JSON."""


def create(
    session: Session, name: str, kind: str, environment: str, secret: str, who: str, now: datetime
) -> SourceRow:
    """`secret` "": one is made here; it is shown by whoever asked for it, once."""
    wrong: dict[str, object] = {}
    name, secret = name.strip(), secret.strip()
    if not name or len(name) > LONGEST_NAME or "\x00" in name:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=LONGEST_NAME)
    if kind not in incoming.KINDS:
        wrong["kind"] = _l("Choose one of the kinds.")
    if len(environment) > LONGEST_NAME or "\x00" in environment:
        wrong["environment"] = _l("Give the name of an environment, or nothing.")
    if wrong_secret := _wrong_secret(kind, secret):
        wrong["secret"] = wrong_secret
    if wrong:
        raise Refused(_l("The source was not saved."), wrong)
    row = SourceRow(
        key=secrets.token_urlsafe(16),
        name=name,
        kind=kind,
        environment=environment.strip(),
        secret=secret or new_secret(),
        is_active=True,
        created_at=now,
        created_by=who,
        refused_why="",
    )
    session.add(row)
    session.flush()
    record(session, who, "source.create", subject(row), None, facts(row), now)
    return row


def _wrong_secret(kind: str, secret: str) -> object:
    if kind in incoming.THEIR_SECRET and not secret:
        return _l("Paste the signing secret that they show you.")
    if secret and not (16 <= len(secret) <= LONGEST_SECRET and secret.isascii() and secret.isprintable()):
        return _l("Give at least %(least)s plain characters.", least=16)
    if secret and kind in incoming.KEYED:
        try:
            signing.key_of(secret)
        except ValueError:
            return _l("Give whsec_ and base64, or leave it empty.")
    return None


def rotate(session: Session, source_id: int, secret: str, who: str, now: datetime) -> SourceRow:
    row = locked(session, source_id)
    if wrong := _wrong_secret(row.kind, secret.strip()):
        raise Refused(_l("The source was not saved."), {"secret": wrong})
    row.secret = secret.strip() or new_secret()
    record(session, who, "source.rotate", subject(row), None, {"name": row.name}, now)
    return row


def switch(session: Session, source_id: int, is_on: bool, who: str, now: datetime) -> SourceRow:
    row = locked(session, source_id)
    before = facts(row)
    row.is_active = is_on
    record(session, who, "source.switch", subject(row), before, facts(row), now)
    return row


def remove(session: Session, source_id: int, who: str, now: datetime) -> None:
    row = locked(session, source_id)
    record(session, who, "source.delete", subject(row), facts(row), None, now)
    session.execute(delete(SourceRow).where(SourceRow.id == source_id))


def prove(source: SourceRow, headers: Mapping[str, str], raw: bytes, now: datetime) -> None:
    """Raises `signing.NotProven`. `headers`: names in small letters."""
    at = int(now.timestamp())
    match source.kind:
        case "github":
            sent = headers.get("x-hub-signature-256", "").removeprefix("sha256=")
            signing.prove_hex(source.secret, sent, raw)
        case "gitlab":
            _prove_text(source.secret, headers.get("x-gitlab-token", ""))
        case "alertmanager":
            _prove_text(f"Bearer {source.secret}", headers.get("authorization", ""))
        case "stripe":
            signing.prove_stripe(source.secret, headers.get("stripe-signature", ""), raw, at)
        case _:
            signing.prove(source.secret, headers, raw, at)


def _prove_text(wanted: str, given: str) -> None:
    if not signing.same(wanted, given):
        raise signing.NotProven("the token does not match")


def take(session: Session, source: SourceRow, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
    """After it was proven. False where the same message was taken before. Raises `NotJson` and `Refused`."""
    body = read_json(raw)
    arrived = incoming.read(source.kind, headers, body, raw)
    is_new = session.scalar(
        insert(Receipt)
        .values(source_id=source.id, message=arrived.message[:200], at=now, about=_about(arrived))
        .on_conflict_do_nothing()
        .returning(Receipt.message)
    )
    session.execute(update(SourceRow).where(SourceRow.id == source.id).values(received_at=now))
    if is_new is None:
        return False
    for entry in arrived.entries:
        _tell(session, source, entry, now)
    return True


def read_json(raw: bytes) -> Any:
    """Texts that no database can keep (NUL, half a character) are as bad as none. Raises `NotJson`."""
    try:
        body = json.loads(raw)
        text = json.dumps(body, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise NotJson("the body is not JSON") from error
    if NUL.search(text):
        raise NotJson("the body holds a NUL")
    return body


def _about(arrived: Arrived) -> str:
    return ", ".join(entry.title for entry in arrived.entries)[:200]


def _tell(session: Session, source: SourceRow, entry: incoming.Entry, now: datetime) -> None:
    environment = entry.facts.get("environment") or source.environment
    timeline.record(
        session,
        entry.at or now,
        entry.kind,
        entry.title,
        entry.subject,
        entry.detail,
        entry.url,
        ends_at=entry.ends_at,
        key=f"source:{source.id}:{entry.key}" if entry.key else None,
        event=entry.event,
        facts={**entry.facts, "environment": environment, "source": source.name},
    )


def note_refusal(session: Session, source_id: int, why: str, now: datetime) -> None:
    session.execute(
        update(SourceRow).where(SourceRow.id == source_id).values(refused_at=now, refused_why=why[:200])
    )


def by_key(session: Session, key: str) -> SourceRow:
    row = session.scalar(select(SourceRow).where(SourceRow.key == key, SourceRow.is_active))
    if row is None:
        raise NotFound(_l("There is no such source."))
    return row


def prune(session: Session, now: datetime) -> int:
    """Stripe tries for three days and nobody signs for longer than minutes: older ids come no more."""
    old = delete(Receipt).where(Receipt.at < now - KEEP_EVENTS).returning(Receipt.message)
    return len(session.scalars(old).all())


def locked(session: Session, source_id: int) -> SourceRow:
    row = session.scalar(select(SourceRow).where(SourceRow.id == source_id).with_for_update())
    if row is None:
        raise NotFound(_l("There is no such source."))
    return row


def subject(row: SourceRow) -> str:
    return f"source:{row.id}"


def facts(row: SourceRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", "kind", "environment", "is_active")}
