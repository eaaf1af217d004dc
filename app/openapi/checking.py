"""Holds requests to what their operation declares, and in tests the answers as well.

What the document promises is what is enforced: both are the same shapes. 422 is for what they do not allow.
What they allow and a rule refuses is a conflict, 409: fields that do not go together, a name that nothing
has, a query that Prometheus cannot read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import jsonschema_rs
from flask import Flask, Response, current_app, g, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, MethodNotAllowed, NotFound, UnsupportedMediaType

from app.errors import DoesNotFit, Malformed, Refused
from app.openapi import methods
from app.openapi.operation import JSON, Operation, operation_of
from app.openapi.shapes import DAY, LARGEST_WHOLE, MAILBOX, MOMENT, PROBLEM, VISIBLE, Shape
from app.openapi.validators import validator
from app.problems import on_problem

PREFIX = "/api/v1/"
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,18})")
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?")
HALF = re.compile("[\ud800-\udfff]")
MOST_ERRORS = 20
MOST_LOOKED_AT = 2_000  # values, for all that is wrong with them


def current() -> Operation | None:
    """The operation of this request, where it has one."""
    if request.endpoint is None or request.method == "OPTIONS" or not request.path.startswith(PREFIX):
        return None
    return operation_of(current_app.view_functions[request.endpoint], request.method)


def check_request() -> None:
    """404 for an address that cannot be one, 415 or 400 for an unreadable body, 422 with each wrong field."""
    g.is_as_declared = False
    declared = current()
    if declared is None:
        return
    _check_path(declared)
    wrong = _wrong_parameters(declared) | _wrong_body(declared)
    if wrong:
        raise Refused(_("The request was not carried out: %(why)s", why=next(iter(wrong.values()))), wrong)
    g.is_as_declared = True


def _on_refused(refused: Refused) -> Response:
    is_as_declared = g.get("is_as_declared", False) and not isinstance(refused, Malformed)
    is_of_rules = refused.kind == Refused.kind and is_as_declared
    return on_problem(DoesNotFit(refused.message, refused.fields) if is_of_rules else refused)


def _check_path(declared: Operation) -> None:
    if methods.is_another_address() or not methods.fits(declared.path, request.view_args or {}):
        if others := methods.of_address():
            raise MethodNotAllowed(others)
        raise NotFound()


def _wrong_parameters(declared: Operation) -> dict[str, object]:
    free = next((name for name, shape in declared.query.items() if shape.get("type") == "object"), None)
    wrong = _wrong_strangers(declared, free)
    for name, shape in declared.query.items():
        if name == free:
            continue
        if name in request.args:
            wrong |= errors(shape, _read(shape, request.args.getlist(name)), name)
        elif name in declared.required:
            wrong[name] = _("This is needed.")
    for name, shape in declared.headers.items():
        if name in request.headers:
            wrong |= errors(shape, _read(shape, [request.headers[name]]), name)
    return wrong


def _wrong_strangers(declared: Operation, free: str | None) -> dict[str, object]:
    """Parameters that are not named: refused, or together what the object `free` says of them."""
    strangers = {
        name: texts[0] if len(texts) == 1 else texts
        for name, texts in request.args.lists()
        if name not in declared.query or name == free
    }
    if free is not None:
        return errors(declared.query[free], strangers)
    known = ", ".join(sorted(declared.query)) or "-"
    why = _("There is no such parameter. There are: %(known)s", known=known)
    return dict.fromkeys(strangers, why)


def _read(shape: Shape, texts: list[str]) -> Any:
    """What the texts of an address mean where the shape is no text; a text that cannot mean it stays one."""
    kind = shape.get("type")
    if kind == "array":
        return [_read(shape["items"], [text]) for text in texts]
    if len(texts) > 1:
        return texts
    text = texts[0]
    if kind == "integer" and WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _wrong_body(declared: Operation) -> dict[str, object]:
    if declared.body is None and not declared.takes:
        return {}
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        if declared.body_may_be_left_out:
            return {}
        raise BadRequest(_("A body is needed."))
    kind = request.mimetype or next(iter(declared.takes), JSON)  # unsaid: what is taken first
    others = (*declared.takes, *declared.or_takes)
    if kind in others:
        return {}
    if declared.body is None or kind != JSON:
        kinds = ", ".join([*([JSON] if declared.body is not None else []), *others])
        raise UnsupportedMediaType(_("Send it as %(kinds)s.", kinds=kinds))
    body = request.get_json(force=True)
    try:
        return errors(declared.body, body) or _settle(body)
    except UnicodeEncodeError:
        return dict.fromkeys(_halves(body), _("This holds half a character."))


def _halves(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Where a "\ud800" stands alone: JSON can write it, no text can hold it."""
    if isinstance(value, str) and HALF.search(value):
        yield ".".join(path) or "body"
    members = value.items() if isinstance(value, dict) else ()
    for name, inner in enumerate(value) if isinstance(value, list) else members:
        if HALF.search(str(name)):
            yield ".".join(path) or "body"
        else:
            yield from _halves(inner, (*path, str(name)))


def _settle(body: Any) -> dict[str, object]:
    """JSON knows no whole numbers: 1.0 is 1 to its schemas, and so it is to the views from here on."""
    if isinstance(body, dict | list):
        for place, value in body.items() if isinstance(body, dict) else enumerate(body):
            if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_WHOLE:
                body[place] = int(value)
            else:
                _settle(value)
    return {}


