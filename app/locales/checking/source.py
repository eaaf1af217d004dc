"""What a translation is checked against. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

PYTHON_FORMAT, BRACE_FORMAT = "python-format", "python-brace-format"
MAX_LENGTH = re.compile(r"\bmax-length:\s*(\d{1,6})\b")

Problems = Iterator[LazyString]


@dataclass(frozen=True)
class Source:
    """What is translated."""

    msgid: str
    plural_id: str | None = None
    is_format: bool = False  # the message is filled in with variables by %
    is_brace_format: bool = False  # … or by str.format
    max_length: int | None = None  # in characters, where there is no room for more

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.msgid,) if self.plural_id is None else (self.msgid, self.plural_id)


def source_of(
    msgid: str, plural_id: str | None, flags: Iterable[str] = (), comments: Iterable[str] = ()
) -> Source:
    """A message as files and sources have it; `max-length: 24` stands among its flags or comments."""
    flags = tuple(flags)
    found = MAX_LENGTH.search("\n".join((*flags, *comments)))
    return Source(
        msgid, plural_id, PYTHON_FORMAT in flags, BRACE_FORMAT in flags, int(found[1]) if found else None
    )


@dataclass(frozen=True)
class Term:
    """A word of the glossary, as it is said in the locale."""

    term: str
    translation: str
    is_kept: bool = False  # a name that is not translated
    is_case_sensitive: bool = False
    note: str = ""
    id: int = 0


@dataclass(frozen=True)
class About:
    """What is known beyond the message itself; warnings alone look at it."""

    locale: str = ""  # "": not known
    terms: tuple[Term, ...] = ()  # of the glossary that the source has
    others: tuple[tuple[str, ...], ...] = ()  # how the same source is translated elsewhere

    @property
    def language(self) -> str:
        return self.locale.replace("_", "-").partition("-")[0].lower()


NOTHING_ELSE = About()


@dataclass(frozen=True)
class Form:
    """One text of a translation, and what the checks of it need to know."""

    source: Source
    text: str
    numbers: int | None = None  # how many numbers the plural form stands for; None: not a plural
    about: About = NOTHING_ELSE
    index: int = 0

    @property
    def model(self) -> str:
        """The text of the source that this one stands for: the singular for one number alone."""
        if self.source.plural_id is None or (self.numbers == 1 and self.index == 0):
            return self.source.msgid
        return self.source.plural_id
