"""The shapes of JSON values, as JSON Schema 2020-12. Pure: plain dictionaries in, plain dictionaries out.

A shape says what is allowed and gives an example of it; what has no example of its own gets one made of its
parts (`example_of`). A `Named` shape stands in the document once, under its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shape = dict[str, Any]

LONGEST_TEXT = 10_000
STORABLE = r"^[^\u0000]*$"  # a text of the database has no place for NUL
LARGEST_WHOLE = 2**53 - 1  # what every reader of JSON can hold
# From 2000 to 2099: as a pattern, for a format alone begins with the year 0000.
DAY = (
    r"^(20[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|20([02468][048]|[13579][26])-02-29)$"
)
MOMENT = (
    rf"^{DAY[1:-1]}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,9}})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
SIGN = r"[^\s\u0000-\u001f\u007f-\u009f]"  # a character that can be seen
VISIBLE = rf"^[^\u0000]*{SIGN}[^\u0000]*$"
_OF_ADDRESS = r"[^\s@<>\"\u0000-\u001f]"
MAILBOX = rf"^{_OF_ADDRESS}+@{_OF_ADDRESS}+\.{_OF_ADDRESS}{{2,}}$"
CURSOR = r"^[A-Za-z0-9_-]+$"
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_LAST_LABEL = r"[A-Za-z_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"  # a number there would be read as an IP address
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP = rf"(({_OCTET}\.){{3}}{_OCTET}|\[[0-9A-Fa-f]{{0,4}}(:[0-9A-Fa-f]{{0,4}}){{2,7}}\])"
_PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
WEB_ADDRESS = rf"^https?://(({_LABEL}\.){{0,20}}{_LAST_LABEL}|{_IP})(:{_PORT})?([/?][!$-;=?-\[\]_a-z~]*)?$"
EXAMPLES_OF_FORMATS = {
    "date-time": "2026-01-31T09:00:00+00:00",
    "date": "2026-01-31",
    "email": "ada@example.org",
    "uri": "https://shop.example/changes/17",
}


class Named(dict[str, Any]):
    """A shape with a name of its own in the document, such as Objective."""

    def __init__(self, name: str, shape: Shape) -> None:
        super().__init__(shape)
        self.name = name


def _shape(about: str, example: Any, **keywords: Any) -> Shape:
    made: Shape = {name: value for name, value in keywords.items() if value is not None}
    if about:
        made["description"] = about
    if example is not None:
        made["examples"] = [example]
    return made


def text(
    about: str = "",
    *,
    least: int = 0,
    most: int = LONGEST_TEXT,
    pattern: str | None = None,
    example: str | None = None,
) -> Shape:
    """Lengths in characters. A `pattern` (ECMA 262, unanchored) needs an example; without it: all but NUL."""
    return _shape(
        about,
        example,
        type="string",
        minLength=least or None,
        maxLength=most,
        pattern=pattern or STORABLE,
    )


def words(about: str = "", *, most: int = LONGEST_TEXT, example: str = "text") -> Shape:
    """A text of which something can be seen: not only spaces."""
    return text(about, least=1, most=most, pattern=VISIBLE, example=example)


def web_address(about: str = "", *, example: str) -> Shape:
    """Where this program calls. Whether it leads to where it may is told by a look at the network."""
    return text(about, least=1, most=2_000, pattern=WEB_ADDRESS, example=example)


def any_text(about: str = "", *, example: str | None = None) -> Shape:
    """Of answers that say what was sent, whatever it was, or that come from elsewhere: of any length."""
    return _shape(about, example, type="string")


def whole(
    about: str = "", *, least: int | None = None, most: int | None = None, example: int | None = None
) -> Shape:
    """A whole number; without bounds it lies within ±(2⁵³ - 1)."""
    least, most = -LARGEST_WHOLE if least is None else least, LARGEST_WHOLE if most is None else most
    return _shape(about, example, type="integer", minimum=least, maximum=most)


def number(
    about: str = "", *, least: float | None = None, most: float | None = None, example: float | None = None
) -> Shape:
    return _shape(about, example, type="number", minimum=least, maximum=most)


def yes_or_no(about: str = "") -> Shape:
    return _shape(about, None, type="boolean")


def moment(about: str = "", *, example: str | None = None) -> Shape:
    """An instant, ISO 8601 with its zone (RFC 3339)."""
    return _shape(about, example, type="string", format="date-time")


def moment_of_ours(about: str = "", *, example: str = "2026-01-31T09:00:00+00:00") -> Shape:
    """An instant from 2000 to 2099, for what is written or asked for."""
    return text(about, least=20, most=40, pattern=MOMENT, example=example) | {"format": "date-time"}


def day(about: str = "", *, example: str | None = None) -> Shape:
    return _shape(about, example, type="string", format="date")


def day_of_ours(about: str = "", *, example: str = "2026-01-31") -> Shape:
    """A day from 2000 to 2099, for what is written or asked for."""
    return text(about, least=10, most=10, pattern=DAY, example=example) | {"format": "date"}


def one_of(*values: str | int | bool | None, about: str = "") -> Shape:
    return _shape(about, None, enum=list(values))


def many(items: Shape, about: str = "", *, least: int = 0, most: int | None = None) -> Shape:
    return _shape(about, None, type="array", items=items, minItems=least or None, maxItems=most)


def maybe(shape: Shape) -> Shape:
    """Of this shape, or null: "no data"."""
    return {"anyOf": [shape, {"type": "null"}]}


def either(*shapes: Shape, about: str = "") -> Shape:
    return _shape(about, None, anyOf=list(shapes))


def thing(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, about: str = ""
) -> Shape:
    """An object of exactly these members: one that is not named here is refused."""
    optional = optional or {}
    return _shape(
        about,
        None,
        type="object",
        properties={**required, **optional},
        required=list(required) or None,
        additionalProperties=False,
    )


def needing(shape: Shape, condition: Mapping[str, Any], *needed: str) -> Shape:
    """An object that must have the members `needed` where those of `condition` have these values."""
    given = {name: {"const": value} for name, value in condition.items()}
    rule = {"if": {"properties": given, "required": list(given)}, "then": {"required": list(needed)}}
    return {**shape, "allOf": [*shape.get("allOf", []), rule]}


def table(values: Shape, about: str = "", *, most: int | None = None, example: Any = None) -> Shape:
    """An object whose names are free and whose values have one shape."""
    return _shape(about, example, type="object", additionalProperties=values, maxProperties=most)


def anything(about: str = "", *, example: Any = None) -> Shape:
    """Any JSON value; for what another standard defines."""
    return _shape(about, example)


def page_of(name: str, items: Shape, more: Mapping[str, Shape] | None = None) -> Shape:
    """One page of a list: its rows, the cursor of the next page (null: this was the last), and `more`."""
    cursor = maybe(text("Give it as `cursor` to read on; null: there is no more.", most=2_000))
    return thing({name: many(items), "next_cursor": cursor, **(more or {})})


PAGING: dict[str, Shape] = {
    "limit": whole("How many rows a page holds.", least=1, most=200, example=50),
    "cursor": text(
        "`next_cursor` of the page before; one of another list leads to no page: 404.",
        least=1,
        most=2_000,
        pattern=CURSOR,
        example="WyI5ZjJjMWQ0ZSIsNDJd",
    ),
}

PROBLEM = Named(
    "Problem",
    thing(
        {
            "type": text(
                "What kind of problem it is; the page there says what to do.",
                most=500,
                example="/problems/refused",
            ),
            "title": text("The kind in words, always the same.", example="Refused"),
            "status": whole("As in the answer's status line.", least=400, most=599, example=422),
            "detail": any_text("What is wrong here and what to do.", example="Use a whole number."),
        },
        {
            "instance": text("Names this very occurrence, to ask about it."),
            "errors": many(
                thing(
                    {
                        "field": any_text("Where, such as strategies.0.name", example="percent"),
                        "detail": any_text("What is wrong with it.", example="Use a number from 0 to 100."),
                    },
                    {"pointer": any_text("The same as a JSON pointer (RFC 6901).", example="#/percent")},
                )
            ),
            "current": anything(
                "What is there now, where somebody else was faster: nothing of it was overwritten."
            ),
            "theirs": many(text(), "Of a translation that somebody else saved meanwhile: their text."),
            "yours": many(text(), "The text that was sent; it was not saved."),
            "revision": whole("The revision that theirs is.", least=0),
            "message": text("The same as `detail`, for SDKs that look here."),
            "trace_id": text("Under which logs and traces speak of the request."),
            "request_id": text("Under which logs speak of the request."),
            "retry_after_seconds": whole("How long to wait.", least=0),
        },
        "A problem in the form of RFC 9457.",
    ),
)


def example_of(shape: Shape) -> Any:
    """A value of the shape: its own example, or one made of the examples of its parts."""
    if shape.get("examples"):
        return shape["examples"][0]
    if "const" in shape:
        return shape["const"]
    if "enum" in shape:
        return shape["enum"][0]
    for word in ("anyOf", "oneOf"):
        if word in shape:
            return example_of(shape[word][0])
    if "allOf" in shape and "properties" not in shape:
        return {name: value for part in shape["allOf"] for name, value in example_of(part).items()}
    return _example_of_type(shape)


def _example_of_type(shape: Shape) -> Any:
    kind = shape.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return {name: example_of(part) for name, part in shape.get("properties", {}).items()}
        case "array":
            return [example_of(shape["items"])] * max(1, shape.get("minItems", 1)) if "items" in shape else []
        case "string":
            made = EXAMPLES_OF_FORMATS.get(shape.get("format", ""), "text")
            return made.ljust(shape.get("minLength", 0), "x")[: shape.get("maxLength", LONGEST_TEXT)]
        case "integer" | "number":
            return max(shape.get("minimum", 1), min(shape.get("maximum", 1), 1))
        case "boolean":
            return True
        case _:
            return None
