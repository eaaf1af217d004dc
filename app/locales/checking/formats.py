"""Placeholders: what would raise, or show a hole, when a message is filled in. Pure: no I/O.

Formats are Python's: `%(name)s` and `{name}`. A message may leave a number out only in a plural form that
stands for one number alone ("one plate"), and only by name; it may never bring what its source has not, for
nobody fills that in. Whatever the comparison lets pass is also tried: a source that can be filled in has
translations that can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from flask_babel import lazy_gettext as _l

from app.locales.checking.source import Form, Problems, Source

# A conversion as Python reads it, less the flag " ": in a sentence a per cent sign is followed by a space.
CONVERSION = re.compile(
    r"%(?:\((?P<name>[^()]*)\))?[#0\-+]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?[hlL]?(?P<type>[diouxXeEfFgGcrsa%])"
)
# The same with that flag: what happens when the text is filled in.
AS_PYTHON = re.compile(
    r"%(?:\((?P<name>[^()]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?[hlL]?"
    r"(?P<type>[diouxXeEfFgGcrsa%])"
)
SPACED = re.compile(r"(?<!%)(?:%%)*% [diouxXeEfFgGcrsa]")
FIELD = re.compile(r"[\w.\[\]]+(?:![rsa])?(?::[^{}\s]*)?")
SAME_TYPE = {"i": "d", "u": "d", "E": "e", "F": "f", "G": "g"}
NUMERIC = frozenset("douxXefg")
# Names that a number goes by in messages; Flask-Babel and Jinja fill in `num` by themselves.
NUMBER_NAMES = frozenset({"num", "n", "count", "number", "total"})
SAMPLES = {"c": "x", "r": "text", "s": "text", "a": "text"}  # of other types: a number
SAMPLE_NUMBER = 3


@dataclass(frozen=True)
class Placeholders:
    """The conversions in a text."""

    named: dict[str, frozenset[str]]  # name → types
    positional: tuple[str, ...]  # types, in their order
    lone: int  # per cent signs that are no conversion


@lru_cache(maxsize=4096)
def placeholders(text: str) -> Placeholders:
    named: dict[str, set[str]] = {}
    positional: list[str] = []
    lone = 0
    at = 0
    while (at := text.find("%", at)) >= 0:
        found = CONVERSION.match(text, at)
        if found is None:
            lone, at = lone + 1, at + 1
            continue
        at = found.end()
        kind = SAME_TYPE.get(found["type"], found["type"])
        if found["name"] is not None:
            named.setdefault(found["name"], set()).add(kind)
        elif kind != "%":
            positional.append(kind)
    return Placeholders({name: frozenset(kinds) for name, kinds in named.items()}, tuple(positional), lone)


# --- %(name)s ----------------------------------------------------------------------------------------


def formats(form: Form) -> Problems:
    """Every way in which the conversions differ; where they do not, whether the text can be filled in."""
    source = form.source
    if not source.is_format and "%" not in form.text and not any("%" in text for text in source.texts):
        return
    found = list(_conversions(form))
    yield from found
    if found:
        return
    if source.is_format and SPACED.findall(form.text) != SPACED.findall(source.texts[-1]):
        yield _l("The source has a placeholder such as “% d”. Keep it as it is, sign and letter.")
    elif _raises(form):
        yield _l(
            "It cannot be filled in. Write each placeholder as in the source, and %% for a per cent sign."
        )


def _conversions(form: Form) -> Problems:
    mine = placeholders(form.text)
    theirs = [placeholders(each) for each in form.source.texts]
    yield from _names(form, mine, theirs)
    if mine.positional != theirs[-1].positional:
        wanted = " ".join(f"%{kind}" for kind in theirs[-1].positional) or _l("none")
        yield _l("Use these placeholders, in this order: %(wanted)s", wanted=wanted)
    if mine.lone and (form.source.is_format or not all(each.lone for each in theirs)):
        yield _l("Write %% for a per cent sign.")


def _names(form: Form, mine: Placeholders, theirs: list[Placeholders]) -> Problems:
    allowed: dict[str, frozenset[str]] = {}
    for each in theirs:
        for name, kinds in each.named.items():
            allowed[name] = allowed.get(name, frozenset()) | kinds
    for name in sorted(mine.named.keys() - allowed.keys()):
        yield _l("There is no %(name)s in the source.", name=f"%({name})s")
    for name in sorted(theirs[-1].named.keys() - mine.named.keys()):
        if form.numbers != 1 or not _is_number(name, theirs):
            kind = min(theirs[-1].named[name])
            yield _l("%(name)s is missing.", name=f"%({name}){kind}")
    for name in sorted(mine.named.keys() & allowed.keys()):
        if not mine.named[name] <= allowed[name]:
            kind = min(allowed[name])
            yield _l("Write it as in the source: %(name)s", name=f"%({name}){kind}")


def _is_number(name: str, theirs: list[Placeholders]) -> bool:
    """Whether the placeholder is what is counted: by its name or type, or because the singular lacks it."""
    return name in NUMBER_NAMES or name not in theirs[0].named or bool(theirs[-1].named[name] & NUMERIC)


def _raises(form: Form) -> bool:
    """Whether the text fails where each text of its source does not."""
    values = _values(form.source)
    return all(_can_fill(text, values) for text in form.source.texts) and not _can_fill(form.text, values)


Values = Mapping[str, object] | tuple[object, ...]


def _can_fill(text: str, values: Values) -> bool:
    try:
        text % values
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    return True


@lru_cache(maxsize=4096)
def _values(source: Source) -> Values:
    """Values of the right types for all that the source has.

    A message without a placeholder is filled in with an empty dictionary, as Jinja does. Where nothing says
    that the message is a format, "100% cotton" holds no placeholder.
    """
    conversions = AS_PYTHON if source.is_format else CONVERSION
    named: dict[str, object] = {}
    positional: list[object] = []
    for text in source.texts:
        positional = []
        for found in conversions.finditer(text):
            positional += [SAMPLE_NUMBER] * found[0].count("*")
            value = SAMPLES.get(found["type"], SAMPLE_NUMBER)
            if found["name"] is not None:
                named[found["name"]] = value
            elif found["type"] != "%":
                positional.append(value)
    return tuple(positional) if positional and not named else named


# --- {name} ------------------------------------------------------------------------------------------


def braces(form: Form) -> Problems:
    """The same for str.format; a message that does not say so counts when its source could be filled in."""
    wanted = [_fields(text) for text in form.source.texts]
    if any(fields is None for fields in wanted):
        return
    if not form.source.is_brace_format and (form.source.is_format or not all(map(_are_names, wanted))):
        return
    mine = _fields(form.text)
    if mine is None:
        yield _l("A brace is not closed. Write {{ and }} for braces that are meant.")
        return
    known = set().union(*(fields or () for fields in wanted))
    for name in sorted(mine - known):
        yield _l("There is no %(name)s in the source.", name="{" + name + "}")
    for name in sorted((wanted[-1] or frozenset()) - mine):
        if form.numbers != 1 or (name not in NUMBER_NAMES and name in (wanted[0] or ())):
            yield _l("%(name)s is missing.", name="{" + name + "}")


def _are_names(fields: frozenset[str] | None) -> bool:
    """Fields that somebody fills in, and not a piece of JSON."""
    return bool(fields) and all(FIELD.fullmatch(field) for field in fields or ())


@lru_cache(maxsize=4096)
def _fields(text: str) -> frozenset[str] | None:
    """The fields of a text with their formats, `{}` numbered as str.format does; None: it would raise."""
    found: list[str] = []
    unnamed = 0
    try:
        for _words, name, spec, conversion in Formatter().parse(text):
            if name is None:
                continue
            if name == "" or name.startswith((".", "[")):
                name, unnamed = f"{unnamed}{name}", unnamed + 1
            found.append(name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else ""))
    except ValueError:
        return None
    return frozenset(found)
