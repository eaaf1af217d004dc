"""Writes of the tokens of machines. Each is told on `backroom_tokens`, so that nobody keeps an old answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts import credentials, queries, role_queries, second_admin
from app.accounts.credentials import ENVIRONMENT, PROJECT, fingerprint
from app.accounts.models import TokenRow
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused
from app.guards import PERMISSIONS, TOKENS_CHANNEL
from app.timeline import commands as timeline

KINDS = ("client", "frontend", "api")
LONGEST_NAME = 100
MOST_PROJECTS = 20
LONGEST_DAYS = 3_650
LONGEST_GRACE_HOURS = 24 * 30
GRACE_HOURS = 24
DAYS = 90  # unless somebody says otherwise
LONGEST_REASON = 300
MOST_PLACES = 50
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True)
class Scope:
    """What an api token may beside its role, and where alone; all empty: what its role may, everywhere."""

    permissions: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()


EVERYWHERE = Scope()


def create_token(
    session: Session,
    kind: str,
    environment: str,
    name: str,
    role: str | None,
    now: datetime,
    who: str,
    projects: Sequence[str] = (),
    days: int | None = None,
    scope: Scope = EVERYWHERE,
    endless_reason: str = "",
) -> str:
    """The token itself: only its hash is kept, so this is the one time that it can be read.

    `projects`: whose flags an SDK gets, none of them all. `days`: until it ends, None: it does not, and
    `endless_reason` says why. `scope`: of an api token, what it may beside its role, and where alone.
    """
    name, wanted = name.strip(), list(dict.fromkeys(projects))
    _check(session, kind, environment, name, role, wanted, days, scope)
    if kind == "api" and (wrong := second_admin.wrong_first_role(session, role or "", who)):
        raise Refused(_l("The token was not made."), {"role": wrong})
    if wrong := second_admin.wrong_permissions(scope.permissions, who):
        raise Refused(_l("The token was not made."), {"permissions": wrong})
    raw = credentials.new_token(kind, environment, wanted)
    role = role if kind == "api" else None
    expires_at = None if days is None else now + timedelta(days=days)
    session.add(
        TokenRow(
            token_hash=fingerprint(raw),
            hint=credentials.hint_of(raw),
            kind=kind,
            environment=environment,
            projects=wanted,
            name=name,
            role=role,
            created_at=now,
            created_by=who,
            permissions=list(scope.permissions),
            environments=list(scope.environments),
            locales=list(scope.locales),
            expires_at=expires_at,
            endless_reason=endless_reason.strip()[:LONGEST_REASON] or None if days is None else None,
        )
    )
    after = {
        "kind": kind,
        "environment": environment,
        "projects": wanted,
        "role": role,
        "expires_at": expires_at,
        **{name: list(values) for name, values in asdict(scope).items() if values},
    }
    audit.record(session, who, "token.create", f"token:{name}", {}, after, now)
    _tell(session)
    return raw


def check_end(days: int | None, endless_reason: str) -> None:
    """A token ends, unless somebody says why it must not."""
    if days is None and not endless_reason.strip():
        wrong = _l("Say why it never ends, or after how many days it does.")
        raise Refused(wrong, {"endless_reason": wrong})


def check_environment(kind: str, environment: str, known: Collection[str]) -> None:
    """An SDK asks for flags of an environment that there is; a script's token belongs to none."""
    if kind != "api" and environment not in known:
        wrong = _l("Use one of: %(allowed)s", allowed=", ".join(known))
        raise Refused(wrong, {"environment": wrong})


def rotate_token(session: Session, token_id: int, grace_hours: int, now: datetime, who: str) -> str:
    """A new secret for the same token; the old one is good for so many hours yet, and none before it is."""
    if not 0 <= grace_hours <= LONGEST_GRACE_HOURS:
        wrong = _l("Use a whole number of hours from 0 to %(most)s.", most=LONGEST_GRACE_HOURS)
        raise Refused(wrong, {"grace_hours": wrong})
    token = _locked(session, token_id)
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        raise Conflict(_l("This token is no longer in force; make a new one."))
    raw = credentials.new_token(token.kind, token.environment, token.projects)
    token.previous_hash, token.previous_until = token.token_hash, now + timedelta(hours=grace_hours)
    token.token_hash, token.hint, token.rotated_at = fingerprint(raw), credentials.hint_of(raw), now
    token.rotated_by = who
    after = {"old_one_until": token.previous_until}
    audit.record(session, who, "token.rotate", f"token:{token.name}", {}, after, now)
    _tell(session)
    return raw


