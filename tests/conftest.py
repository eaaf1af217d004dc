"""Fixtures on real services. All of them are lazy: a test that asks for none starts nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config import ControlPlaneConfig, StorefrontConfig
from tests.routing import SharedMap, compile_each_route_once
from tests.templates import CompiledTemplates

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from redis import Redis
    from sqlalchemy.orm import Session, sessionmaker

    from app.sources import Sources
    from tests.services import AlertmanagerBench, PrometheusBench, Services

SECRET = "a-secret-for-tests-only"
ENCRYPTION_KEY = "a-key-that-seals-secrets-of-tests-only"
CONTROL_URL = "http://control.test"
SHOP_URL = "http://shop.test"

compile_each_route_once()
ROUTES = SharedMap()


# Tests that wait for clocks and programs most of the time.
WAITING = (
    "tests/integration/alerts/",
    "tests/integration/flags/test_every_sdk_hears_every_write",
    "tests/integration/local/",
    "tests/integration/orders/test_when_the_gateway_fails",
    "tests/integration/worker/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait come first in both halves, of which each of two processes begins with one.

    Other checks run beside them then; later nobody would fill the gaps.
    """
    _watch_each_test_once(items)
    waiting = [item for item in items if item.nodeid.startswith(WAITING)]
    busy = [item for item in items if not item.nodeid.startswith(WAITING)]
    half, middle = len(waiting) // 2, len(busy) // 2
    items[:] = waiting[:half] + busy[:middle] + waiting[half:] + busy[middle:]


def _watch_each_test_once(items: list[pytest.Item]) -> None:
    """Coverage is watched with the first values of each test.

    Watching nearly doubles the time, and other values hardly reach another line: what is printed is the least
    that is covered.
    """
    met: set[str] = set()
    for item in items:
        test, has_values, _ = item.nodeid.partition("[")
        if has_values and test in met:
            item.add_marker("no_cover")
        met.add(test)


def pytest_collection_finish() -> None:
    """Half of what each app cost was the garbage collector, walking over all that the tests had loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Addresses and ports; PostgreSQL starts at its first use, the others by their own fixtures."""
    from tests.services import run_services

    with run_services() as running:
        yield running


@pytest.fixture
def now() -> Iterator[datetime]:
    """Noon (UTC) of today, and this process's clock stands there and ticks on: no test breaks at midnight."""
    import time_machine

    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    with time_machine.travel(noon, tick=True):
        yield noon


@pytest.fixture
def control_database(services: Services) -> Iterator[str]:
    """URL of the control plane's database; empty again after the test."""
    yield services.control_database_url
    services.empty("backroom")


@pytest.fixture
def shop_database(services: Services) -> Iterator[str]:
    """URL of the shop's database; empty again after the test."""
    yield services.shop_database_url
    services.empty("shop")


@pytest.fixture
def redis_url(services: Services) -> str:
    services.start_redis()
    return services.redis_url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """An empty Redis; texts, not bytes."""
    from redis import Redis

    with Redis.from_url(redis_url, decode_responses=True) as connection:
        yield connection
        connection.flushall()


@pytest.fixture
def prometheus(services: Services) -> Iterator[PrometheusBench]:
    """A running, empty Prometheus: `.load(samples)`, `.rules_dir`, `.reload()`, `.start(targets)`."""
    from tests.services import PrometheusBench

    bench = PrometheusBench(services)
    bench.start()
    yield bench
    bench.forget()


@pytest.fixture
def alertmanager(services: Services) -> Iterator[AlertmanagerBench]:
    """A running Alertmanager; `.start(webhook_url)` starts it anew with another receiver."""
    from tests.services import AlertmanagerBench

    bench = AlertmanagerBench(services)
    bench.start()
    yield bench
    bench.forget()