def errors(shape: Shape, value: Any, name: str = "") -> dict[str, object]:
    """What is wrong by field, in words; the field of a member deep inside is written with dots."""
    check = validator(shape)
    if check.is_valid(value):
        return {}
    wrong: dict[str, object] = {}
    for error in _mistakes(check, value):
        for inner in _nearest(error)[:MOST_ERRORS]:
            field, text = _in_words(inner, name)
            wrong.setdefault(field, text)
    return wrong


def _mistakes(
    check: jsonschema_rs.Draft202012Validator, value: Any
) -> Iterable[jsonschema_rs.ValidationError]:
    """The first ones. The validator finds them all before it tells one: of much it is asked for one alone."""
    if _is_small(value):
        return islice(check.iter_errors(value), MOST_ERRORS)
    try:
        check.validate(value)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def _is_small(value: Any) -> bool:
    left, rest = MOST_LOOKED_AT, [value]
    while rest and left >= 0:
        outer = rest.pop()
        inner = outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
        left -= len(inner)
        rest.extend(islice(inner, MOST_LOOKED_AT))
    return left >= 0


def _nearest(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """Of several shapes that a value may have, what is wrong with it as the one that it comes nearest to.

    That is the one whose fixed values it has, such as a kind; of those the one with the fewest mistakes.
    """
    ways: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    ways = [way for way in ways if way and getattr(way[0].kind, "types", None) != ["null"]]
    if not ways:
        return [error]
    fixed = ("enum", "const", "type")
    best = min(ways, key=lambda way: (sum(one.kind.name in fixed for one in way), len(way)))
    return [found for one in best for found in _nearest(one)]


def _in_words(error: jsonschema_rs.ValidationError, name: str) -> tuple[str, object]:
    kind: Any = error.kind  # each kind has members of its own
    path = [*([name] if name else []), *map(str, error.instance_path)]
    if kind.name == "required":
        return ".".join([*path, kind.property]), _("This is needed.")
    if kind.name == "additionalProperties":
        return ".".join([*path, kind.unexpected[0]]), _("There is no such field.")
    return ".".join(path) or "body", _said(kind.name, kind.value)


def _said(word: str, value: Any) -> object:
    match word:
        case "type":
            return _kind(value[0] if isinstance(value, list) else value)
        case "enum":
            return _("Use one of: %(allowed)s", allowed=", ".join(str(one) for one in value))
        case "minLength":
            return (
                _("This is needed.") if value == 1 else _("Use at least %(least)s characters.", least=value)
            )
        case "pattern" if value == VISIBLE:
            return _("This is needed.")
        case "pattern" if value == MOMENT:
            return _format("date-time")
        case "pattern" if value == MAILBOX:
            return _format("email")
        case "pattern" if value == DAY:
            return _format("date")
        case "maxLength":
            return _("Use at most %(most)s characters.", most=value)
        case "minimum" | "exclusiveMinimum":
            return _("Use a number that is not below %(least)s.", least=value)
        case "maximum" | "exclusiveMaximum":
            return _("Use a number that is not above %(most)s.", most=value)
        case "minItems":
            return _("Give at least %(least)s.", least=value)
        case "maxItems" | "maxProperties":
            return _("Give at most %(most)s.", most=value)
        case "uniqueItems":
            return _("Give each once.")
        case "format":
            return _format(value)
        case _:
            return _("This has the wrong form.")


def _kind(name: str) -> object:
    return {
        "string": _("This is a text."),
        "integer": _("Use a whole number."),
        "number": _("Use a number."),
        "boolean": _("This is true or false."),
        "array": _("This is a list."),
        "object": _("This is a JSON object."),
        "null": _("This is null."),
    }[name]


def _format(name: str) -> object:
    return {
        "date-time": _("Give the time with its zone, such as 2026-01-31T14:02:00Z."),
        "date": _("Give a day, such as 2026-01-31."),
        "email": _("Enter an e-mail address such as ada@example.org."),
        "uri": _("Give an address that begins with https://."),
    }.get(name, _("This has the wrong form."))


class NotAsDeclared(AssertionError):
    """The program answers what its own document does not promise."""


def check_answer(response: Response) -> Response:
    """In tests: an answer that its operation does not declare is a mistake of the program."""
    declared = current()
    if declared is None or response.direct_passthrough or response.status_code == 304:
        return response
    if response.status_code >= 400:
        _must_fit(PROBLEM, response, "application/problem+json")
        return response
    if response.status_code not in declared.answers:
        raise NotAsDeclared(f"{_here()} answers {response.status_code}, which is not declared")
    if response.status_code == 200 and response.mimetype in declared.or_as:
        return response
    shape = declared.answers[response.status_code]
    if (kind := declared.gives.get(response.status_code)) is not None:
        if response.mimetype != kind:
            raise NotAsDeclared(f"{_here()} answers {response.mimetype}, not {kind}")
    elif shape is None:
        if response.get_data():
            raise NotAsDeclared(f"{_here()} answers a body, none is declared")
    elif request.method != "HEAD":
        _must_fit(shape, response, JSON)
    return response


def _must_fit(shape: Shape, response: Response, kind: str) -> None:
    if response.mimetype != kind:
        raise NotAsDeclared(f"{_here()} answers {response.status_code} as {response.mimetype}, not {kind}")
    for error in validator(shape).iter_errors(json.loads(response.get_data())):
        where = "/".join(map(str, error.instance_path))
        raise NotAsDeclared(f"{_here()} answers at {where!r}: {error.message[:500]}")


def _here() -> str:
    return f"{request.method} {request.url_rule}"


def init_app(app: Flask) -> None:
    """Register after the guards: who may not come in is told nothing of what is wrong with the request."""
    app.before_request(check_request)
    app.register_error_handler(Refused, _on_refused)
    app.after_request(methods.tell)
    if app.testing:
        app.after_request(check_answer)
