"""When a burning budget is worth waking somebody: several windows, each with its own factor. Pure.

A tier says how much of the budget may be gone when it fires. Over a window w of an objective's window W
the burn that spends the share p is

    f = p · W / w

and the tier fires when both its long window and a short one (a twelfth of it, so that it ends soon after
the fault does) burn faster than f. After clean traffic a constant error ratio e is noticed after

    t = f · B · w_long / e                  (only if e > f · B, where B = 1 − objective)

Source of the shares and windows: the table for 30 days in chapter 5 of Google's SRE workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Severity = Literal["page", "ticket"]
SHORT_IS_A = 12
DAY_SECONDS = 86_400
STEP_SECONDS = 300  # windows are whole five minutes, as the rows are


@dataclass(frozen=True)
class Tier:
    severity: Severity
    budget_share: Fraction  # gone when it fires
    long_seconds: int


#                 how urgent   gone              within
TIERS = (
    Tier("page", Fraction(2, 100), 1 * 3600),
    Tier("page", Fraction(5, 100), 6 * 3600),
    Tier("ticket", Fraction(10, 100), 24 * 3600),
    Tier("ticket", Fraction(10, 100), 72 * 3600),
)


@dataclass(frozen=True)
class BurnWindow:
    """A tier made for one objective and window."""

    severity: Severity
    budget_share: Fraction
    long_seconds: int
    short_seconds: int
    factor: Fraction

    @property
    def name(self) -> str:
        return duration(self.long_seconds)


@dataclass(frozen=True)
class Measured:
    """Burn and bad events of one window's length, as counted. A burn of None: no events."""

    burn: float | None
    bad: float


def windows(window_days: int, objective: Decimal) -> tuple[BurnWindow, ...]:
    """The four windows for an objective.

    A factor below 1 would fire at a burn that the budget allows, so that tier's window is shortened until
    its factor is 1. Raises `Refused` where a factor is beyond 1 / (1 − objective): such an alert looks like a
    safety net and can never fire.
    """
    made = tuple(_window(tier, window_days) for tier in TIERS)
    most = 1 / (1 - Fraction(objective))
    hopeless = [window for window in made if window.factor >= most]
    if hopeless:
        raise Refused(_l("The objective was not saved."), {"objective": _why(hopeless[0], window_days)})
    return made


def _window(tier: Tier, window_days: int) -> BurnWindow:
    whole = window_days * DAY_SECONDS
    longest = int(tier.budget_share * whole) // (SHORT_IS_A * STEP_SECONDS) * (SHORT_IS_A * STEP_SECONDS)
    seconds = min(tier.long_seconds, max(longest, SHORT_IS_A * STEP_SECONDS))
    factor = tier.budget_share * whole / seconds
    return BurnWindow(tier.severity, tier.budget_share, seconds, seconds // SHORT_IS_A, factor)


def _why(window: BurnWindow, window_days: int) -> object:
    least = 1 - 1 / window.factor
    return _l(
        "The %(window)s alert fires at %(factor)s times the sustainable burn, and this objective cannot burn "
        "that fast: it would never fire. Choose more than %(least)s %% for a window of %(days)s days.",
        window=window.name,
        factor=decimal(window.factor),
        least=decimal(least * 100),
        days=window_days,
    )


def fires(window: BurnWindow, measured: Mapping[int, Measured], min_bad_events: int) -> bool:
    """Whether the alert of a window fires; `measured` by window length in seconds.

    A minimum of bad events keeps one failed request in a quiet night from waking anybody.
    """
    long, short = measured.get(window.long_seconds), measured.get(window.short_seconds)
    if long is None or short is None or long.burn is None or short.burn is None:
        return False
    limit = float(window.factor)  # Prometheus compares floats too
    return long.burn > limit and short.burn > limit and long.bad >= min_bad_events


def detection_seconds(window: BurnWindow, objective: Decimal, error_ratio: float) -> float | None:
    """How long a constant error ratio goes on before the window's alert fires; None: it never does."""
    threshold = float(window.factor * (1 - Fraction(objective)))
    return threshold * window.long_seconds / error_ratio if error_ratio > threshold else None


def duration(seconds: int) -> str:
    """As PromQL writes it: 300 → 5m, 21600 → 6h, 259200 → 3d, 5400 → 1h30m."""
    days, rest = divmod(seconds, DAY_SECONDS)
    hours, rest = divmod(rest, 3600)
    parts = ((days, "d"), (hours, "h"), (rest // 60, "m"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def decimal(number: Fraction, digits: int = 6) -> str:
    """Without the noise of binary fractions: 72/5 → 14.4, 1/200 → 0.005."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):.{digits}f}".rstrip("0").rstrip(".")
