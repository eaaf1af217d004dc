"""What somebody looks for among alerts, and how they stand in groups. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

GROUPS = ("severity", "alertname", "slo", "owner")
LONGEST = 200
T = TypeVar("T")


def matches(text: str, labels: Mapping[str, str], words: str) -> bool:
    """Every word must be there: as name=value of a label, or anywhere in the text or the labels."""
    all_of_it = " ".join([text, *labels.values()]).lower()
    for word in words.split():
        name, sign, value = word.partition("=")
        if sign and name in (*labels, *GROUPS):
            if labels.get(name, "") != value.strip('"'):
                return False
        elif word.lower() not in all_of_it:
            return False
    return True


def grouped(found: Iterable[T], key: Callable[[T], str]) -> list[tuple[str, list[T]]]:
    """In the order in which the groups first appear: the worst is first in the list, so its group is too."""
    groups: dict[str, list[T]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())


def chosen_group(args: Mapping[str, Any]) -> str:
    asked = str(args.get("by", ""))
    return asked if asked in GROUPS else GROUPS[0]
