"""What somebody ticked on the page of settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.notifications.kind import CHANNELS, Kind, Setting

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict


def read(
    form: MultiDict[str, str], offered: Mapping[str, Kind]
) -> tuple[dict[str, tuple[str, ...]], Setting]:
    """A box is named `<kind>.<channel>`; of each kind on offer all boxes were on the page."""
    chosen = {
        name: tuple(channel for channel in CHANNELS if form.get(f"{name}.{channel}")) for name in offered
    }
    setting = Setting(
        time_zone=form.get("time_zone", "").strip(),
        quiet_from=_hour(form.get("quiet_from", "")),
        quiet_to=_hour(form.get("quiet_to", "")),
        digest=form.get("digest", "off"),
        digest_hour=_hour(form.get("digest_hour", "8")) or 0,
    )
    return chosen, setting


def _hour(text: str) -> int | None:
    """What is no number is no hour either, and refused as such."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else -1
