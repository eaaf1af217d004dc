"""What the shop knows of a shopper: handed out whole, and erased so that figures stay."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from storefront import mail, outbox
from storefront.cart import commands as carts
from storefront.orders.handlers import Means
from storefront.orders.models import Order
from storefront.orders.settling import confirm
from storefront.privacy import commands, mails
from storefront.privacy.models import ErasedVisitor, Erasure
from storefront.users import sessions
from storefront.users.models import User, UserSession
from tests.shopping import Browser, Shop, gateway, shop

__all__ = ["gateway", "shop"]

ADA = {"name": "Ada Example", "email": "ada@example.org", "password": "correct horse battery"}
FACTS = """
    SELECT count(*) AS events, count(DISTINCT visitor_id) AS visitors, count(DISTINCT session_id) AS visits,
           count(DISTINCT user_id) AS users,
           (SELECT count(DISTINCT coalesce('u' || user_id, 'v' || visitor_id))
            FROM reporting.orders) AS customers,
           (SELECT sum(total_cents) FROM reporting.orders) AS revenue,
           (SELECT count(*) FROM reporting.orders
            WHERE visitor_id IN (SELECT visitor_id FROM reporting.usage_events)) AS orders_of_visitors
    FROM reporting.usage_events"""


def buys(shop: Shop, browser: Browser, **changed: object) -> None:
    """An order that is paid and sent."""
    browser.add(shop.shelve())
    assert browser.pay(**changed).status_code == 303
    with shop.sessions.begin() as session:
        for order in session.scalars(sa.select(Order).where(Order.status == "paid")):
            confirm(session, order.id, datetime.now(UTC))


def everything(shop: Shop) -> str:
    """All rows of all tables as text."""
    with shop.sessions() as session:
        tables = session.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        return "\n".join(
            str(row)
            for name in tables
            for row in session.scalars(sa.text(f'SELECT one::text FROM "{name}" AS one'))
        )


def facts(shop: Shop) -> dict[str, object]:
    for writer in ("usage", "exposures"):
        shop.app.extensions[writer].stop()
    with shop.sessions() as session:
        return dict(session.execute(sa.text(FACTS)).mappings().one())


@pytest.fixture
def ada(shop):
    browser = shop.browser()
    assert browser.post("/account/sign-up", ADA).status_code == 303
    browser.get("/products?q=kettle")
    buys(shop, browser)
    browser.add(shop.shelve())
    return browser


def test_she_takes_all_of_it_along(shop, ada):
    answer = ada.get("/privacy/my-data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    told = answer.get_json()
    assert told["account"]["email"] == ADA["email"]
    assert (len(told["orders"]), len(told["cart"]), len(told["sessions"])) == (1, 1, 1)
    assert told["orders"][0]["street"] == "Herdweg 1"
    assert told["orders"][0]["payments"][0]["card_last4"] == "4242"
    assert not re.search("password|token_hash|gateway_reference", answer.text)
    page = ada.get("/privacy").text
    assert "Herdweg 1" in page
    assert "Delete my account and data" in page


def test_after_the_deletion_nothing_leads_to_her_and_every_figure_is_as_it_was(shop, ada):
    visitor = shop.orders()[0].visitor_id
    before = facts(shop)
    assert ada.post("/privacy/erase", {"password": "wrong password"}).status_code == 422
    answer = ada.post("/privacy/erase", {"password": ADA["password"]})
    assert answer.headers["Location"].endswith("/en/privacy/gone")
    assert ada.get("/account").status_code == 303
    later = datetime.now(UTC) + timedelta(minutes=5)
    facts(shop)  # what waited in memory is written
    assert commands.finish(shop.sessions, shop.config.mail_dir, later) == 1
    assert commands.finish(shop.sessions, shop.config.mail_dir, later) == 0

    (order,) = shop.orders()
    assert (order.email, order.name, order.street, order.user_id) == ("", "", "", None)
    assert (order.total_cents, order.country) == (order.gross_cents + order.shipping_cents, "DE")
    with shop.sessions.begin() as session:
        assert session.scalars(sa.select(User)).all() == []
        assert session.scalars(sa.select(UserSession)).all() == []
        assert visitor in session.scalars(sa.select(ErasedVisitor.before)).all()
        assert commands.forget_visitors(session, later + timedelta(days=31)) == 1
    left = everything(shop)
    for trace in ("ada@", "Ada", "Herdweg", "10115", "4242", visitor):
        assert trace not in left, trace
    after = facts(shop)
    same = ("visitors", "users", "customers", "revenue", "orders_of_visitors")
    new_visitors = 1  # she goes on as a stranger, who has looked at a page
    assert after["visitors"] in (before["visitors"], before["visitors"] + new_visitors)
    assert {name: after[name] for name in same[1:]} == {name: before[name] for name in same[1:]}


def test_an_order_on_its_way_keeps_its_address_until_it_is_sent(shop, ada):
    ada.pay()
    refused = ada.post("/privacy/erase", {"password": ADA["password"]})
    assert refused.status_code == 422
    assert "still on its way" in refused.text
    assert ada.get("/account").status_code == 200


def test_a_guest_proves_the_address_by_mail_and_erases_what_was_ordered(shop):
    guest = shop.browser()
    buys(shop, guest, email="Grace@Example.org", name="Grace Guest")
    (order,) = shop.orders()
    wrong = guest.post("/privacy/link", {"number": order.number, "email": "eve@example.org"})
    right = guest.post("/privacy/link", {"number": order.number, "email": "grace@example.org"})
    assert wrong.headers["Location"] == right.headers["Location"]
    with shop.sessions() as session:
        (waiting,) = session.scalars(
            sa.select(outbox.OutboxEvent).where(outbox.OutboxEvent.kind == "privacy.link")
        ).all()
    means = Means(shop.config, shop.sessions, None, lambda: datetime.now(UTC))
    with shop.app.app_context():
        mails.send_link(outbox.Event(waiting.event_id, waiting.kind, waiting.payload, 1), means)
    (mail,) = shop.config.mail_dir.glob("*-data-*.eml")
    token = re.search(r"token=3D([^\s\"<]+)|token=([^\s\"<]+)", mail.read_text().replace("=\n", ""))
    assert token
    link = (token[1] or token[2]).replace("=3D", "=")

    page = guest.get(f"/privacy/guest?token={link}")
    assert "Grace Guest" in page.text
    assert json.loads(guest.get(f"/privacy/guest/my-data.json?token={link}").text)["account"] is None
    assert guest.get("/privacy/guest?token=forged").status_code == 403
    assert guest.post("/privacy/guest/erase", {"token": link}).status_code == 303
    commands.finish(shop.sessions, shop.config.mail_dir, datetime.now(UTC))
    assert "Grace" not in everything(shop)
    assert "grace" not in everything(shop).lower()
    assert list(shop.config.mail_dir.glob(f"{order.number}-*")) == []


def test_another_account_on_the_same_browser_keeps_what_is_its_own(shop, ada):
    ada.post("/account/sign-out", {})
    ada.post("/account/sign-up", {**ADA, "email": "bob@example.org", "name": "Bob"})
    ada.get("/products")
    facts(shop)
    with shop.sessions.begin() as session:
        bob = session.scalars(sa.select(User.id).where(User.email == "bob@example.org")).one()
        of_ada = session.scalars(sa.select(User.id).where(User.email == ADA["email"])).one()
        count = sa.text("SELECT count(*) FROM usage_events WHERE user_id = :user")
        before = session.scalar(count, {"user": bob})
        assert before
        commands.erase(session, commands.Subject(user_id=of_ada), datetime.now(UTC))
    commands.finish(shop.sessions, shop.config.mail_dir, datetime.now(UTC))
    with shop.sessions() as session:
        assert session.scalar(count, {"user": bob}) == before
        assert session.scalar(count, {"user": of_ada}) == 0
        assert session.scalars(sa.select(User.email)).all() == ["bob@example.org"]


def test_erasing_twice_finds_nothing_the_second_time(shop, ada):
    with shop.sessions.begin() as session:
        assert commands.erase(session, commands.Subject(user_id=1_000_000), datetime.now(UTC)) is None
        user = session.scalars(sa.select(User.id)).one()
        assert commands.erase(session, commands.Subject(user_id=user), datetime.now(UTC)) is not None
        assert commands.erase(session, commands.Subject(user_id=user), datetime.now(UTC)) is None
        assert session.scalar(sa.select(sa.func.count()).select_from(Erasure)) == 1


def test_carts_sign_ins_and_mails_that_nobody_comes_back_to_are_forgotten(shop, ada):
    stranger = shop.browser()
    stranger.add(shop.shelve())
    shop.config.mail_dir.mkdir(exist_ok=True)
    (shop.config.mail_dir / "old.eml").write_text("old")
    now = datetime.now(UTC)
    assert mail.forget_old(shop.config.mail_dir, now + timedelta(days=29)) == 0
    with shop.sessions.begin() as session:
        assert carts.forget_left(session, now + timedelta(days=399)) == 0
        assert carts.forget_left(session, now + timedelta(days=401)) == 1
        assert sessions.forget_ended(session, now + timedelta(days=13)) == 0
        assert sessions.forget_ended(session, now + timedelta(days=15)) == 1
    assert mail.forget_old(shop.config.mail_dir, now + timedelta(days=31)) >= 1
