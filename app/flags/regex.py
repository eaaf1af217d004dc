"""Patterns that a backtracking engine never finishes on: a repetition in a repetition, both of the same
letters. Pure: no I/O, no clock.

The engines of most SDKs match in linear time; those that borrow their language's do not. What is read here
has been taken by the former, so the syntax is sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

Letters = frozenset[int]
ALL: Letters = frozenset(range(128))
NONE: Letters = frozenset()
MANY = 10  # so many turns at most are as good as endless
PLACES = ("^", "$", r"\b", r"\B", r"\A", r"\z", r"\<", r"\>")  # they stand for no letter
POSIX = ("[[", "[:", "&&", "--", "~~")  # what Python reads in another way
TOKEN = re.compile(
    r"\\[pPx]\{[^}]*\}|\\x[0-9a-fA-F]{2}|\\[pP].|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]])*\]|.", re.DOTALL
)
TURNS = re.compile(r"(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})[?]?")
OPENING = re.compile(r"\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?|\(\?[a-zA-Z-]+\)")


@dataclass(frozen=True)
class Item:
    """A letter, a class or a group with its repetition."""

    letters: Letters  # that can stand in it
    endless: Letters  # that it repeats without end
    is_needed: bool


Branch = list[Item]


def is_catastrophic(pattern: str) -> bool:
    try:
        _branches(_Reader(pattern))
    except _Catastrophic:
        return True
    return False


class _Catastrophic(Exception):
    pass


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, form: re.Pattern[str]) -> re.Match[str] | None:
        found = form.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]


def _branches(reader: _Reader) -> list[Branch]:
    """Of a group up to its end, or of the whole pattern."""
    branches: list[Branch] = [[]]
    while (sign := reader.peek()) and sign != ")":
        if sign == "|":
            reader.at += 1
            branches.append([])
        else:
            branches[-1].extend(_items(reader))
    return branches


def _items(reader: _Reader) -> Iterator[Item]:
    """The next item; none for a place and for a switch such as (?i)."""
    if reader.peek() == "(":
        opening = reader.take(OPENING)
        if opening is None or opening[0].endswith(")"):
            return
        group = _branches(reader)
        reader.at += 1
        yield _group(group, *_turns(reader))
        return
    token = reader.take(TOKEN)
    least, most = _turns(reader)
    if token is not None and token[0] not in PLACES:
        letters = _letters(token[0])
        yield Item(letters, letters if most > MANY else NONE, least > 0)


def _turns(reader: _Reader) -> tuple[int, float]:
    """How often what came before may stand, at least and at most."""
    found = reader.take(TURNS)
    if found is None:
        return 1, 1
    match found[0][0]:
        case "*":
            return 0, float("inf")
        case "+":
            return 1, float("inf")
        case "?":
            return 0, 1
    least = int(found[1])
    return least, least if not found[2] else int(found[3]) if found[3] else float("inf")


def _group(branches: list[Branch], least: int, most: float) -> Item:
    if most >= MANY and (any(map(_is_torn, branches)) or _overlap(branches)):
        raise _Catastrophic
    every = [item for branch in branches for item in branch]
    letters = NONE.union(*(item.letters for item in every))
    endless = letters if most > MANY else NONE.union(*(item.endless for item in every))
    is_needed = least > 0 and all(any(item.is_needed for item in branch) for branch in branches)
    return Item(letters, endless, is_needed)


def _is_torn(branch: Branch) -> bool:
    """Whether the same letters can be shared out in many ways between the inner and the outer repetition."""
    endless = NONE.union(*(item.endless for item in branch))
    return bool(endless) and not any(item.is_needed and not item.letters & endless for item in branch)


def _overlap(branches: list[Branch]) -> bool:
    """Whether one letter of one branch does for all of another."""
    return any(
        len(one) == 1 and all(one[0].letters & item.letters for item in other)
        for pair in combinations(branches, 2)
        for one, other in (pair, pair[::-1])
        if other
    )


@lru_cache(256)
def _letters(token: str) -> Letters:
    """Of ASCII; all, where it is not sure."""
    if any(sign in token for sign in POSIX):
        return ALL
    try:
        form = re.compile(token)
    except re.error:
        return ALL
    return frozenset(code for code in range(128) if form.fullmatch(chr(code)))
