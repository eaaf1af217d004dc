"""What became of the rows of an imported file. Pure: no I/O, no clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

REASONS_KEPT = 100


@dataclass
class Report:
    """Counts are of the whole file; of refused rows the first hundred are told one by one."""

    name: str
    rows: int = 0
    kinds: Counter[str] = field(
        default_factory=Counter
    )  # sale, cancel, adjust, other; of events: taken, known
    refused: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)  # line, why
    changed: Counter[str] = field(default_factory=Counter)  # what was written new or differently
    other_encoding: int = 0  # lines read as Windows-1252
    first: str | None = None
    last: str | None = None
    columns: dict[str, str] = field(default_factory=dict)  # what → name in the file
    is_dry: bool = False

    def refuse(self, line: int, why: object) -> None:
        self.refused += 1
        if len(self.reasons) < REASONS_KEPT:
            self.reasons.append((line, str(why)))

    def plain(self) -> dict[str, object]:
        return {
            "file": self.name,
            "rows": self.rows,
            **{f"{kind}_lines": count for kind, count in sorted(self.kinds.items())},
            "refused": self.refused,
            "reasons": [{"line": line, "reason": why} for line, why in self.reasons],
            "changed": dict(self.changed),
            "lines_in_another_encoding": self.other_encoding,
            "first": self.first,
            "last": self.last,
            "columns": self.columns,
            "dry_run": self.is_dry,
        }
