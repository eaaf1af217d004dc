"""The language of searches for strings: `state:review -author:ana "your order"`. Pure: no I/O, no clock.

Terms in a row must all hold; `or` between them, `-` or `not` before one, and parentheses do what
they say. A word alone is looked for in the source and the translation, without regard to case and accents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused
from app.locales.states import APPROVED, DRAFT, REVIEW, UNTRANSLATED

LONGEST = 500
DEEPEST = 20
UNFINISHED = "unfinished"
ANYWHERE = "anywhere"  # the field of a word that stands alone

STATE_WORDS = {
    UNTRANSLATED: UNTRANSLATED,
    DRAFT: DRAFT,
    REVIEW: REVIEW,
    "needs-review": REVIEW,
    APPROVED: APPROVED,
    UNFINISHED: UNFINISHED,
}
HAS_WORDS = ("comment", "open", "plural", "context", "note", "text", "problem")

FIELDS: dict[str, LazyString] = {
    "state": _l("untranslated, draft, review, approved or unfinished; several with commas"),
    "check": _l("the name of a check that found something, or any"),
    "key": _l("a part of the key: the context or the source text"),
    "source": _l("words in the source"),
    "text": _l("words in the translation"),
    "context": _l("words in the context"),
    "author": _l("a part of the name of who changed it last"),
    "changed": _l("a day, >2026-11-01, 2026-11-01..2026-11-07, or 7d for the last seven days"),
    "location": _l("a part of the place in the code"),
    "seen": _l("a page of the shop, such as /cart"),
    "has": _l("comment, open (a comment that nobody resolved), plural, context, note, text or problem"),
}
SHORTER = {"is": "state", "file": "location", "page": "seen", "by": "author", "translation": "text"}


@dataclass(frozen=True)
class Term:
    field: str  # a key of FIELDS, or ANYWHERE
    value: str


@dataclass(frozen=True)
class Changed:
    """Last changed from `start` on and before `end`; None: no limit."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Not:
    of: Node


@dataclass(frozen=True)
class All:
    of: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Any:
    of: tuple[Node, ...]


Node = Term | Changed | Not | All | Any
EVERYTHING = All()

TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()|])|(?P<minus>-)(?=\S)|(?P<field>[A-Za-z][A-Za-z-]*):"""
    r"""|"(?P<quoted>[^"]*)"|(?P<word>[^\s()"|](?:[^\s()"|]|\([^\s()"|]*\))*))"""
)


@dataclass(frozen=True)
class Token:
    kind: str  # mark, minus, field, quoted, word
    text: str


def parse(text: str, now: datetime) -> Node:
    """Raises `Refused` on the field q, saying what to write in its place."""
    if len(text) > LONGEST:
        raise wrong(_l("Search with at most %(most)s characters.", most=LONGEST))
    return _Reader(_tokens(text), now).everything()


def wrong(why: LazyString) -> Refused:
    return Refused(why, {"q": why})


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    text = text.replace("\x00", " ").rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise wrong(_l("A quotation mark is not closed. Put another one at the end of the words."))
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind]))
        at = match.end()
    return found


class _Reader:
    """Goes through the tokens once."""

    def __init__(self, tokens: list[Token], now: datetime) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._now = now

    def everything(self) -> Node:
        if not self._tokens:
            return EVERYTHING
        found = self._either()
        if self._at < len(self._tokens):
            raise wrong(_l("A parenthesis is closed that was not opened. Take it out."))
        return found

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _either(self) -> Node:
        parts = [self._all()]
        while self._is_or(self._next()):
            self._at += 1
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _is_or(self, token: Token | None) -> bool:
        return token is not None and (token == Token("mark", "|") or _is_word(token, "or"))

    def _all(self) -> Node:
        parts = []
        while (token := self._next()) and not self._is_or(token) and token != Token("mark", ")"):
            if _is_word(token, "and"):
                self._at += 1
                continue
            parts.append(self._one())
        if not parts:
            raise wrong(_l("Something is missing beside “or” or inside the parentheses."))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "minus" or (_is_word(token, "not") and self._next()):
            return Not(self._deeper(self._negated))
        if token == Token("mark", "("):
            return self._deeper(self._inside)
        if token.kind == "field":
            return self._field(token.text.lower())
        return Term(ANYWHERE, token.text)

    def _negated(self) -> Node:
        if self._next() is None or self._next() == Token("mark", ")"):
            raise wrong(_l("Nothing follows “not”. Write what must not hold."))
        return self._one()

    def _inside(self) -> Node:
        found = self._either()
        if self._next() != Token("mark", ")"):
            raise wrong(_l("A parenthesis is not closed. Put one at the end."))
        self._at += 1
        return found

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise wrong(_l("There are too many parentheses inside each other. Write it more simply."))
        found = read()
        self._depth -= 1
        return found

    def _field(self, name: str) -> Node:
        name = SHORTER.get(name, name)
        if name not in FIELDS:
            known = ", ".join(f"{field}:" for field in FIELDS)
            raise wrong(
                _l(
                    "There is no “%(name)s:”. Use one of %(known)s or put the words in quotation marks.",
                    name=name[:40],
                    known=known,
                )
            )
        token = self._next()
        if token is None or token.kind not in ("word", "quoted", "minus"):
            raise wrong(_l("Something is missing after “%(name)s:”: %(what)s.", name=name, what=FIELDS[name]))
        self._at += 1
        return _read_value(name, token.text, self._now)


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.lower() == word


def _read_value(field: str, value: str, now: datetime) -> Node:
    if field == "changed":
        return _changed(value, now)
    if field not in ("state", "has"):
        return Term(field, value)
    words = STATE_WORDS if field == "state" else dict.fromkeys(HAS_WORDS)
    names = [name for name in value.lower().split(",") if name]
    for name in names or [value]:
        if name not in words:
            known = ", ".join(words)
            raise wrong(
                _l(
                    "“%(field)s:%(name)s” is not known. Use one of: %(known)s.",
                    field=field,
                    name=name[:40],
                    known=known,
                )
            )
    terms = tuple(Term(field, STATE_WORDS[name] if field == "state" else name) for name in names)
    return terms[0] if len(terms) == 1 else Any(terms)


AGE = re.compile(r"(\d{1,4})([hdw])")
HOURS = {"h": 1, "d": 24, "w": 168}


def _changed(value: str, now: datetime) -> Changed:
    if (age := AGE.fullmatch(value)) is not None:
        return Changed(now - timedelta(hours=int(age[1]) * HOURS[age[2]]), None)
    if ".." in value:
        first, _, last = value.partition("..")
        return Changed(_start(first) if first else None, _end(last) if last else None)
    for sign, read in SIGNS.items():
        if value.startswith(sign):
            return read(value.removeprefix(sign))
    return Changed(_start(value), _end(value))


SIGNS: dict[str, Callable[[str], Changed]] = {
    ">=": lambda day: Changed(_start(day), None),
    "<=": lambda day: Changed(None, _end(day)),
    ">": lambda day: Changed(_end(day), None),
    "<": lambda day: Changed(None, _start(day)),
}


def _start(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.min, UTC)
    except ValueError:
        raise wrong(_l("“%(day)s” is no day. Write it as 2026-11-30.", day=day[:40])) from None


def _end(day: str) -> datetime:
    try:
        return _start(day) + timedelta(days=1)
    except OverflowError:
        raise wrong(_l("“%(day)s” is no day. Write it as 2026-11-30.", day=day[:40])) from None


def written(fields: Mapping[str, str], words: str = "") -> str:
    """The query that a form's fields say, on top of what was typed: it is shown and stands in the address."""
    terms = [f"{name}:{_quoted(value.strip())}" for name, value in fields.items() if value.strip()]
    return " ".join([*terms, *([words.strip()] if words.strip() else [])])


def _quoted(value: str) -> str:
    plain = value.replace('"', " ")
    return f'"{plain}"' if re.search(r"[\s()|]|^-", plain) else plain
