"""Real services for a test run: each process of pytest starts its own, at the first test that asks.

A cluster with both databases migrated is kept in .tools/ (keyed by what makes it) and copied, which
takes a tenth of a second. Everything ends with the process that started it, even by kill -9.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from local import alertmanager, postgres, prometheus, valkey
from local.machine import ROOT, TOOLS, free_port
from local.postgres import Cluster
from local.processes import Program, Running
from local.users import reachable, service_user

PASSWORD = "only-for-tests"
WEBHOOK_TOKEN = "webhook-token-for-tests"

# Rows of every table that has some, in one round trip; triggers and foreign keys do not fire. Tables that
# hold rows right after the migrations (`kept`) belong to the schema and stay.
EMPTY = """
DO $$
DECLARE one regclass; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '5s';
  FOR one IN
    SELECT oid::regclass FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND NOT oid::regclass::text = ANY ({kept})
      AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %s', one); END IF;
  END LOOP;
END $$
"""
TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
"""


@dataclass
class Services:
    """The services of one process of pytest. Nothing runs before it is first used."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    _running: dict[str, Running] = field(default_factory=dict)
    _cluster: Cluster | None = None
    _cleaners: dict[str, tuple[psycopg.Connection, str]] = field(default_factory=dict)
    _put_there: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # by the migrations: table → rows as JSON

    def port(self, name: str) -> int:
        return self.ports.setdefault(name, free_port())

    @property
    def cluster(self) -> Cluster:
        if self._cluster is None:
            self._cluster = copy_cluster(self.folder / "postgres", self.port("postgres"))
            self.start(self._cluster.program(throw_away=True))
            for database in ("backroom", "shop"):
                self._cleaner(database)  # now, while only the migrations have written
        return self._cluster

    @property
    def control_database_url(self) -> str:
        return self.cluster.url("backroom", "backroom", PASSWORD)

    @property
    def shop_database_url(self) -> str:
        return self.cluster.url("shop", "shop", PASSWORD)

    @property
    def reporting_database_url(self) -> str:
        return self.cluster.url("reporting", "shop", PASSWORD)

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.port('redis')}/0"

    @property
    def prometheus_url(self) -> str:
        return f"http://127.0.0.1:{self.port('prometheus')}"

    @property
    def alertmanager_url(self) -> str:
        return f"http://127.0.0.1:{self.port('alertmanager')}"

    @property
    def rules_dir(self) -> Path:
        folder = self.folder / "rules"
        folder.mkdir(exist_ok=True)
        return folder

    def start_redis(self) -> None:
        if "redis" not in self._running:
            self.start(valkey.program(self.folder / "redis", self.port("redis"), keep=False))

    def start(self, program: Program) -> Running:
        running = Running(program, self.folder / "log" / f"{program.name}.log")
        running.wait_ready()
        self._running[program.name] = running
        return running

    def stop(self, name: str) -> None:
        if (running := self._running.pop(name, None)) is not None:
            running.stop()

    def is_running(self, name: str) -> bool:
        return name in self._running

    def empty(self, database: str) -> None:
        """Takes every row out of a database, except what the migrations put there."""
        connection, statement = self._cleaner(database)
        connection.execute(statement)

    def put_back(self, database: str) -> None:
        """What the migrations put there is as it was, whatever a test did to it. `empty` comes before."""
        connection, _ = self._cleaner(database)
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for name, rows in self._put_there[database].items():
                connection.execute(f"DELETE FROM {name}")
                connection.execute(
                    f"INSERT INTO {name} SELECT * FROM jsonb_populate_recordset(NULL::{name}, %s::jsonb)",
                    [rows],
                )

    def _cleaner(self, database: str) -> tuple[psycopg.Connection, str]:
        if database not in self._cleaners:
            connection = self.cluster.connect(database)
            tables = [name for (name,) in connection.execute(TABLES)]
            filled = [
                name for name in tables if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
            ]
            kept = ", ".join(f"'{name}'" for name in filled)
            self._put_there[database] = {
                name: connection.execute(f"SELECT jsonb_agg(one)::text FROM {name} one").fetchone()[0]
                for name in filled
            }
            self._cleaners[database] = (connection, EMPTY.format(kept=f"ARRAY[{kept}]"))
        return self._cleaners[database]

    def close(self) -> None:
        for connection, _ in self._cleaners.values():
            connection.close()
        for name in reversed(list(self._running)):
            self.stop(name)
        if self._cluster is not None:
            shutil.rmtree(self._cluster.data, ignore_errors=True)


@contextmanager
def run_services() -> Iterator[Services]:
    folder = Path(tempfile.mkdtemp(prefix="backroom-tests-"))
    folder.chmod(0o755)
    services = Services(folder)
    try:
        yield services
    finally:
        services.close()
        shutil.rmtree(folder, ignore_errors=True)


def copy_cluster(target: Path, port: int) -> Cluster:
    """A migrated cluster of our own in `target`."""
    user = service_user()
    place = reachable(target, user)
    place.parent.mkdir(parents=True, exist_ok=True)
    with _kept_cluster() as kept:
        subprocess.run(["cp", "-a", "--reflink=auto", kept, place], check=True)
    return Cluster(postgres.find_binaries(user), place, port, PASSWORD, user)


@contextmanager
def _kept_cluster() -> Iterator[Path]:
    """The folder of the stopped, migrated cluster; made by whoever comes first, the others wait."""
    kept = TOOLS / "test-clusters"
    kept.mkdir(parents=True, exist_ok=True)
    data = reachable(kept, service_user()) / _key()
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            _make_kept(data)
        yield data


def _key() -> str:
    """Changes with everything that the kept cluster is made of."""
    parts = [path.read_bytes() for path in sorted((ROOT / "migrations").rglob("*.py"))]
    parts.append(Path(postgres.__file__).read_bytes())
    parts.append(str(postgres.find_binaries(service_user())).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _make_kept(data: Path) -> None:
    for older in sorted(data.parent.glob("*/PG_VERSION"), key=os.path.getmtime)[:-2]:
        shutil.rmtree(older.parent)
    part = data.with_name("part")
    shutil.rmtree(part, ignore_errors=True)
    cluster = postgres.make_cluster(part, free_port(), PASSWORD)
    with tempfile.TemporaryDirectory() as logs:
        running = Running(cluster.program(throw_away=True), Path(logs) / "postgres.log")
        try:
            running.wait_ready()
            postgres.make_databases(cluster, dict.fromkeys(postgres.ROLES, PASSWORD))
            migrate(cluster)
        finally:
            running.stop()
    part.rename(data)


def migrate(cluster: Cluster) -> None:
    for owner, setting, role, database in (
        ("control", "CONTROL_DATABASE_URL", "backroom", "backroom"),
        ("storefront", "SHOP_DATABASE_URL", "shop", "shop"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "migrations", owner, "upgrade"],
            cwd=ROOT,
            env={**os.environ, setting: cluster.url(role, database, PASSWORD)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"the {owner} migrations do not run:\n{done.stderr[-3000:]}")


class PrometheusBench:
    """A Prometheus of one's own: samples are loaded as blocks, rules lie in a folder."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.url = services.prometheus_url
        self.rules_dir = services.rules_dir
        self.folder = services.folder / "prometheus"

    def start(self, targets: dict[str, str] | None = None, every_seconds: int = 1) -> None:
        """(Re)starts with these jobs scraped: {job: "host:port"}; the label `instance` is the job's name."""
        self.services.stop("prometheus")
        alertmanager_at = f"127.0.0.1:{self.services.port('alertmanager')}"
        text = prometheus.configuration(targets or {}, self.rules_dir, alertmanager_at, every_seconds)
        self.services.start(
            prometheus.program(self.folder, self.services.port("prometheus"), text, resend_seconds=0)
        )

    def load(self, samples: str) -> None:
        """OpenMetrics text: lines `name{label="x"} value unix_seconds`; `# EOF` is added when missing."""
        self.services.stop("prometheus")
        file = self.services.folder / "samples.txt"
        file.write_text(samples if samples.rstrip().endswith("# EOF") else samples.rstrip() + "\n# EOF\n")
        prometheus.make_blocks(file, self.folder / "data")
        self.start()

    def reload(self) -> None:
        httpx.post(f"{self.url}/-/reload").raise_for_status()

    def stop(self) -> None:
        self.services.stop("prometheus")

    def forget(self) -> None:
        """Back to an empty, running one without rules."""
        self.services.stop("prometheus")
        shutil.rmtree(self.folder, ignore_errors=True)
        for rule_file in self.rules_dir.iterdir():
            rule_file.unlink()


class AlertmanagerBench:
    """An Alertmanager of one's own that delivers to `webhook_url`."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.url = services.alertmanager_url
        self.folder = services.folder / "alertmanager"

    def start(self, webhook_url: str = "http://127.0.0.1:9/") -> None:
        self.services.stop("alertmanager")
        text = alertmanager.configuration(webhook_url, WEBHOOK_TOKEN)
        self.services.start(alertmanager.program(self.folder, self.services.port("alertmanager"), text))

    def stop(self) -> None:
        self.services.stop("alertmanager")

    def forget(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
