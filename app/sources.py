"""Where numbers come from, connected once a process: passed to jobs, found on the Flask app by views."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from redis import Redis

from app import cache, db, vault
from app.alertmanager import Alertmanager
from app.prometheus import Prometheus
from config import ControlPlaneConfig


@dataclass(frozen=True)
class Sources:
    config: ControlPlaneConfig
    control: db.Sessions  # the control plane's own tables
    reporting: db.Sessions  # the shop's facts, read only
    redis: Redis
    prometheus: Prometheus
    alertmanager: Alertmanager
    locks: db.Sessions  # the same database by connections of their own: who holds a lock never waits for one

    def close(self) -> None:
        db.engine_of(self.control).dispose()
        db.engine_of(self.reporting).dispose()
        db.engine_of(self.locks).dispose()
        self.redis.close()


def connect(config: ControlPlaneConfig, *, statement_timeout_ms: int = 5_000) -> Sources:
    """Nothing is contacted yet: each part connects at its first use, so a dead one stops no start."""
    vault.use(vault.Vault(config.encryption_keys))
    return Sources(
        config=config,
        control=db.connect(config.control_database_url, statement_timeout_ms=statement_timeout_ms),
        reporting=db.connect(
            config.reporting_database_url, read_only=True, statement_timeout_ms=statement_timeout_ms
        ),
        redis=cache.connect(config.redis_url),
        prometheus=Prometheus(config.prometheus_url),
        alertmanager=Alertmanager(config.alertmanager_url),
        locks=db.connect(config.control_database_url, statement_timeout_ms=statement_timeout_ms),
    )


def sources() -> Sources:
    found: Sources = current_app.extensions["sources"]
    return found
