"""What a seal is over: the bytes of an entry, the same before it is written and after it is read. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

FORM = b"backroom audit 1\n"  # another order of fields would be another form
FIELDS = (
    "sequence",
    "at",
    "who",
    "action",
    "subject",
    "before",
    "after",
    "via",
    "address",
    "agent",
    "request_id",
    "token_id",
)
START = ""  # what stands before the first entry


def sealed_bytes(previous: str, entry: Mapping[str, Any]) -> bytes:
    """`entry` by FIELDS; its moment as a datetime or as the ISO text that an export holds."""
    fields = {name: _moment(entry[name]) if name == "at" else entry[name] for name in FIELDS}
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return FORM + previous.encode() + b"\n" + text.encode()


def head_bytes(base: int, base_seal: str, sequence: int, entry_seal: str, adopts_to: int) -> bytes:
    return FORM + f"{base}\n{base_seal}\n{sequence}\n{entry_seal}\n{adopts_to}".encode()


def stored_float(value: float) -> float | int:
    """As PostgreSQL gives it back: its numbers know no exponent, so that 1e16 and its digits are one."""
    if value == 0:
        return 0.0  # nor a negative zero
    return int(Decimal(repr(value))) if abs(value) >= 1e16 else value


def _moment(at: datetime | str) -> str:
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found.astimezone(UTC).isoformat(timespec="microseconds")
