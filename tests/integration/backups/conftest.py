from __future__ import annotations

from dataclasses import replace

import pytest

from config import ControlPlaneConfig
from local import postgres


@pytest.fixture
def control_config(control_config, shop_database, tmp_path) -> ControlPlaneConfig:
    """Backups of both databases go into a folder of the test's own."""
    return replace(
        control_config,
        backup_dir=tmp_path / "backups",
        backup_shop_database_url=shop_database,
        pg_bin=str(postgres.find_binaries(None).folder),
    )


@pytest.fixture
def backup_dir(control_config):
    return control_config.backup_dir
