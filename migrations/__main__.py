"""`python -m migrations control|storefront upgrade|downgrade|check|current [REVISION]`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent
URL_SETTING = {"control": "CONTROL_DATABASE_URL", "storefront": "SHOP_DATABASE_URL"}


def alembic_config(owner: str, url: str) -> Config:
    """Alembic's settings for one owner's chain of files (`control` or `storefront`)."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("version_locations", str(HERE / owner))
    config.set_main_option("path_separator", "os")
    config.attributes["owner"] = owner
    config.attributes["url"] = url
    return config


def upgrade(owner: str, url: str, revision: str = "head") -> None:
    command.upgrade(alembic_config(owner, url), revision)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m migrations", description=__doc__)
    parser.add_argument("owner", choices=sorted(URL_SETTING))
    parser.add_argument("action", choices=["upgrade", "downgrade", "check", "current"])
    parser.add_argument("revision", nargs="?", help="default: head for upgrade, -1 for downgrade")
    chosen = parser.parse_args()
    url = os.environ.get(URL_SETTING[chosen.owner])
    if not url:
        parser.error(f"set {URL_SETTING[chosen.owner]} to the database to migrate")
    config = alembic_config(chosen.owner, url)
    match chosen.action:
        case "upgrade":
            command.upgrade(config, chosen.revision or "head")
        case "downgrade":
            command.downgrade(config, chosen.revision or "-1")
        case "check":
            command.check(config)
        case "current":
            command.current(config, verbose=True)


if __name__ == "__main__":
    main()
