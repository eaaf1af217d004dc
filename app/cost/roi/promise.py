"""Whether an investment pays back, as promised and as measured. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.cost.line import read_month
from app.cost.month import months
from app.errors import Refused

MOST_CENTS = 10**12
MOST_PARTS = 30
LONGEST = 100
LONGEST_EVIDENCE = 500
VERDICTS = ("kept", "broken", "stopped")


@dataclass(frozen=True)
class Return:
    """All in cents. `savings`: of the first year."""

    investment_cents: int
    savings_cents: int

    @property
    def net_cents(self) -> int:
        return self.savings_cents - self.investment_cents

    @property
    def roi(self) -> float | None:
        """Net / investment; None where nothing was invested."""
        return self.net_cents / self.investment_cents if self.investment_cents else None

    @property
    def payback_months(self) -> float | None:
        """Investment / (savings / 12); None where nothing is saved."""
        return self.investment_cents * 12 / self.savings_cents if self.savings_cents > 0 else None


@dataclass(frozen=True)
class Promise:
    name: str
    owner: str
    from_month: date
    investments: Mapping[str, int]  # name → cents, once
    savings: Mapping[str, int]  # name → cents in the first year

    @property
    def promised(self) -> Return:
        return Return(sum(self.investments.values()), sum(self.savings.values()))

    def as_words(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "owner": self.owner,
            "from_month": f"{self.from_month:%Y-%m}",
            "investments": dict(self.investments),
            "savings": dict(self.savings),
        }


# The plan's own example, by which the arithmetic is checked.
EXAMPLE = Promise(
    "Control plane instead of five tools",
    "",
    date(2026, 1, 1),
    {"Build": 28_000_000, "Infrastructure": 5_000_000, "Training": 3_000_000},
    {"Incidents": 20_000_000, "Tools": 10_000_000, "Time of people": 15_000_000},
)


@dataclass(frozen=True)
class Standing:
    """A promise against what was measured up to a month."""

    months: int  # since it was to begin
    saved_cents: int
    due_cents: int  # what should have been saved by then

    measured: Return | None  # a year at the pace so far; None: nothing was measured yet

    @property
    def is_kept(self) -> bool | None:
        return None if self.measured is None else self.saved_cents >= self.due_cents


def standing(promise: Promise, saved: Mapping[date, int], month: date) -> Standing:
    """`saved`: cents of each month measured; a month without a measurement is not counted as none saved."""
    measured = [cents for at, cents in saved.items() if promise.from_month <= at <= month]
    total = sum(measured)
    elapsed = len(months(promise.from_month, month))
    promised = promise.promised
    due = promised.savings_cents * min(len(measured), 12) // 12
    year = Return(promised.investment_cents, total * 12 // len(measured)) if measured else None
    return Standing(elapsed, total, due, year)


def from_words(told: Mapping[str, Any]) -> Promise:
    wrong: dict[str, object] = {}
    texts = {name: _text(told, name, wrong) for name in ("name", "owner")}
    month = read_month(str(told.get("from_month") or ""))
    if not texts["name"]:
        wrong.setdefault("name", _l("Give a name."))
    if month is None or not 2000 <= month.year <= 2099:
        wrong["from_month"] = _l("Write a month such as 2026-01.")
    parts = {name: _parts(told.get(name), name, wrong) for name in ("investments", "savings")}
    if wrong or month is None:
        raise Refused(_l("The promise was not saved."), wrong)
    return Promise(texts["name"], texts["owner"], month, parts["investments"], parts["savings"])


def _text(told: Mapping[str, Any], name: str, wrong: dict[str, object]) -> str:
    value = told.get(name) or ""
    if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
        wrong[name] = _l("Give at most %(most)s characters.", most=LONGEST)
        return ""
    return " ".join(value.split())


def _parts(told: object, name: str, wrong: dict[str, object]) -> dict[str, int]:
    is_map = isinstance(told, Mapping) and 0 < len(told) <= MOST_PARTS
    if not isinstance(told, Mapping) or not is_map or not all(_is_part(*part) for part in told.items()):
        wrong[name] = _l("Give each part a name and an amount.")
        return {}
    return {" ".join(key.split()): cents for key, cents in told.items()}


def _is_part(key: object, cents: object) -> bool:
    is_amount = isinstance(cents, int) and not isinstance(cents, bool) and 0 <= cents <= MOST_CENTS
    return isinstance(key, str) and bool(key.strip()) and len(key) <= LONGEST and is_amount
