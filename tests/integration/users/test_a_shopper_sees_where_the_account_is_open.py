"""Sessions with their devices, ended one by one or by rest; and the trail of sign-ins."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from storefront.users import keeping, sessions, trail
from storefront.users.models import PasswordLink, SignInNote, UserSession
from tests.shopping import Browser, Shop

ADA = {"name": "Ada Example", "email": "ada@example.org", "password": "copper ladle seven"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


@pytest.fixture
def ada(shop: Shop) -> Browser:
    browser = shop.browser(**{"User-Agent": FIREFOX})
    browser.post("/account/sign-up", ADA)
    return browser


@pytest.fixture
def phone(shop: Shop, ada: Browser) -> Browser:
    browser = shop.browser(**{"User-Agent": PHONE})
    browser.post("/account/sign-in", ADA)
    return browser


def others(browser: Browser) -> list[str]:
    return re.findall(r"/account/sessions/\d+/end", browser.get("/account").text)


def age(shop: Shop, **ago: float) -> None:
    """All sessions as if nobody had asked for a page for so long."""
    with shop.sessions.begin() as session:
        past = timedelta(**ago)
        session.execute(
            sa.update(UserSession).values(
                seen_at=UserSession.seen_at - past,
                created_at=UserSession.created_at - past,
                expires_at=UserSession.expires_at - past,
            )
        )
    shop.app.extensions["cache"].redis.flushall()


class TestSessions:
    def test_each_is_listed_with_its_device_and_this_one_is_marked(self, ada, phone):
        page = ada.get("/account").text
        assert "Firefox · Linux" in page
        assert "Safari · iPhone" in page
        assert page.count("This device") == 1
        assert "127.0.0.0/24" in page
        assert "127.0.0.1" not in page

    def test_a_single_one_is_ended_by_the_password_and_the_others_stay(self, ada, phone):
        (other,) = others(ada)
        assert "Sign out <bdi>Safari · iPhone</bdi>" in ada.get(other).text
        page = ada.post(other, {"present": "guess number 1"})
        assert (page.status_code, 'id="error-present"' in page.text) == (422, True)
        assert phone.get("/account").status_code == 200
        ada.post(other, {"present": ADA["password"]})
        assert phone.get("/account").status_code == 303
        assert ada.get("/account").status_code == 200
        assert others(ada) == []

    def test_nobody_ends_somebody_elses(self, shop, ada, phone):
        (other,) = others(ada)
        eve = shop.browser()
        assert eve.post(other, {"present": ADA["password"]}).status_code == 303
        eve.post("/account/sign-up", {**ADA, "email": "eve@example.org", "name": "Eve"})
        assert eve.post(other, {"present": ADA["password"]}).status_code == 303
        assert eve.get(other).status_code == 303
        assert phone.get("/account").status_code == 200

    def test_after_two_weeks_of_rest_it_has_ended(self, shop, ada):
        age(shop, days=13, hours=23)
        assert ada.get("/account").status_code == 200
        age(shop, days=14, minutes=1)
        assert ada.get("/account").status_code == 303

    def test_a_page_moves_the_end_and_a_month_is_the_end_in_any_case(self, shop, ada):
        for days in (13, 13):
            age(shop, days=days)
            assert ada.get("/account").status_code == 200
        age(shop, days=4, minutes=1)
        assert ada.get("/account").status_code == 303

    def test_use_is_written_once_an_hour_and_not_with_each_page(self, shop, ada):
        def seen() -> datetime:
            with shop.sessions() as session:
                return session.scalars(sa.select(UserSession.seen_at)).one()

        before = seen()
        ada.get("/account")
        assert seen() == before
        age(shop, hours=2)
        ada.get("/account")
        after = seen()
        ada.get("/account")
        assert after == seen() > before - timedelta(hours=2)

    def test_what_was_read_while_it_ended_is_not_remembered(self, shop, ada, phone, monkeypatch):
        """A page that asks between the delete and its commit."""
        closing = sessions.close_all_sessions

        def and_somebody_reads(session, user_id):
            closing(session, user_id)
            assert phone.get("/account").status_code == 200

        monkeypatch.setattr(sessions, "close_all_sessions", and_somebody_reads)
        ada.post("/account/sign-out", {"everywhere": "1"})
        assert phone.get("/account").status_code == 303


class TestTheTrail:
    def kinds(self, shop: Shop) -> list[tuple[str, bool]]:
        with shop.sessions() as session:
            rows = session.scalars(sa.select(SignInNote).order_by(SignInNote.id)).all()
            return [(row.kind, row.user_id is not None) for row in rows]

    def test_it_tells_good_and_bad_sign_ins_and_what_became_of_the_password(self, shop, ada, phone):
        phone.post("/account/sign-in", {**ADA, "password": "guess number 1"})
        phone.post("/account/sign-in", {**ADA, "email": "nobody@example.org"})
        phone.post("/account/forgotten", {"email": ADA["email"]})
        ada.post("/account/password", {"present": ADA["password"], "new_password": "harbour moon kettle"})
        assert self.kinds(shop) == [
            (trail.SIGNED_UP, True),
            (trail.SIGNED_IN, True),
            (trail.REFUSED, True),
            (trail.REFUSED, False),
            (trail.ASKED_ANEW, True),
            (trail.CHANGED, True),
        ]
        page = ada.get("/account").text
        for kind in (trail.SIGNED_UP, trail.SIGNED_IN, trail.REFUSED, trail.ASKED_ANEW, trail.CHANGED):
            assert str(trail.KINDS[kind]) in page

    def test_nothing_that_was_typed_and_no_whole_address_is_kept(self, shop, ada):
        shop.browser().client.post(
            "/en/account/sign-in",
            data={"email": "nobody@example.org", "password": "guess number 1"},
            environ_base={"REMOTE_ADDR": "198.51.100.77"},
            headers={"User-Agent": "Call 0800 1234"},
        )
        with shop.sessions() as session:
            row = session.scalars(sa.select(SignInNote).order_by(SignInNote.id.desc())).first()
        assert (row.kind, row.user_id, row.device, row.network) == ("refused", None, "", "198.51.100.0/24")

    def test_others_see_nothing_of_it(self, shop, ada):
        eve = shop.browser()
        eve.post("/account/sign-up", {**ADA, "email": "eve@example.org", "name": "Eve"})
        ada.post("/account/password", {"present": "guess number 1", "new_password": "harbour moon kettle"})
        assert "Wrong password" in ada.get("/account").text
        assert "Wrong password" not in eve.get("/account").text

    def test_it_is_taken_along_and_goes_with_the_account(self, shop, ada):
        told = ada.get("/privacy/my-data.json").get_json()
        assert [note["kind"] for note in told["sign_ins"]] == ["signed_up"]
        assert told["sessions"][0]["device"] == "Firefox · Linux"
        ada.post("/privacy/erase", {"password": "guess number 1"})
        assert self.kinds(shop)[-1] == ("refused", True)
        ada.post("/privacy/erase", {"password": ADA["password"]})
        assert self.kinds(shop) == []

    def test_it_is_kept_for_ninety_days(self, shop, ada):
        now = datetime.now(UTC)
        with shop.sessions.begin() as session:
            user_id = session.scalars(sa.select(UserSession.user_id)).one()
            session.add(PasswordLink(link_hash="x", user_id=user_id, created_at=now, expires_at=now))
        for days, left in ((2, 0), (89, 1), (91, 0)):
            with shop.sessions.begin() as session:
                keeping.forget_old(session, now + timedelta(days=days))
                table = PasswordLink if days == 2 else SignInNote
                assert session.scalar(sa.select(sa.func.count()).select_from(table)) == left
