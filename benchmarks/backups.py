"""How fast a database is saved and proven, in the time of a plain pg_dump: `python -m benchmarks.backups`.

Rows are made on a server of our own, as tests have it. Figures are ratios, for machines differ: the whole of
`backroom backup make` against pg_dump alone, and the memory that it took more.
"""

from __future__ import annotations

import resource
import subprocess  # nosec B404 # never through a shell
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.backups import archive, databases, making, programs, proving
from app.backups.programs import Programs
from app.vault import Vault
from local import postgres
from tests.conftest import ENCRYPTION_KEY
from tests.services import run_services

if TYPE_CHECKING:
    from config import ControlPlaneConfig

ROWS = 300_000


def main() -> None:
    with run_services() as services, tempfile.TemporaryDirectory() as folder:
        url, tools = services.control_database_url, Programs(str(postgres.find_binaries(None).folder))
        _fill(url)
        plain = _timed(lambda: _plain_dump(tools, url, Path(folder) / "plain.dump"))
        config = _config(url, Path(folder), tools)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sealed = _timed(
            lambda: making.make(config, databases.CONTROL, Vault([ENCRYPTION_KEY]), datetime.now(UTC))
        )
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        ((path, _),) = archive.listed(Path(folder))
        verified = _timed(lambda: proving.verify(config, path, Vault([ENCRYPTION_KEY])))
        proven = _timed(lambda: proving.prove(config, path, Vault([ENCRYPTION_KEY]), datetime.now(UTC)))
        size = path.stat().st_size / (Path(folder) / "plain.dump").stat().st_size
        print(f"{ROWS} rows; a plain pg_dump takes {plain:.2f} s; in its time:")
        memory = f"{grown / 1024:.0f} MiB more memory"
        print(f"  make   {sealed / plain:5.2f}  with checksums of all tables, {memory}")
        print(f"  verify {verified / plain:5.2f}")
        print(f"  prove  {proven / plain:5.2f}")
        print(f"  size   {size:5.3f} of the plain dump")


def _fill(url: str) -> None:
    with databases.engine(url).begin() as connection:
        connection.execute(text("INSERT INTO series (key, labels) VALUES ('kpi.orders', '{}')"))
        connection.execute(
            text("""INSERT INTO series_points (series_id, at, value)
                    SELECT (SELECT max(id) FROM series), now() - n * interval '1 minute', random()
                    FROM generate_series(1, :rows) AS n"""),
            {"rows": ROWS},
        )


def _plain_dump(tools: Programs, url: str, file: Path) -> None:
    with file.open("wb") as out:
        subprocess.run(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
            [tools.path("pg_dump"), "--format=custom"], env=programs.environment(url), stdout=out, check=True
        )


def _config(url: str, folder: Path, tools: Programs) -> ControlPlaneConfig:
    from config import control_plane_config

    nowhere = "http://127.0.0.1:9"
    given = {
        "SECRET_KEY": ENCRYPTION_KEY,
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "CONTROL_DATABASE_URL": url,
        "REPORTING_DATABASE_URL": url,
        "ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "ALERT_WEBHOOK_TOKEN": ENCRYPTION_KEY,
        **dict.fromkeys(("PROMETHEUS_URL", "ALERTMANAGER_URL", "CONTROL_URL", "SHOP_URL"), nowhere),
    }
    return replace(control_plane_config(given), backup_dir=folder, pg_bin=tools.folder)


def _timed(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
