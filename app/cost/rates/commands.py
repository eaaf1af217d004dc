"""Writes: rates of currencies, and the settings of all costs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost.rates import queries
from app.cost.rates.models import CostRate, CostSetting
from app.cost.rates.rate import BASES, Rate, read_table
from app.errors import NotFound, Refused

SETTINGS = {"base_currency": BASES, "basis": ("effective", "billed")}


def save(session: Session, rates: Iterable[Rate], who: str, now: datetime) -> int:
    """A rate of the same currency and day is replaced; how many there are."""
    base = queries.base_currency(session)
    found = list(rates)
    for rate in found:
        values = {"rate": rate.rate, "source": rate.source, "saved_by": who, "saved_at": now}
        key = {"currency": rate.currency, "base": base, "from_day": rate.from_day}
        row = insert(CostRate).values(**key, **values)
        session.execute(row.on_conflict_do_update(index_elements=list(key), set_=values))
        told = {"from_day": rate.from_day, "rate": rate.rate, "base": base}
        record(session, who, "cost.rate", f"cost-rate:{rate.currency}", None, told, now)
    return len(found)


def save_table(session: Session, text: str, who: str, now: datetime) -> int:
    """A CSV of rates, all of it or nothing."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    except csv.Error as error:
        raise Refused(_l("This is not a CSV file.")) from error
    return save(session, read_table(rows, queries.base_currency(session)), who, now)


def remove(session: Session, currency: str, from_day: date, who: str, now: datetime) -> None:
    base = queries.base_currency(session)
    mine = (CostRate.currency == currency, CostRate.base == base, CostRate.from_day == from_day)
    gone = session.scalars(delete(CostRate).where(*mine).returning(CostRate.rate)).all()
    if not gone:
        raise NotFound(_l("There is no such rate."))
    told = {"from_day": from_day, "rate": gone[0], "base": base}
    record(session, who, "cost.rate", f"cost-rate:{currency}", told, None, now)


def choose(session: Session, key: str, value: str, who: str, now: datetime) -> None:
    if value not in SETTINGS[key]:
        raise Refused(_l("The setting was not saved."), {key: _l("Choose one of the list.")})
    before = queries.setting(session, key, "")
    row = insert(CostSetting).values(key=key, value=value)
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
    record(session, who, "cost.setting", f"cost-setting:{key}", {key: before}, {key: value}, now)
