"""Writes of signing in: the password, the second step, the session that follows, and saying again who one is.

Unknown people, wrong passwords, people without one and people who are kept out go the same way and cost the
same: one hash, one line in the audit trail.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import vault
from app.accounts import commands, credentials, factor_commands, mail_queue, queries
from app.accounts.browsers import browser_name
from app.accounts.credentials import fingerprint
from app.accounts.models import PersonRow, SessionRow
from app.accounts.sign_in_models import HalfSignInRow, KnownBrowserRow
from app.audit import commands as audit
from app.errors import Refused

HALF_LASTS = timedelta(minutes=10)
BROWSER_LASTS = timedelta(days=365)
MOST_BROWSERS = 20
LONGEST_AGENT = 200

Stage = Literal["in", "code", "set up", "choose"]


@dataclass(frozen=True)
class Arrival:
    """Where somebody comes from."""

    agent: str
    address: str
    browser: str = ""  # the cookie of a browser that may be known

    @property
    def told(self) -> dict[str, str]:
        """For mails; the audit trail knows by itself where a request comes from."""
        return {"browser": browser_name(self.agent), "from": self.address}


@dataclass(frozen=True)
class Step:
    """What follows the right password: a session, or half of one, and what its cookie shall hold."""

    stage: Stage
    cookie: str
    browser: str = ""  # what the cookie of a known browser shall hold


def check_password(session: Session, email: str, password: str, now: datetime) -> PersonRow | None:
    """Whose password it is; None, in the same time, for all who may not come in."""
    person = queries.by_email(session, email)
    is_right = credentials.fits(password, person.password_hash if person else None)
    if person is None or not is_right or not person.is_active:
        _refuse(session, person, email, "password", now)
        return None
    if credentials.is_outdated(person.password_hash):
        person.password_hash = credentials.hash_password(password)
    return person


def _refuse(session: Session, person: PersonRow | None, email: str, what: str, now: datetime) -> None:
    """What nobody is known by is not kept as typed: it may be a password in the wrong field."""
    subject = f"person:{person.email}" if person else f"address:{_keyed(email)}"
    after = {"why": f"wrong {what}" if person is None or person.is_active else "kept out"}
    audit.record(session, "nobody", "person.sign-in.refused", subject, {}, after, now)


def _keyed(email: str) -> str:
    """The same for the same address, and nothing to guess it back from without the keys."""
    mac = vault.held().sign("address of a sign-in", email.encode())
    return base64.b32encode(hashlib.sha256(mac.encode()).digest())[:16].decode().lower()


def go_on(session: Session, person: PersonRow, arrival: Arrival, now: datetime) -> Step:
    """After the password: on, or to the second step, or to setting one up where the role demands it."""
    if factor_commands.since(session, person.id) is not None:
        return Step("code", _half(session, person, arrival, now))
    if factor_commands.is_required(session, person.id, now):
        factor_commands.begin(session, person.id)
        return Step("set up", _half(session, person, arrival, now))
    return _through(session, person, arrival, now, "password")


def _through(session: Session, person: PersonRow, arrival: Arrival, now: datetime, how: str) -> Step:
    """In; or to a password of one's own first, where the one that was given was made by others and ended."""
    if person.password_ends_at is not None and person.password_ends_at <= now:
        return Step("choose", _half(session, person, arrival, now, is_proven=True))
    return enter(session, person, arrival, now, how)


def _half(
    session: Session, person: PersonRow, arrival: Arrival, now: datetime, *, is_proven: bool = False
) -> str:
    cookie = credentials.new_cookie()
    session.add(
        HalfSignInRow(
            person_id=person.id,
            cookie_hash=fingerprint(cookie),
            created_at=now,
            agent=arrival.agent[:LONGEST_AGENT],
            is_proven=is_proven,
        )
    )
    return cookie


def half_way(session: Session, cookie: str, now: datetime, *, is_proven: bool = False) -> PersonRow | None:
    """Who gave the right password in this browser, and not yet the second factor; `is_proven`: that too."""
    return session.scalar(
        select(PersonRow)
        .join(HalfSignInRow, HalfSignInRow.person_id == PersonRow.id)
        .where(
            HalfSignInRow.cookie_hash == fingerprint(cookie),
            HalfSignInRow.created_at > now - HALF_LASTS,
            HalfSignInRow.is_proven.is_(is_proven),
            PersonRow.is_active,
        )
    )


def finish(
    session: Session, person: PersonRow, half_cookie: str, typed: str, arrival: Arrival, now: datetime
) -> Step | None:
    """The second step: a code or a recovery code, once. None: it is not right."""
    person = session.get_one(PersonRow, person.id)
    taken = factor_commands.take(session, person, typed, now)
    if taken is None or not _end_half(session, half_cookie):
        _refuse(session, person, person.email, "code", now)
        return None
    return _through(session, person, arrival, now, f"password and {taken}")


def set_up(
    session: Session, person: PersonRow, half_cookie: str, typed: str, arrival: Arrival, now: datetime
) -> tuple[Step, list[str]] | None:
    """The first code of a new second factor, and the recovery codes. None: the half sign-in has ended."""
    person = session.get_one(PersonRow, person.id)
    codes = factor_commands.confirm(session, person, typed, now)
    if not _end_half(session, half_cookie):
        return None
    return _through(session, person, arrival, now, "password and code"), codes


