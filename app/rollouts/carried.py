"""A rollout's row and the values that the rules work with, both ways. Pure: reads attributes, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.experiments.moments import Sample
from app.rollouts import counts
from app.rollouts.guards import Facts, Memory
from app.rollouts.machine import Position
from app.rollouts.sequential import RISKS, Bet

if TYPE_CHECKING:
    from app.rollouts.models import Rollout

Json = dict[str, Any]


def position(row: Rollout) -> Position:
    return Position(**{name: getattr(row, name) for name in Position.__dataclass_fields__})


def place(row: Rollout, at: Position) -> None:
    for name in Position.__dataclass_fields__:
        setattr(row, name, getattr(at, name))


def memory_json(memory: Memory) -> Json:
    return {
        "errors": {name: asdict(bet) for name, bet in memory.errors.items()},
        "latency": {name: asdict(bet) for name, bet in memory.latency.items()},
        "total": counts.as_json(memory.total),
        "step": counts.as_json(memory.step),
        "excess": dict(memory.excess),
    }


def memory(raw: Mapping[str, Any]) -> Memory:
    if not raw:
        return Memory()
    return Memory(
        errors=_bets(raw["errors"]),
        latency=_bets(raw["latency"]),
        total=counts.stored(raw["total"]),
        step=counts.stored(raw["step"]),
        excess=raw["excess"],
    )


def _bets(raw: Mapping[str, Any]) -> dict[str, Bet]:
    return {name: Bet(_stakes(bet["stakes"]), bet["beginnings"]) for name, bet in raw.items()}


def _stakes(kept: Sequence[float]) -> tuple[float, ...]:
    """A release may bet on other sizes of harm than the one a rollout began under: what was won stays."""
    if len(kept) == len(RISKS):
        return tuple(kept)
    return (sum(kept) / len(RISKS),) * len(RISKS)


def facts(raw: Mapping[str, Any] | None) -> tuple[Facts, Facts] | None:
    """Treated and control."""
    if raw is None:
        return None
    treated, control = (
        Facts(side["shoppers"], *(Sample(**side[name]) for name in ("orders", "revenue", "checkout")))
        for side in (raw["treated"], raw["control"])
    )
    return treated, control
