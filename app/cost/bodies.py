"""What API requests send and tables answer: JSON in, CSV that no spreadsheet takes for formulas out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date
from typing import Any, TypeVar

from flask import Response, jsonify, request
from flask_babel import gettext as _

from app import clock, spreadsheets
from app.cost.line import read_month
from app.errors import Refused
from app.paging import Key, Page, answer, of_list

T = TypeVar("T")


def today() -> date:
    return clock.now().astimezone(UTC).date()


def read_month_arg(typed: str | None) -> date:
    """The month of an address, this one where none is named."""
    if not typed:
        return today().replace(day=1)
    found = read_month(typed)
    if found is None or not 2000 <= found.year <= 2099:
        why = _("Write a month such as 2026-01.")
        raise Refused(why, {"month": why})
    return found


def revision_of(told: Any) -> int:
    if isinstance(told, str) and told.isdecimal():
        return int(told)
    if not isinstance(told, int) or isinstance(told, bool):
        why = _("Send the revision that you read.")
        raise Refused(why, {"revision": why})
    return told


def as_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    made = Response(spreadsheets.written([header, *rows]), mimetype="text/csv")
    made.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return made


def wants_csv() -> bool:
    return request.args.get("format") == "csv"


def listed(name: str, rows: Sequence[Mapping[str, object]], **more: object) -> Response:
    """A list under its name, with whatever else belongs to it; with format=csv the list alone as a table."""
    if not wants_csv():
        return jsonify({name: rows, **more})
    flat = [dict(_flat(row)) for row in rows]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    return as_csv(name, columns, ([row.get(column) for column in columns] for row in flat))


def paged(
    name: str,
    items: Iterable[T],
    key: Callable[[T], Key],
    row: Callable[[T], Mapping[str, object]],
    **more: object,
) -> Response:
    """A page of a list, sorted by `key`; with format=csv all of it as a table."""
    if wants_csv():
        return listed(name, [row(item) for item in sorted(items, key=key)])
    return shown(name, of_list(items, key), row, **more)


def shown(name: str, page: Page[T], row: Callable[[T], Mapping[str, object]], **more: object) -> Response:
    if wants_csv():
        return listed(name, [row(item) for item in page])
    return answer(name, page, row, **more)


def _flat(row: Mapping[str, object], front: str = "") -> Iterator[tuple[str, object]]:
    """A part of a part is a column of its own, outlook.breach; lists are told as JSON in one cell."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{front}{name}.")
        elif isinstance(value, list | tuple):
            yield f"{front}{name}", json.dumps(value, ensure_ascii=False)
        else:
            yield f"{front}{name}", value
