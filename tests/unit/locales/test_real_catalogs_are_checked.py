"""Real catalogs: every string that raises is blocked, and little else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.locales import po
from app.locales.checks import Finding, blockers, source_of
from app.locales.plurals import read_rule

REAL = Path(__file__).parents[4] / "shared" / "data" / "po" / "open"
EXPECTED = REAL / "expected.json"
TWO_FORMS = "nplurals=2; plural=(n != 1);"
# Of all texts that do not raise: how many a check of placeholders may hold back (they would show a hole).
MOST_HELD_BACK = 0.01


def expected() -> list[dict[str, Any]]:
    if not EXPECTED.exists():
        return []
    return [row for row in json.loads(EXPECTED.read_text()) if "would_raise_when_formatted" in row]


def raises(entry: po.Entry) -> bool:
    """Whether a text cannot be filled in with what fills in its source."""
    wanted = [entry.msgid] if entry.plural_id is None else [entry.msgid, entry.plural_id]
    for values in _samples(wanted):
        try:
            wanted[-1] % values
        except (KeyError, TypeError, ValueError):
            continue
        for text in entry.strings:
            try:
                text % values
            except (KeyError, TypeError, ValueError):
                return True
        return False
    return False


class Anything(dict[str, int]):
    """Has a number for each name that is asked for, and knows which ones were."""

    def __missing__(self, name: str) -> int:
        self[name] = 3
        return 3


def _samples(texts: list[str]) -> list[Any]:
    named = Anything()
    for text in texts:
        try:
            text % named
        except (TypeError, ValueError):
            named = Anything()
    return [dict(named)] if named else [*((3,) * count for count in range(1, 6)), {}]


@pytest.mark.skipif(not EXPECTED.exists(), reason="the real catalogs are not beside this checkout")
@pytest.mark.parametrize("row", expected(), ids=lambda row: str(row["file"]))
def test_whatever_raises_is_blocked_and_little_else(row: dict[str, Any]) -> None:
    file = po.read((REAL / row["file"]).read_bytes())
    rule = read_rule(" ".join(file.headers.get("Plural-Forms", TWO_FORMS).split()))
    entries = [entry for entry in file.live if entry.is_translated]
    held: dict[po.Key, list[Finding]] = {
        entry.key: blockers(
            source_of(entry.msgid, entry.plural_id, entry.flags, entry.extracted), entry.strings, rule
        )
        for entry in entries
    }
    raising = {entry.key for entry in entries if "python-format" in entry.flags and raises(entry)}
    of_format = {key for key, found in held.items() if any(one.check == "format" for one in found)}
    assert len(raising) == row["would_raise_when_formatted"]
    assert raising <= of_format
    assert len(of_format - raising) <= 15
    assert (
        len(of_format - raising) <= max(2, MOST_HELD_BACK * len(entries)) or row["file"] == "superset-pt.po"
    )
