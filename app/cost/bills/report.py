"""What became of the rows of a file. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

MOST_SHOWN = 200


@dataclass
class Sums:
    """Exact sums of a file in one currency."""

    rows: int = 0
    billed: Decimal = Decimal(0)
    effective: Decimal = Decimal(0)
    list_cost: Decimal = Decimal(0)
    contracted: Decimal = Decimal(0)


AMOUNTS = ("billed", "effective", "list_cost", "contracted")


@dataclass
class Report:
    rows: int = 0
    refused: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)  # line and why, the first of them
    added: int = 0
    unchanged: int = 0
    gone: int = 0  # rows of the bills' former files that this one no longer has
    bills: Sequence[Mapping[str, Any]] = ()  # gone: rows of this bill alone, gone_billed: their amount
    sums: dict[str, Sums] = field(default_factory=dict)  # by currency
    categories: dict[str, int] = field(default_factory=dict)
    unknown_columns: Sequence[str] = ()
    stray_lines: int = 0  # not in UTF-8
    without_currency: str = ""  # what was said to be the currency where the file has no such column
    asked: Mapping[str, Any] = field(default_factory=dict)  # how the file was to be taken
    is_known: bool = False  # the very same content was imported before
    is_dry_run: bool = False

    def refuse(self, line: int, why: str) -> None:
        self.refused += 1
        if len(self.reasons) < MOST_SHOWN:
            self.reasons.append((line, why))

    @property
    def changed(self) -> bool:
        return bool(self.added or self.gone)

    @classmethod
    def again(cls, told: Mapping[str, Any]) -> Report:
        """Of a file whose bills stand as it left them, from what was told of it then: nothing changes."""
        report = cls(rows=told["rows"], refused=told["refused"], unchanged=told["rows"], is_known=True)
        report.reasons = [(one["line"], one["why"]) for one in told["reasons"]]
        report.bills = [{**bill, "gone": 0, "gone_billed": "0"} for bill in told["bills"]]
        report.sums = {
            currency: Sums(sums["rows"], *(Decimal(sums[name]) for name in AMOUNTS))
            for currency, sums in told["sums"].items()
        }
        for name in ("categories", "unknown_columns", "stray_lines", "without_currency", "asked"):
            setattr(report, name, told[name])
        return report

    def as_words(self) -> dict[str, Any]:
        """Plain values for JSON: amounts as text, so that no digit is lost."""
        told = asdict(self)
        told["sums"] = {
            currency: {name: value if name == "rows" else f"{value:f}" for name, value in sums.items()}
            for currency, sums in told["sums"].items()
        }
        told["reasons"] = [{"line": line, "why": why} for line, why in self.reasons]
        return told