def revoke_token(session: Session, token_id: int, now: datetime, who: str) -> None:
    """Refused from now on, and the secret before it as well."""
    token = _locked(session, token_id)
    if token.revoked_at is None:
        token.revoked_at = now
        before = {"kind": token.kind, "environment": token.environment}
        audit.record(session, who, "token.revoke", f"token:{token.name}", before, {}, now)
        _tell(session)


def note_used(session: Session, token_id: int, now: datetime, network: str = "") -> None:
    used = update(TokenRow).where(TokenRow.id == token_id)
    session.execute(used.values(used_at=now, used_from=network or None))


def warn(session: Session, now: datetime) -> int:
    """On the timeline, once for each token that ends soon. How many."""
    soon = (
        update(TokenRow)
        .where(
            TokenRow.warned_at.is_(None),
            TokenRow.revoked_at.is_(None),
            TokenRow.expires_at > now,
            TokenRow.expires_at <= now + queries.ENDS_SOON,
        )
        .values(warned_at=now)
        .returning(TokenRow.id, TokenRow.name)
    )
    rows = session.execute(soon).all()
    for row in rows:
        timeline.record(
            session,
            now,
            "note",
            f"A token ends soon: {row.name}",
            f"token:{row.name}",
            url="/accounts/tokens/",
            key=f"token.ends_soon:{row.id}",
            event="token.ends_soon",
        )
    return len(rows)


def _check(
    session: Session,
    kind: str,
    environment: str,
    name: str,
    role: str | None,
    projects: Sequence[str],
    days: int | None,
    scope: Scope,
) -> None:
    wrong: dict[str, object] = {}
    if kind not in KINDS:
        wrong["kind"] = _l("Choose one of the kinds.")
    if not ENVIRONMENT.fullmatch(environment):
        wrong["environment"] = _l("Use small letters, digits and dashes, such as production.")
    if not 0 < len(name) <= LONGEST_NAME:
        wrong["name"] = _l("Say what the token is for.")
    if kind == "api" and (role or not scope.permissions) and not role_queries.exists(session, role):
        wrong["role"] = _l("An api token needs a role.")
    if len(projects) > MOST_PROJECTS or not all(PROJECT.fullmatch(project) for project in projects):
        wrong["projects"] = _l("Name projects by letters, digits, dots, dashes and underscores.")
    wrong |= _wrong_scope(kind, scope)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        wrong["days"] = _l("Use a whole number of days, at most %(most)s.", most=LONGEST_DAYS)
    if wrong:
        raise Refused(next(iter(wrong.values())), wrong)


def _wrong_scope(kind: str, scope: Scope) -> dict[str, object]:
    wrong: dict[str, object] = {}
    if kind != "api" and scope != EVERYWHERE:
        wrong["kind"] = _l("Only api tokens are given permissions and places.")
    if not set(scope.permissions) <= set(PERMISSIONS):
        wrong["permissions"] = _l("Use one of: %(allowed)s", allowed=", ".join(PERMISSIONS))
    if len(scope.environments) > MOST_PLACES or not all(map(ENVIRONMENT.fullmatch, scope.environments)):
        wrong["environments"] = _l("Use small letters, digits and dashes, such as production.")
    if len(scope.locales) > MOST_PLACES or not all(map(LOCALE.fullmatch, scope.locales)):
        wrong["locales"] = _l("Use codes such as de or pt-BR.")
    return wrong


def _locked(session: Session, token_id: int) -> TokenRow:
    token = session.get(TokenRow, token_id, with_for_update=True)
    if token is None:
        raise NotFound(_l("There is no such token."))
    return token


def _tell(session: Session) -> None:
    """When the transaction is committed."""
    session.execute(select(func.pg_notify(TOKENS_CHANNEL, "")))
