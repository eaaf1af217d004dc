"""What people type to find flags, as it stands in the URL. Pure: no I/O, no clock.

    checkout type:release,experiment owner:ada tag:team:checkout state:on env:development -is:stale

Words and `key:value` must all hold; commas in a value mean "one of them", a dash in front "not this".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

MAX_TERMS = 20
TERM = re.compile(r'(-?)(?:(\w+):)?(?:"([^"]*)"|(\S+))')


class Found(Protocol):
    """What is searched: a row of the list."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Term:
    key: str  # one of KEYS; "": a word that must be somewhere
    values: tuple[str, ...]  # one of them must hold
    is_negated: bool

    def holds(self, flag: Found, marks: frozenset[str]) -> bool:
        return any(KEYS[self.key](flag, marks, value) for value in self.values) != self.is_negated


@dataclass(frozen=True)
class Search:
    terms: tuple[Term, ...]
    environment: str = ""  # whose state is asked for; "": production

    def matches(self, flag: Found, marks: frozenset[str]) -> bool:
        """`marks`: what `is:`, `state:` and `stage:` ask for, see listing.marks."""
        return all(term.holds(flag, marks) for term in self.terms)


def _is_somewhere(flag: Found, marks: frozenset[str], word: str) -> bool:
    return word in " ".join((flag.name, flag.description, flag.owner, *flag.tags)).casefold()


KEYS: Mapping[str, Callable[[Found, frozenset[str], str], bool]] = {
    "": _is_somewhere,
    "name": lambda flag, marks, value: value in flag.name.casefold(),
    "type": lambda flag, marks, value: flag.type.casefold() == value,
    "owner": lambda flag, marks, value: value in flag.owner.casefold(),
    "project": lambda flag, marks, value: flag.project.casefold() == value,
    "tag": lambda flag, marks, value: any(value in tag.casefold() for tag in flag.tags),
    "is": lambda flag, marks, value: value in marks,
    "state": lambda flag, marks, value: value in marks,
    "stage": lambda flag, marks, value: f"stage:{value}" in marks,
}


def parse(text: str) -> Search:
    """Anything is a search; what is no known key is a word."""
    terms, environment = [], ""
    for dash, key, quoted, plain in TERM.findall(text.casefold())[:MAX_TERMS]:
        value = quoted or plain
        if key == "env" and not dash:
            environment = value
        elif key in KEYS and key:
            values = (value,) if quoted else tuple(part for part in value.split(",") if part)
            terms.append(Term(key, values, bool(dash)))
        else:
            terms.append(Term("", (f"{key}:{value}" if key else value,), bool(dash)))
    return Search(tuple(terms), environment)


def toggled(text: str, term: str) -> str:
    """The search with one more term, or without it where it is there; for the links beside the box."""
    terms = text.split()
    return " ".join([one for one in terms if one != term] if term in terms else [*terms, term])
