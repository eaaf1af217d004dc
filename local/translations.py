"""translations/<locale>/LC_MESSAGES/*.po into the .mo files that both services read; git ignores those."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from local.machine import ROOT

FOLDER = ROOT / "translations"


def compile_all(folder: Path = FOLDER) -> int:
    """Those that are newer than what was made of them. How many there were."""
    due = [file for file in sorted(folder.glob("*/LC_MESSAGES/*.po")) if is_due(file)]
    for file in due:
        compile_one(file)
    return len(due)


def is_due(file: Path) -> bool:
    made = file.with_suffix(".mo")
    return not made.exists() or made.stat().st_mtime < file.stat().st_mtime


def compile_one(file: Path) -> None:
    with file.open("rb") as source:
        catalog = read_po(source, locale=file.parents[1].name.replace("-", "_"), domain=file.stem)
    part = file.with_suffix(".mo.part")
    with part.open("wb") as target:
        write_mo(target, catalog, use_fuzzy=False)
    part.rename(file.with_suffix(".mo"))


if __name__ == "__main__":
    compile_all()
