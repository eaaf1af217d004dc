"""Matchers of labels as Alertmanager has them: name="value", !=, =~, !~. Pure.

A label that an alert lacks counts as empty. Patterns are anchored; what Alertmanager's own pattern language
(RE2) has not, or what could keep this process busy for hours, is refused when it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

SHAPE = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
# The same for those who read no Python: the value between quotes, or bare.
SHAPE_OF_TEXT = (
    r"^\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(=~|!~|!=|=)\s*"
    r'("([^"\\\u0000-\u001f]|\\["\\/bfnrt])*"|[^\s",{}\u0000]([^",{}\n\u0000]*[^\s",{}\u0000])?)?\s*$'
)
LONGEST = 300
REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
NOT_IN_RE2 = (_constants.ASSERT, _constants.ASSERT_NOT, _constants.GROUPREF, _constants.GROUPREF_EXISTS)


@dataclass(frozen=True)
class Matcher:
    name: str
    op: str
    value: str

    @property
    def is_regex(self) -> bool:
        return self.op in ("=~", "!~")

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.name, "")
        hit = bool(_compiled(self.value).fullmatch(value)) if self.is_regex else value == self.value
        return hit == (self.op in ("=", "=~"))

    def __str__(self) -> str:
        return f"{self.name}{self.op}{json.dumps(self.value, ensure_ascii=False)}"


def read(text: str) -> Matcher:
    """One matcher. Raises `ValueError` with the text for what is none."""
    found = SHAPE.fullmatch(text)
    if found is None or len(text) > LONGEST or "\x00" in text:
        raise ValueError(text[:80])
    name, op, value = found.groups()
    if value.startswith('"'):
        value = _unquoted(value)
    elif any(sign in value for sign in '",{}\n'):
        raise ValueError(text[:80])
    matcher = Matcher(name, op, value)
    if matcher.is_regex:
        _check(value)
    return matcher


def _unquoted(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise ValueError(text[:80]) from None
    if not isinstance(value, str):
        raise ValueError(text[:80])
    return value


def read_all(texts: Iterable[str]) -> tuple[Matcher, ...]:
    return tuple(read(text) for text in texts if text.strip())


def lines(text: str) -> list[str]:
    """Matchers of a form: one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _check(pattern: str) -> None:
    try:
        tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(pattern) from error
    if _is_refused(tree, inside_repeat=False):
        raise ValueError(pattern)


def _is_refused(tree: Any, *, inside_repeat: bool) -> bool:
    """A repeat inside a repeat may take for ever; looking around and back is unknown to RE2."""
    for op, argument in tree:
        if op in NOT_IN_RE2 or (op in REPEATS and inside_repeat):
            return True
        for part in _parts(op, argument):
            if _is_refused(part, inside_repeat=inside_repeat or op in REPEATS):
                return True
    return False


def _parts(op: Any, argument: Any) -> list[Any]:
    if op in REPEATS:
        return [argument[2]]
    if op is _constants.SUBPATTERN:
        return [argument[3]]
    return list(argument[1]) if op is _constants.BRANCH else []
