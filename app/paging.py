"""Lists a page at a time, by the key of the last row seen: rows that come or go move no other row.

A cursor is base64url of JSON: which list and order it belongs to, then the sort keys of the last row. It is
read as suspiciously as all that is sent: what is no cursor of this very list leads to no page of it.

    page = paging.of_select(session, select(Entry), Entry.at.desc(), Entry.id.desc())
    page = paging.of_list(rows, lambda row: (row.rank, row.name))
    return paging.answer("entries", page, as_json)
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, false, or_, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op

from app.errors import NotFound, Refused

T = TypeVar("T")
Key = tuple[Any, ...]  # the sort keys of one row, the last of which tells rows apart

DEFAULT, MOST = 50, 200
LONGEST_CURSOR = 2_000  # a sort key may be a name of 200 letters of any script
LARGEST = 2**63 - 1  # what a bigint can be


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None  # None: nothing follows

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


def limit(default: int = DEFAULT, most: int = MOST) -> int:
    """How many rows the request asks for."""
    text = request.args.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        why = _l("Use a whole number from 1 to %(most)s.", most=most)
        raise Refused(why, {"limit": why})
    return int(text)


def of_select(session: Session, rows: Select[Any], *order: ColumnElement[Any]) -> Page[Any]:
    """The page that the request asks for. `order`: columns or their `.desc()`, the last of them unique.

    Items are as `session.execute` gives them; of a select of one thing, the thing itself. Rows without a
    value come last.
    """
    most, names = limit(), [str(column) for column in order]
    columns = [_bare(column) for column in order]
    cursor = _cursor(names, [_kind(column) for column in columns])
    wanted = after(rows, order, cursor).add_columns(*columns).limit(most + 1)
    frozen = session.execute(wanted).freeze()
    width = len(frozen().keys()) - len(columns)
    found: Sequence[Any] = frozen().scalars().all() if width == 1 else frozen().columns(*range(width)).all()
    keys = frozen().columns(*range(width, width + len(columns))).all()
    return _page(found, [tuple(key) for key in keys], most, names)


def of_list(
    items: Iterable[T],
    key: Callable[[T], Key],
    *,
    descending: bool = False,
    order: str = "",
) -> Page[T]:
    """The same of what is in memory already, sorted by `key`. `order` names it where a list has several."""
    most = limit()
    names = [order, "down" if descending else "up"]
    keyed = [(key(item), item) for item in items]
    keyed.sort(key=lambda one: _rank(one[0], descending), reverse=descending)
    cursor = _cursor(names, _kinds([found for found, _ in keyed])) if keyed else None
    if cursor is not None:
        seen = _rank(cursor, descending)
        ranked = [(_rank(one[0], descending), one) for one in keyed]
        keyed = [one for rank, one in ranked if (rank < seen if descending else rank > seen)]
    return _page([item for _, item in keyed], [found for found, _ in keyed], most, names)


def after(rows: Select[Any], order: Sequence[ColumnElement[Any]], cursor: Key | None) -> Select[Any]:
    """Ordered, and only what follows the row with these sort keys."""
    ordered = rows.order_by(*(column.nulls_last() for column in order))
    if cursor is None:
        return ordered
    columns, down = [_bare(column) for column in order], [_is_down(column) for column in order]
    if len(set(down)) == 1 and None not in cursor and not any(_may_be_null(column) for column in columns):
        here, there = tuple_(*columns), tuple_(*cursor)  # one comparison, which an index can answer
        return ordered.where(here < there if down[0] else here > there)
    ways = []
    for place, (column, value) in enumerate(zip(columns, cursor, strict=True)):
        same = [before.is_not_distinct_from(cursor[nth]) for nth, before in enumerate(columns[:place])]
        ways.append(and_(*same, _beyond(column, value, down[place])))
    return ordered.where(or_(*ways))


def answer(name: str, page: Page[T], as_json: Callable[[T], object], /, **more: object) -> Response:
    """`{name: […], "next_cursor": …}`, and where the next page is, as a Link (RFC 8288)."""
    response = jsonify({name: [as_json(item) for item in page], "next_cursor": page.next_cursor, **more})
    if page.next_cursor is not None:
        asked = [(key, value) for key, value in request.args.items(multi=True) if key != "cursor"]
        query = urlencode([*asked, ("cursor", page.next_cursor)])
        response.headers.add("Link", f'<{request.path}?{query}>; rel="next"')
    return response


def _page(items: Sequence[T], keys: Sequence[Key], most: int, names: Sequence[str]) -> Page[T]:
    more = len(items) > most
    return Page(items[:most], encode(_list_name(names), keys[most - 1]) if more else None)


def encode(list_name: str, key: Key) -> str:
    text = json.dumps([list_name, *(_plain(value) for value in key)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, list_name: str, kinds: Sequence[type]) -> Key | None:
    """None: it is no cursor of this list."""
    if len(cursor) > LONGEST_CURSOR or not cursor.isascii():
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, *values = json.loads(raw)
        if name != list_name or len(values) != len(kinds):
            return None
        return tuple(_read(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, OverflowError, InvalidOperation, RecursionError):
        return None


def _cursor(names: Sequence[str], kinds: Sequence[type]) -> Key | None:
    if not (text := request.args.get("cursor", "")):
        return None
    if (found := decode(text, _list_name(names), kinds)) is None:
        why = _l("Use the next_cursor of the page before, or none for the first page.")
        raise NotFound(why, {"cursor": why})
    return found


def _list_name(names: Sequence[str]) -> str:
    """Short, and different for each list and order."""
    return hashlib.sha256("\n".join([request.path, *names]).encode("utf-8", "replace")).hexdigest()[:8]


def _plain(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _read(value: Any, kind: type) -> Any:
    """Raises ValueError or TypeError for what a column of this kind cannot hold."""
    if value is None:
        return None
    reader = next((read for base, read in READERS if issubclass(kind, base)), None)
    if reader is None:
        raise TypeError(kind)
    return reader(value)


def _moment(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return at


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value or _has_half_character(value):
        raise ValueError(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not -LARGEST <= value <= LARGEST:
        raise ValueError(value)
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not (found := Decimal(value)).is_finite():
        raise ValueError(value)
    return found


# The first whose type fits; bool before int and datetime before date, which they are kinds of.
READERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (datetime, _moment),
    (date, lambda value: date.fromisoformat(value)),
    (bool, _flag),
    (int, _whole),
    (float, _number),
    (Decimal, _decimal),
    (str, _text),
)


def _has_half_character(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _rank(key: Key, descending: bool) -> tuple[tuple[bool, Any], ...]:
    """Comparable also where a value is missing: such rows come last."""
    return tuple(((value is None) != descending, 0 if value is None else value) for value in key)


def _kinds(keys: Sequence[Key]) -> list[type]:
    """Of each sort key its type, as the first row says it that has a value."""
    return [
        next((type(value) for value in values if value is not None), type(None))
        for values in zip(*keys, strict=True)
    ]


def _bare(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column.element if _is_down(column) and isinstance(column, UnaryExpression) else column


def _is_down(column: ColumnElement[Any]) -> bool:
    return isinstance(column, UnaryExpression) and column.modifier is desc_op


def _kind(column: ColumnElement[Any]) -> type:
    return column.type.python_type


def _may_be_null(column: ColumnElement[Any]) -> bool:
    return bool(getattr(column, "nullable", True))


def _beyond(column: ColumnElement[Any], value: Any, down: bool) -> ColumnElement[bool]:
    if value is None:
        return false()  # nothing comes after the rows without a value
    beyond = column < value if down else column > value
    return or_(beyond, column.is_(None)) if _may_be_null(column) else beyond
