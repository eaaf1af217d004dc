"""A PO file with some of its texts changed: their lines are replaced, every other byte stays. Pure.

How a text is wrapped follows the file: one that never wraps is not wrapped here either; others break as
gettext does, after a newline and between words at 79 columns. A text that takes one line in the file and fits
keeps to one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.locales.po import FUZZY, Entry, Key, PoFile, Span, read

COLUMNS = 79

_START = re.compile(rb"(\s*msgstr(?:\[\d+\])?\s*)")
_ESCAPED = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}
_WORDS = re.compile(r"\S*\s*")
_REVISED = re.compile(rb"(PO-Revision-Date:[ \t]*)[^\\\"]*")


@dataclass(frozen=True)
class New:
    """A message that the file does not have yet."""

    context: str | None
    msgid: str
    plural_id: str | None
    strings: tuple[str, ...]
    references: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def patched(
    file: PoFile,
    texts: Mapping[Key, Sequence[str]],
    *,
    fuzzy: frozenset[Key] = frozenset(),
    added: Iterable[New] = (),
    revised_at: datetime | None = None,
) -> bytes:
    """The file with these texts: those that are as they were change nothing at all.

    `texts`: a text, or one a plural form. Writing a text takes the mark fuzzy and the previous source away,
    unless its key is in `fuzzy`, which puts the mark there. `revised_at` goes into the header where it has a
    PO-Revision-Date and something changed. Raises `Refused` for a message that the file has not, or not in so
    many forms, and for letters that its charset has not.
    """
    lines: dict[int, bytes] = {}
    known = {entry.key: entry for entry in file.live}
    for key, strings in texts.items():
        if key not in known:
            raise _wrong(_l("The file has no message “%(msgid)s”.", msgid=key[1][:80]))
        _edit(file, known[key], tuple(strings), key in fuzzy, lines)
    for key in fuzzy - set(texts):
        if key in known:
            _edit(file, known[key], known[key].strings, True, lines)
    tail = b"".join(_written(file, new) for new in added)
    if not lines and not tail:
        return file.data
    if revised_at is not None:
        _revise(file, revised_at, lines)
    return _joined(file, lines, tail)


def _wrong(why: object) -> Refused:
    return Refused(_l("The file was not written."), {"file": why})


def _joined(file: PoFile, lines: Mapping[int, bytes], tail: bytes) -> bytes:
    """What is new goes before the obsolete entries at the end, which stay last."""
    at = _end_of_live(file)
    made = [lines.get(number, raw) for number, raw in enumerate(file.lines)]
    if tail and made[:at] and not made[at - 1].endswith(b"\n"):
        made[at - 1] += _newline(file)
    gap = _newline(file) if tail and at < len(made) and made[at].strip() else b""
    return file.mark + b"".join(made[:at]) + tail + gap + b"".join(made[at:])


def _end_of_live(file: PoFile) -> int:
    """The first line after the last live entry."""
    entries = [entry for entry in (*file.live, file.header) if entry is not None]
    return max((span.last + 1 for entry in entries for span in entry.spans), default=len(file.lines))


def _edit(
    file: PoFile, entry: Entry, strings: tuple[str, ...], is_fuzzy: bool, lines: dict[int, bytes]
) -> None:
    if entry.plural_id is None and len(strings) != 1:
        raise _wrong(_l("“%(msgid)s” has one form.", msgid=entry.msgid[:80]))
    if len(strings) < len(entry.strings):
        raise _wrong(_l("“%(msgid)s” lacks a plural form.", msgid=entry.msgid[:80]))
    for form, text in enumerate(strings[: len(entry.strings)]):
        if text != entry.strings[form]:
            _replace(file, entry.spans[form], text, lines)
    _add_forms(file, entry, strings, lines)
    if strings == entry.strings and is_fuzzy == entry.is_fuzzy:
        return
    _mark(file, entry, is_fuzzy, lines)


def _replace(file: PoFile, span: Span, text: str, lines: dict[int, bytes]) -> None:
    raw = file.lines[span.first]
    found = _START.match(raw)
    start = found[1] if found else b"msgstr "
    end = _end_of_line(raw)
    was_one = span.first == span.last
    lines[span.first] = _encoded(file, _wrapped(start.decode("ascii"), text, was_one, file), end)
    for number in range(span.first + 1, span.last + 1):
        lines[number] = b""


def _add_forms(file: PoFile, entry: Entry, strings: tuple[str, ...], lines: dict[int, bytes]) -> None:
    """Forms that the language has and the entry had not."""
    last = entry.spans[-1].last
    end = _end_of_line(file.lines[last]) or _newline(file)
    for form in range(len(entry.strings), len(strings)):
        kept = lines.get(last, file.lines[last])
        if not kept.endswith(b"\n"):
            kept += end if kept else b""
        more = _encoded(file, _wrapped(f"msgstr[{form}] ", strings[form], True, file), end)
        lines[last] = kept + more


def _mark(file: PoFile, entry: Entry, is_fuzzy: bool, lines: dict[int, bytes]) -> None:
    """The flag fuzzy as it should be; the previous source goes with it."""
    if not is_fuzzy:
        lines.update(dict.fromkeys(entry.previous_lines, b""))
    if is_fuzzy == entry.is_fuzzy:
        return
    if entry.flag_line is None:
        first = min((entry.keyword_line, *entry.previous_lines))
        raw = lines.get(first, file.lines[first])
        lines[first] = b"#, fuzzy" + (_end_of_line(file.lines[first]) or _newline(file)) + raw
        return
    flags = (FUZZY, *entry.flags) if is_fuzzy else tuple(flag for flag in entry.flags if flag != FUZZY)
    end = _end_of_line(file.lines[entry.flag_line])
    lines[entry.flag_line] = _encoded(file, [f"#, {', '.join(flags)}"], end) if flags else b""


def _revise(file: PoFile, at: datetime, lines: dict[int, bytes]) -> None:
    if file.header is None:
        return
    said = at.strftime("%Y-%m-%d %H:%M%z").encode("ascii")
    for span in file.header.spans:
        for number in range(span.first, span.last + 1):
            lines[number] = _REVISED.sub(rb"\g<1>" + said, lines.get(number, file.lines[number]))


def _written(file: PoFile, new: New) -> bytes:
    """A whole entry with an empty line before it."""
    said = [f"#: {reference}" for reference in new.references]
    if new.flags:
        said.append(f"#, {', '.join(new.flags)}")
    if new.context is not None:
        said += _wrapped("msgctxt ", new.context, True, file)
    said += _wrapped("msgid ", new.msgid, True, file)
    if new.plural_id is None:
        said += _wrapped("msgstr ", new.strings[0], True, file)
    else:
        said += _wrapped("msgid_plural ", new.plural_id, True, file)
        for form, text in enumerate(new.strings):
            said += _wrapped(f"msgstr[{form}] ", text, True, file)
    end = _newline(file)
    return (end if file.lines else b"") + _encoded(file, said, end)


def _wrapped(start: str, text: str, was_one: bool, file: PoFile) -> list[str]:
    """The text as lines of the file, the first after `start` (its keyword and the space)."""
    columns = _columns(file)
    whole = f'{start}"{_escaped(text)}"'
    fits = columns is None or len(whole.expandtabs()) <= columns + 1
    if was_one and fits and "\n" not in text[:-1]:
        return [whole]
    return [f'{start}""', *(f'"{part}"' for part in _parts(text, columns))]


def _parts(text: str, columns: int | None) -> list[str]:
    """After each newline a new line; between words where a line is full."""
    found: list[str] = []
    for paragraph in text.splitlines(keepends=True) if "\n" in text else [text]:
        line = ""
        for word in _WORDS.findall(paragraph):
            piece = _escaped(word)
            if line and columns is not None and len(line) + len(piece.rstrip()) + 2 > columns:
                found.append(line)
                line = ""
            line += piece
        found.append(line)
    return [part for part in found if part]


def _columns(file: PoFile) -> int | None:
    """None: the file does not wrap its texts."""
    longest = max((span_length(file, entry) for entry in file.live[:2000]), default=0)
    return None if longest > COLUMNS + 1 else COLUMNS


def span_length(file: PoFile, entry: Entry) -> int:
    """Columns of the widest line of an entry's texts that could have been broken between words."""
    lines = (file.lines[n] for span in entry.spans for n in range(span.first, span.last + 1))
    return max(
        (len(line.decode(file.charset).rstrip()) for line in lines if line.strip().count(b" ") > 2), default=0
    )


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


def _encoded(file: PoFile, said: Sequence[str], end: bytes) -> bytes:
    try:
        raw = [line.encode(file.charset) for line in said]
    except UnicodeEncodeError as error:
        letter = error.object[error.start : error.end]
        why = _l("The file is in %(charset)s, which has no %(letter)s.", charset=file.charset, letter=letter)
        raise _wrong(why) from None
    joined = (end or _newline(file)).join(raw)
    return joined + end


def _end_of_line(raw: bytes) -> bytes:
    return b"\r\n" if raw.endswith(b"\r\n") else b"\n" if raw.endswith(b"\n") else b""


def _newline(file: PoFile) -> bytes:
    return b"\r\n" if file.lines and file.lines[0].endswith(b"\r\n") else b"\n"


def fresh(header: str, messages: Iterable[New]) -> bytes:
    """A new file: `header` as lines of fields, then the messages."""
    empty = read(b"")
    head = _encoded(empty, ['msgid ""', *_wrapped("msgstr ", header, False, empty)], b"\n")
    start = replace(read(head), charset="utf-8")
    return head + b"".join(_written(start, new) for new in messages)
