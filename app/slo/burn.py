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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Severity = Literal["page", "ticket"]
SHORT_IS_A = 12
DAY_SECONDS = 86_400
# What windows are multiples of: hours if possible, else what makes the short one whole minutes or seconds.
STEPS = (300 * SHORT_IS_A, 60 * SHORT_IS_A, SHORT_IS_A)


@dataclass(frozen=True)
class Tier:
    severity: Severity
    budget_share: Fraction  # gone when it fires
    long_seconds: int
    short_given: int = 0  # 0: a twelfth of the long one

    @property
    def short_seconds(self) -> int:
        return self.short_given or self.long_seconds // SHORT_IS_A


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


def windows(window_days: int, objective: Decimal, tiers: Sequence[Tier] = ()) -> tuple[BurnWindow, ...]:
    """The alert windows for an objective, by its own tiers or (with none) by the standard ones.

    A standard tier's window is shortened where its factor would be below 1 and fire at a burn that the budget
    allows, and lengthened where its factor would reach 1 / (1 − objective), the largest possible burn. Raises
    `Refused` where that cannot be, or where a tier of one's own can never fire: it looks like a safety net
    and is none.
    """
    made = tuple(
        _made(tier, window_days) if tiers else _fitted(tier, window_days, objective)
        for tier in tiers or TIERS
    )
    most = 1 / (1 - Fraction(objective))
    hopeless = [window for window in made if window.factor >= most]
    if hopeless:
        raise Refused(_l("The objective was not saved."), {"objective": _why(hopeless[0], window_days)})
    return made


def _made(tier: Tier, window_days: int) -> BurnWindow:
    factor = tier.budget_share * window_days * DAY_SECONDS / tier.long_seconds
    return BurnWindow(tier.severity, tier.budget_share, tier.long_seconds, tier.short_seconds, factor)


def _fitted(tier: Tier, window_days: int, objective: Decimal) -> BurnWindow:
    """The window nearest to the tier's whose factor lies from 1 to below the largest possible burn."""
    spends = tier.budget_share * window_days * DAY_SECONDS  # seconds in which a burn of 1 spends the share
    above = spends * (1 - Fraction(objective))  # a window of this length could burn at the limit, no faster
    for step in STEPS:
        longest, shortest = int(spends) // step * step, (int(above) // step + 1) * step
        if shortest <= longest:
            return _made(
                replace(tier, long_seconds=min(max(tier.long_seconds, shortest), longest)), window_days
            )
    return _made(tier, window_days)


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
    minutes, seconds = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def decimal(number: Fraction, digits: int = 6) -> str:
    """Without the noise of binary fractions: 72/5 → 14.4, 1/200 → 0.005."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):.{digits}f}".rstrip("0").rstrip(".")
