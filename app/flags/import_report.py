"""What an import does to each flag and segment. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["created", "changed", "unchanged", "refused"]


@dataclass(frozen=True)
class Line:
    kind: Literal["flag", "segment"]
    name: str
    outcome: Outcome
    reason: object = ""  # of a refusal
    changes: tuple[str, ...] = ()  # what differs, by the names of the audit trail


@dataclass
class Report:
    lines: list[Line] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return any(line.outcome == "refused" for line in self.lines)

    def count(self, outcome: Outcome) -> int:
        return sum(line.outcome == outcome for line in self.lines)
