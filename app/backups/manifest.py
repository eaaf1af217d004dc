"""What a database holds: rows and checksums of tables, where counters stand, the newest figures. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from app.errors import Refused

MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Table:
    rows: int
    checksum: str  # of all rows in any order; see app/backups/measuring.py


@dataclass(frozen=True)
class Manifest:
    tables: Mapping[str, Table]
    sequences: Mapping[str, int | None]  # None: nothing was taken from it yet
    large_objects: int
    figures: Mapping[str, float]  # newest point of each series; empty for the shop's database
    grants: tuple[tuple[str, str], ...] = ()  # who may do what with the database itself: (role, privilege)
    extensions: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def encode(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()


def decode(raw: bytes) -> Manifest:
    """Raises `Refused` where it is not what `encode` made."""
    try:
        values = json.loads(raw)
        tables = {name: Table(**one) for name, one in values.pop("tables").items()}
        grants = tuple((role, privilege) for role, privilege in values.pop("grants"))
        return Manifest(tables=tables, grants=grants, **{**values, "extensions": tuple(values["extensions"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("the list of contents of this backup cannot be read") from error


def differences(expected: Manifest, found: Manifest) -> list[str]:
    """What is not as it was, in words; empty where all is."""
    said = [
        _table(name, expected.tables.get(name), found.tables.get(name)) for name in _names(expected, found)
    ]
    said += [
        f"counter {name}: {expected.sequences.get(name)} became {found.sequences.get(name)}"
        for name in sorted({*expected.sequences, *found.sequences})
        if not _goes_on(name, expected, found)
    ]
    if expected.large_objects != found.large_objects:
        said.append(f"large objects: {expected.large_objects} became {found.large_objects}")
    said += [
        f"figure {name}: {expected.figures.get(name)} became {found.figures.get(name)}"
        for name in sorted({*expected.figures, *found.figures})
        if expected.figures.get(name) != found.figures.get(name)
    ]
    return [line for line in said if line]


def _names(expected: Manifest, found: Manifest) -> list[str]:
    return sorted({*expected.tables, *found.tables})


def _goes_on(name: str, expected: Manifest, found: Manifest) -> bool:
    """Counters belong to no snapshot: a dump may hold one that went on, none that went back."""
    if (name in expected.sequences) != (name in found.sequences):
        return False
    return (found.sequences[name] or 0) >= (expected.sequences[name] or 0)


def _table(name: str, expected: Table | None, found: Table | None) -> str:
    if expected is None or found is None:
        return f"table {name} is {'new' if expected is None else 'missing'}"
    if expected.rows != found.rows:
        return f"table {name}: {expected.rows} rows became {found.rows}"
    return "" if expected.checksum == found.checksum else f"table {name}: {expected.rows} rows, not the same"


def summary(found: list[str]) -> str:
    more = len(found) - MOST_DIFFERENCES
    return "; ".join(found[:MOST_DIFFERENCES]) + (f"; and {more} more" if more > 0 else "")
