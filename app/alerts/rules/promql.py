"""Just enough of PromQL to say what an expression reads: its selectors, its ranges, its threshold. Pure.

Whether it parses is Prometheus' to say; this file only takes apart what Prometheus has accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.alerts import durations

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
      | (?P<span>(?:\d+(?:ms|[smhdwy]))+)
      | (?P<number>0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_:][A-Za-z0-9_:]*)
      | (?P<compare>==|!=|>=|<=|>|<)
      | (?P<other>=~|!~|[^\s])""",
    re.VERBOSE | re.DOTALL,
)
LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
WORDS = LISTS | {"and", "or", "unless", "offset", "bool", "atan2", "inf", "nan", "start", "end"}
# What is asked of something that may be absent is meant to be asked of it.
MAY_BE_ABSENT = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Threshold:
    """`measured op limit`, such as `rate(errors[5m]) > 3`."""

    measured: str
    op: str
    limit: float


def tokens(expr: str) -> list[Token]:
    found = (Token(match.lastgroup or "", match.group(), *match.span()) for match in TOKEN.finditer(expr))
    return [token for token in found if token.kind != "comment"]


def selectors(expr: str) -> list[str]:
    """Each different vector selector once, without range or offset, in the order of the text."""
    return list(dict.fromkeys(_selectors(expr, tokens(expr))))


def _selectors(expr: str, found: Sequence[Token]) -> Iterator[str]:
    """What stands inside absent(…) is left out: it is no fault of the rule that it matches nothing."""
    at, depth, absent_from = 0, 0, None
    while at < len(found):
        token = found[at]
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
            absent_from = None if absent_from is not None and depth <= absent_from else absent_from
        elif token.kind == "word" and token.text.lower() in LISTS and _follows(found, at, "("):
            at = _close(found, at + 1, "(", ")")
        elif token.text in MAY_BE_ABSENT and _follows(found, at, "("):
            absent_from = depth if absent_from is None else absent_from
        elif token.text == "[":
            at = _close(found, at, "[", "]")
        elif _is_metric(found, at) or token.text == "{":
            opens = at if token.text == "{" else at + 1
            last = _close(found, opens, "{", "}") if _follows(found, opens - 1, "{") else at
            if absent_from is None:
                yield expr[token.start : found[last].end]
            at = last
        at += 1


def _follows(found: Sequence[Token], at: int, text: str) -> bool:
    return at + 1 < len(found) and found[at + 1].text == text


def _is_metric(found: Sequence[Token], at: int) -> bool:
    token = found[at]
    if token.kind != "word" or token.text.lower() in WORDS or _follows(found, at, "("):
        return False
    aggregates = at + 1 < len(found) and found[at + 1].text.lower() in ("by", "without")
    return not (aggregates and _follows(found, at + 1, "("))


def _close(found: Sequence[Token], opens: int, left: str, right: str) -> int:
    """The place of the bracket that closes the one at `opens`; the last token where none does."""
    depth = 0
    for at in range(opens, len(found)):
        depth += (found[at].text == left) - (found[at].text == right)
        if depth == 0:
            return at
    return len(found) - 1


def longest_look_seconds(expr: str) -> int:
    """The longest range, offset or subquery that the expression looks back over."""
    return max(
        (_seconds(token.text) for token in tokens(expr) if token.kind == "span"),
        default=0,
    )


def _seconds(text: str) -> int:
    try:
        return durations.read(re.sub(r"\d+ms", "", text))
    except ValueError:
        return max(durations.UNITS.values()) * 1_000  # so odd that no limit lets it through


def asks_for_the_edges(expr: str) -> bool:
    """Whether it uses `@ start()` or `@ end()`, which mean one moment in a rule and another in a replay."""
    found = tokens(expr)
    return any(
        token.text == "@" and at + 1 < len(found) and found[at + 1].text in ("start", "end")
        for at, token in enumerate(found)
    )


def threshold(expr: str) -> Threshold | None:
    """What is compared with which number, where the outermost operation is a comparison with a number."""
    found, depth, place = tokens(expr), 0, None
    for at, token in enumerate(found):
        depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and token.kind == "word" and token.text.lower() in ("and", "or", "unless"):
            return None
        if depth == 0 and token.kind == "compare":
            place = at
    if place is None:
        return None
    limit = _number([token.text for token in found[place + 1 :]])
    measured = expr[: found[place].start].strip()
    return None if limit is None or not measured else Threshold(measured, found[place].text, limit)


def _number(texts: Sequence[str]) -> float | None:
    try:
        return float("".join(texts))
    except ValueError:
        return None
