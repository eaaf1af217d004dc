"""What a segment is: a named group of constraints that strategies share. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.flags.flag import DESCRIPTION_LENGTH, PROJECT_NAME, is_storable
from app.flags.targeting import checked_constraints

Json = dict[str, Any]
NAME_LENGTH = 100


@dataclass(frozen=True)
class Draft:
    """A segment as somebody wants it, checked."""

    name: str
    description: str
    project: str | None  # None: for all projects
    constraints: tuple[Json, ...]


def checked(name: object, description: object, project: object, constraints: object) -> Draft:
    """Refuses with one message per field."""
    wrong: dict[str, object] = {}
    if not _is_text(name, NAME_LENGTH) or not str(name).strip():
        wrong["name"] = _l("Use 1 to %(most)s characters.", most=NAME_LENGTH)
    if not _is_text(description, DESCRIPTION_LENGTH):
        wrong["description"] = _l("Use at most %(most)s characters.", most=DESCRIPTION_LENGTH)
    if project and not (isinstance(project, str) and PROJECT_NAME.fullmatch(project)):
        wrong["project"] = _l("Use letters, digits, dots, dashes and underscores.")
    found: list[Json] = []
    try:
        found = checked_constraints(constraints)
    except Refused as refused:
        wrong |= refused.fields
    if wrong:
        raise Refused(_l("The segment was not saved."), wrong)
    return Draft(str(name).strip(), str(description).strip(), str(project) if project else None, tuple(found))


def _is_text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and is_storable(value)
