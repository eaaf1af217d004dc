"""The services that tests and `./run` stand on are the real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.prometheus import Prometheus
from config import ControlPlaneConfig
from tests.services import AlertmanagerBench, PrometheusBench, Services


def test_each_role_sees_only_its_own_database(services: Services) -> None:
    url = services.control_database_url.replace("+psycopg", "").replace("backroom:", "shop:", 1)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_reporting_may_not_read_the_shops_tables(services: Services, shop_database: str) -> None:
    url = services.reporting_database_url.replace("+psycopg", "")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT 1 FROM public.alembic_version")


def test_rows_of_one_test_are_gone_for_the_next(
    services: Services, shop_sessions: sessionmaker[Session]
) -> None:
    with shop_sessions.begin() as session:
        session.execute(text("CREATE TABLE left_behind (n int)"))
        session.execute(text("INSERT INTO left_behind VALUES (1)"))
    services.empty("shop")
    with shop_sessions.begin() as session:
        assert session.execute(text("SELECT count(*) FROM left_behind")).scalar_one() == 0
        session.execute(text("DROP TABLE left_behind"))


def test_redis_answers(redis: Redis) -> None:
    redis.set("kettle", "on")
    assert redis.get("kettle") == "on"


def test_prometheus_answers_from_loaded_samples(prometheus: PrometheusBench) -> None:
    at = datetime.now(UTC) - timedelta(hours=3)
    prometheus.load(f'# TYPE shop_demo gauge\nshop_demo{{job="shop"}} 7 {at.timestamp():.0f}\n')
    (sample,) = Prometheus(prometheus.url).query("shop_demo", at + timedelta(seconds=10))
    assert sample.value == 7


def test_prometheus_takes_rules_from_the_folder(prometheus: PrometheusBench) -> None:
    (prometheus.rules_dir / "one.yml").write_text(
        "groups:\n  - name: g\n    rules:\n      - record: one\n        expr: vector(1)\n"
    )
    prometheus.reload()
    assert "one" in str(Prometheus(prometheus.url).rules())


def test_alertmanager_is_ready(alertmanager: AlertmanagerBench, control_config: ControlPlaneConfig) -> None:
    from app.alertmanager import Alertmanager

    assert Alertmanager(control_config.alertmanager_url).ready()
