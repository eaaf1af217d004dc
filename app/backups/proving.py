"""What a backup is worth: read from end to end, or restored beside and held against what it says it holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app.backups import archive, databases, measuring, programs
from app.backups.manifest import Manifest, differences, summary
from app.backups.programs import Programs
from app.errors import Refused
from app.vault import Vault
from config import ControlPlaneConfig


def verify(config: ControlPlaneConfig, path: Path, vault: Vault) -> str:
    """Every piece opens and pg_restore can read all of it. Raises `Refused` with what is wrong."""
    with archive.opened(path, vault) as found:
        programs.read_through(Programs(config.pg_bin), found.dump)
        return f"{len(found.manifest.tables)} tables, {found.manifest.rows} rows, readable to the end"


def prove(config: ControlPlaneConfig, path: Path, vault: Vault, now: datetime) -> str:
    """Restore into a scratch database, compare, drop it. Raises `Refused` naming the first differences."""
    with archive.opened(path, vault) as found:
        url = databases.url_of(config, found.header.database)
        with databases.scratch(url, now) as there:
            programs.restore(Programs(config.pg_bin), there, found.dump)
            compare(found.manifest, there, found.header.database)
        held = found.manifest
    figures = f", {len(held.figures)} figures" if held.figures else ""
    return f"restored: {len(held.tables)} tables, {held.rows} rows{figures}, all the same"


def compare(expected: Manifest, url: str, database: str) -> None:
    with databases.engine(url).connect() as connection:
        found = measuring.measure(connection, with_figures=database == databases.CONTROL)
    if wrong := differences(expected, found):
        raise Refused(f"not as it was saved: {summary(wrong)}")
