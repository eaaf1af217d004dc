"""Reads: budgets with their outlook, unusual days, what could be saved, quotas and their use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cost import ledger, money
from app.cost.allocation import queries as allocation
from app.cost.bills import queries as bills
from app.cost.budgets.budget import DAY, Budget, Cause, Outlook, outlook, period_of
from app.cost.budgets.models import CostBudget, CostQuota
from app.cost.ledger import Account, Days
from app.cost.models import CostDriverDay
from app.cost.month import shifted
from app.errors import NotFound
from app.series.anomaly import judge
from app.series.forecast import Forecast, forecast

LEARNING_DAYS = 180
RECENT_DAYS = 28
WATCHED_DAYS = 14
CONTRIBUTORS = 3


def rows(session: Session) -> list[CostBudget]:
    return list(session.scalars(select(CostBudget).order_by(CostBudget.name)))


def one(session: Session, budget_id: int) -> CostBudget:
    row = session.get(CostBudget, budget_id)
    if row is None:
        raise NotFound(_l("There is no such budget."))
    return row


def budget_of(row: CostBudget) -> Budget:
    return Budget(
        row.name,
        row.scope,
        row.member,
        row.period,
        row.amount_cents,
        tuple(row.triggers),
        row.on_forecast,
        row.owner,
        row.language,
    )


@dataclass(frozen=True)
class Common:
    """What all budgets of one scope and period go by."""

    days: Mapping[date, Fraction]  # of the period, up to today
    ahead: Mapping[date, Fraction] | None  # None: nothing is known of the days to come
    causes: Sequence[Cause]


@dataclass(frozen=True)
class Watched:
    """Costs by day, as far as forecasts look back and budgets look ahead."""

    today: date
    accounts: Mapping[str, Account]
    planned: Mapping[str, Account]  # lines with an amount, in the days ahead
    # By scope, member and period, each computed once for all its budgets; None: a rate is missing.
    known: dict[tuple[str, str, str], Common | None] = field(default_factory=dict, repr=False)


def watched(session: Session, today: date) -> Watched:
    year_start, year_end = period_of(today, "year")
    first = min(year_start - timedelta(days=366), today - timedelta(days=LEARNING_DAYS))
    ahead = ledger.accounts(session, today + DAY, year_end) if today + DAY < year_end else {}
    return Watched(today, ledger.accounts(session, first, today + DAY), ahead)


def outlook_of(budget: Budget, found: Watched) -> Outlook | None:
    """None where a rate is missing: the cost so far is not known."""
    key = (budget.scope, budget.member, budget.period)
    if key not in found.known:
        found.known[key] = _common(budget, found)
    common = found.known[key]
    return outlook(budget, found.today, common.days, common.ahead, common.causes) if common else None


def _common(budget: Budget, found: Watched) -> Common | None:
    accounts = {key: account for key, account in found.accounts.items() if budget.holds(account.position)}
    if any(account.missing for account in accounts.values()):
        return None
    start, end = period_of(found.today, budget.period)
    days = summed(accounts.values(), start)
    return Common(
        days, _ahead(budget, found, accounts, end), _causes(accounts, start, found.today, budget.period)
    )


def summed(accounts: Iterable[Account], first: date = date.min) -> dict[date, Fraction]:
    """All of them together, from `first` on."""
    total: dict[date, Fraction] = {}
    for account in accounts:
        for day, cost in account.days.items():
            if day >= first:
                total[day] = total[day] + cost if day in total else cost
    return total


def _ahead(
    budget: Budget, found: Watched, accounts: Mapping[str, Account], end: date
) -> dict[date, Fraction] | None:
    """What lines plan, and for the rest what its past says; None where neither knows anything."""
    planned = {key: account for key, account in found.planned.items() if budget.holds(account.position)}
    days = summed(planned.values())
    past = [account.days for account in accounts.values() if account.days and not _is_planned(account)]
    length = (end - found.today).days - 1
    if past and length > 0:
        for index, cost in enumerate(_carried_on(past, found.today, length)):
            day = found.today + DAY * (index + 1)
            days[day] = days.get(day, Fraction()) + cost
    return days if accounts or planned else None


def _is_planned(account: Account) -> bool:
    return account.position.key.startswith("line:") and not account.position.driver


def _carried_on(past: Sequence[Days], today: date, length: int) -> list[Fraction]:
    """The forecast of daily cost; where there is none, the mean of the last four weeks.

    Today is not over, so it is not learnt from.
    """
    first = max(min(map(min, past)), today - timedelta(days=LEARNING_DAYS))
    values = [sum(float(days.get(day, 0)) for days in past) for day in _days(first, today)]
    made = forecast(values, length + 1) if values else None
    if isinstance(made, Forecast):
        return [Fraction(value).limit_denominator(10**6) for value in made.mid[1:]]
    recent = values[-RECENT_DAYS:]
    mean = Fraction(sum(recent)).limit_denominator(10**6) / len(recent) if recent else Fraction()
    return [mean] * length


def _causes(accounts: Mapping[str, Account], start: date, today: date, period: str) -> list[Cause]:
    """Each position up to today beside the same number of days of the period before."""
    before, _ = period_of(start - DAY, period)
    length = today - start
    return [
        Cause(
            account.position.name,
            money.cents(_between(account, start, today)),
            money.cents(_between(account, before, before + length)),
        )
        for account in accounts.values()
    ]


def _between(account: Account, first: date, last: date) -> Fraction:
    known = account.days
    return sum((known[day] for day in _days(first, last + DAY) if day in known), Fraction())


def _days(first: date, until: date) -> Iterator[date]:
    """first <= day < until."""
    return (first + DAY * index for index in range((until - first).days))


@dataclass(frozen=True)
class Unusual:
    """A day whose cost is unlike its weekday's, with the positions that explain it."""

    day: date
    cents: int
    usual_cents: int
    contributors: tuple[tuple[str, int], ...]  # name, cents above its own median

    @property
    def excess_cents(self) -> int:
        return self.cents - self.usual_cents


