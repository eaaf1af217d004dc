"""Counters as people write them, asked for over a window. Pure.

What is written may be a selector, an expression of counters, one with ranges, or one that says itself where
the window goes:

    hits_total{code="200"}                     sum(increase(hits_total{code="200"}[5m]))
    sum(hits_total) - sum(errors_total)        sum(sum(increase(hits_total[5m])) - sum(increase(…[5m])))
    sum(rate(hits_total[1m]))                  sum(sum(increase(hits_total[5m])))
    sum(increase(hits_total[{{.window}}]))     sum(sum(increase(hits_total[5m])))

Each counter's own increase is taken before anything is summed: a sum of counters that restart one by one has
no increase of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PLACEHOLDERS = ("{{.window}}", "{{ .window }}", "$window", "$__window", "[[window]]")
TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<number>(?:\d+(?:ms|[smhdwy]))+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
WORDS = LISTS | {"and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "start", "end"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


def tokens(expr: str) -> list[Token]:
    found = (Token(match.lastgroup or "sign", match.group()) for match in TOKEN.finditer(expr))
    return [Token("space", " ") if token.text.startswith("#") else token for token in found]


def plain(expr: str) -> str:
    """On one line and without comments, which would hide what is put behind them."""
    return "".join(" " if token.kind == "space" else token.text for token in tokens(expr.strip()))


def counted(expr: str, window: str) -> str:
    """The events of a counter, or of an expression of counters, in the window before."""
    expr = plain(expr)
    if any(mark in expr for mark in PLACEHOLDERS):
        for mark in PLACEHOLDERS:
            expr = expr.replace(mark, window)
        return expr
    found = tokens(expr)
    if any(token.text == "[" for token in found):
        return "".join(_with_ranges(found, window))
    return "".join(_with_increases(found, window))


def summed(expr: str, window: str, by: str = "") -> str:
    """The same as one number, or as one for each value of a label."""
    return f"sum by ({by}) ({counted(expr, window)})" if by else f"sum({counted(expr, window)})"


def is_selector(expr: str) -> bool:
    """Whether it is one counter without anything around it, which `absent` can explain."""
    marks = [token for token in tokens(expr.strip()) if token.kind != "space"]
    return bool(marks) and _selector_end(marks, 0) == len(marks)


def _with_ranges(found: list[Token], window: str) -> Iterator[str]:
    inside = False
    for token in found:
        if token.text == "[" and token.kind == "sign":
            inside = True
            yield f"[{window}"
        elif token.text == "]" and token.kind == "sign":
            inside = False
            yield "]"
        elif not inside:
            yield "increase" if token.text in ("rate", "irate") else token.text


def _with_increases(found: list[Token], window: str) -> Iterator[str]:
    at = 0
    while at < len(found):
        token = found[at]
        if token.text in LISTS and token.kind == "name":
            end = _list_end(found, at)
        elif (end := _selector_end(found, at)) > at:
            selector = "".join(one.text for one in found[at:end])
            shift = _shift_end(found, end)
            shifted = "".join(one.text for one in found[end:shift])
            yield f"increase({selector}[{window}]{shifted})"
            at = shift
            continue
        else:
            end = at + 1
        yield from (one.text for one in found[at:end])
        at = end


def _selector_end(found: list[Token], at: int) -> int:
    """Behind the selector that begins here; `at` itself where none begins."""
    token = found[at]
    if token.text == "{":
        return _closing(found, at, "}")
    if token.kind != "name" or token.text.lower() in WORDS:
        return at
    following = _skip_space(found, at + 1)
    if following < len(found) and found[following].text == "(":
        return at
    if following < len(found) and found[following].text in LISTS:
        return at  # an aggregation with its labels in front: sum by (…) (…)
    if following < len(found) and found[following].text == "{":
        return _closing(found, following, "}")
    return at + 1


def _shift_end(found: list[Token], at: int) -> int:
    """Behind an `offset 5m` or `offset -5m` that follows."""
    word = _skip_space(found, at)
    if word >= len(found) or found[word].text != "offset":
        return at
    length = _skip_space(found, word + 1)
    if length < len(found) and found[length].text == "-":
        length = _skip_space(found, length + 1)
    return min(length + 1, len(found))


def _list_end(found: list[Token], at: int) -> int:
    """Behind the labels in parentheses that follow `by` and its like, if any follow."""
    following = _skip_space(found, at + 1)
    if following < len(found) and found[following].text == "(":
        return _closing(found, following, ")")
    return at + 1


def _closing(found: list[Token], at: int, sign: str) -> int:
    for end in range(at, len(found)):
        if found[end].text == sign and found[end].kind == "sign":
            return end + 1
    return len(found)


def _skip_space(found: list[Token], at: int) -> int:
    while at < len(found) and found[at].kind == "space":
        at += 1
    return at
