"""What an environment is: a place that flags are evaluated in. Pure: no I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app.errors import Refused

NAME = re.compile(r"[a-z][a-z0-9-]{0,49}")  # as SDK tokens carry it
TYPES: Mapping[str, object] = {
    "development": _l("Development"),
    "test": _l("Test"),
    "preproduction": _l("Before production"),
    "production": _l("Production"),
}
MOST_APPROVALS = 5
MOST_ENVIRONMENTS = 50


def checked_name(name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _refusal({"name": _l("Use small letters, digits and dashes, such as staging.")})
    return name


def checked_type(kind: object) -> str:
    if kind not in TYPES:
        raise _refusal({"type": _l("Use one of: %(allowed)s", allowed=", ".join(TYPES))})
    return str(kind)


def checked_approvals(requires: object, needed: object) -> tuple[bool, int]:
    """Whether changes need the word of others, and of how many."""
    wrong: dict[str, object] = {}
    if not isinstance(requires, bool):
        wrong["requires_approval"] = _l("This is true or false.")
    if not isinstance(needed, int) or isinstance(needed, bool) or not 1 <= needed <= MOST_APPROVALS:
        wrong["approvals_needed"] = _l("Use a whole number from 1 to %(most)s.", most=MOST_APPROVALS)
    if wrong:
        raise _refusal(wrong)
    return bool(requires), int(str(needed))


def _refusal(fields: Mapping[str, object]) -> Refused:
    return Refused(_l("The environment was not saved."), fields)
