"""Writes of people and sessions. Each takes the session of an open transaction and leaves a trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.accounts import credentials, grant_commands, mail_queue, queries, role_queries, second_admin
from app.accounts.credentials import clean_email, clean_name, fingerprint, new_password
from app.accounts.models import PersonRow, SessionRow
from app.accounts.sign_in_models import HalfSignInRow
from app.accounts.token_commands import create_token, revoke_token
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused
from app.i18n import LOCALES

# For whoever adds people without choosing a password, and makes tokens beside them.
__all__ = ["create_token", "new_password", "revoke_token"]

THEMES = ("light", "dark")
# How old "last seen" may be before it is written again: not a write per request.
SEEN_EVERY = timedelta(minutes=1)


def add_person(
    session: Session,
    email: str,
    role: str,
    password: str,
    now: datetime,
    who: str,
    name: str = "",
    words: Collection[str] = (),
    *,
    ends_at: datetime | None = None,
) -> PersonRow:
    """`words`: what this installation is called, which no password is to be made of.

    `ends_at`: from when on the password, which somebody else made, opens the page to choose one's own alone.
    """
    email, name = clean_email(email), clean_name(name)
    refuse(
        {
            "email": credentials.wrong_email(email),
            "role": _wrong_role(session, role) or second_admin.wrong_first_role(session, role, who),
            "password": credentials.wrong_password(password, email, name, words),
            "name": credentials.wrong_name(name),
        }
    )
    if queries.by_email(session, email) is not None:
        text = _l("There is somebody with this address already.")
        raise Conflict(text, {"email": text})
    person = PersonRow(
        email=email,
        name=name,
        role=role,
        password_hash=credentials.hash_password(password),
        password_ends_at=ends_at,
        is_active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    audit.record(session, who, "person.add", f"person:{email}", {}, {"role": role, "name": person.name}, now)
    return person


def _wrong_role(session: Session, role: str) -> object:
    return None if role_queries.exists(session, role) else _l("Choose one of the roles.")


def refuse(wrong: Mapping[str, object]) -> None:
    """Where a field is wrong, nothing is changed and each says why."""
    found = {name: text for name, text in wrong.items() if text}
    if found:
        raise Refused(next(iter(found.values())), found)


def _person(session: Session, person_id: int) -> PersonRow:
    person = session.get(PersonRow, person_id, with_for_update=True)
    if person is None:
        raise NotFound(_l("There is no such person."))
    return person


def _keep_an_admin(session: Session, person: PersonRow) -> None:
    if person.role == "admin" and person.is_active and queries.active_admins(session) < 2:
        raise Refused(_l("This is the last admin. Make somebody else an admin first."))


def change_role(session: Session, person_id: int, role: str, now: datetime, who: str) -> None:
    refuse({"role": _wrong_role(session, role)})
    person = _person(session, person_id)
    if role == person.role:
        return
    _keep_an_admin(session, person)
    if second_admin.must_agree(session, role, who):
        grant_commands.ask_for_main(session, person, role, now, who)
        return
    before, person.role = person.role, role
    audit.record(session, who, "person.role", f"person:{person.email}", {"role": before}, {"role": role}, now)


def set_active(session: Session, person_id: int, active: bool, now: datetime, who: str) -> None:
    """Who is no longer active is signed out everywhere at once."""
    person = _person(session, person_id)
    if active == person.is_active:
        return
    if not active:
        _keep_an_admin(session, person)
        end_sessions(session, person_id)
    person.is_active = active
    action = "person.activate" if active else "person.deactivate"
    audit.record(
        session, who, action, f"person:{person.email}", {"active": not active}, {"active": active}, now
    )


def reset_password(session: Session, person_id: int, now: datetime, who: str) -> str:
    """A new password, shown once and good for the next sign-in; every session ends, and they are told."""
    person = _person(session, person_id)
    password = new_password()
    person.password_hash, person.password_ends_at = credentials.hash_password(password), now
    end_sessions(session, person_id)
    audit.record(session, who, "person.password", f"person:{person.email}", {}, {"reset": True}, now)
    mail_queue.queue(session, "password_changed", person.email, person.locale, now, by=who)
    return password


def mail_password_link(session: Session, person_id: int, now: datetime, who: str) -> str:
    """The address that a link for a new password goes to; the password now stays until it is used."""
    person = _person(session, person_id)
    mail_queue.queue(session, "password_link", person.email, person.locale, now)
    audit.record(session, who, "person.password-link.ask", f"person:{person.email}", {}, {}, now)
    return person.email


def change_password(
    session: Session,
    person_id: int,
    old: str,
    new: str,
    keep_session: int | None,
    now: datetime,
    words: Collection[str] = (),
) -> None:
    """One's own. Sessions elsewhere end, this one goes on."""
    person = _person(session, person_id)
    refuse(
        {
            "old_password": None
            if credentials.fits(old, person.password_hash)
            else _l("This is not your password."),
            "new_password": credentials.wrong_password(new, person.email, person.name, words),
        }
    )
    set_password(session, person, "new_password", new, words, now)
    end_other_sessions(session, person_id, keep_session)
    audit.record(session, person.email, "person.password", f"person:{person.email}", {}, {"own": True}, now)


