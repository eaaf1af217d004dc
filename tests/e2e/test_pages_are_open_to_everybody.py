"""Every room with a mouse, by keyboard, on a phone, for a screen reader, under the strict content policy."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PAGES = (
    "/",
    "/slo/",
    "/slo/checkout-availability",
    "/alerts/",
    "/alerts/rules/",
    "/alerts/rules/-/new?from=no-orders",
    "/alerts/record",
    "/alerts/silences/",
    "/alerts/silences/-/new",
    "/alerts/delivery/",
    "/incidents/",
    "/incidents/new",
    "/runbooks/",
    "/runbooks/system-failure",
    "/runbooks/system-failure/edit",
    "/status",
    "/flags/",
    "/flags/new-checkout",
    "/flags/-/new",
    "/flags/new-checkout/targeting",
    "/flags/new-checkout/targeting?mode=json",
    "/flags/new-checkout/copy",
    "/flags/-/changes/",
    "/flags/-/playground/?flag=new-checkout&userId=ada",
    "/flags/-/segments/",
    "/flags/-/segments/new",
    "/flags/-/clean-up",
    "/flags/-/unknown",
    "/flags/-/environments/",
    "/flags/-/archived",
    "/rollouts/",
    "/experiments/",
    "/kpi/",
    "/kpi/orders",
    "/kpi/-/funnel",
    "/kpi/-/cohorts",
    "/kpi/-/growth",
    "/kpi/-/targets?add=1",
    "/kpi/-/boards/new",
    "/reports/",
    "/cost/",
    "/locales/",
    "/jobs/",
    "/audit/",
    "/timeline/",
    "/webhooks/",
    "/webhooks/-/new",
    "/webhooks/sources/-/new",
    "/notifications/",
    "/notifications/settings",
    "/accounts/",
    "/accounts/tokens/",
    "/accounts/me",
    "/ui",
)
DESK = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def settled(page: Page, url: str) -> None:
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function("document.readyState === 'complete'")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_a_barrier_or_scrolls_sideways(desk, house, screen):
    page = desk("admin", bypass_csp=True, **screen)
    found = {}
    for path in PAGES:
        settled(page, house.control + path)
        violations = [violation["id"] for violation in Axe().run(page).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if violations or wide > 0:
            found[path] = (violations, wide)
    assert found == {}


@pytest.mark.timeout(300)
def test_nothing_on_any_page_is_blocked_or_fails(desk, house):
    page = desk("admin")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in PAGES:
        settled(page, house.control + path)
    assert told == []


def test_a_person_gets_around_by_keyboard_alone(desk, house):
    page = desk("ops")
    page.keyboard.press("/")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("flags")
    page.keyboard.press("Enter")
    page.wait_for_url("**/flags/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/slo/")
    page.keyboard.press("j")
    assert "checkout" in page.evaluate("document.activeElement.href")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_zoom_lives_in_the_address_and_a_double_click_ends_it(desk, house):
    page = desk("viewer")
    settled(page, f"{house.control}/?range=7d")
    plot = page.locator("#latency .u-over")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"from=\d+&to=\d+"))
    zoomed = page.url
    page.locator("#latency .u-over").dblclick()
    page.wait_for_url(lambda url: "from=" not in url)
    page.goto(zoomed)
    expect(page.locator(".ranges [aria-current=true]")).to_contain_text("–")


def test_light_and_dark_are_chosen_and_kept(desk, house):
    page = desk("viewer", color_scheme="light")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    settled(page, f"{house.control}/slo/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_person_signs_out_and_stays_out(desk, house):
    page = desk("viewer")
    page.locator(".bar-end summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/sign-in*")
    page.goto(f"{house.control}/slo/")
    page.wait_for_url("**/accounts/sign-in?next=/slo/")


def test_the_pages_speak_german_to_germans(desk, house):
    page = desk("viewer", locale="de-DE")
    expect(page.locator("h1")).to_have_text("Überblick")
    expect(page.locator(".rail")).to_contain_text("Sprachen")


def test_a_message_of_what_was_done_goes_by_itself_and_can_be_closed(desk, house):
    page = desk("viewer")
    settled(page, f"{house.control}/accounts/me")
    page.fill("[name=name]", "Vera")
    page.get_by_role("button", name="Save").click()
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Saved.")
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(desk, house):
    page = desk("viewer")
    settled(page, f"{house.control}/accounts/me")
    page.fill("[name=old_password]", "not my password")
    page.fill("[name=new_password]", "long enough for this")
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("#error-old_password")).to_contain_text("This is not your password.")
    expect(page.locator("[name=new_password]")).to_have_value("long enough for this")
    expect(page.locator("[data-toast].tone-bad")).to_be_visible()
