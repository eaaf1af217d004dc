"""What the guards of a plan say of the evidence: worse beyond chance, and by more than is put up with. Pure.

Both must hold before harm is said. Chance is settled by sequential.py, whose answers may be looked at all the
time; "by more" compares plain shares, now and over the whole step. The probability that a rollout without
harm is ever called harmful is at most ALPHA, divided over the kinds of guards that its plan has, by weight:

    errors, burn, budget    5    one bet for each kind of journey they watch
    latency                 2    likewise
    orders and money        3    one interval each

Bets of one kind share their part without dividing it: the mean of their capitals is a capital too, and two
bets on the same failures win together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from app.experiments.moments import Sample
from app.rollouts.counts import BOUNDS, NOTHING, Count, Sides
from app.rollouts.plan import GUARD_KINDS, Guard, Plan
from app.rollouts.sequential import Batch, Bet, bet, difference, quantile, split_capital

ALPHA = 0.001
PARTS = {"errors": 5, "latency": 2, "shoppers": 3}
HINT = 20.0  # capital at which no new step is begun: nineteen to one
FEWEST_BAD = 3  # different visits
FEWEST_SUFFERING = 5  # bad journeys before a whole shop is said to suffer
FEWEST_SHOPPERS, FEWEST_BUYERS = 100, 10  # below, an interval of means is not to be trusted
SUFFERS_SHARE, SUFFERS_SLOW = 0.05, 0.2  # of the control group's journeys, lately
FEWEST_SLOW = 20  # journeys before a share of slow ones says anything
TOO_SLOW_SECONDS = 1.0  # where too little is known to say what is usual
CRAWLS_SECONDS = 0.5
USUAL_SLOW_SHARE = 0.05  # a journey is slow when fewer than this many of the control group are slower
KNOWN_JOURNEYS = 50
SPLIT_ALPHA = 0.001

NOBODY = Sample(0, 0.0)

State = Literal["ok", "harm", "suspect", "early", "silent", "ignored"]


@dataclass(frozen=True)
class Facts:
    """Shoppers of one side since the step began, from the shop's database."""

    shoppers: int = 0
    orders: Sample = NOBODY  # 1 for who ordered, else 0
    revenue: Sample = NOBODY  # cents a shopper
    checkout: Sample = NOBODY  # 1 for who ordered, of those at the checkout


@dataclass(frozen=True)
class Slo:
    """What is known of an objective. None: no data."""

    target: float | None = None
    budget_left: float | None = None  # ratio
    budget_events: float | None = None  # bad events that its window allows
    burn_5m: float | None = None
    is_frozen: bool = False  # by the error-budget policy


@dataclass(frozen=True)
class Memory:
    """What is carried from look to look."""

    errors: Mapping[str, Bet] = field(default_factory=dict)  # by journey
    latency: Mapping[str, Bet] = field(default_factory=dict)
    total: Sides = NOTHING  # since the rollout began, or was resumed after harm
    step: Sides = NOTHING
    excess: Mapping[str, float] = field(default_factory=dict)  # bad journeys too many, by journey


@dataclass(frozen=True)
class Evidence:
    """All that one look knows."""

    memory: Memory
    recent: Sides  # the last minutes
    treated: Facts | None  # None: the shop's database did not answer
    control: Facts | None
    slos: Mapping[str, Slo]
    has_control: bool  # the step leaves a part of the shoppers without the feature
    cost: tuple[float | None, float | None] = (None, None)  # per user, treated and control


@dataclass(frozen=True)
class Verdict:
    """One guard's answer with what it rests on."""

    key: str
    kind: str
    state: State
    limit: float
    treated: float | None = None
    control: float | None = None
    low: float | None = None  # interval of the difference, where there is one
    high: float | None = None
    capital: float | None = None  # of the bet on harm
    needed: float | None = None  # capital at which chance is ruled out
    counts: tuple[float, float, float, float] | None = None  # bad and all of treated, of control


def remember(plan: Plan, before: Memory, look: Sides) -> Memory:
    """The memory after one more look. What counts as slow is settled by the looks before."""
    return Memory(
        errors={name: _bet(before.errors, name, _errors(look, name)) for name in journeys(plan, "errors")},
        latency={
            name: _bet(before.latency, name, _slow(before.total, look, name))
            for name in journeys(plan, "latency")
        },
        total=before.total + look,
        step=before.step + look,
        excess={name: before.excess.get(name, 0.0) + _excess(look, name, before) for name in _watched(plan)},
    )


def journeys(plan: Plan, of: str) -> list[str]:
    """The kinds of journeys that a bet is kept on."""
    kinds = ("latency",) if of == "latency" else ("errors", "burn", "budget")
    return sorted({guard.journey for guard in plan.guards if guard.kind in kinds})


def _watched(plan: Plan) -> list[str]:
    return journeys(plan, "errors") or ["all"]


def _bet(bets: Mapping[str, Bet], name: str, batch: Batch) -> Bet:
    return bet(bets.get(name, Bet()), batch)


