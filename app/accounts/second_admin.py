"""Where a second admin must agree before somebody becomes one (the setting ADMIN_NEEDS_TWO).

Whoever manages access can give themselves all else, so this is about every role that holds it. The command
line is not asked: who can start it has the machine already, and the first admin comes from there.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app, has_app_context
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.accounts import role_queries
from app.accounts.roles import MANAGES
from app.errors import Forbidden
from app.four_eyes import TOKEN

CLI = "cli:"


def is_asked_for() -> bool:
    return has_app_context() and bool(current_app.extensions["sources"].config.admin_needs_two)


def must_agree(session: Session, role: str, who: str) -> bool:
    """Whether a grant of this role by `who` waits for somebody else."""
    if not is_asked_for() or who.startswith(CLI):
        return False
    return MANAGES in (role_queries.permissions_of(session, role) or ())


def wrong_first_role(session: Session, role: str, who: str) -> object:
    """Of somebody who is only being added: what is wrong with starting out as this. None: nothing."""
    if not must_agree(session, role, who):
        return None
    return _l("Another admin has to agree to this role. Choose another one, and give this one afterwards.")


def wrong_permissions(permissions: Collection[str], who: str) -> object:
    """Of an own role: it would make everybody an admin who holds it, at once."""
    if MANAGES not in permissions or not is_asked_for() or who.startswith(CLI):
        return None
    return _l("Here a second admin agrees to each admin, so that no other role may manage access.")


def check_author(who: str) -> None:
    """A token has no second person behind it."""
    if who.startswith(TOKEN):
        raise Forbidden(_l("Only a person can ask for this or agree to it, not a token."))
