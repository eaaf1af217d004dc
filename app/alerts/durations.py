"""Lengths of time as Prometheus and Alertmanager write them. Pure."""

from __future__ import annotations

import re

UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
SHAPE = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
MOST_DIGITS = 9


def read(text: str) -> int:
    """Seconds: 5m → 300, 1h30m → 5400, nothing → 0. Raises `ValueError` for what is no duration."""
    text = text.strip()
    if text in ("", "0"):
        return 0
    found = SHAPE.fullmatch(text)
    if found is None or any(len(count or "") > MOST_DIGITS for count in found.groups()):
        raise ValueError(text)
    return sum(int(count or 0) * size for count, size in zip(found.groups(), UNITS.values(), strict=True))


def write(seconds: int) -> str:
    """300 → 5m, 5400 → 1h30m, 0 → 0s. Years and weeks are written as days, which everybody reads."""
    parts = []
    for unit in ("d", "h", "m", "s"):
        count, seconds = divmod(seconds, UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
