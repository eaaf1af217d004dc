"""A control plane that knows the shop's words, and what its pages are asked by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.locales import commands
from app.locales.models import Message, Translation
from tests import serving, words

SHIPPED: words.Words = {
    "Cart": "Warenkorb",
    "Hello %(name)s": "",
    ("%(num)d plate", "%(num)d plates"): ["%(num)d Teller", "%(num)d Teller da"],
    "Checkout": "Zur Kasse",
}
WHO = "translator@house.test"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder `translations`."""
    folder = tmp_path / "translations"
    words.ship(folder, "de", SHIPPED, fuzzy=["Checkout"])
    words.ship(folder, "ar", {**dict.fromkeys(SHIPPED, ""), "Cart": "سلة", list(SHIPPED)[2]: [""] * 6})
    return folder


@pytest.fixture
def loaded(control_session: Session, root: Path, now: datetime) -> Session:
    commands.load_shipped(control_session, root, now)
    control_session.commit()
    return control_session


@pytest.fixture
def id_of(loaded: Session) -> Callable[[str], int]:
    """`id_of("Cart")` → the message's id."""
    return lambda msgid: loaded.scalars(select(Message.id).where(Message.msgid == msgid)).one()


@pytest.fixture
def text_of(loaded: Session, id_of: Callable[[str], int]) -> Callable[..., Translation | None]:
    """The row as the database has it now."""

    def read(msgid: str, locale: str = "de") -> Translation | None:
        loaded.rollback()
        loaded.expire_all()
        return loaded.get(Translation, (id_of(msgid), locale))

    return read


@pytest.fixture
def served(control_app: Flask) -> Iterator[str]:
    with serving.serve(control_app) as url:
        yield url


@pytest.fixture
def client_token(control_app: Flask) -> str:
    return serving.token(control_app)
