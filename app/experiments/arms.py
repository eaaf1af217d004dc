"""One variant's shoppers as rollouts read them. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arm:
    variant: str
    exposures: int  # different shoppers who met the variant
    converted: int  # of those, who placed an order afterwards
