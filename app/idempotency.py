"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) for POSTs to the API: sent twice, done once.

A key is claimed before the view runs. The first transaction of the request that writes anything also writes
down that the request was carried out, so that both are committed or neither. What was answered is kept for a
day and said again. Between the two a crash leaves "carried out, answer lost": told, and never done again.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import Flask, Response, g, has_request_context, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, DateTime, Identity, Integer, Text, delete, event, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.exceptions import BadRequest

from app import clock, vault
from app.db import Base, begin, engine_of
from app.errors import Conflict, Problem, Refused, Wait
from app.guards import person, token
from app.sources import sources
from app.vault import Sealed
from app.versions import is_api

if TYPE_CHECKING:
    from app.sources import Sources

log = logging.getLogger(__name__)

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEY = re.compile(r'("?)([A-Za-z0-9_.:-]{1,200})\1')  # as the draft writes it, in quotes, or bare
KEPT = timedelta(hours=24)
# Who claims a key is believed dead after so long: no request takes longer. If it lives all the same it cannot
# commit any more, since its claim is another's.
LEASE = timedelta(seconds=60)
RETRY_SECONDS = 1
MOST_KEPT_BYTES = 1_000_000
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Link", "Content-Language")
FREEING = (401, 403, 429)  # answers that say nothing of the request itself, as do those from 500 on

STARTED, CARRIED_OUT, ANSWERED = "started", "carried out", "answered"


class IdempotencyRow(Base):
    """One key of one person or token."""

    __tablename__ = "idempotency_keys"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key_hash: Mapped[str] = mapped_column(Text, unique=True)  # of holder and key
    request_mark: Mapped[str] = mapped_column(Text)  # signature of method, address and body
    state: Mapped[str] = mapped_column(Text)
    lease: Mapped[str] = mapped_column(Text)  # whose claim it is
    claimed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[str | None] = mapped_column(Sealed("idempotency_keys.body"))  # may hold a secret shown once


class KeyUsedBefore(Refused):
    title = "Idempotency-Key used before"
    kind = "key-used-before"


class CarriedOut(Conflict):
    title = "Carried out before"
    kind = "carried-out"


@dataclass
class Claim:
    """Of the request under way."""

    key_hash: str
    lease: str
    marking: Session | None = None  # whose commit will say that it was carried out
    is_carried_out: bool = False


def _holder() -> str | None:
    if (machine := token()) is not None:
        return f"token:{machine.id}"
    return f"person:{someone.id}" if (someone := person()) is not None else None


def _key() -> str:
    found = KEY.fullmatch(request.headers[HEADER].strip())
    if found is None:
        raise BadRequest(_("An Idempotency-Key is 1 to 200 letters, digits or signs of - _ . :"))
    return found[2]


def _sent() -> bytes:
    """What the same request has the same of."""
    return b"\n".join((request.method.encode(), request.full_path.encode(), request.get_data(cache=True)))


def _answer_or_claim() -> Response | None:
    """What was answered before; None: nothing yet, and the key is ours."""
    holder, key = _holder(), _key()
    if holder is None:
        return None
    key_hash, sent, now = hashlib.sha256(f"{holder}\n{key}".encode()).hexdigest(), _sent(), clock.now()
    with begin() as session:
        lease = claim(session, key_hash, sent, now)
        row = session.scalars(select(IdempotencyRow).where(IdempotencyRow.key_hash == key_hash)).one_or_none()
    if lease is None:
        return _replay(row, sent)
    g.idempotency = Claim(key_hash, lease)  # only now: the transaction that claims carries nothing out
    return None


def claim(session: Session, key_hash: str, sent: bytes, now: datetime) -> str | None:
    """The lease of a key that nobody used within a day, or whose holder died before anything was done."""
    lease = secrets.token_hex(8)
    session.execute(
        delete(IdempotencyRow).where(
            IdempotencyRow.key_hash == key_hash, IdempotencyRow.created_at <= now - KEPT
        )
    )
    made = session.scalar(
        insert(IdempotencyRow)
        .values(
            key_hash=key_hash,
            request_mark=vault.held().sign("idempotency", sent),
            state=STARTED,
            lease=lease,
            claimed_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.id)
    )
    if made is not None:
        return lease
    mark = session.scalar(
        select(IdempotencyRow.request_mark).where(IdempotencyRow.key_hash == key_hash).with_for_update()
    )
    if mark is None or not vault.held().proves(mark, "idempotency", sent):
        return None
    taken = session.execute(
        update(IdempotencyRow)
        .where(
            IdempotencyRow.key_hash == key_hash,
            IdempotencyRow.state == STARTED,
            IdempotencyRow.claimed_at <= now - LEASE,
        )
        .values(lease=lease, claimed_at=now)
    )
    return lease if taken.rowcount else None  # type: ignore[attr-defined]