def unusual(found: Watched) -> list[Unusual]:
    """Unusual days of the last two weeks, the newest first; today is not over and not judged."""
    total = summed(found.accounts.values())
    if not total:
        return []
    first = min(total)
    days = [first + DAY * index for index in range((found.today - first).days)]
    judged = judge([float(total.get(day, 0)) for day in days])
    rows_ = [
        Unusual(
            day,
            money.cents(total.get(day, Fraction())),
            round(judgement.usual * 100),
            _contributors(found, days, index),
        )
        for index, (day, judgement) in enumerate(zip(days, judged, strict=True))
        if judgement is not None and judgement.is_unusual and day > found.today - timedelta(days=WATCHED_DAYS)
    ]
    return rows_[::-1]


def _contributors(found: Watched, days: list[date], index: int) -> tuple[tuple[str, int], ...]:
    day = days[index]
    rows_ = []
    for account in found.accounts.values():
        same = sorted(account.days.get(day - timedelta(days=7 * week), Fraction()) for week in range(1, 9))
        usual = (same[3] + same[4]) / 2
        rows_.append((account.position.name, money.cents(account.days.get(day, Fraction()) - usual)))
    rows_.sort(key=lambda row: -abs(row[1]))
    return tuple(row for row in rows_[:CONTRIBUTORS] if row[1])


@dataclass(frozen=True)
class Saving:
    """Something that could be saved, estimated for a month."""

    kind: str  # idle, over-provisioned, unused commitment
    name: str
    cents: int
    currency: str
    share: float | None  # of what is paid for that is in use


def savings(session: Session, today: date) -> list[Saving]:
    """Idle of the newest run that has any, then what lay idle of commitments; the largest first."""
    found = [*_idle(session, today), *_unused(session)]
    return sorted(found, key=lambda saving: -saving.cents)


def _idle(session: Session, today: date) -> list[Saving]:
    month = today.replace(day=1)
    row = allocation.newest(session, month) or allocation.newest(session, shifted(month, -1))
    if row is None:
        return []
    whole: dict[str, int] = {}
    idle: dict[str, tuple[str, int]] = {}
    for share in allocation.allocation(row).shares:
        whole[share.key] = whole.get(share.key, 0) + share.cents
        if share.how == "idle":
            idle[share.key] = (share.name, share.cents)
    base = row.inputs["base"]
    return [
        Saving(_kind(cents, whole[key]), name, cents, base, 1 - cents / whole[key] if whole[key] else None)
        for key, (name, cents) in idle.items()
    ]


def _kind(idle: int, whole: int) -> str:
    """More than half of it unused: a smaller one would do."""
    return "over-provisioned" if idle * 2 > whole else "idle"


def _unused(session: Session) -> list[Saving]:
    """What lay idle of commitments so far."""
    return [
        Saving("commitment", one.id, money.cents(one.unused), one.currency, _used_share(one))
        for one in bills.commitments(session)
        if one.unused > 0
    ]


def _used_share(one: bills.Commitment) -> float | None:
    whole = one.used + one.unused
    return float(one.used / whole) if whole else None


@dataclass(frozen=True)
class QuotaUse:
    row: CostQuota
    used: Decimal | None  # None: nothing was measured

    @property
    def share(self) -> float | None:
        return None if self.used is None else float(self.used / self.row.most)


def quotas(session: Session, today: date) -> list[QuotaUse]:
    rows_ = session.scalars(select(CostQuota).order_by(CostQuota.name))
    return [_use(session, row, today) for row in rows_]


def quota(session: Session, quota_id: int, today: date) -> QuotaUse:
    row = session.get(CostQuota, quota_id)
    if row is None:
        raise NotFound(_l("There is no such quota."))
    return _use(session, row, today)


def _use(session: Session, row: CostQuota, today: date) -> QuotaUse:
    first = today if row.period == "day" else today.replace(day=1)
    last = first if row.period == "day" else shifted(first, 1) - DAY
    used = session.scalar(
        select(func.sum(CostDriverDay.value)).where(
            CostDriverDay.driver == row.driver,
            CostDriverDay.dimension == "all",
            CostDriverDay.day >= first,
            CostDriverDay.day <= last,
        )
    )
    return QuotaUse(row, used)
