"""A shop to buy in: goods on the shelf, a sandbox gateway that runs, a browser that fills in forms."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from config import StorefrontConfig
from storefront import telemetry
from storefront.factory import create_app
from storefront.orders.models import Order
from storefront.payments.sandbox import Ledger, Sandbox
from storefront.products.models import Category, CategoryText, Product, ProductText, Variant
from tests.templates import CompiledTemplates

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
LATE_CARD = "4000000000000119"  # charged, and the answer comes too late
LATE_AUTHORISATION = "4000000000000341"
ADDRESS = {
    "email": "ada@example.org",
    "name": "Ada Example",
    "street": "Herdweg 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "card_expiry": "08/39",
    "card_cvc": "123",
}
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Gateway:
    """A sandbox gateway that can be stopped and started again with what it knows."""

    state: Path
    secret: str
    late_seconds: float = 9.0
    port: int = 0
    _server: Sandbox | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def captured(self) -> list[int]:
        """The sums taken so far, one for each capture."""
        rows = self._ask("SELECT amount_cents, captures FROM payments ORDER BY rowid")
        return [amount for amount, captures in rows for _ in range(captures)]

    def captured_by_key(self) -> dict[str, int]:
        """Payment's key → sum; a payment that was taken twice counts twice."""
        rows = self._ask("SELECT key, amount_cents * captures FROM payments WHERE captures > 0")
        return dict(rows)

    def states(self) -> list[str]:
        return [state for (state,) in self._ask("SELECT state FROM payments ORDER BY rowid")]

    def forget_captures(self) -> None:
        """As if none had gone through."""
        self._ask("UPDATE payments SET state = 'declined', captures = 0")

    def refund_all(self) -> None:
        self._ask("UPDATE payments SET state = 'refunded'")

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.state, isolation_level=None)) as ledger:
            return ledger.execute(statement).fetchall()

    def start(self) -> None:
        self._server = Sandbox(("127.0.0.1", self.port), Ledger(self.state), self.secret, self.late_seconds)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.ledger.close()
            self._server = None


@dataclass
class Shop:
    app: Flask
    config: StorefrontConfig
    sessions: sessionmaker[Session]
    gateway: Gateway
    _products: int = 0

    def shelve(self, *, stock: int = 5, price_cents: int = 2_500, name: str = "Kettle Ember") -> int:
        """Put one product with one variant on the shelf; the variant's id."""
        self._products += 1
        with self.sessions.begin() as session:
            return shelve(
                session, f"{name.lower().replace(' ', '-')}-{self._products}", name, price_cents, stock
            )

    def stock(self, variant_id: int) -> int:
        with self.sessions() as session:
            return session.get_one(Variant, variant_id).stock

    def orders(self) -> list[Order]:
        with self.sessions() as session:
            return list(session.scalars(sa.select(Order).order_by(Order.id)))

    def browser(self, locale: str = "en", **headers: str) -> Browser:
        """A new visitor from Germany."""
        client = self.app.test_client()
        client.set_cookie("country", "DE")
        return Browser(client, locale, headers)

    def same_visitor(self, browser: Browser) -> Browser:
        """Another window of the same browser, to be used at the same time."""
        window = Browser(self.app.test_client(), browser.locale, browser.headers)
        for name in ("visitor", "visit", "country", "user"):
            cookie = browser.client.get_cookie(name)
            if cookie is not None:
                window.client.set_cookie(name, cookie.value)
        return window


@dataclass
class Browser:
    """One visitor: keeps cookies and sends forms."""

    client: FlaskClient
    locale: str = "en"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/{self.locale}{path}", headers={**self.headers, **headers})

    def post(self, path: str, form: dict[str, object], **headers: str) -> TestResponse:
        return self.client.post(f"/{self.locale}{path}", data=form, headers={**self.headers, **headers})

    def add(self, variant_id: int, quantity: object = 1, **headers: str) -> TestResponse:
        return self.post("/cart/add", {"variant_id": variant_id, "quantity": quantity}, **headers)

    def pay(self, card: str = GOOD_CARD, key: str | None = None, **changed: object) -> TestResponse:
        """Send the checkout's form; `key` goes as the header Idempotency-Key."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.post("/checkout", {**ADDRESS, "card_number": card, **changed}, **headers)

    def cart_lines(self) -> list[tuple[int, int]]:
        """(line id, quantity) as the cart's page shows them."""
        page = self.get("/cart").text
        found = re.findall(r'id="quantity-(\d+)"[^>]*?value="(\d+)"', page, re.DOTALL)
        return [(int(line), int(quantity)) for line, quantity in found]

    def hidden(self, path: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.get(path).text)
        assert found, f"{path} has no field {name}"
        return unescape(found[1])


def told(name: str, **labels: str) -> float:
    """What this process's metrics say just now."""
    return telemetry.REGISTRY.get_sample_value(name, labels) or 0.0


def shelve(session: Session, slug: str, name: str, price_cents: int, stock: int) -> int:
    now = datetime.now(UTC)
    category = session.scalars(sa.select(Category).where(Category.slug == "kitchen")).first()
    if category is None:
        category = Category(slug="kitchen", position=1)
        session.add(category)
        session.flush()
        session.add_all(
            CategoryText(category_id=category.id, locale=locale, name="Kitchen", about="")
            for locale in ("en", "de", "ar")
        )
    product = Product(
        slug=slug,
        category_id=category.id,
        kind="kettle",
        style={"shape": "kettle", "curve": 0.5, "pattern": 1, "material": "steel"},
        price_cents=price_cents,
        colours=["ember"],
        popularity=1,
        created_at=now,
    )
    session.add(product)
    session.flush()
    session.add_all(
        ProductText(
            product_id=product.id,
            locale=locale,
            name=name,
            tagline="Boils",
            description="It boils water",
            words=name.lower(),
            search=sa.func.to_tsvector("simple", name),
        )
        for locale in ("en", "de", "ar")
    )
    variant = Variant(
        product_id=product.id,
        sku=f"SKU-{slug}",
        size="m",
        colour="ember",
        price_cents=price_cents,
        weight_grams=500,
        stock=stock,
        position=0,
    )
    session.add(variant)
    session.flush()
    return variant.id


@contextmanager
def running_gateway(folder: Path, secret: str) -> Iterator[Gateway]:
    gateway = Gateway(folder / "gateway.sqlite", secret)
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(shop_config: StorefrontConfig, tmp_path: Path) -> Iterator[Gateway]:
    with running_gateway(tmp_path, shop_config.gateway_secret) as running:
        yield running


@pytest.fixture
def shop(
    shop_config: StorefrontConfig, gateway: Gateway, compiled_templates: CompiledTemplates
) -> Iterator[Shop]:
    config = replace(shop_config, gateway_url=gateway.url)
    app = create_app(config)
    app.jinja_env.bytecode_cache = compiled_templates
    app.config["WTF_CSRF_ENABLED"] = False  # one test in cart/ has it on
    sessions = app.extensions["sessions"]
    yield Shop(app, config, sessions, gateway)
    for writer in ("usage", "exposures", "impressions"):
        app.extensions[writer].stop()
    sessions.kw["bind"].dispose()
