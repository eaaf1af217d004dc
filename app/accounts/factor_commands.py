"""Writes of second factors and recovery codes, and of who must have one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.accounts import factor, mail_queue, role_queries
from app.accounts.credentials import fingerprint
from app.accounts.factor_models import RecoveryCodeRow, RequiredFactorRow, SecondFactorRow
from app.accounts.models import PersonRow
from app.accounts.role_models import GrantRow
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused

EVERYBODY = "*"
Taken = Literal["code", "recovery code"]


def begin(session: Session, person_id: int) -> str:
    """A new seed that waits for its first code; the one in use stays in use until then."""
    row = _row(session, person_id)
    row.pending_seed = factor.new_seed()
    return row.pending_seed


def pending_seed(session: Session, person_id: int) -> str | None:
    return session.scalar(select(SecondFactorRow.pending_seed).where(SecondFactorRow.person_id == person_id))


def confirm(session: Session, person: PersonRow, code: str, now: datetime) -> list[str]:
    """From the first right code on the seed counts. Hands back recovery codes, to be shown this once."""
    row = _row(session, person.id)
    if row.pending_seed is None:
        raise Conflict(_l("Start anew: there is no second factor that waits for its first code."))
    step = factor.step_of(factor.clean_code(code), row.pending_seed, now)
    if step is None:
        wrong = _l(
            "This is not the code that the app shows now. Is the clock of your phone right? It has to be."
        )
        raise Refused(wrong, {"code": wrong})
    row.seed, row.pending_seed, row.last_step, row.confirmed_at = row.pending_seed, None, step, now
    audit.record(session, person.email, "person.factor.on", f"person:{person.email}", {}, {}, now)
    mail_queue.queue(session, "factor_on", person.email, person.locale, now)
    return renew_recovery_codes(session, person, now)


def renew_own_codes(session: Session, person: PersonRow, now: datetime) -> list[str]:
    if since(session, person.id) is None:
        raise Conflict(_l("Recovery codes belong to a second factor. Set one up first."))
    return renew_recovery_codes(session, person, now)


def renew_recovery_codes(session: Session, person: PersonRow, now: datetime) -> list[str]:
    """Ten new ones; those before are worth nothing any more."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person.id))
    codes = factor.new_recovery_codes()
    session.add_all(
        RecoveryCodeRow(
            person_id=person.id,
            code_hash=fingerprint(f"{person.id} {factor.clean_code(code)}"),
            created_at=now,
        )
        for code in codes
    )
    after = {"codes": len(codes)}
    audit.record(session, person.email, "person.recovery-codes", f"person:{person.email}", {}, after, now)
    return codes


def take(session: Session, person: PersonRow, typed: str, now: datetime) -> Taken | None:
    """Uses up a code of either kind; None: it is not right, or was used before. Of two at once one wins."""
    code = factor.clean_code(typed)
    if factor.is_totp(code):
        return "code" if _take_code(session, person.id, code, now) else None
    return "recovery code" if _take_recovery_code(session, person, code, now) else None


def _take_code(session: Session, person_id: int, code: str, now: datetime) -> bool:
    seed = session.scalar(select(SecondFactorRow.seed).where(SecondFactorRow.person_id == person_id))
    step = factor.step_of(code, seed, now) if seed else None
    if step is None:
        return False
    later = update(SecondFactorRow).where(
        SecondFactorRow.person_id == person_id, SecondFactorRow.last_step < step
    )
    return bool(session.execute(later.values(last_step=step)).rowcount)  # type: ignore[attr-defined]


def _take_recovery_code(session: Session, person: PersonRow, code: str, now: datetime) -> bool:
    unused = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.person_id == person.id,
            RecoveryCodeRow.code_hash == fingerprint(f"{person.id} {code}"),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
    )
    if not session.execute(unused).rowcount:  # type: ignore[attr-defined]
        return False
    left = codes_left(session, person.id)
    audit.record(
        session, person.email, "person.recovery-code.use", f"person:{person.email}", {}, {"left": left}, now
    )
    mail_queue.queue(session, "recovery_code_used", person.email, person.locale, now, left=left)
    return True


def turn_off(session: Session, person: PersonRow, now: datetime) -> None:
    """One's own, where the role does not demand one."""
    if is_required(session, person.id, now):
        raise Refused(
            _l("Everybody with your role has a second factor. You can set it up anew, but not leave it out.")
        )
    _drop(session, person, now, person.email, "person.factor.off")
    mail_queue.queue(session, "factor_off", person.email, person.locale, now)


def reset(session: Session, person_id: int, now: datetime, who: str) -> None:
    """By an admin, for somebody who lost phone and recovery codes. They are told."""
    person = session.get(PersonRow, person_id, with_for_update=True)
    if person is None:
        raise NotFound(_l("There is no such person."))
    _drop(session, person, now, who, "person.factor.reset")
    mail_queue.queue(session, "factor_reset", person.email, person.locale, now, by=who)


def _drop(session: Session, person: PersonRow, now: datetime, who: str, action: str) -> None:
    if not session.execute(delete(SecondFactorRow).where(SecondFactorRow.person_id == person.id)).rowcount:  # type: ignore[attr-defined]
        raise Conflict(_l("There is no second factor to take away."))
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person.id))
    audit.record(session, who, action, f"person:{person.email}", {"second_factor": True}, {}, now)


def _row(session: Session, person_id: int) -> SecondFactorRow:
    row = session.get(SecondFactorRow, person_id, with_for_update=True)
    if row is None:
        row = SecondFactorRow(person_id=person_id, last_step=0)
        session.add(row)
        session.flush()
    return row


def since(session: Session, person_id: int) -> datetime | None:
    """Since when a second factor is in use; None: there is none."""
    return session.scalar(select(SecondFactorRow.confirmed_at).where(SecondFactorRow.person_id == person_id))


def codes_left(session: Session, person_id: int) -> int:
    unused = select(func.count()).where(
        RecoveryCodeRow.person_id == person_id, RecoveryCodeRow.used_at.is_(None)
    )
    return session.scalar(unused) or 0


def is_required(session: Session, person_id: int, now: datetime) -> bool:
    """By the main role, or by one that is granted for an environment or a locale."""
    main = select(PersonRow.role).where(PersonRow.id == person_id)
    granted = select(GrantRow.role).where(GrantRow.person_id == person_id, role_queries.in_force(now))
    demanded = RequiredFactorRow.role
    found = exists().where((demanded == EVERYBODY) | demanded.in_(main) | demanded.in_(granted))
    return bool(session.scalar(select(found)))


def required_roles(session: Session) -> frozenset[str]:
    """Whose people must have a second factor; `*` is everybody."""
    return frozenset(session.scalars(select(RequiredFactorRow.role)))


def require(session: Session, roles: Collection[str], now: datetime, who: str) -> None:
    """Counts from the next sign-in on: who has none then sets one up before anything else."""
    if unknown := sorted(set(roles) - {EVERYBODY, *role_queries.role_names(session)}):
        wrong = _l("There is no role %(role)s.", role=unknown[0])
        raise Refused(wrong, {"roles": wrong})
    before = required_roles(session)
    if before == frozenset(roles):
        return
    session.execute(delete(RequiredFactorRow))
    session.add_all(RequiredFactorRow(role=role, since=now, set_by=who) for role in set(roles))
    after = {"roles": sorted(roles)}
    audit.record(session, who, "people.factor-rule", "people", {"roles": sorted(before)}, after, now)
