"""Who may do what in a locale. Pure: no I/O.

Where nobody is listed for a locale, roles decide. Where somebody is, the list does: it lets in people whose
role alone would not, and keeps out those who are not on it. Whoever manages accounts may do everything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

TRANSLATE, REVIEW, PUBLISH = "translate", "review", "publish"

PERMISSIONS: dict[str, LazyString] = {
    TRANSLATE: _l("Translate"),
    REVIEW: _l("Approve"),
    PUBLISH: _l("Publish"),
}

# What a role must hold where nobody is listed (app/guards.py).
BY_ROLE = {TRANSLATE: "locales.write", REVIEW: "locales.write", PUBLISH: "locales.publish"}


@dataclass(frozen=True)
class Holder:
    """Whoever makes a request."""

    who: str
    role_permissions: frozenset[str]

    @property
    def manages(self) -> bool:
        return "accounts.manage" in self.role_permissions


Grants = Collection[tuple[str, str]]  # (person, permission) of one locale


def allows(grants: Grants, holder: Holder, permission: str) -> bool:
    if holder.manages:
        return True
    if not grants:
        return BY_ROLE[permission] in holder.role_permissions
    return (holder.who.lower(), permission) in grants
