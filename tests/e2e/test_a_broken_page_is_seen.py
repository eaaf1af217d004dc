"""An error of a script in a browser: on the errors page within seconds, with release and page, masked."""

from __future__ import annotations

import pytest

from tests.e2e.house import wait_until

SECRET = "sk_live_51Habcdefghijklmnopqrstu"
BROKEN = "(message) => setTimeout(() => { throw new TypeError(message) })"


@pytest.mark.parametrize(("service", "path"), [("control", "/jobs/"), ("shop", "/en/products")])
def test_a_browsers_error_is_seen_with_its_release_and_its_page(house, desk, shopper, service, path):
    ops = desk("ops")
    page = ops if service == "control" else shopper
    page.goto(f"{getattr(house, service)}{path}?who=ada")
    page.evaluate(BROKEN, f"{service} broke for ada@house.example with {SECRET}")

    wait_until(lambda: seen(house, ops, f"{service} broke for"), 60, 1)

    ops.locator("#errors-table a").first.click()
    told = ops.locator("main").inner_text()
    assert path in ops.locator("#samples-table code").first.inner_text()
    assert house.settings["RELEASE"] in told
    assert "TypeError" in told
    for hidden in (SECRET, "ada@house.example", "who=ada"):
        assert hidden not in told


def seen(house, ops, words: str) -> bool:
    ops.goto(f"{house.control}/errors/?source=browser&q={words}")
    return words in ops.locator("main").inner_text()