def set_password(
    session: Session, person: PersonRow, field: str, password: str, words: Collection[str], now: datetime
) -> None:
    """The owner is told, so that nobody changes it behind their back."""
    refuse({field: credentials.wrong_password(password, person.email, person.name, words)})
    person.password_hash, person.password_ends_at = credentials.hash_password(password), None
    mail_queue.queue(session, "password_changed", person.email, person.locale, now)


def choose_looks(session: Session, person_id: int, name: str, locale: str, theme: str, now: datetime) -> None:
    """One's own name, language and theme; empty: as the browser says."""
    name = clean_name(name)
    refuse(
        {
            "name": credentials.wrong_name(name),
            "locale": None if locale in ("", *LOCALES) else _l("Choose one of the languages."),
            "theme": None if theme in ("", *THEMES) else _l("Choose one of the themes."),
        }
    )
    person = _person(session, person_id)
    before = {"name": person.name, "locale": person.locale, "theme": person.theme}
    person.name, person.locale, person.theme = name, locale or None, theme or None
    after = {"name": person.name, "locale": person.locale, "theme": person.theme}
    if before != after:
        audit.record(session, person.email, "person.looks", f"person:{person.email}", before, after, now)


def sign_out(session: Session, cookie: str, now: datetime) -> None:
    person = queries.signed_in(session, cookie, now)
    session.execute(delete(SessionRow).where(SessionRow.cookie_hash == fingerprint(cookie)))
    if person is not None:
        email = person.person.email
        audit.record(session, email, "person.sign-out", f"person:{email}", {}, {}, now)


def end_sessions(session: Session, person_id: int) -> None:
    """Everywhere, and sign-ins that are half done as well."""
    session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))
    session.execute(delete(HalfSignInRow).where(HalfSignInRow.person_id == person_id))


def end_other_sessions(session: Session, person_id: int, keep_session: int | None) -> None:
    session.execute(
        delete(SessionRow).where(
            SessionRow.person_id == person_id, SessionRow.id.is_distinct_from(keep_session)
        )
    )
    session.execute(delete(HalfSignInRow).where(HalfSignInRow.person_id == person_id))


def sign_out_elsewhere(session: Session, person_id: int, keep_session: int | None, now: datetime) -> None:
    """Somebody's own wish: every browser but this one."""
    person = _person(session, person_id)
    end_other_sessions(session, person_id, keep_session)
    subject = f"person:{person.email}"
    audit.record(session, person.email, "person.session.end-others", subject, {}, {}, now)


def end_session(session: Session, person_id: int, session_id: int, now: datetime, who: str) -> None:
    """One of a person's, by its number: one of somebody else's is not found."""
    person = _person(session, person_id)
    found = delete(SessionRow).where(SessionRow.id == session_id, SessionRow.person_id == person_id)
    if not session.execute(found).rowcount:  # type: ignore[attr-defined]
        raise NotFound(_l("This session has ended already."))
    audit.record(session, who, "person.session.end", f"person:{person.email}", {}, {}, now)


def sign_out_everywhere(session: Session, person_id: int, now: datetime, who: str) -> None:
    """By an admin: whoever sits at somebody's browser has to sign in again."""
    person = _person(session, person_id)
    end_sessions(session, person_id)
    audit.record(session, who, "person.session.end-all", f"person:{person.email}", {}, {}, now)


def note_seen(session: Session, session_id: int, now: datetime) -> None:
    session.execute(update(SessionRow).where(SessionRow.id == session_id).values(seen_at=now))


def prune(session: Session, now: datetime) -> int:
    """Forget the sessions that ended by themselves."""
    ended = delete(SessionRow).where(
        (SessionRow.seen_at <= now - queries.IDLE) | (SessionRow.created_at <= now - queries.LONGEST)
    )
    return session.execute(ended).rowcount  # type: ignore[attr-defined,no-any-return]
