"""Texts as they travel in files: PO, CSV and JSON, read into one shape and written from it. Pure.

CSV has a row a form: context, source, plural, form, text, state. JSON is flat, {"source": "text"}, or nested
by context, {"context": {"source": "text"}}; a message with a plural has a list of its forms. A cell that a
spreadsheet would take for a formula gets an apostrophe in front, which reading takes away.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.locales import po
from app.locales.catalog import message_key
from app.locales.storable import TAKE_OUT, UNSTORABLE
from app.spreadsheets import FORMULAS, written

PO, CSV, JSON, NESTED = "po", "csv", "json", "json-nested"
FORMATS = (PO, CSV, JSON, NESTED)
MEDIA_TYPES = {
    PO: "text/x-gettext-translation",
    CSV: "text/csv",
    JSON: "application/json",
    NESTED: "application/json",
}
COLUMNS = ("context", "source", "plural", "form", "text", "state")
MOST_BYTES = po.MOST_BYTES
MOST_ROWS = po.MOST_ENTRIES
MOST_FORMS = 10
CONTEXT_END = "\x04"  # as gettext parts a context from its message


@dataclass(frozen=True)
class Text:
    """One message with its words in a file."""

    context: str  # empty: none
    msgid: str
    plural_id: str | None  # None also where the format does not say
    forms: tuple[str, ...]
    is_fuzzy: bool = False
    line: int | None = None  # where in the file, from 1
    flags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return message_key(self.context, self.msgid)


@dataclass(frozen=True)
class Incoming:
    """What a file says."""

    texts: tuple[Text, ...]
    language: str  # as its header says; "" where it does not
    plural_forms: str
    file: po.PoFile | None = None  # of a PO file: what an export will patch


def read(data: bytes, name: str) -> Incoming:
    """`name` is one of FORMATS. Raises `Refused` on the field file for what cannot be read as that."""
    if name not in FORMATS:
        raise wrong(_l("Choose one of: %(formats)s.", formats=", ".join(FORMATS)))
    if len(data) > MOST_BYTES:
        raise wrong(_l("The file is larger than %(most)s MB.", most=MOST_BYTES // 1_000_000))
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ")):
        raise wrong(_l("This is an archive. Unpack it and send its files one by one."))
    if name == PO:
        return _of_po(po.read(data))
    texts = _of_csv(_decoded(data)) if name == CSV else _of_json(_decoded(data))
    return Incoming(tuple(texts), "", "")


def wrong(why: object) -> Refused:
    return Refused(_l("The file was not read; nothing was changed."), {"file": why})


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise wrong(_l("Line %(line)s is not UTF-8. Save the file as UTF-8.", line=line)) from None
    if "\x00" in text:
        raise wrong(_l("The file holds a NUL character."))
    return text


def _of_po(file: po.PoFile) -> Incoming:
    if file.duplicates:
        raise _twice(file, file.duplicates[0])
    texts = tuple(
        Text(
            context=entry.context or "",
            msgid=entry.msgid,
            plural_id=entry.plural_id,
            forms=entry.strings,
            is_fuzzy=entry.is_fuzzy,
            line=entry.keyword_line + 1,
            flags=tuple(flag for flag in entry.flags if flag != po.FUZZY),
            references=entry.references,
            comments=entry.extracted,
        )
        for entry in file.live
    )
    return Incoming(texts, file.headers.get("Language", ""), file.headers.get("Plural-Forms", ""), file)


def _twice(file: po.PoFile, key: po.Key) -> Refused:
    """Names the line where the message stands for the second time."""
    second = [entry.keyword_line for entry in file.live if entry.key == key][1]
    why = _l("“%(msgid)s” stands in the file twice.", msgid=key[1][:80])
    return wrong(_l("Line %(line)s: %(why)s", line=second + 1, why=why))


def _of_csv(text: str) -> Iterator[Text]:
    """Rows of one message follow each other, or not: they are put together by context and source."""
    csv.field_size_limit(1_000_000)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if not {"source", "text"} <= set(names):
            raise wrong(_l("The first line must name the columns source and text."))
        if len(names) > len(COLUMNS) + 50:
            raise wrong(_l("There are too many columns."))
        reader.fieldnames = names
        yield from _joined(_rows(reader))
    except csv.Error as error:
        raise wrong(_l("Line %(line)s: %(why)s", line=reader.line_num, why=str(error))) from None


def _rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for count, row in enumerate(reader):
        if count >= MOST_ROWS:
            raise wrong(_l("There are more than %(most)s rows.", most=MOST_ROWS))
        if None in row or None in row.values():
            raise wrong(_l("Line %(line)s has another number of columns.", line=reader.line_num))
        yield reader.line_num, {name: _plain(cell) for name, cell in row.items()}


def _joined(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[Text]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line, row in rows:
        form = row.get("form", "") or "0"
        if not form.isascii() or not form.isdigit() or int(form) >= MOST_FORMS:
            raise wrong(_l("Line %(line)s: the form must be a number from 0.", line=line))
        one = found.setdefault(
            (row.get("context", ""), row["source"]),
            {"line": line, "plural": row.get("plural", ""), "forms": {}},
        )
        if int(form) in one["forms"]:
            raise wrong(_l("Line %(line)s: this form of the message stands in the file twice.", line=line))
        one["forms"][int(form)] = row["text"]
        one["is_fuzzy"] = row.get("state", "") == "draft"
    for (context, source), one in found.items():
        forms = tuple(one["forms"].get(form, "") for form in range(max(one["forms"]) + 1))
        yield Text(context, source, one["plural"] or None, forms, one["is_fuzzy"], one["line"])


def _of_json(text: str) -> Iterator[Text]:
    try:
        held = json.loads(text, object_pairs_hook=_once_each)
    except RecursionError:
        raise wrong(_l("The file is nested too deeply.")) from None
    except ValueError as error:
        raise wrong(_l("This is not JSON: %(why)s", why=str(error)[:200])) from None
    if not isinstance(held, dict):
        raise wrong(_l("Send an object: source and text."))
    for name, value in held.items():
        if isinstance(value, dict):
            for msgid, words in value.items():
                yield _json_text(name, msgid, words)
        else:
            context, parted, msgid = name.partition(CONTEXT_END)
            yield _json_text(context if parted else "", msgid if parted else name, value)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if any(UNSTORABLE.search(name) for name in held):
        raise wrong(TAKE_OUT)
    if len(held) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise wrong(_l("“%(msgid)s” stands in the file twice.", msgid=twice[:80]))
    return held


def _json_text(context: str, msgid: str, words: object) -> Text:
    said = words if isinstance(words, list) else [words]
    forms = tuple(form for form in said if isinstance(form, str))
    if not 1 <= len(said) <= MOST_FORMS or len(forms) < len(said):
        raise wrong(_l("“%(msgid)s” must have a text, or a list of its forms.", msgid=msgid[:80]))
    if any(UNSTORABLE.search(form) for form in forms):
        raise wrong(TAKE_OUT)
    return Text(context, msgid, None, forms)


def as_csv(texts: Iterable[tuple[Text, str]]) -> bytes:
    """With each text its state."""
    rows = (
        [_guarded(cell) for cell in (text.context, text.msgid, text.plural_id or "", str(form), words, state)]
        for text, state in texts
        for form, words in enumerate(text.forms)
    )
    return written([COLUMNS, *rows]).encode()


def as_json(texts: Iterable[Text], *, nested: bool) -> bytes:
    held: dict[str, Any] = {}
    for text in texts:
        words: str | list[str] = text.forms[0] if text.plural_id is None else list(text.forms)
        if nested:
            held.setdefault(text.context, {})[text.msgid] = words
        else:
            held[f"{text.context}{CONTEXT_END}{text.msgid}" if text.context else text.msgid] = words
    return json.dumps(held, ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def _guarded(cell: str) -> str:
    is_taken = cell.startswith(FORMULAS) or (cell[:1] == "'" and cell[1:].startswith(FORMULAS))
    return f"'{cell}" if is_taken else cell


def _plain(cell: str) -> str:
    bare = cell[1:]
    is_guarded = cell[:1] == "'" and (
        bare.startswith(FORMULAS) or (bare[:1] == "'" and bare[1:].startswith(FORMULAS))
    )
    return bare if is_guarded else cell


def by_key(texts: Iterable[Text]) -> Mapping[str, Text]:
    return {text.key: text for text in texts}
