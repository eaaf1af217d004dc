"""Where the runbooks that ship lie, and their names: what a rule can point at."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.md"))