def choose_password(
    session: Session, cookie: str, new: str, words: Collection[str], arrival: Arrival, now: datetime
) -> Step | None:
    """A password of one's own, and in; whatever the other one began ends. None: this ended before."""
    person = half_way(session, cookie, now, is_proven=True)
    if person is None or not _end_half(session, cookie):
        return None
    if credentials.fits(new, person.password_hash):
        made = _l("This is the password that was made for you. Choose one of your own.")
        raise Refused(made, {"new_password": made})
    commands.set_password(session, person, "new_password", new, words, now)
    commands.end_sessions(session, person.id)
    after = {"by": "first sign-in"}
    audit.record(session, person.email, "person.password", f"person:{person.email}", {}, after, now)
    return enter(session, person, arrival, now, "a password of their own")


def _end_half(session: Session, cookie: str) -> bool:
    ended = delete(HalfSignInRow).where(HalfSignInRow.cookie_hash == fingerprint(cookie))
    return bool(session.execute(ended).rowcount)  # type: ignore[attr-defined]


def enter(session: Session, person: PersonRow, arrival: Arrival, now: datetime, how: str) -> Step:
    """A session of its own, in a cookie that was never seen before."""
    cookie = credentials.new_cookie()
    browser, is_new = _know_browser(session, person.id, arrival, now)
    if is_new and person.signed_in_at is not None:
        mail_queue.queue(session, "new_browser", person.email, person.locale, now, **arrival.told)
    session.add(
        SessionRow(
            cookie_hash=fingerprint(cookie),
            person_id=person.id,
            created_at=now,
            seen_at=now,
            confirmed_at=now,
            agent=arrival.agent[:LONGEST_AGENT],
            address=arrival.address,
        )
    )
    person.signed_in_at = now
    audit.record(session, person.email, "person.sign-in", f"person:{person.email}", {}, {"how": how}, now)
    return Step("in", cookie, browser)


def knows_browser(session: Session, email: str, browser: str) -> bool:
    """Whether the owner of the account came in with this browser before."""
    return bool(browser) and (
        session.scalar(
            select(KnownBrowserRow.id)
            .join(PersonRow, PersonRow.id == KnownBrowserRow.person_id)
            .where(
                PersonRow.id == select(PersonRow.id).where(queries.has_email(email)).scalar_subquery(),
                KnownBrowserRow.cookie_hash == fingerprint(browser),
            )
        )
        is not None
    )


def _know_browser(session: Session, person_id: int, arrival: Arrival, now: datetime) -> tuple[str, bool]:
    """What its cookie shall hold, and whether the browser is new. Nobody can bring one of their making."""
    known = (
        update(KnownBrowserRow)
        .where(
            KnownBrowserRow.person_id == person_id,
            KnownBrowserRow.cookie_hash == fingerprint(arrival.browser),
        )
        .values(seen_at=now, agent=arrival.agent[:LONGEST_AGENT])
    )
    if arrival.browser and session.execute(known).rowcount:  # type: ignore[attr-defined]
        return arrival.browser, False
    cookie = credentials.new_cookie()
    session.add(
        KnownBrowserRow(
            person_id=person_id,
            cookie_hash=fingerprint(cookie),
            agent=arrival.agent[:LONGEST_AGENT],
            created_at=now,
            seen_at=now,
        )
    )
    _forget_old_browsers(session, person_id)
    return cookie, True


def _forget_old_browsers(session: Session, person_id: int) -> None:
    session.flush()
    kept = (
        select(KnownBrowserRow.id)
        .where(KnownBrowserRow.person_id == person_id)
        .order_by(KnownBrowserRow.seen_at.desc(), KnownBrowserRow.id.desc())
        .limit(MOST_BROWSERS)
    )
    session.execute(
        delete(KnownBrowserRow).where(KnownBrowserRow.person_id == person_id, KnownBrowserRow.id.not_in(kept))
    )


def say_again(
    session: Session,
    person_id: int,
    session_id: int | None,
    password: str,
    code: str,
    new_cookie: str,
    now: datetime,
) -> bool:
    """The password or a code once more: the session is fresh again. No `new_cookie`: it keeps its own."""
    person = session.get(PersonRow, person_id)
    if person is None:
        return False
    if not _is_proven(session, person, password, code, now):
        _refuse(session, person, person.email, "password or code", now)
        return False
    values: dict[str, object] = {"confirmed_at": now}
    if new_cookie:
        values["cookie_hash"] = fingerprint(new_cookie)
    mine = update(SessionRow).where(SessionRow.id == session_id, SessionRow.person_id == person_id)
    if not session.execute(mine.values(values)).rowcount:  # type: ignore[attr-defined]
        return False
    audit.record(session, person.email, "person.confirm", f"person:{person.email}", {}, {}, now)
    return True


def _is_proven(session: Session, person: PersonRow, password: str, code: str, now: datetime) -> bool:
    if code:
        return factor_commands.take(session, person, code, now) is not None
    return credentials.fits(password, person.password_hash)


def prune(session: Session, now: datetime) -> None:
    """What has ended by itself."""
    session.execute(delete(HalfSignInRow).where(HalfSignInRow.created_at <= now - HALF_LASTS))
    session.execute(delete(KnownBrowserRow).where(KnownBrowserRow.seen_at <= now - BROWSER_LASTS))
