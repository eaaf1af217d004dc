"""Four workers of the shop: a release and its rollback reach all of them by the nudge alone."""

from __future__ import annotations

from dataclasses import replace

import httpx

from app import clock
from app.db import begin
from app.locales import commands
from app.locales.models import Translation
from app.locales.releases import commands as releases
from app.locales.states import APPROVED
from tests.integration.locales.conftest import WHO
from tests.shop_workers import seconds_until, shop_workers


def test_a_release_and_its_rollback_reach_all_of_four_workers(
    control_app, served, client_token, shop_config, shop_database, loaded, id_of, redis, tmp_path
) -> None:
    config = replace(
        shop_config,
        catalogs_url=f"{served}/api/v1/catalogs",
        flags_token=client_token,
        catalogs_poll_seconds=600.0,  # so it is the nudge that tells them
    )
    cart = id_of("Cart")

    def publish(word: str) -> int:
        with control_app.app_context(), begin() as session:
            row = session.get(Translation, (cart, "de"))
            commands.save(session, "de", cart, [word], APPROVED, row.revision, WHO, clock.now())
            number = releases.publish(session, "de", "", WHO, clock.now()).number
        releases.nudge(redis, "de")
        return number

    with shop_workers(config, tmp_path) as url, httpx.Client(base_url=url, timeout=10) as client:
        assert seconds_until(client, 0) is not None
        for number, word in enumerate(("Korb", "Wagen", "Tasche"), start=1):
            assert publish(word) == number
            assert seconds_until(client, number) is not None
        with control_app.app_context(), begin() as session:
            releases.make_live(session, "de", 1, WHO, clock.now())
        releases.nudge(redis, "de")
        assert seconds_until(client, 1) is not None
        page = client.get("/de/cart")
        assert page.headers["Catalog-Release"] == "1"
