"""A translator changes a word; a shopper reads it seconds later, and the old one again after going back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.house import House, wait_until

SOON_SECONDS = 15
MESSAGE = "Your cart"  # the heading of the cart
SHIPPED = "Ihr Warenkorb"
FIRST, SECOND = "Ihr Korb voller Dinge", "Was Sie mitnehmen"


@pytest.fixture
def heading(house: House, shopper: Page) -> Callable[[str], str]:
    """What a shopper reads above the cart."""

    def read(locale: str = "de") -> str:
        shopper.goto(f"{house.shop}/{locale}/cart")
        return shopper.inner_text("h1")

    return read


def edit(desk: Page, house: House, text: str) -> None:
    desk.goto(f"{house.control}/locales/de/?q={MESSAGE.replace(' ', '+')}")
    desk.get_by_role("link", name=MESSAGE, exact=True).click()
    desk.fill("#form-0", text)
    desk.press("#form-0", "Control+Enter")
    desk.wait_for_url("**saved=**")


def publish(desk: Page, house: House, note: str) -> None:
    desk.goto(f"{house.control}/locales/de/publish")
    desk.fill("#field-note", note)
    desk.get_by_role("button", name="Publish").click()
    desk.wait_for_url("**/releases")


def test_a_word_is_edited_published_and_taken_back(house: House, desk, heading) -> None:
    before, translator = heading(), desk("translator")
    pids = sorted(house.pids("shop"))
    assert pids

    edit(translator, house, FIRST)
    assert heading() == before  # an edit alone reaches nobody
    publish(translator, house, "Warmer words")
    expect(translator.locator("#releases tbody tr").first).to_contain_text("Warmer words")
    wait_until(lambda: heading() == FIRST, SOON_SECONDS)

    edit(translator, house, SECOND)
    publish(translator, house, "Other words")
    wait_until(lambda: heading() == SECOND, SOON_SECONDS)

    translator.on("dialog", lambda dialog: dialog.accept())
    translator.locator("#releases tr", has_text="Warmer words").first.get_by_role("button").click()
    wait_until(lambda: heading() == FIRST, SOON_SECONDS)
    assert heading("en") == MESSAGE

    translator.goto(f"{house.control}/locales/de/releases")
    translator.locator("#releases tr", has_text="What ships").get_by_role("button").click()
    wait_until(lambda: heading() == SHIPPED, SOON_SECONDS)
    assert sorted(house.pids("shop")) == pids  # nothing was restarted


def test_a_page_says_which_release_it_shows(house: House, desk, shopper: Page) -> None:
    translator = desk("translator")
    edit(translator, house, "Ihr Korb, gezählt")
    publish(translator, house, "Counted")
    number = translator.locator("#releases tbody tr").first.inner_text().split()[1]

    def shown() -> str | None:
        answer = shopper.goto(f"{house.shop}/de/cart")
        return answer.headers.get("catalog-release") if answer else None

    wait_until(lambda: shown() == number, SOON_SECONDS)


def test_what_would_break_a_page_is_told_beside_the_text_and_kept(house: House, desk) -> None:
    translator = desk("translator")
    translator.goto(f"{house.control}/locales/de/?q=%25(most)s+one+item")
    translator.locator("#strings tbody a").first.click()
    translator.fill("#form-0", "Höchstens %(viel)s davon")
    expect(translator.locator("#string-checks")).to_contain_text("There is no %(viel)s in the source.")
    translator.press("#form-0", "Control+Enter")
    expect(translator.locator("#error-form-0")).to_contain_text("%(viel)s")
    expect(translator.locator("#form-0")).to_have_value("Höchstens %(viel)s davon")


def test_two_people_on_one_string_lose_nothing(house: House, desk) -> None:
    one, other = desk("translator"), desk("admin")
    for page in (one, other):
        page.goto(f"{house.control}/locales/de/?q=Browse+the+shelves")
        page.locator("#strings tbody a").first.click()
    one.fill("#form-0", "Zu den Regalen")
    one.press("#form-0", "Control+Enter")
    one.wait_for_url("**saved=**")
    other.fill("#form-0", "Regale ansehen")
    other.press("#form-0", "Control+Enter")
    expect(other.locator(".string-theirs")).to_contain_text("Zu den Regalen")
    expect(other.locator("#form-0")).to_have_value("Regale ansehen")


def test_a_translator_works_by_keyboard_alone(house: House, desk) -> None:
    page = desk("translator")
    page.goto(f"{house.control}/locales/de/?q=key:stock")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/strings/**")
    text, first = page.locator("#form-0"), page.locator("#form-0").input_value()
    expect(text).to_be_focused()
    page.keyboard.press("Alt+c")
    expect(text).to_have_value("Only %(stock)s left in stock")
    page.keyboard.press("Control+a")
    page.keyboard.type("Vorrat: ")
    page.keyboard.press("Alt+1")
    expect(text).to_have_value("Vorrat: %(stock)s")
    page.keyboard.press("Alt+ArrowDown")  # what was typed and not saved is kept
    expect(text).not_to_have_value("Vorrat: %(stock)s")
    expect(text).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(text).to_have_value("Vorrat: %(stock)s")
    page.keyboard.press("Alt+d")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**saved=**")
    expect(text).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#page-keys")).to_be_visible()
    page.goto(f"{house.control}/locales/de/?q=key:stock state:draft")
    page.locator("#strings tbody a").first.click()
    page.locator("#string-past").get_by_role("button", name="Bring this one back").first.click()
    expect(text).to_have_value(first)
