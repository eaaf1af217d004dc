"""Puts the demo history in, once, and takes it out again.

    python -m local.history.load load [--data FOLDER]     where Prometheus, not started yet, keeps its data
    python -m local.history.load remove [--prometheus]    also from the Prometheus of PROMETHEUS_URL

Databases are those of the settings in the environment. The shop's catalogue and the control plane's defaults
must be there. A Prometheus that somebody else runs gets no demo metrics, and nothing is deleted from it.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

from app.sources import connect
from config import ControlPlaneConfig, StorefrontConfig, control_plane_config, storefront_config
from local.history import blocks, control, counters, shop
from local.history.life import live
from local.machine import CannotStart
from local.prometheus import promtool

JOBS = "shop|shop-worker"


def is_loaded(controls: sessionmaker[Session]) -> bool:
    with controls() as session:
        return control.loaded_until(session) is not None


def load(
    controls: sessionmaker[Session],
    shop_url: str,
    until: datetime,
    prometheus_data: Path | None,
    redis: Redis | None = None,
) -> None:
    """Thirty days up to `until`. Metrics are made beside while the rows are copied."""
    today = until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    making = None
    if prometheus_data is not None:
        making = blocks.start(today, until, prometheus_data.with_name("demo"), promtool())
    with shop.connect(shop_url) as connection:
        shop.remove(connection)  # of a load that was interrupted
        shop.write(connection, live(today, until), until)
        if redis is not None:
            counters.add(redis, connection, until)
    if making is not None and prometheus_data is not None:
        making.wait()
        making.move_to(prometheus_data)
    with controls.begin() as session:
        control.write(session, today, until)


def remove(
    controls: sessionmaker[Session],
    shop_url: str,
    now: datetime,
    prometheus_url: str | None,
    redis: Redis | None = None,
) -> str:
    """Says what was done. May be called again after it was interrupted: the mark goes last."""
    with controls() as session:
        until = control.loaded_until(session)
    if until is None:
        return "There is no demo data."
    with shop.connect(shop_url) as connection:
        if redis is not None:
            counters.take_back(redis, connection, until.astimezone(UTC))
        shop.remove(connection)
    if prometheus_url is not None:
        _forget_metrics(prometheus_url, until)
    with controls.begin() as session:
        control.remove(session, until, now)
    return f"Demo data up to {until:%Y-%m-%d %H:%M} UTC was removed."


def _forget_metrics(url: str, until: datetime) -> None:
    admin = f"{url}/api/v1/admin/tsdb"
    what = {"match[]": f'{{job=~"{JOBS}"}}', "end": until.isoformat()}
    try:
        for action, params in (("delete_series", what), ("clean_tombstones", {})):
            httpx.post(f"{admin}/{action}", params=params, timeout=60).raise_for_status()
    except httpx.HTTPError as error:
        raise CannotStart(
            f"The demo metrics were not removed: Prometheus at {url} must be running, with its admin API"
            f" (--web.enable-admin-api). Nothing else is lost: call this again. {error}"
        ) from None


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m local.history.load")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("load").add_argument("--data", type=Path)
    actions.add_parser("remove").add_argument("--prometheus", action="store_true")
    chosen = parser.parse_args(arguments)
    ours, shops = control_plane_config(), storefront_config()
    controls = connect(ours).control
    if chosen.action == "load":
        print(_load_once(controls, shops, chosen.data))
    else:
        print(_remove(controls, shops, ours, chosen.prometheus))


def _load_once(controls: sessionmaker[Session], shops: StorefrontConfig, data: Path | None) -> str:
    if is_loaded(controls):
        return "The demo data is there already."
    until = datetime.now(UTC) - timedelta(seconds=1)
    load(controls, shops.shop_database_url, until, data, Redis.from_url(shops.redis_url))
    return f"Demo data up to {until:%Y-%m-%d %H:%M} UTC was loaded."


def _remove(
    controls: sessionmaker[Session], shops: StorefrontConfig, ours: ControlPlaneConfig, metrics_too: bool
) -> str:
    prometheus_url = ours.prometheus_url if metrics_too else None
    redis = Redis.from_url(shops.redis_url)
    return remove(controls, shops.shop_database_url, datetime.now(UTC), prometheus_url, redis)


if __name__ == "__main__":
    main()
