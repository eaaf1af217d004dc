"""The settings that every process gets: what the environment gives, and what we make up for the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from config import CONTROL_PLANE, STOREFRONT, control_plane_config, storefront_config
from local import alertmanager, debian, postgres
from local.keys import Keys
from local.machine import ROOT, CannotStart, Machine

DATABASE_URLS = ("CONTROL_DATABASE_URL", "REPORTING_DATABASE_URL", "SHOP_DATABASE_URL")
SETTINGS = frozenset(setting.name for setting in (*CONTROL_PLANE, *STOREFRONT))
# What a process may know of the machine, apart from its settings.
PASSED_ON = ("PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Given:
    """Which parts somebody else runs, by URL."""

    databases: bool
    redis: bool
    prometheus: bool
    alertmanager: bool
    gateway: bool


def given(environ: Mapping[str, str] = os.environ) -> Given:
    there = [name for name in DATABASE_URLS if environ.get(name)]
    if there and len(there) < len(DATABASE_URLS):
        missing = ", ".join(sorted(set(DATABASE_URLS) - set(there)))
        raise CannotStart(f"{' and '.join(there)} given, but not {missing}. Give all three or none of them.")
    return Given(
        bool(there),
        *(bool(environ.get(f"{part}_URL")) for part in ("REDIS", "PROMETHEUS", "ALERTMANAGER", "GATEWAY")),
    )


def settings(machine: Machine, keys: Keys, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Every setting of both services; a wrong one stops the start with its name."""
    from_outside = {name: environ[name] for name in SETTINGS if environ.get(name)}
    found = {**_our_own(machine, keys), **from_outside}
    control_plane_config(found)
    storefront_config(found)
    return found


def _our_own(machine: Machine, keys: Keys) -> dict[str, str]:
    port, state = machine.ports, machine.state
    control = f"http://127.0.0.1:{port['CONTROL_PORT']}"

    def database(role: str, name: str) -> str:
        return postgres.database_url(port["POSTGRES_PORT"], role, name, keys[role])

    return {
        "ENVIRONMENT": "development",
        "SECURE_COOKIES": "0",
        "SECRET_KEY": keys["secret_key"],
        "OUTLINE_SECRET": keys["outline_secret"],
        "REDIS_URL": f"redis://127.0.0.1:{port['REDIS_PORT']}/0",
        "METRICS_ADDRESS": "127.0.0.1",
        "CONTROL_DATABASE_URL": database("backroom", "backroom"),
        "REPORTING_DATABASE_URL": database("reporting", "shop"),
        "SHOP_DATABASE_URL": database("shop", "shop"),
        "ENCRYPTION_KEYS": keys["encryption_key"],
        "BACKUP_DIR": str(state / "backups"),
        "BACKUP_SHOP_DATABASE_URL": database("shop", "shop"),
        "PG_BIN": _postgres_programs(),
        "PROMETHEUS_URL": f"http://127.0.0.1:{port['PROMETHEUS_PORT']}",
        "ALERTMANAGER_URL": f"http://127.0.0.1:{port['ALERTMANAGER_PORT']}",
        "RULES_DIR": str(state / "prometheus" / "rules"),
        "PROMTOOL": _tool("promtool"),
        "ALERTMANAGER_CONFIG": str(alertmanager.settings_file(state / "alertmanager")),
        "AMTOOL": _tool("amtool"),
        "CONTROL_URL": control,
        "SHOP_URL": f"http://127.0.0.1:{port['SHOP_PORT']}",
        "ALERT_WEBHOOK_TOKEN": keys["alert_webhook_token"],
        "SCHEDULER_METRICS_PORT": str(port["scheduler"]),
        "GATEWAY_URL": f"http://127.0.0.1:{port['gateway']}",
        "GATEWAY_SECRET": keys["gateway_secret"],
        "FLAGS_URL": f"{control}/api",
        "FLAGS_TOKEN": keys.get("client_token") or "",
        "FLAGS_POLL_SECONDS": "2",
        "CATALOGS_URL": f"{control}/api/v1/catalogs",
        "CATALOGS_POLL_SECONDS": "5",
        "SHOP_DATA_DIR": str(state / "shop"),
        "MAIL_DIR": str(state / "mail"),
        "WORKER_METRICS_PORT": str(port["worker"]),
    }


def _postgres_programs() -> str:
    """Where pg_dump lies; empty where only PATH may know."""
    try:
        return str(postgres.find_binaries(None).folder)
    except CannotStart:
        return ""


def _tool(name: str) -> str:
    unpacked = debian.UNPACKED / "usr" / "bin" / name
    return str(unpacked) if unpacked.exists() else name


def of_process(found: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The whole environment of one of our Python processes."""
    return {
        **{name: environ[name] for name in PASSED_ON if name in environ},
        **found,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # threads share heaps: a third less memory
    }
