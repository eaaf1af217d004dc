"""What each permission lets one do, in words, and what a role may be. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused
from app.guards import PERMISSIONS, ROLES

MANAGES = "accounts.manage"  # whoever holds it can give themselves all else
LONGEST_NAME, LONGEST_ABOUT = 60, 300
KEY = re.compile(r"^[a-z][a-z0-9_-]{1,39}$")


@dataclass(frozen=True)
class Permission:
    key: str
    name: LazyString
    about: LazyString


@dataclass(frozen=True)
class Area:
    name: LazyString
    permissions: tuple[Permission, ...]


AREAS = (
    Area(
        _l("Everything"),
        (Permission("view", _l("Look"), _l("See every page and figure, and use what changes nothing.")),),
    ),
    Area(
        _l("Flags and rollouts"),
        (
            Permission(
                "flags.write", _l("Change flags"), _l("Make, target, switch, kill and archive flags.")
            ),
            Permission(
                "flags.approve", _l("Approve flag changes"), _l("Agree to what others want to change.")
            ),
            Permission(
                "rollouts.write", _l("Run rollouts"), _l("Start, pause, advance and take back rollouts.")
            ),
            Permission(
                "experiments.write", _l("Run experiments"), _l("Plan, start, stop and decide experiments.")
            ),
        ),
    ),
    Area(
        _l("Words"),
        (
            Permission("locales.write", _l("Translate"), _l("Write and approve texts, take files in.")),
            Permission("locales.publish", _l("Publish words"), _l("Show releases of words to shoppers.")),
            Permission("locales.manage", _l("Set up locales"), _l("Add locales, and say who works on them.")),
        ),
    ),
    Area(
        _l("Reliability"),
        (
            Permission("slo.write", _l("Change objectives"), _l("Make, edit and archive SLOs.")),
            Permission(
                "alerts.write", _l("Look after alerts"), _l("Acknowledge, silence, write rules and delivery.")
            ),
            Permission(
                "incidents.write", _l("Run incidents"), _l("Open, update and close incidents and runbooks.")
            ),
            Permission("jobs.run", _l("Run jobs"), _l("Have a scheduled job run at once.")),
        ),
    ),
    Area(
        _l("Figures and money"),
        (
            Permission("kpi.write", _l("Look after KPIs"), _l("Set targets and goals, import events.")),
            Permission("cost.write", _l("Look after costs"), _l("Write costs, bills, budgets and rates.")),
            Permission("reports.write", _l("Write reviews"), _l("Make, comment and send reviews.")),
        ),
    ),
    Area(
        _l("The house"),
        (
            Permission(
                "backups.manage",
                _l("Look after backups"),
                _l("Make, prove and download backups, change keys."),
            ),
            Permission(
                "webhooks.manage", _l("Connect programs"), _l("Send events elsewhere, and take them in.")
            ),
            Permission(
                "errors.manage",
                _l("Look after errors"),
                _l("Settle, mute and assign errors of the programs."),
            ),
            Permission("audit.view", _l("Read the audit trail"), _l("See who changed what, and verify it.")),
            Permission(
                MANAGES,
                _l("Manage access"),
                _l("Add people and tokens, and say what each may do: in effect, everything."),
            ),
        ),
    ),
)

SENTENCES: dict[str, LazyString] = {
    "viewer": _l("Sees everything and changes nothing."),
    "product_manager": _l("Decides what shoppers get and what it may cost."),
    "ops": _l("Keeps the shop running, and releases with care."),
    "translator": _l("Writes what the shop says in another language."),
    "admin": _l("May do everything, and says what others may do."),
}


def areas() -> tuple[Area, ...]:
    """Each permission in its area; what has no words of its own yet stands last, under its key."""
    known = {one.key for area in AREAS for one in area.permissions}
    rest = tuple(Permission(key, _plain(key), _plain("")) for key in PERMISSIONS if key not in known)
    return (*AREAS, Area(_l("Other"), rest)) if rest else AREAS


def _plain(text: str) -> LazyString:
    return LazyString(lambda: text)


def name_of(permission: str) -> object:
    found = (one.name for area in AREAS for one in area.permissions if one.key == permission)
    return next(found, permission)


@dataclass(frozen=True)
class Draft:
    """An own role as somebody wants it."""

    name: str
    about: str
    permissions: tuple[str, ...]


def checked(name: str, about: str, permissions: Iterable[str]) -> Draft:
    """In the order of PERMISSIONS; looking is part of every role. Raises `Refused` with its fields."""
    name, about, wanted = name.strip(), about.strip(), set(permissions) | {"view"}
    wrong: dict[str, object] = {}
    if not 0 < len(name) <= LONGEST_NAME:
        wrong["name"] = _l("Give it a name of at most %(most)s characters.", most=LONGEST_NAME)
    if len(about) > LONGEST_ABOUT:
        wrong["about"] = _l("Use at most %(most)s characters.", most=LONGEST_ABOUT)
    if unknown := sorted(wanted - set(PERMISSIONS)):
        wrong["permissions"] = _l("There is no permission %(name)s.", name=unknown[0])
    elif wanted == {"view"}:
        wrong["permissions"] = _l("Choose at least one permission; who only looks is a viewer.")
    if wrong:
        raise Refused(_l("The role was not saved."), wrong)
    return Draft(name, about, tuple(key for key in PERMISSIONS if key in wanted))


def checked_key(key: str, taken: Collection[str]) -> str:
    key = key.strip().lower()
    if not KEY.fullmatch(key):
        why = _l("Use small letters, digits, dashes and underscores, such as release-crew.")
    elif key in ROLES or key in taken:
        why = _l("There is a role of this key already.")
    else:
        return key
    raise Refused(_l("The role was not saved."), {"key": why})


def key_of(name: str) -> str:
    """A key made of a name."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return found if KEY.fullmatch(found) else f"role-{found}"[:40].rstrip("-")
