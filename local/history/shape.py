"""What the thirty days were like: traffic, the two incidents, the rollout, what was deployed. Pure.

Both incidents are small enough to leave something of a month's error budget, and seen at a glance.
Days count back from today 00:00 UTC: day −19 is nineteen days ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SEED = 20_260
DAYS = 30

SESSIONS_A_DAY = 455
GROWTH_A_DAY = 0.006
WEEKDAY = (0.95, 0.92, 0.94, 0.98, 1.03, 1.14, 1.18)  # Monday first
# Share of a day's sessions by hour (UTC): most shoppers live in central Europe, some further east.
HOUR = (8, 5, 4, 4, 6, 12, 22, 34, 44, 52, 56, 58, 60, 58, 56, 56, 58, 64, 76, 88, 86, 64, 36, 18)

LOCALE = {
    "de": 0.44,
    "en": 0.27,
    "ar": 0.09,
    "fr": 0.06,
    "pl": 0.05,
    "es": 0.04,
    "ja": 0.03,
    "pt-BR": 0.02,
}
COUNTRY = {
    "de": {"DE": 0.82, "AT": 0.15, "LU": 0.03},
    "en": {"GB": 0.38, "IE": 0.12, "NL": 0.14, "FR": 0.12, "SE": 0.12, "DE": 0.12},
    "ar": {"AE": 0.45, "SA": 0.4, "EG": 0.15},
    "fr": {"FR": 0.8, "BE": 0.12, "CH": 0.08},
    "pl": {"PL": 1.0},
    "es": {"ES": 1.0},
    "ja": {"JP": 0.9, "DE": 0.1},
    "pt-BR": {"BR": 0.7, "PT": 0.3},
}
DEVICE = {"mobile": 0.58, "desktop": 0.36, "tablet": 0.06}

RETURNING = 0.42  # share of sessions by visitors who were here before
BOUNCE = 0.38
TO_CART = 0.106
TO_CHECKOUT = 0.56  # of those with a cart
TO_ORDER = {"off": 0.62, "on": 0.67}  # of those at the checkout, by variant of new-checkout
DECLINED = 0.03
REFUNDED = 0.02
ODD_FAILURE = 0.0004  # of all requests, at any time

FLAG = "new-checkout"


@dataclass(frozen=True)
class Incident:
    key: str
    day: int
    start: timedelta  # since 00:00 UTC of that day
    minutes: int

    def span(self, today: datetime) -> tuple[float, float]:
        """Unix seconds of its start and its end."""
        start = today + timedelta(days=self.day) + self.start
        return start.timestamp(), (start + timedelta(minutes=self.minutes)).timestamp()


PAYMENTS_TIME_OUT = Incident("payments", -19, timedelta(hours=18, minutes=7), 47)
SLOW_CHECKOUT = Incident("checkout", -6, timedelta(hours=18, minutes=34), 95)
TIMED_OUT = 4  # payments during the first
FAILED_WHILE_SLOW = 1  # checkout during the second
RELOADS_WHILE_SLOW = 0.7  # how likely a shopper is to load a slow checkout once more

# (day, hours): newsletters brought more sessions in these hours (UTC), of readers who came to buy.
NEWSLETTERS = ((-19, (17, 18)), (-6, (18, 19)))
NEWSLETTER_TIMES, NEWSLETTER_TO_CART = 2.0, 0.2

# From this moment on the flag was at this percentage.
ROLLOUT = (
    (-9, timedelta(hours=9, minutes=12), 10),
    (-6, timedelta(hours=18, minutes=31), 50),
    (-6, timedelta(hours=20, minutes=7), 10),
    (-3, timedelta(hours=9, minutes=40), 50),
)


def percent_at(today: datetime, at: float) -> int:
    """How many percent of visitors had the new checkout."""
    steps = [(moment(today, day, time).timestamp(), percent) for day, time, percent in ROLLOUT]
    return next((percent for since, percent in reversed(steps) if since <= at), 0)


def begins(now: datetime) -> datetime:
    """The midnight (UTC) at which the history that ends on this day begins."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)


def moment(today: datetime, day: int, time: timedelta) -> datetime:
    return today + timedelta(days=day) + time
