"""Answers about access as plain values and as CSV."""

from __future__ import annotations

from collections.abc import Iterable

from app import spreadsheets
from app.accounts.access_queries import Holding, Someone, what_may
from app.accounts.ways import Through
from app.guards import Person

COLUMNS = ("kind", "who", "permission", "may", "role", "main_role", "environment", "locale", "ends_at")


def who_csv(permission: str, holdings: Iterable[Holding]) -> str:
    return _text(
        [one.kind, one.label, permission, _yes(one.may), *_way(way)]
        for one in holdings
        for way in one.through
    )


def what_csv(asked: Iterable[Someone]) -> str:
    return _text(
        [kind_of(one), label_of(one), permission, _yes(one.may(permission)), *_way(way)]
        for one in asked
        for permission, ways in what_may(one).items()
        for way in ways
    )


def kind_of(someone: Someone) -> str:
    return "person" if isinstance(someone, Person) else "token"


def label_of(someone: Someone) -> str:
    return someone.email if isinstance(someone, Person) else someone.name


def way_json(way: Through) -> dict[str, object]:
    return {
        "role": way.role,
        "is_main": way.is_main,
        "environment": way.environment,
        "locale": way.locale,
        "ends_at": way.ends_at.isoformat() if way.ends_at else None,
    }


def _way(way: Through) -> list[str]:
    ends_at = way.ends_at.isoformat() if way.ends_at else ""
    return [way.role, _yes(way.is_main), way.environment or "", way.locale or "", ends_at]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _text(rows: Iterable[list[str]]) -> str:
    return spreadsheets.written([COLUMNS, *rows], line_end="\n")
