"""Who makes this request, and what they may do in a locale. For views and APIs: it looks at the request."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.guards import PERMISSIONS as ROLE_PERMISSIONS
from app.guards import may, who
from app.locales import access
from app.locales.access import Grants, Holder
from app.locales.models import LocaleGrant


def holder(code: str) -> Holder:
    """With what it may do in this locale, be it granted everywhere or for this locale alone."""
    return Holder(who(), frozenset(each for each in ROLE_PERMISSIONS if may(each, locale=code)))


def grants(session: Session, code: str) -> Grants:
    rows = session.execute(
        select(LocaleGrant.person, LocaleGrant.permission).where(LocaleGrant.locale == code)
    )
    return {(row.person, row.permission) for row in rows}


def held(session: Session, code: str) -> frozenset[str]:
    """Of translate, review and publish what this request may do in a locale."""
    listed, asking = grants(session, code), holder(code)
    return frozenset(each for each in access.PERMISSIONS if access.allows(listed, asking, each))


def demand(session: Session, code: str, permission: str) -> None:
    """Raises `Forbidden` where this request may not do it in this locale."""
    if not access.allows(grants(session, code), holder(code), permission):
        raise Forbidden(
            _l(
                "You may not do this in %(code)s (%(what)s). The page “People” of the locale says who may.",
                code=code,
                what=access.PERMISSIONS[permission],
            )
        )


def where(session: Session, codes: Iterable[str], permission: str) -> list[str]:
    """Of these locales those in which this request may do it; `Forbidden` where it is none of them."""
    found = [code for code in codes if access.allows(grants(session, code), holder(code), permission)]
    if not found:
        raise Forbidden(_l("You may not do this in any locale."))
    return found
