"""The shop's side on a real control plane: fetch, verify, swap, keep the last good, survive."""

from __future__ import annotations

import base64
import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, Response

from app import clock
from app.db import begin
from app.locales import commands
from app.locales.releases import commands as releases
from app.locales.states import APPROVED
from storefront import catalogs, telemetry, wording
from storefront.catalogs import Catalogs
from tests import serving, words
from tests.integration.locales.conftest import WHO

SOON_SECONDS = 5.0


@pytest.fixture
def publish(control_app, id_of, redis) -> Callable[[str], int]:
    """`publish("Korb")` → the number of the release in which Cart is called so."""

    def release(cart: str, nudged: bool = True) -> int:
        with control_app.app_context(), begin() as session:
            row = session.get(commands.Translation, (id_of("Cart"), "de"))
            commands.save(session, "de", id_of("Cart"), [cart], APPROVED, row.revision, WHO, clock.now())
            number = releases.publish(session, "de", "", WHO, clock.now()).number
        if nudged:
            releases.nudge(redis, "de")
        return number

    return release


@pytest.fixture
def shop(shop_config, served, client_token, root):
    """`shop()` → catalogs of one process of the shop, following."""
    opened: list[Catalogs] = []

    def start(**changes: object) -> Catalogs:
        config = replace(
            shop_config, catalogs_url=f"{served}/api/v1/catalogs", flags_token=client_token, **changes
        )
        opened.append(Catalogs(config, root))
        opened[-1].start()
        return opened[-1]

    yield start
    for each in opened:
        each.stop()


def cart(shop: Catalogs) -> str:
    return shop.snapshot["de"].words.ugettext("Cart")


def soon(true: Callable[[], object]) -> bool:
    end = time.monotonic() + SOON_SECONDS
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_a_published_word_arrives_without_a_restart_and_goes_again(shop, publish, control_app, redis) -> None:
    following = shop(catalogs_poll_seconds=60.0)
    assert soon(lambda: following.age_seconds() is not None)
    assert cart(following) == "Warenkorb"
    assert publish("Korb") == 1
    assert soon(lambda: cart(following) == "Korb")
    assert following.snapshot["de"].release == 1
    assert (
        following.snapshot["de"].words.ungettext("%(num)d plate", "%(num)d plates", 2) == "%(num)d Teller da"
    )
    gauge = telemetry.REGISTRY.get_sample_value
    telemetry.expect_locales(("de",))
    with control_app.app_context(), begin() as session:
        releases.make_live(session, "de", 0, WHO, clock.now())
    releases.nudge(redis, "de")
    assert soon(lambda: cart(following) == "Warenkorb")
    assert soon(lambda: gauge("shop_catalog_release", {"locale": "de"}) == 0)


def test_a_lost_nudge_is_made_good_by_the_next_poll(shop, publish) -> None:
    following = shop(catalogs_poll_seconds=0.5)
    publish("Korb", nudged=False)
    assert soon(lambda: cart(following) == "Korb")


def test_the_shop_starts_with_the_last_good_release_while_the_control_plane_is_down(
    shop, publish, shop_config, root
) -> None:
    publish("Korb")
    following = shop()
    assert soon(lambda: cart(following) == "Korb")
    following.stop()
    alone = Catalogs(shop_config, root)
    assert (cart(alone), alone.snapshot["de"].release) == ("Korb", 1)
    assert alone.age_seconds() is None


def test_the_shop_goes_on_without_redis(services, shop, publish) -> None:
    services.stop("redis")
    try:
        following = shop(catalogs_poll_seconds=0.5)
        publish("Korb", nudged=False)
        assert soon(lambda: cart(following) == "Korb")
    finally:
        services.start_redis()
    publish("Wagen")
    assert soon(lambda: cart(following) == "Wagen")


def test_a_wrong_token_changes_nothing(shop, publish) -> None:
    publish("Korb")
    following = shop()
    assert soon(lambda: cart(following) == "Korb")
    following.stop()
    shutil.rmtree(following._folder)
    refused = Catalogs(replace(following._config, flags_token="*:production.wrong"), wording.SHIPPED)
    refused.start()
    time.sleep(0.7)
    refused.stop()
    assert refused.snapshot["de"].release == 0
    assert refused.age_seconds() is None


def test_a_full_disk_does_not_stop_a_release(shop, publish, tmp_path) -> None:
    blocked = tmp_path / "a-file-where-a-folder-should-be"
    blocked.write_text("")
    following = shop(data_dir=blocked)
    publish("Korb")
    assert soon(lambda: cart(following) == "Korb")


GOOD = words.mo("de", {"Cart": "Korb"})


def answered(data: bytes, status: int = 200, **headers: str) -> Response:
    response = Response(data, status=status, mimetype="application/octet-stream")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


DIGEST = "sha-256=:" + base64.b64encode(hashlib.sha256(GOOD).digest()).decode() + ":"
RUBBISH = {
    "another checksum": answered(GOOD, Backroom_Release="9", Content_Digest="sha-256=:AAAA:"),
    "a checksum that is none": answered(GOOD, Backroom_Release="9", Content_Digest="sha-256=:A:"),
    "no checksum": answered(GOOD, Backroom_Release="9"),
    "no release": answered(GOOD, Content_Digest=DIGEST),
    "half a catalog": answered(GOOD[:40], Backroom_Release="9", Content_Digest=DIGEST),
    "too much": answered(b"\0" * (catalogs.MAX_BYTES + 1), Backroom_Release="9", Content_Digest=DIGEST),
}


@pytest.mark.parametrize("answer", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_refused_counted_and_the_words_stay(shop_config, root, answer: Response) -> None:
    telemetry.expect_locales(("de",))
    count = lambda: telemetry.REGISTRY.get_sample_value(  # noqa: E731
        "shop_translation_failures_total", {"locale": "de"}
    )
    before = count()
    with serving.serve(rubbish_dump(answer)) as url:
        following = Catalogs(replace(shop_config, catalogs_url=url, flags_token="x", locales=("de",)), root)
        following.start()
        assert soon(lambda: count() > before)
        following.stop()
    assert cart(following) == "Warenkorb"
    assert following.age_seconds() is None


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_that_is_no_withdrawal_keeps_the_release(shop, publish, root, status: int) -> None:
    publish("Korb")
    following = shop()
    assert soon(lambda: cart(following) == "Korb")
    following.stop()
    with serving.serve(rubbish_dump(answered(b"", status))) as url:
        later = Catalogs(replace(following._config, catalogs_url=url), root)
        later.start()
        time.sleep(0.7)
        later.stop()
    assert cart(later) == "Korb"


def rubbish_dump(answer: Response) -> Flask:
    app = Flask("rubbish")
    app.add_url_rule("/<locale>", "any", lambda locale: answer)  # a control plane without a manifest
    return app