def _replay(row: IdempotencyRow | None, sent: bytes) -> Response:
    """Raises where there is nothing to say again."""
    if row is not None and not vault.held().proves(row.request_mark, "idempotency", sent):
        raise KeyUsedBefore(_l("This Idempotency-Key came with another request before. Use a new one."))
    if row is None or row.state == STARTED:
        raise Wait(_l("The same request is being carried out right now."), RETRY_SECONDS)
    if row.state == CARRIED_OUT or row.status is None:
        raise CarriedOut(
            _l("This was carried out before, but its answer was lost. Look at %(place)s.", place=request.path)
        )
    response = Response(row.body or "", status=row.status, headers=row.headers or {})
    response.headers[REPLAYED] = "true"
    return response


def _write_down(session: Session) -> None:
    """Before the commit of a transaction that writes: it and "carried out" are committed together."""
    current = _claim_of(session)
    if current is None or session.in_nested_transaction():
        return
    session.flush()
    if session.scalar(select(func.pg_current_xact_id_if_assigned().is_(None))):
        return  # it has only read
    done = session.execute(
        update(IdempotencyRow)
        .where(
            IdempotencyRow.key_hash == current.key_hash,
            IdempotencyRow.lease == current.lease,
            IdempotencyRow.state == STARTED,
        )
        .values(state=CARRIED_OUT)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Wait(_l("The same request is being carried out right now."), RETRY_SECONDS)
    current.marking = session


def _written_down(session: Session) -> None:
    current = _claim_of(session)
    if current is not None and current.marking is session and not session.in_nested_transaction():
        current.is_carried_out = True


def _claim_of(session: Session) -> Claim | None:
    """Of the request under way, while nothing of it is committed yet."""
    current: Claim | None = g.get("idempotency") if has_request_context() else None
    if current is None or current.is_carried_out:
        return None
    return current if session.get_bind() is engine_of(sources().control) else None


event.listen(Session, "before_commit", _write_down)
event.listen(Session, "after_commit", _written_down)


def _keep(current: Claim, response: Response) -> None:
    """What was answered; or nothing, so that it may be tried again, where nothing was done."""
    status = response.status_code
    with begin() as session:
        mine = (IdempotencyRow.key_hash == current.key_hash) & (IdempotencyRow.lease == current.lease)
        if status >= 500 or status in FREEING:
            session.execute(delete(IdempotencyRow).where(mine, IdempotencyRow.state == STARTED))
        elif not response.is_streamed and len(response.get_data()) <= MOST_KEPT_BYTES:
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            told = response.get_data(as_text=True)
            session.execute(
                update(IdempotencyRow)
                .where(mine)
                .values(state=ANSWERED, status=status, headers=headers, body=told)
            )


def prune(session: Session, now: datetime, sources: Sources) -> str:
    old = delete(IdempotencyRow).where(IdempotencyRow.created_at <= now - KEPT)
    return f"{session.execute(old).rowcount} keys forgotten"  # type: ignore[attr-defined]


def init_app(app: Flask) -> None:
    """Register after guards, form tokens and the checks of requests: what they refuse uses up no key."""

    @app.before_request
    def claim_key() -> Response | None:
        if request.method != "POST" or request.endpoint is None or HEADER not in request.headers:
            return None
        return _answer_or_claim() if is_api() else None

    @app.after_request
    def keep_answer(response: Response) -> Response:
        current: Claim | None = g.pop("idempotency", None)
        if current is not None:
            try:
                _keep(current, response)
            except Problem:  # done and answered all the same; a retry hears that it was carried out
                log.warning("an answer could not be kept for its Idempotency-Key")
        return response
