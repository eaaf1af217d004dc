"""Other windows and the way back show nothing of who was signed in."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.house import House


def test_of_the_control_plane(desk, house: House):
    page = desk("viewer")
    other = page.context.new_page()
    other.goto(f"{house.control}/accounts/me")
    email = house.email("viewer")
    expect(other.locator("main")).to_contain_text(email)
    page.goto(f"{house.control}/accounts/me")
    page.locator(".bar-end summary").click()
    page.locator(".bar-end").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/sign-in*")
    other.wait_for_url("**/accounts/sign-in?next=/accounts/me")
    expect(other.locator("body")).not_to_contain_text(email)
    page.go_back()
    page.wait_for_url("**/accounts/sign-in?next=/accounts/me")
    expect(page.locator("body")).not_to_contain_text(email)


def test_of_the_shop(browser: Browser, house: House):
    context = browser.new_context(locale="en-GB")
    page, other = context.new_page(), context.new_page()
    page.goto(f"{house.shop}/en/account/sign-up")
    page.fill("#name", "Ada Example")
    page.fill("#email", f"leaving-{id(page)}@example.org")
    page.fill("#password", "copper ladle seven")
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/account")
    other.goto(f"{house.shop}/en/privacy")
    expect(other.locator("main")).to_contain_text("Ada Example")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/en/")
    expect(other.locator("body")).not_to_contain_text("Ada Example")
    expect(other.locator("main")).to_contain_text("Ordered without an account?")
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Ada Example")
    context.close()
