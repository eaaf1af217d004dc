"""What people type to find flags: words and `key:value`, as it stands in the URL. Pure: no I/O, no clock.

checkout owner:product is:moving
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

MAX_TERMS = 20


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
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Search:
    words: tuple[str, ...]  # each must be somewhere
    keys: tuple[tuple[str, str], ...]  # each must hold

    def matches(self, flag: Found, marks: frozenset[str]) -> bool:
        """`marks`: what `is:` asks for: on, off, moving, targeted, broken, stale, overdue, drill."""
        text = " ".join((flag.name, flag.description, flag.owner, *flag.tags)).casefold()
        return all(word in text for word in self.words) and all(
            KEYS[key](flag, marks, value) for key, value in self.keys
        )


KEYS: Mapping[str, Callable[[Found, frozenset[str], str], bool]] = {
    "type": lambda flag, marks, value: flag.type == value,
    "owner": lambda flag, marks, value: value in flag.owner.casefold(),
    "tag": lambda flag, marks, value: any(value in tag.casefold() for tag in flag.tags),
    "is": lambda flag, marks, value: value in marks,
}


def parse(text: str) -> Search:
    """Anything is a search; what is no known key is a word."""
    words, keys = [], []
    for term in text.casefold().split()[:MAX_TERMS]:
        key, colon, value = term.partition(":")
        if colon and value and key in KEYS:
            keys.append((key, value))
        else:
            words.append(term)
    return Search(tuple(words), tuple(keys))
