"""A link by mail: once, for an hour, to the owner alone; strangers learn nothing by asking."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from storefront import outbox
from storefront.users import password_links, throttle
from storefront.users.models import PasswordLink
from tests.integration.users.mails import link_in, mailed
from tests.shopping import Browser, Shop

ADA = {"name": "Ada Example", "email": "ada@example.org", "password": "copper ladle seven"}
NEW = "harbour moon kettle"


@pytest.fixture
def ada(shop: Shop) -> Browser:
    browser = shop.browser()
    browser.post("/account/sign-up", ADA)
    return browser


def ask(shop: Shop, email: str = ADA["email"]) -> str:
    """The link of the newest mail."""
    assert shop.browser().post("/account/forgotten", {"email": email}).status_code == 303
    return link_in(mailed(shop)[-1])


def choose(shop: Shop, link: str, new: str = NEW):
    return shop.browser().post("/account/new-password", {"token": link, "new_password": new})


def test_the_link_leads_to_a_new_password_and_all_sessions_end(shop, ada):
    link = ask(shop)
    page = shop.browser().get(f"/account/new-password?token={link}")
    assert ADA["email"] in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert choose(shop, link).headers["Location"] == "/en/account/sign-in?chosen=1"
    assert ada.get("/account").status_code == 303
    assert shop.browser().post("/account/sign-in", ADA).status_code == 422
    assert shop.browser().post("/account/sign-in", {**ADA, "password": NEW}).status_code == 303
    assert "was changed" in mailed(shop)[-1]["Subject"]


def test_a_link_works_once(shop, ada):
    link = ask(shop)
    assert shop.browser().get(f"/account/new-password?token={link}").status_code == 200
    assert choose(shop, link).status_code == 303
    again = choose(shop, link, "another kettle of fish")
    assert again.status_code == 410
    assert "Ask for a new one" in again.text
    assert shop.browser().post("/account/sign-in", {**ADA, "password": NEW}).status_code == 303


def test_of_two_who_use_it_at_once_one_is_first(shop, ada):
    link, statuses = ask(shop), []
    threads = [
        threading.Thread(target=lambda n=n: statuses.append(choose(shop, link, f"{NEW} {n}").status_code))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 410, 410]


def test_a_link_is_good_for_an_hour(shop, ada):
    link = ask(shop)
    with shop.sessions.begin() as session:
        session.execute(sa.update(PasswordLink).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert shop.browser().get(f"/account/new-password?token={link}").status_code == 410
    assert choose(shop, link).status_code == 410
    with shop.sessions() as session:
        one = session.scalars(sa.select(PasswordLink)).one()
        assert one.link_hash == password_links.fingerprint(link)
        assert timedelta(hours=1) == password_links.LASTS


@pytest.mark.parametrize("link", ["", "x", "a" * 9_000, "' OR 1=1--", "é"])
def test_a_made_up_link_opens_nothing(shop, ada, link):
    assert choose(shop, link).status_code == 410
    assert shop.browser().post("/account/sign-in", ADA).status_code == 303


def test_a_weak_password_leaves_the_link_good(shop, ada):
    link = ask(shop)
    page = choose(shop, link, "password123456")
    assert page.status_code == 422
    assert 'id="error-new_password"' in page.text
    assert choose(shop, link).status_code == 303


def test_a_changed_password_ends_links_that_are_under_way(shop, ada):
    link = ask(shop)
    ada.post("/account/password", {"present": ADA["password"], "new_password": NEW})
    assert choose(shop, link, "another kettle of fish").status_code == 410


def test_a_stranger_gets_the_same_words_and_no_mail_is_sent(shop, ada):
    pages, events = [], []
    for email in (ADA["email"], "nobody@example.org"):
        browser = shop.browser()
        answer = browser.post("/account/forgotten", {"email": email})
        pages.append((answer.status_code, answer.headers["Location"]))
        with shop.sessions() as session:
            events.append(session.scalar(sa.select(sa.func.count()).select_from(outbox.OutboxEvent)))
    assert pages[0] == pages[1] == (303, "/en/account/forgotten/sent")
    assert events == [1, 2], "one event each, whoever is asked for"
    assert [mail["To"] for mail in mailed(shop)] == [ADA["email"]]
    with shop.sessions() as session:
        kept = session.scalars(sa.select(sa.cast(outbox.OutboxEvent.payload, sa.Text))).all()
    assert not any("nobody@" in payload for payload in kept)


def test_nobodys_mailbox_is_filled(shop, ada):
    statuses = [
        shop.browser().post("/account/forgotten", {"email": ADA["email"]}).status_code for _ in range(5)
    ]
    assert statuses == [303] * throttle.LIMITS["link"][0] + [429] * 2
    assert len(mailed(shop)) == 1, "a good link is at hand"
    first = link_in(mailed(shop)[0])
    shop.app.extensions["cache"].redis.flushall()
    with shop.sessions.begin() as session:
        session.execute(
            sa.update(PasswordLink).values(created_at=PasswordLink.created_at - password_links.SPACING)
        )
    shop.browser().post("/account/forgotten", {"email": ADA["email"]})
    assert len(mailed(shop)) == 2
    assert choose(shop, first).status_code == 410, "the newer one counts"


def test_a_mail_that_is_sent_again_holds_the_same_link(shop, ada):
    link = ask(shop)
    with shop.sessions.begin() as session:
        session.execute(sa.update(outbox.OutboxEvent).values(handled_at=None))
    (mail,) = mailed(shop)
    assert link_in(mail) == link
    assert choose(shop, link).status_code == 303


def test_after_an_erasure_no_mail_and_no_link_is_left(shop, ada):
    link = ask(shop)
    shop.browser().post("/account/forgotten", {"email": ADA["email"]})
    ada.post("/privacy/erase", {"password": ADA["password"]})
    assert choose(shop, link).status_code == 410
    with shop.sessions() as session:
        waiting = sa.select(sa.func.count()).select_from(outbox.OutboxEvent).where(outbox.ALIVE)
        assert session.scalar(waiting) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(PasswordLink)) == 0
