"""How an error is spoken of, and which flag those who met it had in common. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_HEADLINE = 160


def headline(kind: str, message: str, *, is_back: bool = False) -> str:
    """One line. The type's own name is enough where it is asked what broke."""
    words = f"{kind.rpartition('.')[2]}: {message}" if message else kind.rpartition(".")[2]
    words = " ".join(words.split())
    if is_back:
        words = f"Back: {words}"
    return words if len(words) <= LONGEST_HEADLINE else words[: LONGEST_HEADLINE - 1] + "…"


@dataclass(frozen=True)
class Shared:
    """A flag's answer on the requests that failed."""

    flag: str
    answer: str  # a variant's name, on or off
    requests: int
    of: int  # requests of which the flags are known

    @property
    def percent(self) -> int:
        return round(100 * self.requests / self.of)


def flags_shared(requests: Iterable[Mapping[str, Any]]) -> list[Shared]:
    """Each flag's most frequent answer, what most share first; "off", which says least, last."""
    asked: dict[str, Counter[str]] = {}
    known = 0
    for request in requests:
        flags = request.get("flags")
        if not isinstance(flags, Mapping) or not flags:
            continue
        known += 1
        for flag, answer in flags.items():
            asked.setdefault(str(flag), Counter())[str(answer)] += 1
    found = [Shared(flag, *answers.most_common(1)[0], known) for flag, answers in asked.items()]
    return sorted(found, key=lambda one: (one.answer == "off", -one.requests, one.flag))
