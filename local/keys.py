"""Passwords and keys of one installation: made at the first start, kept in a file that only we can read."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

NAMES = (
    "secret_key",
    "gateway_secret",
    "alert_webhook_token",
    "outline_secret",
    "encryption_key",
    # of PostgreSQL: the superuser and the three roles
    "postgres",
    "backroom",
    "shop",
    "reporting",
)


class Keys:
    """A dictionary on disk; what is missing is made up."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        missing = [name for name in NAMES if name not in self._kept]
        self._kept |= {name: secrets.token_hex(24) for name in missing}
        if missing:
            self._save()

    def __getitem__(self, name: str) -> str:
        return self._kept[name]

    def get(self, name: str) -> str | None:
        return self._kept.get(name)

    def keep(self, name: str, value: str) -> None:
        self._kept[name] = value
        self._save()

    def sign_ins(self) -> dict[str, str]:
        """E-mail → password of the people that were made up."""
        return {name: value for name, value in self._kept.items() if "@" in name}

    def _save(self) -> None:
        write_private(self._file, json.dumps(self._kept, indent=2))


def write_private(file: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    part.rename(file)
