"""What a month comes to. Pure: no I/O, no clock, no Flask.

Conservation: the lines of a month, their components and the month's total are the same cents. Nothing is
rounded on the way; only a cost per user or order is a fraction of a cent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.cost.line import Line


@dataclass(frozen=True)
class Bill:
    """The lines that are paid in one month."""

    month: date
    lines: tuple[Line, ...]

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)

    def by_component(self) -> dict[str, int]:
        """Cents by component, the largest first."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.component] = found.get(line.component, 0) + line.amount_cents
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def is_conserved(self) -> bool:
        return sum(self.by_component().values()) == self.total_cents


def bill(lines: Iterable[Line], month: date) -> Bill:
    return Bill(month, tuple(line for line in lines if line.covers(month)))


def per(total_cents: int, count: int | None) -> float | None:
    """Cents for each; None where there is nobody to divide by."""
    return total_cents / count if count else None


def first_of(day: date) -> date:
    return day.replace(day=1)


def shifted(month: date, by: int) -> date:
    index = month.year * 12 + month.month - 1 + by
    return date(index // 12, index % 12 + 1, 1)


def months(first: date, last: date) -> list[date]:
    """Every month from `first` to `last`, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [shifted(first, index) for index in range(max(0, count))]
