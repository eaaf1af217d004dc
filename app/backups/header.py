"""The first line of a backup's file: what it is, and which key opens it. Pure.

It is readable without the key, and authenticated with every piece of what follows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from app.errors import Refused

MAGIC = b"BACKROOM-BACKUP\n"
VERSION = 1
LONGEST = 4_096
SALT_BYTES = 32


@dataclass(frozen=True)
class Header:
    database: str  # control or shop
    made_at: datetime
    key: str  # name of the key, one of ENCRYPTION_KEYS
    salt: str  # hex; the file's own key is made of it
    schema_revision: str
    server_version: str
    version: int = VERSION

    def encode(self) -> bytes:
        values = {**asdict(self), "made_at": self.made_at.isoformat()}
        return MAGIC + json.dumps(values, sort_keys=True).encode() + b"\n"


def decode(magic: bytes, line: bytes) -> Header:
    """Raises `Refused` for a file of another kind, or of a version that is newer than this."""
    if magic != MAGIC:
        raise Refused("this file is no backup: it does not begin like one")
    try:
        values = json.loads(line)
        header = Header(**{**values, "made_at": datetime.fromisoformat(values["made_at"])})
        bytes.fromhex(header.salt)
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("the first line of this backup is damaged") from error
    if header.version != VERSION:
        raise Refused(f"this backup has the form {header.version}; this program reads {VERSION}")
    return header