@pytest.fixture
def control_config(
    services: Services, control_database: str, shop_database: str, redis: Redis, tmp_path: Path
) -> ControlPlaneConfig:
    """Prometheus and Alertmanager are down unless the test asks for `prometheus`, `alertmanager`."""
    from local.alertmanager import amtool
    from local.prometheus import promtool
    from tests.services import WEBHOOK_TOKEN

    return ControlPlaneConfig(
        environment="test",
        log_level="warning",
        secret_key=SECRET,
        secure_cookies=False,
        trusted_proxies=0,
        redis_url=services.redis_url,
        smtp_url="",
        mail_dir=tmp_path / "control-mail",
        control_database_url=control_database,
        reporting_database_url=services.reporting_database_url,
        encryption_keys=(ENCRYPTION_KEY,),
        prometheus_url=services.prometheus_url,
        alertmanager_url=services.alertmanager_url,
        rules_dir=services.rules_dir,
        promtool=str(promtool()),
        alertmanager_config=services.folder / "alertmanager" / "alertmanager.yml",
        amtool=str(amtool()),
        alert_webhook_url="",
        control_url=CONTROL_URL,
        shop_url=SHOP_URL,
        alert_webhook_token=WEBHOOK_TOKEN,
        control_mail_from="Backroom <backroom@hearth-and-ladle.example>",
        metrics_address="127.0.0.1",
        scheduler_metrics_port=0,
        outline_secret=SECRET,
        api_rate_limit=100_000,  # tests hurry
        api_rate_limit_anonymous=100_000,
    )


@pytest.fixture
def shop_config(services: Services, shop_database: str, redis: Redis, tmp_path: Path) -> StorefrontConfig:
    """No gateway, flags or catalogs are running: a test that needs one starts it and replaces the URL."""
    nowhere = "http://127.0.0.1:9"
    return StorefrontConfig(
        environment="test",
        log_level="warning",
        secret_key=SECRET,
        secure_cookies=False,
        trusted_proxies=0,
        redis_url=services.redis_url,
        shop_database_url=shop_database,
        broker_url=services.redis_url,
        gateway_url=nowhere,
        gateway_secret="gateway-secret-for-tests",
        flags_url="",
        flags_token="",
        flags_poll_seconds=0.5,
        catalogs_url="",
        catalogs_poll_seconds=0.5,
        data_dir=tmp_path / "shop",
        shop_url=SHOP_URL,
        locales=("en", "de", "ar"),
        currency="EUR",
        smtp_url="",
        mail_dir=tmp_path / "mail",
        mail_from="Hearth & Ladle <shop@hearth-and-ladle.example>",
        metrics_address="127.0.0.1",
        worker_metrics_port=0,
        outline_secret=SECRET,
    )


@pytest.fixture
def control_sources(control_config: ControlPlaneConfig) -> Iterator[Sources]:
    from app.sources import connect

    sources = connect(control_config)
    yield sources
    sources.close()


@pytest.fixture
def control_session(control_sources: Sources) -> Iterator[Session]:
    """A session of the control plane's database. Commit what the app under test should see."""
    with control_sources.control() as session:
        yield session


@pytest.fixture
def shop_sessions(shop_config: StorefrontConfig) -> Iterator[sessionmaker[Session]]:
    from storefront.db import connect

    sessions = connect(shop_config.shop_database_url)
    yield sessions
    sessions.kw["bind"].dispose()


@pytest.fixture
def shop_session(shop_sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session of the shop's database. Commit what the shop under test should see."""
    with shop_sessions() as session:
        yield session


@pytest.fixture(scope="session")
def compiled_templates() -> CompiledTemplates:
    return CompiledTemplates()


@pytest.fixture
def control_app(control_config: ControlPlaneConfig, compiled_templates: CompiledTemplates) -> Iterator[Flask]:
    from app.factory import create_app

    app = create_app(control_config)
    ROUTES.keep(app)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["flags_serving"].stop()
    app.extensions["errors"].stop()
    app.extensions["sources"].close()


@pytest.fixture
def control_client(control_app: Flask) -> FlaskClient:
    """Nobody is signed in."""
    return control_app.test_client()


@pytest.fixture
def shop_app(shop_config: StorefrontConfig, compiled_templates: CompiledTemplates) -> Iterator[Flask]:
    from storefront.factory import create_app
    from tests.ending import end_shop

    app = create_app(shop_config)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    end_shop(app)


@pytest.fixture
def shop_client(shop_app: Flask) -> FlaskClient:
    return shop_app.test_client()


@pytest.fixture
def signed_in(control_app: Flask) -> Callable[[str], FlaskClient]:
    """`signed_in("ops")` → a client signed in as a person of that role; its e-mail is ops@house.test."""
    from tests.people import sign_in

    return lambda role: sign_in(control_app, role)
