"""Reads: the rates, and the currency that everything is told in."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cost.rates import rate
from app.cost.rates.models import CostRate, CostSetting
from app.cost.rates.rate import BASE, Rates

Basis = Literal["effective", "billed"]


def setting(session: Session, key: str, default: str) -> str:
    return session.scalar(select(CostSetting.value).where(CostSetting.key == key)) or default


def base_currency(session: Session) -> str:
    return setting(session, "base_currency", BASE)


def basis(session: Session) -> Basis:
    """Effective: what is used up; billed: what is asked for."""
    return "billed" if setting(session, "basis", "effective") == "billed" else "effective"


def rows(session: Session) -> list[CostRate]:
    """By currency, the newest first."""
    order = (CostRate.currency, CostRate.from_day.desc())
    return list(session.scalars(select(CostRate).order_by(*order)))


def rates(session: Session) -> Rates:
    base = base_currency(session)
    found = session.scalars(select(CostRate).where(CostRate.base == base))
    return rate.of((rate.Rate(row.currency, row.from_day, row.rate, row.source) for row in found), base)
