"""Dividing a bill by its rules. Pure: no I/O, no clock, no Flask.

Conservation: direct + by driver + even + shared + idle = the bill, to the cent, whatever the inputs are. What
cannot be divided, because nothing was measured, stays shared and says so.

Idle is what is paid for and not used (OpenCost: the cost of an asset less the larger of request and use).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from app.cost import money
from app.cost.allocation.rules import Rule, first_of
from app.cost.driver import SERVICES
from app.cost.month import Bill, Position

How = Literal["direct", "driver", "even", "shared", "idle"]
HOWS: tuple[How, ...] = ("direct", "driver", "even", "shared", "idle")


@dataclass(frozen=True)
class Measured:
    """What was measured in the stretch that a bill is of."""

    days: int  # that were measured
    services: Mapping[str, Mapping[str, Decimal]]  # driver → service → how much
    totals: Mapping[str, Decimal]  # driver → how much in all


@dataclass(frozen=True)
class Share:
    """A part of a position, and who bears it."""

    key: str  # of the position
    name: str
    component: str
    how: How
    target: str  # a service, feature:<name>, or nothing: nobody in particular
    cents: int
    rule: str
    why: str = ""  # unmeasured: it was to be divided, but nothing was measured


@dataclass(frozen=True)
class Allocation:
    shares: tuple[Share, ...]
    bill_cents: int

    def by_how(self) -> dict[str, int]:
        """All five, also those of 0."""
        found: dict[str, int] = dict.fromkeys(HOWS, 0)
        for share in self.shares:
            found[share.how] += share.cents
        return found

    def by_target(self) -> dict[str, int]:
        """The dearest first; "": borne by nobody in particular."""
        found: dict[str, int] = {}
        for share in self.shares:
            found[share.target] = found.get(share.target, 0) + share.cents
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    @property
    def is_conserved(self) -> bool:
        return sum(self.by_how().values()) == self.bill_cents


def divide(bill: Bill, rules: Sequence[Rule], measured: Measured) -> Allocation:
    shares: list[Share] = []
    for position, cents in zip(bill.positions, bill.cents, strict=True):
        shares += _position(position, cents, first_of(rules, position), measured)
    return Allocation(tuple(shares), sum(bill.cents))


def _position(position: Position, cents: int, rule: Rule | None, measured: Measured) -> list[Share]:
    if rule is None:
        return [_share(position, "shared", "", cents, "")]
    unused = idle_share(rule, measured)
    idle = money.share_out(cents, [unused, 1 - unused])[0] if unused else 0
    shares = _borne(position, cents - idle, rule, measured)
    return [*shares, _share(position, "idle", "", idle, rule.name)] if idle else shares


def idle_share(rule: Rule, measured: Measured) -> Fraction:
    """The part that is paid for and not used; 0 where the use is not known."""
    used = measured.totals.get(rule.idle_driver)
    if used is None or rule.paid_for is None or not measured.days:
        return Fraction(0)
    return max(Fraction(0), 1 - Fraction(used) / (Fraction(rule.paid_for) * measured.days))


def _borne(position: Position, cents: int, rule: Rule, measured: Measured) -> list[Share]:
    match rule.method:
        case "direct":
            return [_share(position, "direct", rule.target, cents, rule.name)]
        case "even":
            return _shares(position, "even", dict.fromkeys(SERVICES, Decimal(1)), cents, rule)
        case "driver":
            weights = measured.services.get(rule.driver, {})
            if not any(weights.values()):
                return [_share(position, "shared", "", cents, rule.name, "unmeasured")]
            return _shares(position, "driver", weights, cents, rule)
        case _:
            return [_share(position, "shared", "", cents, rule.name)]


def _shares(
    position: Position, how: How, weights: Mapping[str, Decimal], cents: int, rule: Rule
) -> list[Share]:
    targets = sorted(target for target, weight in weights.items() if weight > 0)
    parts = money.share_out(cents, [weights[target] for target in targets])
    return [
        _share(position, how, target, part, rule.name) for target, part in zip(targets, parts, strict=True)
    ]


def _share(position: Position, how: How, target: str, cents: int, rule: str, why: str = "") -> Share:
    return Share(position.key, position.name, position.component, how, target, cents, rule, why)


def spread(cents: Mapping[str, int], kept: Mapping[str, int], *, evenly: bool = False) -> dict[str, int]:
    """Lay costs that nobody bears (idle, shared, overhead) on those who bear some, and all of them add up.

    `cents`: what each target bears; `kept`: what is to be laid on them, by name. In proportion to what they
    bear, or evenly. Where nobody bears anything it stays as it is, under its name.
    """
    weights = [1 if evenly else max(0, value) for value in cents.values()]
    extra = sum(kept.values())
    if not any(weights):
        return {**cents, **kept}
    parts = money.share_out(extra, weights)
    return {target: value + part for (target, value), part in zip(cents.items(), parts, strict=True)}
