"""How bodies are read: JSON that means one thing alone, not too deep, and nothing compressed.

Forms have few fields. What is refused here has nothing to do with what the body says: that is up to the
shapes of each operation.
"""

from __future__ import annotations

from collections.abc import Collection
from io import BytesIO
from typing import IO, Any

from flask import Flask, Request, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, NotAcceptable, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from app.openapi.checking import current
from app.openapi.operation import JSON
from app.openapi.shapes import LARGEST_WHOLE
from app.versions import is_api

DEEPEST = 64
MOST_VALUES = 200_000  # in one body of JSON; each becomes an object, however short it is written
MOST_FIELDS = 10_000  # of one form that is not multipart
FORM = "application/x-www-form-urlencoded"
PLAIN = ("", "identity")
PROBLEM_JSON = "application/problem+json"


class StrictJSON(DefaultJSONProvider):
    """Refuses what readers disagree about (RFC 8259, 4 and 6): names given twice, NaN, Infinity."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError, also for what is nested too deeply to be looked at."""
        try:
            hooks = {"object_pairs_hook": _once, "parse_constant": _no_number, "parse_float": _number}
            found = super().loads(s, **hooks, **kwargs)
        except RecursionError:
            raise ValueError(f"nested more than {DEEPEST} deep") from None
        _check_extent(found)
        return found


class FewFields(FormDataParser):
    """Counts the fields of a form before each becomes an object, and takes none that was cut off."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        if mimetype == FORM:
            raw, most = stream.read(), self.max_content_length
            is_cut = content_length is None and most is not None and len(raw) >= most
            if is_cut or raw.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(raw)
        return super().parse(stream, mimetype, content_length, options)


def _exact(request_class: type[Request]) -> type[Request]:
    """Requests that name what is wrong with their JSON, and whose bodies are never silently cut off."""

    class Exact(request_class):  # type: ignore[valid-type,misc]
        form_data_parser_class = FewFields

        def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> Any:
            """A body without a length is read up to the limit: one that reaches it may go on behind it."""
            raw: bytes = super().get_data(cache=cache, parse_form_data=parse_form_data)
            most = self.max_content_length
            if self.content_length is None and most is not None and len(raw) >= most:
                raise RequestEntityTooLarge
            return raw.decode(errors="replace") if as_text else raw

        def on_json_loading_failed(self, e: ValueError | None) -> Any:
            if e is None:
                raise UnsupportedMediaType(_("Send it as %(kinds)s.", kinds=JSON))
            raise BadRequest(_("The body is not JSON: %(why)s", why=str(e)[:200])) from e

    return Exact


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice in one object")
    return found


def _number(word: str) -> int | float:
    """2.0 is a whole number by JSON Schema, and to whoever writes it."""
    value = float(word)
    return int(value) if value.is_integer() and abs(value) <= LARGEST_WHOLE else value


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _check_extent(found: Any) -> None:
    level, depth, values = [found], 0, 1
    while level:
        values += sum(len(_members(outer)) for outer in level)
        if values > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES} values")
        level = [inner for outer in level for inner in _members(outer) if isinstance(inner, dict | list)]
        depth += bool(level)
        if depth >= DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} deep")


def _members(outer: Any) -> Collection[Any]:
    if isinstance(outer, dict):
        return outer.values()
    return outer if isinstance(outer, list) else ()


def _refuse_compressed() -> None:
    """What it is when unpacked could be any size."""
    if request.headers.get("Content-Encoding", "").strip().lower() not in PLAIN:
        raise UnsupportedMediaType(_("Send the body as it is, not compressed."))


def _refuse_unwanted() -> None:
    """Where Accept leaves out all that the operation gives."""
    if (declared := current()) is None or not request.accept_mimetypes:
        return
    given = {JSON, PROBLEM_JSON, *declared.gives.values(), *declared.or_as}
    if not any(request.accept_mimetypes[kind] > 0 for kind in given):
        raise NotAcceptable(_("Accept one of: %(kinds)s", kinds=", ".join(sorted(given))))


def init_app(app: Flask) -> None:
    """Register after the guards and before the operations are checked."""
    app.json = StrictJSON(app)
    app.request_class = _exact(app.request_class)

    @app.before_request
    def check() -> None:
        if is_api():
            _refuse_compressed()
            _refuse_unwanted()
