"""What the reading of figures gives: frozen, ready to be shown. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.kpi.definitions import Grain, Kpi


@dataclass(frozen=True)
class Bucket:
    """One day, week or month; of `Member.total` all days that were asked for."""

    start: date  # in the zone; a week starts on Monday
    value: float | None  # in the unit of the KPI's series; None: no data
    numerator: float | None  # of a ratio what was divided, else the value itself
    denominator: float | None  # None where nothing is divided
    is_whole: bool  # the facts of all its days are in


@dataclass(frozen=True)
class Member:
    """One group: a locale, a country, a variant …; "" without a breakdown, "unknown" where nobody said."""

    name: str
    buckets: list[Bucket]
    total: Bucket  # a sum, the ratio of sums; of people the mean bucket, for people cannot be added up


@dataclass(frozen=True)
class Reading:
    """A KPI by time. `members` are sorted by their size, the biggest first."""

    kpi: Kpi
    zone: str
    grain: Grain
    by: str | None
    members: list[Member]
    currency: str | None  # of money; None of what is none
    other_currencies: list[str]  # what was sold in these is not among the figures
    computed_at: datetime | None  # of the zone; None: it is being filled for the first time
    is_computing: bool  # some of these days still wait for a run of kpi.daily


@dataclass(frozen=True)
class Step:
    """A step of the closed funnel."""

    name: str  # sessions, funnel_cart, funnel_checkout, funnel_completed
    count: float | None  # None: no data
    of_former: float | None  # share of the step before; None of the first
    of_first: float | None


@dataclass(frozen=True)
class Funnel:
    zone: str
    members: dict[str, list[Step]]  # by group; "" without a breakdown
    is_whole: bool
    is_computing: bool


@dataclass(frozen=True)
class CohortMonth:
    """What a cohort did in one month after its first."""

    offset: int  # 0: the month of the first order
    active: int  # customers with an order in it
    retention: float  # of the cohort's size
    net_cents: float  # gross − discounts − returns of the cohort's customers in this month
    ltv_cents: float  # mean cumulative net revenue per customer, up to and with this month
    is_partial: bool  # this month is not over, or its facts end within it


@dataclass(frozen=True)
class Cohort:
    """Customers whose first order fell into one month, and every month since, up to the last of the facts."""

    month: date
    size: int
    months: list[CohortMonth]


@dataclass(frozen=True)
class Cohorts:
    zone: str
    cohorts: list[Cohort]  # oldest first
    currency: str | None
    other_currencies: list[str]
    computed_at: datetime | None
    is_computing: bool


@dataclass(frozen=True)
class Adoption:
    """How a feature is used: a kind of usage event, or a flag with its variant as `flag:variant`."""

    feature: str
    buckets: list[Bucket]  # distinct users of the feature / distinct active users of the same bucket
    total: Bucket  # the mean bucket
    first_uses: int  # browsers that first used it in these days
    median_seconds: float | None  # from when they were first seen to their first use; None: nobody


@dataclass(frozen=True)
class Slice:
    """One group of a breakdown: over all days asked for, and its share of the whole."""

    name: str
    total: Bucket
    share: float | None  # of the sum of all groups; None of ratios


@dataclass(frozen=True)
class Growth:
    """A KPI over some days beside others."""

    now: Bucket
    before: Bucket
    compared_with: tuple[date, date]  # first and last day of `before`
    change: float | None
