"""Characters and numbers that are no input at all, and addresses that lead elsewhere."""

from __future__ import annotations

import sqlalchemy as sa

from tests.shopping import ADDRESS, GOOD_CARD

ACCOUNT = {"name": "Eve", "email": "eve@example.org", "password": "copper ladle seven"}
MARKUP = "<script>alert(1)</script>"
TEMPLATES = ("{{7*7}}", "{%% x %%}", "%(x)s", "{0.__class__}", "${7*7}")


def test_no_address_and_no_form_holds_a_character_that_no_text_holds(shop):
    browser = shop.browser()
    for path in (
        "/orders/%00",
        "/products/a%00b",
        "/search?q=a%00b",
        "/orders/HL-1?key=%00",
        "/cart?country=%00",
    ):
        assert browser.get(path).status_code in (400, 404), path
    for path in ("/account/sign-in", "/account/sign-up", "/privacy/link", "/checkout"):
        for field in ("email", "name", "number"):
            form = {**ACCOUNT, **ADDRESS, "card_number": GOOD_CARD, "number": "HL-1", field: "a\x00b"}
            page = browser.post(path, form)
            assert page.status_code == 400, (path, field)
            assert "Nothing was changed" in page.text


def test_an_address_that_no_text_holds_costs_no_other_page_its_count(shop):
    shop.browser().get("/orders/%00")
    shop.browser().get("/products")
    shop.app.extensions["impressions"].stop()
    with shop.sessions() as session:
        endpoints = session.scalars(sa.text("SELECT DISTINCT endpoint FROM message_sightings")).all()
    assert "products.index" in endpoints


def test_half_a_character_is_shown_as_one_that_is_unknown(shop):
    page = shop.browser().get("/search?q=%ED%A0%80kettle")
    assert page.status_code == 200


def test_template_words_are_shown_as_they_were_typed(shop):
    for typed in TEMPLATES:
        page = shop.browser().get("/search?" + f"q={typed}".replace("%", "%25"))
        assert page.status_code == 200
        assert typed.replace("'", "&#39;") in page.text
        assert "49" not in page.text.partition("<h1")[2].partition("</h1>")[0]


def test_an_account_keeps_no_character_that_cannot_be_seen(shop):
    browser = shop.browser()
    browser.post("/account/sign-up", {**ACCOUNT, "name": "Ada \u202egnal\u200b"})
    page = browser.get("/account")
    assert "Ada gnal" in page.text
    assert "\u202e" not in page.text


def test_an_address_that_looks_like_another_one_is_refused(shop):
    for email in ("eve\u200b@example.org", "\u202eeve@example.org"):
        page = shop.browser().post("/account/sign-up", {**ACCOUNT, "email": email})
        assert page.status_code == 422
        assert 'id="email-error"' in page.text or "name@example.com" in page.text


def test_what_a_shopper_writes_is_text_on_every_page_that_shows_it(shop):
    browser = shop.browser()
    browser.post("/account/sign-up", {**ACCOUNT, "name": MARKUP})
    browser.add(shop.shelve())
    typed = dict.fromkeys(("name", "street", "city"), MARKUP)
    answer = browser.pay(**typed)
    assert answer.status_code == 303
    pages = [browser.client.get(answer.headers["Location"]).text]
    pages += [browser.get(path).text for path in ("/account", "/privacy", "/orders", f"/search?q={MARKUP}")]
    wrong = browser.pay(**{**typed, "email": MARKUP})
    assert wrong.status_code == 422
    for page in (*pages, wrong.text):
        assert MARKUP not in page
    assert "&lt;script&gt;alert(1)" in pages[0]


def test_the_way_back_never_leaves_the_shop(shop):
    for next_page in ("//evil.example", "/\\evil.example", "https://evil.example", "/en/\r\nX: y"):
        choice = {"language": "de", "country": "DE", "currency": "EUR", "next": next_page}
        answer = shop.browser().post("/preferences", choice)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/de/")
        assert "X" not in answer.headers


def test_no_address_leads_to_another_host(shop):
    for path in ("//evil.example/en/", "/DE//evil.example", "/%5cevil.example", "/en//evil.example"):
        location = shop.app.test_client().get(path).headers.get("Location", "/")
        assert location.removeprefix("http://localhost").startswith("/")
        assert not location.startswith("//")
        assert "http://evil" not in location


def test_another_host_is_named_on_no_page(shop):
    for path in ("/en/", "/en/products", "/sitemap.xml", "/robots.txt", "/en/account/sign-in", "/nowhere"):
        page = shop.app.test_client().get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in page.text
        strangers = {
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Prefix": "/evil",
            "Forwarded": "host=evil.example",
        }
        assert "evil" not in shop.app.test_client().get(path, headers=strangers).text


def test_no_name_leads_out_of_its_folder(shop):
    for path in (
        "/static/../../config.py",
        "/static/..%2f..%2fconfig.py",
        "/static/%2e%2e/%2e%2e/config.py",
        "/media/products/..%2f..%2fconfig-480.svg",
        "/sitemaps/..%2f..%2fconfig.xml",
        "/..%2f/cart",
        "/media/products/x-" + "9" * 30 + ".svg",
    ):
        assert shop.app.test_client().get(path).status_code == 404


def test_steps_that_were_skipped_are_told(shop):
    browser = shop.browser()
    assert browser.pay().status_code == 409
    assert browser.get("/checkout").status_code == 303
    assert shop.orders() == []


def test_what_nobody_may_choose_is_never_applied(shop):
    browser = shop.browser()
    browser.add(shop.shelve(price_cents=2_500), price=1, price_cents=1)
    forged = {
        "price_cents": 1,
        "total_cents": 1,
        "user_id": 1,
        "role": "admin",
        "status": "confirmed",
        "visitor_id": "x",
    }
    assert browser.pay(**forged).status_code == 303
    (order,) = shop.orders()
    assert (order.gross_cents, order.user_id) == (2_500, None)
    assert order.visitor_id != "x"
    browser.post("/account/sign-up", {**ACCOUNT, "id": 77, "is_demo": 1, "role": "admin"})
    browser.add(shop.shelve())
    browser.pay()
    assert shop.orders()[-1].user_id not in (None, 77)
