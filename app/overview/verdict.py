"""What the first line of the first page says. Pure: figures in, a verdict and a list of what is wrong out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.ui.states import badness

GATHERED_WITHIN = timedelta(minutes=5)  # objectives are gathered every 30 s, written by the minute
PROBED_WITHIN = timedelta(minutes=3)  # parts are probed every 10 s, written by the minute
COUNTED_WITHIN = timedelta(minutes=3)  # live counters are read every 15 s

MOST_NAMED = 4  # objectives in the first line

# Without one of these nobody can tell how the shop is.
EYES = ("prometheus", "scrape", "evaluation", "alertmanager", "delivery")
PARTS = {
    "postgres": _l("PostgreSQL (control plane)"),
    "reporting": _l("PostgreSQL (facts of the shop)"),
    "redis": _l("Redis"),
    "prometheus": _l("Prometheus"),
    "alertmanager": _l("Alertmanager"),
    "scrape": _l("Measuring the shop"),
    "evaluation": _l("Evaluating alert rules"),
    "delivery": _l("Delivering alerts"),
    "rules": _l("Writing alert rules"),
}


@dataclass(frozen=True)
class Slo:
    """An objective as its series tell it. None: never measured."""

    key: str
    state: str  # as gathered
    at: datetime | None
    budget_left: float | None
    burn_1h: float | None
    trend: tuple[float | None, ...] = ()

    def state_at(self, now: datetime) -> str:
        """A figure that is no longer gathered is stale, whatever it last said."""
        if self.at is None:
            return "nodata"
        return "stale" if now - self.at > GATHERED_WITHIN else self.state

    @property
    def burns(self) -> bool:
        """Whether errors come faster than the budget allows. Without shoppers nobody is hurt."""
        return self.burn_1h is not None and self.burn_1h > 1

    @property
    def name(self) -> str:
        return self.key.replace("-", " ").capitalize()


@dataclass(frozen=True)
class Part:
    """A service that ours depends on, at its newest probe."""

    name: str
    at: datetime
    is_up: bool
    last_ok: datetime | None


@dataclass(frozen=True)
class Trouble:
    """One line of what is degraded."""

    state: str
    title: object
    since: datetime | None  # None: since ever, as far as is known
    href: str


@dataclass(frozen=True)
class Verdict:
    state: str
    title: object
    since: datetime | None = None


def blind_since(parts: Mapping[str, Part], now: datetime) -> tuple[bool, datetime | None]:
    """Whether monitoring sees nothing, and when it last saw; None: never."""
    eyes = [parts[name] for name in EYES if name in parts]
    newest = max((part.at for part in eyes), default=None)
    if newest is None or now - newest > PROBED_WITHIN:
        return True, newest
    down = [part for part in eyes if not part.is_up]
    seen = [part.last_ok for part in down if part.last_ok is not None]
    return bool(down), min(seen, default=None)


def verdict(slos: Sequence[Slo], parts: Mapping[str, Part], now: datetime) -> Verdict:
    """One sentence, the worst that is known. Blindness outweighs every figure that looks well."""
    states = {slo.key: slo.state_at(now) for slo in slos}
    worst = max(states.values(), key=badness, default="nodata")
    named = _named([slo for slo in slos if states[slo.key] == worst])
    if worst == "exhausted" and any(slo.burns for slo in slos if states[slo.key] == worst):
        return Verdict(worst, _l("The error budget is gone and shoppers are hurt: %(slos)s", slos=named))
    if worst == "burning":
        return Verdict(worst, _l("Shoppers are hurt right now: %(slos)s", slos=named))
    is_blind, since = blind_since(parts, now)
    if is_blind:
        return Verdict("stale", _l("Nobody can tell: monitoring is blind"), since)
    if worst == "stale":
        return Verdict("stale", _l("Nobody can tell: the figures are old"), min_at(slos))
    if worst == "exhausted":
        return Verdict(worst, _l("The shop sells, but its error budget is spent: %(slos)s", slos=named))
    if worst == "risk":
        return Verdict(worst, _l("The shop sells, with little budget left: %(slos)s", slos=named))
    if worst == "nodata":
        return Verdict("nodata", _l("Nothing is measured yet"))
    return Verdict("ok", _l("The shop is all right"))


def _named(slos: Sequence[Slo]) -> object:
    """The worst few by name: a sentence has an end."""
    first = sorted(slos, key=lambda slo: (not slo.burns, slo.budget_left or 0))[:MOST_NAMED]
    names = ", ".join(slo.name for slo in first)
    more = len(slos) - len(first)
    return _l("%(names)s and %(more)s more", names=names, more=more) if more else names


def min_at(slos: Sequence[Slo]) -> datetime | None:
    return min((slo.at for slo in slos if slo.at), default=None)


def troubles(
    slos: Sequence[Slo],
    parts: Mapping[str, Part],
    alerts: Sequence[tuple[datetime, str, str]],
    counted_at: datetime | None,
    now: datetime,
) -> list[Trouble]:
    """Everything that is not as it should be, the worst first. `alerts`: since, title and page of each."""
    found = [
        Trouble(state, slo.name, slo.at if state == "stale" else None, f"/slo/{slo.key}")
        for slo in slos
        if (state := slo.state_at(now)) not in ("ok", "nodata")
    ]
    found += [Trouble("burning", title, since, href or "/alerts/") for since, title, href in alerts]
    found += [
        Trouble("failed", PARTS.get(part.name, part.name), part.last_ok, "/alerts/")
        for part in parts.values()
        if not part.is_up
    ]
    if counted_at is not None and now - counted_at > COUNTED_WITHIN:
        found.append(Trouble("stale", _l("Live counters"), counted_at, "/jobs/"))
    return sorted(found, key=lambda trouble: -badness(trouble.state))
