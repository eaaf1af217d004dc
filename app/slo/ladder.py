"""The burn of an objective in each of its alert windows, against the factor that the alert fires at. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Refused
from app.slo.burn import BurnWindow, Measured, Severity, duration, fires, windows
from app.slo.definition import Definition


@dataclass(frozen=True)
class Rung:
    seconds: int
    severity: Severity
    factor: float
    burn: float | None  # None: no events, or not measured
    bad: float
    fires: bool

    @property
    def window(self) -> str:
        """As PromQL writes it: 1h."""
        return duration(self.seconds)

    @property
    def state(self) -> str:
        """Above its factor without firing (few bad events, or over already) is not well either."""
        if self.burn is None:
            return "nodata"
        if self.fires and self.severity == "page":
            return "burning"
        return "risk" if self.fires or self.share > 1 else "ok"

    @property
    def share(self) -> float:
        """How near to its alert: 1 is at the factor."""
        return 0.0 if self.burn is None else self.burn / self.factor


def ladder(slo: Definition, burns: Mapping[int, Measured]) -> tuple[Rung, ...]:
    """By the same windows, factors and minimum as the alerts themselves; none where they cannot be made."""
    try:
        found = windows(slo.window_days, slo.objective, slo.tiers)
    except Refused:
        return ()
    return tuple(_rung(window, burns, slo.min_bad_events) for window in found)


def _rung(window: BurnWindow, burns: Mapping[int, Measured], min_bad_events: int) -> Rung:
    long = burns.get(window.long_seconds)
    return Rung(
        window.long_seconds,
        window.severity,
        float(window.factor),
        long.burn if long else None,
        long.bad if long else 0.0,
        fires(window, burns, min_bad_events),
    )


def hottest(rungs: tuple[Rung, ...]) -> Rung | None:
    """What fires, else what is nearest to firing; None where nothing is measured."""
    known = [rung for rung in rungs if rung.burn is not None]
    return max(known, key=lambda rung: (rung.fires, rung.share), default=None)
