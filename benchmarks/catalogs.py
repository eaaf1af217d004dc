"""How soon all of four workers of the shop show a release and its rollback, and what a lookup costs.

    python -m benchmarks.catalogs [lookups]

Lookups: stock Flask-Babel, ours with every lookup noted, and ours with none noted, side by side in one run,
from a view and from a template, in processor time.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import flask_babel
import httpx
from flask import Flask
from redis import Redis
from sqlalchemy import select

from app import clock
from app.db import begin
from app.factory import create_app
from app.locales import commands
from app.locales.models import Message, Translation
from app.locales.releases import commands as releases
from app.locales.states import APPROVED
from config import ControlPlaneConfig, StorefrontConfig
from storefront import translations
from storefront.catalogs import Catalogs
from storefront.translations import Looking
from tests import serving, words
from tests.services import Services, run_services
from tests.shop_workers import WORKERS, seconds_until, shop_workers

ROUNDS = 15
REPEATS = 200
MEDIAN_MS, LONGEST_MS, NOTING_NS = 200, 2_000, 100  # targets
WHO = "bench"
PAGE = "{% autoescape true %}{% for each in messages %}{{ gettext(each) }}{% endfor %}{% endautoescape %}"
MESSAGES = [f"Message {number}" for number in range(1_000)]


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request of the workers
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="backroom-bench-")))
        if sys.argv[1:] == ["lookups"]:
            lookups(folder)
            return
        services = stack.enter_context(run_services())
        services.start_redis()
        propagation(services, folder)
        lookups(folder)


# --- from publishing to the last worker ---------------------------------------------------------------


def propagation(services: Services, folder: Path) -> None:
    control = create_app(_control(services, folder))
    files = folder / "translations"
    words.ship(files, "de", {"Cart": "Warenkorb"})
    redis = Redis.from_url(services.redis_url)
    with control.app_context(), begin() as session:
        commands.load_shipped(session, files, clock.now())
        cart = session.scalars(select(Message.id)).one()
    with serving.serve(control) as url:
        shop = replace(
            _shop(services, folder),
            catalogs_url=f"{url}/api/v1/catalogs",
            flags_token=serving.token(control),
        )
        with shop_workers(shop, folder) as address, httpx.Client(base_url=address, timeout=10) as client:
            seconds_until(client, 0)
            published, returned = [], []
            for number in range(1, ROUNDS + 1):
                _publish(control, cart, number)
                published.append(_until(redis, client, number))
                _return(control, number - 1)
                returned.append(_until(redis, client, number - 1))
    for name, took in (("publish", published), ("rollback", returned)):
        median, longest = statistics.median(took) * 1000, max(took) * 1000
        print(
            f"{name} to the last of {WORKERS} workers: median {median:.0f} ms, longest {longest:.0f} ms"
            f" (targets {MEDIAN_MS}, {LONGEST_MS}) of {len(took)}"
        )


def _publish(control: Flask, cart: int, number: int) -> None:
    with control.app_context(), begin() as session:
        row = session.get_one(Translation, (cart, "de"))
        commands.save(session, "de", cart, [f"Korb {number}"], APPROVED, row.revision, WHO, clock.now())
        releases.publish(session, "de", "", WHO, clock.now())


def _return(control: Flask, number: int) -> None:
    with control.app_context(), begin() as session:
        releases.make_live(session, "de", number, WHO, clock.now())


def _until(redis: Any, client: httpx.Client, number: int) -> float:
    releases.nudge(redis, "de")
    took = seconds_until(client, number)
    if took is None:
        raise SystemExit(f"A worker never showed release {number}.")
    return took


# --- one lookup ----------------------------------------------------------------------------------------


def lookups(folder: Path) -> None:
    root = folder / "many"
    words.ship(root, "de", {message: f"Text {message}" for message in MESSAGES})
    stock, ours = _with_page(_stock(root)), _with_page(_ours(root, folder))
    asks: dict[str, Callable[[], float]] = {
        "view, stock Flask-Babel": lambda: _time(stock, _in_view),
        "view, ours, noted": lambda: _time(ours, _in_view),
        "view, ours, not noted": lambda: _time(ours, _in_view, noting=False),
        "template, stock Flask-Babel": lambda: _time(stock, _in_template),
        "template, ours, noted": lambda: _time(ours, _in_template),
        "template, ours, not noted": lambda: _time(ours, _in_template, noting=False),
    }
    found: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(REPEATS):  # in turns, so that a busy moment of the machine hits all of them
        for name, ask in asks.items():
            found[name].append(ask())
    seconds = {name: min(each) for name, each in found.items()}
    for name, one in seconds.items():
        print(f"{name}: {one * 1e9:.0f} ns a lookup")
    for where in ("view", "template"):
        ours_noted, theirs = seconds[f"{where}, ours, noted"], seconds[f"{where}, stock Flask-Babel"]
        added = (ours_noted - seconds[f"{where}, ours, not noted"]) * 1e9
        print(f"{where}: noting adds {added:.0f} ns a lookup (target {NOTING_NS})")
        print(f"{where}: stock takes {theirs / ours_noted:.1f} times as long as ours")


def _stock(root: Path) -> Flask:
    """Flask-Babel as it comes, on the same words compiled."""
    app = Flask("stock")
    path = root / "de" / "LC_MESSAGES" / "storefront.mo"
    path.write_bytes(words.mo("de", {message: f"Text {message}" for message in MESSAGES}))
    flask_babel.Babel(
        app,
        locale_selector=lambda: "de",
        default_domain="storefront",
        default_translation_directories=str(root),
    )
    return app


def _ours(root: Path, folder: Path) -> Flask:
    nowhere = SimpleNamespace(redis_url="redis://127.0.0.1:9/0", shop_database_url="")
    shelf = Catalogs(_shop(nowhere, folder), root)
    app = Flask("ours")
    flask_babel.Babel(app, locale_selector=lambda: "de", default_domain="storefront")
    domain = app.extensions["babel"].instance.domain_instance = translations.PublishedDomain(shelf)
    app.jinja_env.globals.update(translations._template_functions(domain))
    return app


class _Silent(Looking):
    """The same lookup without its note."""

    __slots__ = ()

    def text(self, key: str, source: str) -> str:
        found = self.texts.get(key)
        return source if found is None else found


def _time(app: Flask, ask: Callable[[Flask], None], *, noting: bool = True) -> float:
    """Seconds of one lookup."""
    with app.test_request_context("/de/"):
        if flask_babel.gettext(MESSAGES[0]) != f"Text {MESSAGES[0]}":
            raise SystemExit("The words were not found.")
        if not noting:
            pin = app.extensions["babel"].instance.domain_instance.pin()
            pin.looking = _Silent(pin.looking.catalog, "stable", (), "")
        began = time.process_time()
        ask(app)
        return (time.process_time() - began) / len(MESSAGES)


def _in_view(_app: Flask) -> None:
    gettext = flask_babel.gettext
    for message in MESSAGES:
        gettext(message)


def _in_template(app: Flask) -> None:
    app.extensions["page"].render(messages=MESSAGES)


def _with_page(app: Flask) -> Flask:
    app.extensions["page"] = app.jinja_env.from_string(PAGE)
    return app


def _control(services: Services, folder: Path) -> ControlPlaneConfig:
    nowhere = "http://127.0.0.1:9"
    return ControlPlaneConfig(
        encryption_keys=("only-for-a-benchmark-on-this-machine",),
        environment="test",
        log_level="error",
        secret_key="a-secret-for-the-benchmark",  # nosec B106 # guards nothing
        secure_cookies=False,
        trusted_proxies=0,
        redis_url=services.redis_url,
        smtp_url="",
        mail_dir=folder / "mail",
        control_database_url=services.control_database_url,
        reporting_database_url=services.reporting_database_url,
        prometheus_url=nowhere,
        alertmanager_url=nowhere,
        rules_dir=None,
        promtool="promtool",
        alertmanager_config=None,
        amtool="amtool",
        alert_webhook_url="",
        control_url=nowhere,
        shop_url=nowhere,
        alert_webhook_token="a-token-for-the-benchmark",
        control_mail_from="bench@example.org",
        metrics_address="127.0.0.1",
        scheduler_metrics_port=0,
    )


def _shop(services: Any, folder: Path) -> StorefrontConfig:
    nowhere = "http://127.0.0.1:9"
    return StorefrontConfig(
        environment="test",
        log_level="error",
        secret_key="a-secret-for-the-benchmark",  # nosec B106 # guards nothing
        secure_cookies=False,
        trusted_proxies=0,
        redis_url=services.redis_url,
        smtp_url="",
        mail_dir=folder / "mail",
        shop_database_url=services.shop_database_url,
        broker_url=services.redis_url,
        gateway_url=nowhere,
        gateway_secret="a-secret-for-the-benchmark",
        flags_url="",
        flags_token="",
        flags_poll_seconds=600,
        catalogs_url="",
        catalogs_poll_seconds=600,
        data_dir=folder / "shop",
        shop_url=nowhere,
        locales=("en", "de"),
        currency="EUR",
        mail_from="shop@example.org",
        metrics_address="127.0.0.1",
        worker_metrics_port=0,
    )


if __name__ == "__main__":
    main()
