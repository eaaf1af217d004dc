"""The whole house, started once as `./run` starts it, and a real browser in front of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from local import chromium
from local.machine import PORTS, ROOT, free_port
from tests.e2e.house import House, wait_until

READY_WITHIN_SECONDS = 180


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="backroom-e2e-") as folder:
        state = Path(folder)
        state.chmod(0o755)
        ports = {name: str(free_port()) for name in PORTS}
        environment = {**os.environ, **ports, "STATE_DIR": str(state), "SHOPPERS": "0", "RELEASE": "e2e.1"}
        log = state / "run.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "local"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: _is_ready(process, log), READY_WITHIN_SECONDS)
            keys = json.loads((state / "keys.json").read_text())
            settings = json.loads((state / "settings.json").read_text())
            people = {name: value for name, value in keys.items() if "@" in name}
            yield House(settings, people, state, environment)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _is_ready(process: subprocess.Popen, log: Path) -> bool:
    said = log.read_text(errors="replace")
    assert process.poll() is None, f"./run ended by itself:\n{said}"
    return "Ready after" in said


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = chromium.find()
    assert found is not None, "no Chromium; ./check installs one"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(found), env={**os.environ, **chromium.environment()}, args=["--no-sandbox"]
        )
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    yield made
    made.close()


@pytest.fixture
def shopper(context: BrowserContext, house: House) -> Page:
    """A shopper's browser."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


@pytest.fixture
def desk(browser: Browser, house: House) -> Iterator:
    """`desk("ops")` → a page of the control plane on which somebody of that role is signed in."""
    opened = []

    def sign_in(role: str, **more) -> Page:
        context = browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **more}
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        email = house.email(role)
        page.goto(f"{house.control}/accounts/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", house.passwords[email])
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield sign_in
    for context in opened:
        context.close()