def _errors(look: Sides, journey: str) -> Batch:
    treated, control = look.of(journey)
    return Batch(treated.troubles, treated.journeys, control.troubles, control.journeys)


def _slow(known: Sides, look: Sides, journey: str) -> Batch:
    bound = slow_bound(known.of(journey)[1])
    treated, control = look.of(journey)
    return Batch(treated.slower_than(bound), treated.journeys, control.slower_than(bound), control.journeys)


def slow_bound(control: Count) -> float:
    """Seconds beyond which a journey is slow: a bucket's bound that few of the control group pass."""
    if control.within[-1] < KNOWN_JOURNEYS:
        return TOO_SLOW_SECONDS
    rest = (b for b in BOUNDS[:-1] if control.slower_than(b) <= USUAL_SLOW_SHARE * control.within[-1])
    return next(rest, BOUNDS[-2])


def _excess(look: Sides, journey: str, before: Memory) -> float:
    """Bad journeys of the treated side beyond what the control group's share would have made."""
    treated, control = look.of(journey)
    known = control if control.journeys else before.step.of(journey)[1]
    return treated.bad - treated.journeys * (known.error_share or 0.0)


def judge(plan: Plan, found: Evidence) -> list[Verdict]:
    """The verdict of each guard, in the plan's order."""
    return [_judge(plan, guard, found) for guard in plan.guards]


