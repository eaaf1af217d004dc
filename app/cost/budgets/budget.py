"""How much of a budget is used, how much will be, and when it is passed. Pure: no I/O, no clock, no Flask.

Days up to today are what they cost; days ahead are what is known of them (lines with an amount) and what the
forecast of the rest says. The first day on which the running sum passes the budget is its breach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.cost import money
from app.cost.line import LONGEST_NAME, MOST_CENTS
from app.cost.month import Position, shifted
from app.errors import Refused

SCOPES: dict[str, LazyString] = {
    "all": _l("Everything"),
    "component": _l("A component"),
    "service": _l("A service"),
    "feature": _l("A feature"),
}
PERIODS: dict[str, LazyString] = {"month": _l("Month"), "quarter": _l("Quarter"), "year": _l("Year")}
PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}
TRIGGERS = (50, 80, 100)
DAY = timedelta(days=1)
CAUSES = 5

State = Literal["ok", "risk", "exhausted"]


@dataclass(frozen=True)
class Budget:
    name: str
    scope: str  # a key of SCOPES
    member: str
    period: str
    amount_cents: int
    triggers: tuple[int, ...]  # percent, on the cost so far
    on_forecast: bool
    owner: str
    language: str = "en"  # of mails to the owner

    def holds(self, position: Position) -> bool:
        return self.scope == "all" or getattr(position, self.scope) == self.member

    def as_words(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "scope": self.scope,
            "member": self.member,
            "period": self.period,
            "amount_cents": self.amount_cents,
            "triggers": list(self.triggers),
            "on_forecast": self.on_forecast,
            "owner": self.owner,
            "language": self.language,
        }


@dataclass(frozen=True)
class Cause:
    """A position of the scope: what it costs in this period beside the same stretch of the one before."""

    name: str
    cents: int  # so far
    before_cents: int  # up to the same day of the period before

    @property
    def change(self) -> int:
        return self.cents - self.before_cents


@dataclass(frozen=True)
class Outlook:
    start: date
    end: date  # the day after the last
    spent_cents: int
    expected_cents: int | None  # at the end; None: nothing to go by
    breach: date | None  # the first day that passes the budget, behind or ahead
    amount_cents: int
    causes: tuple[Cause, ...]  # what grew most, first

    @property
    def used(self) -> float:
        return self.spent_cents / self.amount_cents

    @property
    def expected(self) -> float | None:
        return None if self.expected_cents is None else self.expected_cents / self.amount_cents

    @property
    def state(self) -> State:
        if self.spent_cents > self.amount_cents:
            return "exhausted"
        return "risk" if self.breach is not None else "ok"


def period_of(day: date, period: str) -> tuple[date, date]:
    """The period that holds the day: its first day and the day after its last."""
    months = PERIOD_MONTHS[period]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, shifted(first, months)


def outlook(
    budget: Budget,
    today: date,
    days: Mapping[date, Fraction],
    ahead: Mapping[date, Fraction] | None,
    causes: Sequence[Cause] = (),
) -> Outlook:
    """`days`: units of each day up to today; `ahead`: those expected after it, None where nobody can say."""
    start, end = period_of(today, budget.period)
    spent = sum((cost for day, cost in days.items() if start <= day <= today), Fraction())
    expected, breach = spent, None
    running = Fraction()
    limit = money.units(budget.amount_cents)
    day = start
    while day < end:
        running += days.get(day, Fraction()) if day <= today else (ahead or {}).get(day, Fraction())
        if breach is None and running > limit and (day <= today or ahead is not None):
            breach = day
        day += DAY
    expected = running
    return Outlook(
        start=start,
        end=end,
        spent_cents=money.cents(spent),
        expected_cents=None if ahead is None else money.cents(expected),
        breach=breach,
        amount_cents=budget.amount_cents,
        causes=tuple(sorted(causes, key=lambda cause: (-cause.change, cause.name))[:CAUSES]),
    )


def reached(budget: Budget, found: Outlook) -> list[str]:
    """The triggers that hold, such as 50, 80 and forecast."""
    told = [str(share) for share in budget.triggers if found.spent_cents * 100 >= share * found.amount_cents]
    passes = found.expected_cents is not None and found.expected_cents > found.amount_cents
    return [*told, "forecast"] if budget.on_forecast and passes else told


def from_words(told: Mapping[str, Any]) -> Budget:
    """A budget from JSON or a form that was read. Refuses with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    budget = Budget(
        name=_text(told, "name", wrong),
        scope=str(told.get("scope") or "all"),
        member=_text(told, "member", wrong),
        period=str(told.get("period") or "month"),
        amount_cents=_cents(told.get("amount_cents"), wrong),
        triggers=_triggers(told.get("triggers", TRIGGERS), wrong),
        on_forecast=bool(told.get("on_forecast", True)),
        owner=_text(told, "owner", wrong),
        language=str(told.get("language") or "en"),
    )
    _check(budget, wrong)
    if wrong:
        raise Refused(_l("The budget was not saved."), wrong)
    return budget


def _text(told: Mapping[str, Any], name: str, wrong: dict[str, object]) -> str:
    value = told.get(name) or ""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or "\x00" in value:
        wrong[name] = _l("Give at most %(most)s characters.", most=LONGEST_NAME)
        return ""
    return " ".join(value.split())


def _cents(value: object, wrong: dict[str, object]) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_CENTS * 12:
        wrong["amount_cents"] = _l("Write an amount above 0.")
        return 1
    return value


def _triggers(value: object, wrong: dict[str, object]) -> tuple[int, ...]:
    found = list(value) if isinstance(value, list | tuple) else []
    if len(found) > 10 or not all(isinstance(one, int) and 0 < one <= 1_000 for one in found):
        wrong["triggers"] = _l("Give percentages such as 50, 80, 100.")
        return ()
    return tuple(sorted(set(found)))


def _check(budget: Budget, wrong: dict[str, object]) -> None:
    if not budget.name:
        wrong["name"] = _l("Give a name.")
    if budget.scope not in SCOPES:
        wrong["scope"] = _l("Choose one of the list.")
    if budget.scope != "all" and not budget.member:
        wrong.setdefault("member", _l("Say which one."))
    if budget.period not in PERIODS:
        wrong["period"] = _l("Choose one of the list.")
    if budget.owner and ("@" not in budget.owner or " " in budget.owner):
        wrong["owner"] = _l("Give an e-mail address.")
