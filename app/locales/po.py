"""PO files, read line by line so that they can be written back as they were. Pure: bytes in, entries out.

Every raw line is kept. An entry knows the lines of each of its texts, so that an edit replaces those and no
others (po_patch.py). Understood is the whole format of GNU gettext: contexts, plurals, all kinds of comments,
previous and obsolete entries, any charset that holds ASCII as it is, a byte order mark, CR LF.

Source: "PO Files" in the manual of GNU gettext.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import HeaderParser
from functools import cached_property

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.locales.storable import TAKE_OUT, UNSTORABLE

MOST_BYTES = 20_000_000
MOST_ENTRIES = 200_000
FUZZY = "fuzzy"

Key = tuple[str | None, str]  # context, msgid

_CHARSET = re.compile(rb"Content-Type:[^\"\\]{0,200}charset=\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d{1,2})\])?(?=[\s\"]|$)\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Span:
    """Line numbers of one text, from that of its keyword to its last string; both counted from 0."""

    first: int
    last: int


@dataclass(frozen=True)
class Previous:
    """What the source said when the text was written; gettext keeps it beside a fuzzy entry."""

    context: str | None
    msgid: str | None
    plural_id: str | None


@dataclass(frozen=True)
class Entry:
    context: str | None
    msgid: str
    plural_id: str | None
    strings: tuple[str, ...]  # one, or one a plural form
    flags: tuple[str, ...]
    comments: tuple[str, ...]  # of translators
    extracted: tuple[str, ...]  # of programmers
    references: tuple[str, ...]  # places in the source, as they stand
    previous: Previous | None
    is_obsolete: bool
    spans: tuple[Span, ...]  # of `strings`
    flag_line: int | None
    previous_lines: tuple[int, ...]
    keyword_line: int  # of msgctxt or msgid, from 0

    @property
    def key(self) -> Key:
        return self.context, self.msgid

    @property
    def is_fuzzy(self) -> bool:
        return FUZZY in self.flags

    @property
    def is_translated(self) -> bool:
        return not self.is_fuzzy and all(self.strings)


@dataclass(frozen=True)
class PoFile:
    lines: tuple[bytes, ...]  # as they were, with their ends; a byte order mark stands apart
    entries: tuple[Entry, ...]  # without the header
    header: Entry | None
    charset: str
    mark: bytes  # the byte order mark, or nothing

    @property
    def data(self) -> bytes:
        return self.mark + b"".join(self.lines)

    @cached_property
    def headers(self) -> dict[str, str]:
        """The header's fields, such as Language and Plural-Forms."""
        text = self.header.strings[0] if self.header else ""
        return {name: str(value) for name, value in HeaderParser().parsestr(text).items()}

    @cached_property
    def live(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if not entry.is_obsolete)

    @property
    def obsolete(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.is_obsolete)

    @cached_property
    def duplicates(self) -> tuple[Key, ...]:
        """Messages that stand in the file more than once; msgfmt does not take such a file."""
        counted = Counter(entry.key for entry in self.live)
        return tuple(key for key, count in counted.items() if count > 1)