def _judge(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    verdict = JUDGES[guard.kind](plan, guard, found)
    if verdict.state == "silent" and guard.when_silent == "ignore":
        return replace(verdict, state="ignored")
    return verdict


def _say(guard: Guard, state: State, **more: Any) -> Verdict:
    return Verdict(guard.key, guard.kind, state, guard.limit, **more)


def _errors_guard(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    said = _compared(plan, guard, found)
    if not found.has_control:
        return _say(guard, "early", **said)
    return _say(guard, _by_capital(said, _is_worse_share(guard, found), _bad_of(found, guard)), **said)


def _burn_guard(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    slo = found.slos.get(guard.slo, Slo())
    if slo.target is None:
        return _say(guard, "silent")
    said = _compared(plan, guard, found)
    allowed = 1 - slo.target
    burns = {side: None if said[side] is None else said[side] / allowed for side in ("treated", "control")}
    if not found.has_control:
        state: State = "harm" if (slo.burn_5m or 0) >= guard.limit else "ok"
        return _say(guard, state, **{**said, **burns, "treated": slo.burn_5m})
    is_fast = (burns["treated"] or 0) >= guard.limit and (burns["treated"] or 0) > 1.2 * (
        burns["control"] or 0
    )
    return _say(guard, _by_capital(said, is_fast, _bad_of(found, guard)), **{**said, **burns})


def _budget_guard(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    slo = found.slos.get(guard.slo, Slo())
    spent = spent_share(found.memory, guard.journey, slo)
    if spent is None:
        return _say(guard, "silent")
    said = {**_compared(plan, guard, found), "treated": spent, "control": None}
    if spent < guard.limit:
        return _say(guard, "ok", **said)
    is_sure = said["capital"] >= said["needed"] and _bad_of(found, guard) >= FEWEST_BAD
    return _say(guard, "harm" if is_sure else "suspect", **said)


def spent_share(memory: Memory, journey: str, slo: Slo) -> float | None:
    """Share of an objective's whole budget that the rollout has used so far; never below 0."""
    if not slo.budget_events:
        return None
    return max(0.0, memory.excess.get(journey, 0.0)) / slo.budget_events


def _latency_guard(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    treated, control = _lately(found, guard.journey)
    p95 = {"treated": p95_of(treated), "control": p95_of(control)}
    bound = slow_bound(found.memory.total.of(guard.journey)[1])
    slow = found.memory.total.of(guard.journey)[0].slower_than(bound)
    said = {
        **p95,
        "capital": _capital(plan, "latency", guard, found.memory.latency),
        "needed": _needed(plan, "latency"),
        "counts": (
            treated.slower_than(bound),
            treated.journeys,
            control.slower_than(bound),
            control.journeys,
        ),
    }
    if not found.has_control or p95["treated"] is None or p95["control"] is None:
        return _say(guard, "early", **said)
    is_slower = p95["treated"] >= guard.limit * p95["control"]
    return _say(guard, _by_capital(said, is_slower, slow), **said)


def p95_of(count: Count) -> float | None:
    return quantile(BOUNDS, count.within, 0.95)


def _compared(plan: Plan, guard: Guard, found: Evidence) -> dict[str, Any]:
    treated, control = _lately(found, guard.journey)
    return {
        "treated": treated.error_share,
        "control": control.error_share,
        "capital": _capital(plan, "errors", guard, found.memory.errors),
        "needed": _needed(plan, "errors"),
        "counts": (treated.bad, treated.journeys, control.bad, control.journeys),
    }


def _lately(found: Evidence, journey: str) -> tuple[Count, Count]:
    """The last minutes; where they are too quiet, the whole step."""
    treated, control = found.recent.of(journey)
    return (treated, control) if treated.journeys >= FEWEST_BAD else found.memory.step.of(journey)


def _bad_of(found: Evidence, guard: Guard) -> float:
    return found.memory.total.of(guard.journey)[0].troubles


def _is_worse_share(guard: Guard, found: Evidence) -> bool:
    """Lately, by more than the plan puts up with. One bad journey more or less decides nothing."""
    treated, control = _lately(found, guard.journey)
    usual = (control.bad + 0.5) / (control.journeys + 1)
    return treated.error_share is not None and treated.error_share >= guard.limit * usual


def _by_capital(said: Mapping[str, Any], is_more: bool, events: float) -> State:
    if said["treated"] is None or said["control"] is None:
        return "early"
    if not is_more:
        return "ok"
    if said["capital"] >= said["needed"] and events >= FEWEST_BAD:
        return "harm"
    return "suspect" if said["capital"] >= HINT else "ok"


def _capital(plan: Plan, part: str, guard: Guard, bets: Mapping[str, Bet]) -> float:
    """What a guard's bet has won, at most the mean of all bets of its part: only that is bound to be rare."""
    capitals = {name: bets.get(name, Bet()).capital for name in journeys(plan, part)}
    return min(capitals[guard.journey], sum(capitals.values()) / len(capitals))


def _needed(plan: Plan, part: str) -> float:
    """The capital at which chance is ruled out for this part of the guards."""
    present = {_part(guard) for guard in plan.guards} & PARTS.keys()
    return sum(PARTS[name] for name in present) / (ALPHA * PARTS[part])


def _part(guard: Guard) -> str:
    if guard.kind in SHOPPER_KINDS:
        return "shoppers"
    return {"burn": "errors", "budget": "errors"}.get(guard.kind, guard.kind)


SHOPPER_KINDS = {"conversion": "orders", "revenue": "revenue", "checkout": "checkout"}


def _shoppers_guard(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    if found.treated is None or found.control is None:
        return _say(guard, "silent")
    name = SHOPPER_KINDS[guard.kind]
    treated: Sample = getattr(found.treated, name)
    control: Sample = getattr(found.control, name)
    said: dict[str, Any] = {
        "treated": treated.mean if treated.n else None,
        "control": control.mean if control.n else None,
        "counts": (found.treated.orders.total, treated.n, found.control.orders.total, control.n),
    }
    # Two-sided intervals of 1 − 2α are one-sided ones of 1 − α; each guard of this part has its own.
    guards = sum(one.kind in SHOPPER_KINDS for one in plan.guards)
    apart = difference(treated, control, 2 / (guards * _needed(plan, "shoppers")))
    too_few = min(treated.n, control.n) < FEWEST_SHOPPERS or found.control.orders.total < FEWEST_BUYERS
    if apart is None or too_few or not found.has_control:
        return _say(guard, "early", **said)
    is_worse = apart.high < -guard.limit * control.mean
    return _say(guard, "harm" if is_worse else "ok", low=apart.low, high=apart.high, **said)


def _cost_guard(plan: Plan, guard: Guard, found: Evidence) -> Verdict:
    treated, control = found.cost
    if treated is None or control is None or control <= 0:
        return _say(guard, "silent", treated=treated, control=control)
    # A cost is known, not estimated: no chance has to be ruled out.
    return _say(guard, "harm" if treated > guard.limit * control else "ok", treated=treated, control=control)


JUDGES = {
    "errors": _errors_guard,
    "latency": _latency_guard,
    "burn": _burn_guard,
    "budget": _budget_guard,
    "conversion": _shoppers_guard,
    "revenue": _shoppers_guard,
    "checkout": _shoppers_guard,
    "cost": _cost_guard,
}
if JUDGES.keys() != GUARD_KINDS.keys():
    raise LookupError("a kind of guard that nobody judges")


def both_suffer(lately: Sides, shop_bad: float, shop_all: float) -> bool:
    """Whether shoppers without the feature fare badly too, in the last two minutes: then it is not its fault.

    The control group, or whoever did not come as far as the feature.
    """
    treated, control = lately.of("all")
    return _suffers(control) or _fails(shop_bad - treated.bad, shop_all - treated.journeys)


def _fails(bad: float, journeys: float) -> bool:
    return bad >= FEWEST_SUFFERING and bad >= SUFFERS_SHARE * journeys


def _suffers(control: Count) -> bool:
    fails = _fails(control.bad, control.journeys)
    slow = control.slower_than(CRAWLS_SECONDS)
    crawls = control.within[-1] >= FEWEST_SLOW and slow >= SUFFERS_SLOW * control.within[-1]
    return fails or crawls


def is_mismatched(treated: Facts | None, control: Facts | None, percent: int) -> bool:
    """The groups are not as large as the percentage says, beyond chance: no comparison means anything."""
    if treated is None or control is None:
        return False
    return split_capital(treated.shoppers, control.shoppers, percent / 100) >= 1 / SPLIT_ALPHA


def of_state(verdicts: Sequence[Verdict], state: State) -> tuple[str, ...]:
    return tuple(verdict.key for verdict in verdicts if verdict.state == state)
