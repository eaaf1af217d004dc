"""What a number of users would cost. Pure: no I/O, no clock, no Flask.

    users → requests and orders (by what was measured of each user) → components → a month's cost

A component costs something fixed, something for each step of what it can carry, and something for each unit.
The phases and their prices are the plan's; the band is theirs, too: how far its ranges lie apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import floor
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused

DRIVERS = ("users", "orders", "requests")
MOST_USERS = 10**9
MOST_COMPONENTS = 40
LONGEST = 100


@dataclass(frozen=True)
class Phase:
    """A range of active users a month, and what the plan says it costs, in euros a month."""

    key: str
    name: LazyString
    from_users: int
    to_users: int | None  # None: no end
    low: int
    high: int
    change: LazyString  # what to change before it begins


PHASES = (
    Phase("start", _l("Up to 1,000 users"), 0, 1_000, 45, 45, _l("Nothing: one server and one database.")),
    Phase(
        "growing",
        _l("1,000 to 10,000 users"),
        1_000,
        10_000,
        45,
        45,
        _l("Back up the database elsewhere and watch it."),
    ),
    Phase(
        "hundred-thousand",
        _l("10,000 to 100,000 users"),
        10_000,
        100_000,
        400,
        950,
        _l("A second web server behind a balancer, a cache, and monitoring of its own."),
    ),
    Phase(
        "million",
        _l("100,000 to 1,000,000 users"),
        100_000,
        1_000_000,
        400,
        3_000,
        _l("Read replicas, workers of their own, and a content network for pictures."),
    ),
    Phase(
        "millions",
        _l("More than 1,000,000 users"),
        1_000_000,
        None,
        3_000,
        8_000,
        _l("Partitioned tables, several regions, and people on call."),
    ),
)


@dataclass(frozen=True)
class Component:
    """What a part costs a month, in cents. `low` and `high`: how far off that may be, as a factor."""

    name: str
    fixed_cents: int = 0
    step_driver: str = "users"
    step_size: int = 0  # after each so many of the driver another step is paid; 0: no steps
    step_cents: int = 0
    unit_driver: str = "orders"
    unit_cents: float = 0.0
    low: float = 1.0
    high: float = 1.0

    def cents(self, amounts: Mapping[str, float]) -> float:
        steps = floor(amounts[self.step_driver] / self.step_size) if self.step_size else 0
        return self.fixed_cents + steps * self.step_cents + amounts[self.unit_driver] * self.unit_cents


# The plan's prices: 20 + 25 a month up to 10,000 users; at 100,000 and 1,000,000 inside each of its ranges.
SEED = (
    Component("Hosting", 2_000, "users", 25_000, 8_000, low=0.6, high=1.45),
    Component("Database", 2_500, "users", 100_000, 17_500, low=0.5, high=1.5),
    Component("Cache and CDN", 0, "users", 50_000, 2_500, low=0.8, high=1.6),
    Component("Monitoring", 0, "users", 100_000, 5_000),
    Component("Payment fees", 0, unit_driver="orders", unit_cents=145.0),
)


@dataclass(frozen=True)
class Scenario:
    name: str
    users: int  # active in a month
    requests_per_user: float  # in a month
    orders_per_user: float
    components: tuple[Component, ...] = SEED
    revenue_per_order_cents: int = 0

    def as_words(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """A month at so many users, in cents."""

    users: int
    requests: float
    orders: float
    by_component: Mapping[str, tuple[int, int, int]]  # low, middle, high
    revenue_cents: int
    phase: Phase
    low_cents: int = field(default=0)
    cents: int = field(default=0)
    high_cents: int = field(default=0)

    @property
    def per_user_cents(self) -> float | None:
        return self.cents / self.users if self.users else None

    @property
    def per_order_cents(self) -> float | None:
        return self.cents / self.orders if self.orders else None

    @property
    def margin_cents(self) -> int:
        return self.revenue_cents - self.cents


def outcome(scenario: Scenario) -> Outcome:
    amounts = {
        "users": float(scenario.users),
        "orders": scenario.users * scenario.orders_per_user,
        "requests": scenario.users * scenario.requests_per_user,
    }
    rows = {part.name: _band(part, amounts) for part in scenario.components}
    low, middle, high = (sum(row[index] for row in rows.values()) for index in range(3))
    return Outcome(
        users=scenario.users,
        requests=amounts["requests"],
        orders=amounts["orders"],
        by_component=rows,
        revenue_cents=round(amounts["orders"] * scenario.revenue_per_order_cents),
        phase=phase_of(scenario.users),
        low_cents=low,
        cents=middle,
        high_cents=high,
    )


def _band(part: Component, amounts: Mapping[str, float]) -> tuple[int, int, int]:
    cents = part.cents(amounts)
    return round(cents * part.low), round(cents), round(cents * part.high)


def phase_of(users: float) -> Phase:
    return next(phase for phase in reversed(PHASES) if users >= phase.from_users)


def next_phase(users: float) -> Phase | None:
    return next((phase for phase in PHASES if phase.from_users > users), None)


def from_words(told: Mapping[str, Any]) -> Scenario:
    """A scenario from JSON. Refuses with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    name = told.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST or "\x00" in name:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=LONGEST)
    users = _number(told, "users", wrong, most=MOST_USERS)
    scenario = Scenario(
        name=" ".join(str(name).split()),
        users=round(users),
        requests_per_user=_number(told, "requests_per_user", wrong),
        orders_per_user=_number(told, "orders_per_user", wrong),
        components=_components(told.get("components"), wrong),
        revenue_per_order_cents=round(_number(told, "revenue_per_order_cents", wrong, default=0)),
    )
    if wrong:
        raise Refused(_l("The scenario was not saved."), wrong)
    return scenario


def _number(
    told: Mapping[str, Any],
    name: str,
    wrong: dict[str, object],
    most: float = 10**9,
    default: float | None = None,
    at: str = "",
) -> float:
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        wrong[at + name] = _l("Give a number from 0 on.")
        return 0.0
    return float(value)


def _components(told: object, wrong: dict[str, object]) -> tuple[Component, ...]:
    if told is None:
        return SEED
    if not isinstance(told, list | tuple) or not 0 < len(told) <= MOST_COMPONENTS:
        wrong["components"] = _l("Give a list of components.")
        return SEED
    found = []
    for index, one in enumerate(told):
        at = f"components[{index}]."
        if not isinstance(one, Mapping) or not isinstance(one.get("name"), str) or not one["name"].strip():
            wrong[at + "name"] = _l("Give a name.")
            continue
        for name in ("step_driver", "unit_driver"):
            if one.get(name, "users") not in DRIVERS:
                wrong[at + name] = _l("Choose one of the drivers.")
        found.append(_component(one, wrong, at))
    return tuple(found)


def _component(one: Mapping[str, Any], wrong: dict[str, object], at: str) -> Component:
    def number(name: str, default: float = 0) -> float:
        return _number(one, name, wrong, 10**12, default, at)

    return Component(
        name=" ".join(one["name"].split())[:LONGEST],
        fixed_cents=round(number("fixed_cents")),
        step_driver=str(one.get("step_driver", "users")),
        step_size=round(number("step_size")),
        step_cents=round(number("step_cents")),
        unit_driver=str(one.get("unit_driver", "orders")),
        unit_cents=number("unit_cents"),
        low=number("low", 1),
        high=number("high", 1),
    )
