"""Bringing a database back: checked, restored beside, brought up to date, and only then put in its place."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.backups import archive, databases, programs, proving
from app.backups.header import Header
from app.backups.programs import Programs
from app.errors import Refused
from app.programs import run
from app.vault import Vault
from config import ControlPlaneConfig

ROOT = Path(__file__).parents[2]
CHAINS = {
    databases.CONTROL: ("control", "CONTROL_DATABASE_URL"),
    databases.SHOP: ("storefront", "SHOP_DATABASE_URL"),
}
MOST_SAID = 600

# Called with the URL of the restored database before it is put in place.
Note = Callable[[str, Header], None]


@dataclass(frozen=True)
class Restored:
    header: Header
    aside: str | None  # the name that the former database has now
    migrated: bool  # False: this image has no migrations for it
    schema_revision: str  # that it has now
    missing_roles: tuple[str, ...]  # that were let in, and that this server does not have


def restore(
    config: ControlPlaneConfig,
    path: Path,
    url: str,
    vault: Vault,
    now: datetime,
    *,
    replace: bool,
    note: Note,
) -> Restored:
    """Raises `Refused` or `Unavailable`, and nothing has changed then."""
    proving.verify(config, path, vault)
    with archive.opened(path, vault) as found:
        _refuse_newer(found.header)
        _refuse_full_target(url, replace=replace)
        fresh = f"{databases.SCRATCH}_{int(now.timestamp())}_{secrets.token_hex(4)}"
        there = databases.named(url, fresh)
        with databases.maintenance(url) as connection:
            databases.create(connection, fresh)
        try:
            programs.restore(Programs(config.pg_bin), there, found.dump)
            proving.compare(found.manifest, there, found.header.database)
            migrated = _migrate(found.header.database, there)
            note(there, found.header)
            with databases.engine(there).connect() as connection:
                revision = databases.revision(connection)
            missing = databases.grant(url, fresh, found.manifest.grants)
            aside = databases.swap(url, fresh, now)
        except BaseException:
            with databases.maintenance(url) as connection:
                databases.drop(connection, fresh)
            raise
    return Restored(found.header, aside, migrated, revision, tuple(missing))


def _refuse_newer(header: Header) -> None:
    """There is no way back from a schema whose migrations this program does not have."""
    chain, _setting = CHAINS[header.database]
    folder, revision = ROOT / "migrations" / chain, header.schema_revision
    if revision and folder.is_dir() and not any(folder.glob(f"{revision}_*.py")):
        raise Refused(
            f"this backup has the schema {revision}, which this program does not know: it was made by a newer"
            " release. Restore it with that release or a later one"
        )


def _refuse_full_target(url: str, *, replace: bool) -> None:
    name = databases.name_of(url)
    with databases.maintenance(url) as connection:
        is_there = databases.exists(connection, name)
    if is_there and not replace and databases.tables_in(url):
        raise Refused(f"the database {name} is not empty; --replace puts the backup in its place")


def _migrate(database: str, url: str) -> bool:
    """The migrations that were written since."""
    chain, setting = CHAINS[database]
    if not (ROOT / "migrations" / chain).is_dir():
        return False
    command = [sys.executable, "-m", "migrations", chain, "upgrade"]
    done = run(command, folder=ROOT, env={**os.environ, setting: url})
    if done.returncode != 0:
        raise Refused(f"the migrations do not run on it: {done.stderr.strip()[-MOST_SAID:]}")
    return True
