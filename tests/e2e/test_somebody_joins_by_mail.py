"""From the invitation to a sign-in with a recovery code, in a real browser."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import psycopg
import pyotp
from playwright.sync_api import expect

from tests.e2e.house import wait_until

EMAIL = "bo@house.example"
PASSWORD = "seven quiet herons by the lake"


def link_to(mails: Path, email: str) -> str:
    """Out of the invitation that the mail server would have handed over."""
    for file in mails.glob("account-*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        found = re.search(r"http\S+/accounts/invitation/\S+", mail.get_body(("plain",)).get_content())
        if mail["To"] == email and found:
            return found[0]
    return ""


def test_an_invitation_leads_to_an_account_with_a_second_factor(house, desk, browser):
    admin = desk("admin")
    admin.goto(f"{house.control}/accounts/")
    admin.locator("#field-email").fill(EMAIL)
    admin.get_by_role("button", name="Invite", exact=True).click()
    expect(admin.locator("#invitations-table")).to_contain_text(EMAIL)

    mails = Path(house.settings["MAIL_DIR"])
    link = wait_until(lambda: link_to(mails, EMAIL))
    assert link.startswith(house.control)
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(link)
    page.get_by_label("Name").fill("Bo")
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="Begin").click()

    page.get_by_role("button", name="Set it up").click()
    seed = page.locator("#seed").inner_text().replace(" ", "")
    expect(page.locator(".qr svg")).to_be_visible()
    page.get_by_label("Code").fill(pyotp.TOTP(seed).now())
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator("#recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#sessions")).to_contain_text("this one")

    page.goto(f"{house.control}/accounts/me")
    page.locator(".bar details.menu > summary").last.click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{house.control}/accounts/me")
    expect(page.locator("main")).to_contain_text("9 recovery codes are left.")
    context.close()


def let_ten_minutes_pass(house) -> None:
    url = house.settings["CONTROL_DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("UPDATE sessions SET confirmed_at = now() - interval '11 minutes'")


def test_the_question_for_the_password_keeps_the_page_and_then_does_what_was_asked(house, desk):
    admin = desk("admin")
    admin.goto(f"{house.control}/accounts/")
    let_ten_minutes_pass(house)
    admin.locator("#field-email").fill("cy@house.example")
    admin.get_by_role("button", name="Invite", exact=True).click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("Your password").fill("not this one")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).to_contain_text("This is not right.")
    expect(admin.locator("#field-email")).to_have_value("cy@house.example")
    dialog.get_by_label("Your password").fill(house.passwords[house.email("admin")])
    dialog.get_by_role("button", name="Confirm").click()
    expect(admin.locator("#invitations-table")).to_contain_text("cy@house.example")