def read(data: bytes) -> PoFile:
    """Raises `Refused` on the field file, with the line, for what is no PO file."""
    if len(data) > MOST_BYTES:
        raise _wrong(None, _l("The file is larger than %(most)s MB.", most=MOST_BYTES // 1_000_000))
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(mark) :]
    charset = "utf-8" if mark else _charset(body)
    lines = tuple(re.findall(rb"[^\n]*\n|[^\n]+", body))
    entries = list(_entries(_decoded(lines, charset)))
    headers = [entry for entry in entries if entry.key == (None, "") and not entry.is_obsolete]
    return PoFile(
        lines=lines,
        entries=tuple(entry for entry in entries if entry not in headers[:1]),
        header=headers[0] if headers else None,
        charset=charset,
        mark=mark,
    )


def _wrong(line: int | None, why: object) -> Refused:
    """`line` counts from 0, people from 1."""
    said = why if line is None else _l("Line %(line)s: %(why)s", line=line + 1, why=why)
    return Refused(_l("The file was not read; nothing was changed."), {"file": said})


def _charset(body: bytes) -> str:
    """What the header says; UTF-8 where it says nothing or still says CHARSET."""
    found = _CHARSET.search(body)
    name = found[1].decode("ascii") if found else "utf-8"
    if name.upper() == "CHARSET":
        return "utf-8"
    try:
        fits = 'msgid "~"'.encode(name) == b'msgid "~"'
    except (LookupError, UnicodeError):
        fits = False
    if not fits:
        raise _wrong(None, _l("The charset %(name)s cannot be read. Save the file as UTF-8.", name=name))
    return codecs.lookup(name).name


def _decoded(lines: tuple[bytes, ...], charset: str) -> Iterator[str]:
    for number, raw in enumerate(lines):
        try:
            text = raw.decode(charset)
        except UnicodeDecodeError:
            raise _wrong(number, _l("this is not %(charset)s.", charset=charset)) from None
        if "\x00" in text:
            raise _wrong(number, _l("there is a NUL character."))
        if UNSTORABLE.search(text):
            raise _wrong(number, TAKE_OUT)
        yield text


@dataclass
class _Draft:
    """An entry while its lines are read."""

    texts: dict[str, list[str]] = field(default_factory=dict)  # keyword (msgstr[0] …) → parts
    spans: dict[str, Span] = field(default_factory=dict)
    previous: dict[str, list[str]] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    extracted: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    flag_line: int | None = None
    previous_lines: list[int] = field(default_factory=list)
    keyword_line: int | None = None
    is_obsolete: bool = False
    open: list[str] | None = None  # where a string alone on its line belongs
    open_name: str = ""

    @property
    def is_whole(self) -> bool:
        return any(name.startswith("msgstr") for name in self.texts)


def _entries(lines: Iterator[str]) -> Iterator[Entry]:
    draft, count, number = _Draft(), 0, 0
    for number, raw in enumerate(lines):
        text = raw.strip()
        if not text:
            continue
        if _begins_entry(draft, text):
            yield _finished(draft, number)
            draft, count = _Draft(), count + 1
            if count > MOST_ENTRIES:
                raise _wrong(number, _l("there are more than %(most)s messages.", most=MOST_ENTRIES))
        _take(draft, text, number)
    if draft.texts:
        yield _finished(draft, number)


def _begins_entry(draft: _Draft, text: str) -> bool:
    """A comment, context or msgid after a msgstr belongs to the next entry."""
    if not draft.is_whole:
        return False
    if text.startswith("#~"):
        rest = text[2:].lstrip()
        return not draft.is_obsolete or (
            rest.startswith(("|", "#", "msgctxt", "msgid")) and not rest.startswith("msgid_plural")
        )
    return text.startswith(("#", "msgctxt")) or (
        text.startswith("msgid") and not text.startswith("msgid_plural")
    )


def _take(draft: _Draft, text: str, number: int) -> None:
    if text.startswith("#~"):
        draft.is_obsolete = True
        rest = text[2:].lstrip()
        if not rest.startswith("#"):  # "#~ #, python-format" stands in real files: a comment of what is gone
            _take_words(draft, rest, number)
    elif text.startswith("#|"):
        _take_words(draft, text[1:], number)
    elif text.startswith("#"):
        _take_comment(draft, text, number)
    else:
        _take_words(draft, text, number)


def _take_comment(draft: _Draft, text: str, number: int) -> None:
    if draft.texts:
        raise _wrong(number, _l("a comment stands inside of an entry."))
    kind, rest = text[:2], text[2:].strip()
    if kind == "#,":
        draft.flag_line = number if draft.flag_line is None else draft.flag_line
        draft.flags += [flag.strip() for flag in rest.split(",") if flag.strip()]
    elif kind == "#.":
        draft.extracted.append(rest)
    elif kind == "#:":
        draft.references.append(rest)
    else:
        draft.comments.append(text[1:].strip())


def _take_words(draft: _Draft, text: str, number: int) -> None:
    """A keyword with its strings, or a string that goes on; `|` before it: of the previous source."""
    is_previous = text.startswith("|")
    text = text.lstrip("|").lstrip() if is_previous else text
    if is_previous:
        draft.previous_lines.append(number)
    found = _KEYWORD.fullmatch(text)
    if found:
        _open(draft, found[1] + (f"[{int(found[2])}]" if found[2] else ""), is_previous, number)
        text = found[3]
    elif not text.startswith('"'):
        raise _wrong(number, _l("this is neither a keyword, a string nor a comment."))
    if draft.open is None:
        raise _wrong(number, _l("a string stands here without a keyword before it."))
    draft.open += _strings(text, number)
    if not is_previous:
        draft.spans[draft.open_name] = Span(draft.spans[draft.open_name].first, number)


def _open(draft: _Draft, name: str, is_previous: bool, number: int) -> None:
    kept = draft.previous if is_previous else draft.texts
    if name in kept:
        raise _wrong(number, _l("%(name)s stands twice in one entry.", name=name))
    if not is_previous:
        _check_order(draft, name, number)
        draft.spans[name] = Span(number, number)
        draft.keyword_line = number if draft.keyword_line is None else draft.keyword_line
    kept[name] = draft.open = []
    draft.open_name = name


def _check_order(draft: _Draft, name: str, number: int) -> None:
    known = draft.texts
    plain = name.partition("[")[0]
    fits = {
        "msgctxt": not known,
        "msgid": set(known) <= {"msgctxt"},
        "msgid_plural": "msgid" in known and not draft.is_whole,
        "msgstr": "msgid" in known and ("[" in name) == ("msgid_plural" in known),
    }[plain]
    if fits and "[" in name:
        fits = plain == "msgstr" and name == f"msgstr[{sum(one.startswith('msgstr') for one in known)}]"
    if not fits:
        raise _wrong(number, _l("%(name)s does not belong here.", name=name))


def _strings(text: str, number: int) -> list[str]:
    parts, at = [], 0
    while at < len(text) and text[at] != "#":  # a comment may follow on the same line
        found = _QUOTED.match(text, at)
        if found is None:
            raise _wrong(number, _l("a string does not end."))
        parts.append(_ESCAPE.sub(lambda escape: _unescaped(escape[1], number), found[1]))
        at = found.end()
    return parts


def _unescaped(code: str, number: int) -> str:
    if code in _ESCAPES:
        return _ESCAPES[code]
    if code[0] == "x" and len(code) > 1:
        return _character(int(code[1:], 16), number)
    if code[0] in "01234567":
        return _character(int(code, 8) & 0xFF, number)
    raise _wrong(number, _l("there is no such escape: \\%(code)s", code=code))


def _character(code: int, number: int) -> str:
    if code == 0:
        raise _wrong(number, _l("there is a NUL character."))
    return chr(code)


def _finished(draft: _Draft, number: int) -> Entry:
    if not draft.is_whole or "msgid" not in draft.texts:
        raise _wrong(number, _l("the entry before has no msgstr."))
    if bare := [name for name, parts in draft.texts.items() if not parts]:
        raise _wrong(draft.spans[bare[0]].first, _l("%(name)s has no text behind it.", name=bare[0]))
    joined = {name: "".join(parts) for name, parts in draft.texts.items()}
    names = [name for name in joined if name.startswith("msgstr")]
    before = {name: "".join(parts) for name, parts in draft.previous.items()}
    return Entry(
        context=joined.get("msgctxt"),
        msgid=joined["msgid"],
        plural_id=joined.get("msgid_plural"),
        strings=tuple(joined[name] for name in names),
        flags=tuple(draft.flags),
        comments=tuple(draft.comments),
        extracted=tuple(draft.extracted),
        references=tuple(draft.references),
        previous=Previous(before.get("msgctxt"), before.get("msgid"), before.get("msgid_plural"))
        if before
        else None,
        is_obsolete=draft.is_obsolete,
        spans=tuple(draft.spans[name] for name in names),
        flag_line=draft.flag_line,
        previous_lines=tuple(draft.previous_lines),
        keyword_line=draft.keyword_line or 0,
    )
