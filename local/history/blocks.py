"""Blocks of metrics for Prometheus, made by promtool before Prometheus starts.

    python -m local.history.blocks TODAY UNTIL FOLDER PROMTOOL PART PARTS     (times as ISO 8601)

promtool reads a file once for each block that it makes of it. So the text is cut where blocks begin, a file
becomes a block, and two processes share the files: a third of the time and a tenth of the disk.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from local.history import shape
from local.history.life import live
from local.history.samples import Text, families
from local.machine import ROOT, CannotStart

# One of the lengths that promtool knows (2 h · 3ⁿ); all blocks begin at multiples of it since 1970.
BLOCK_HOURS = 162
PROCESSES = 2
# The last minutes belong to the running shop; a block must end before Prometheus begins.
LEAVE_SECONDS = 60


@dataclass(frozen=True)
class Blocks:
    """Processes that write into `folder`, beside the data that Prometheus will read."""

    folder: Path
    processes: list[subprocess.Popen[str]]

    def wait(self) -> None:
        for process in self.processes:
            _, said = process.communicate()
            if process.returncode != 0:
                raise CannotStart(f"The metrics of the demo history were not made: {said.strip()[-800:]}")

    def move_to(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        for block in self.folder.iterdir():
            block.rename(data / block.name)
        self.folder.rmdir()


def start(today: datetime, until: datetime, folder: Path, promtool: Path) -> Blocks:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "local.history.blocks", today.isoformat(), until.isoformat()]
    command += [str(folder), str(promtool)]
    return Blocks(
        folder,
        [
            subprocess.Popen(
                [*command, str(part), str(PROCESSES)],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for part in range(PROCESSES)
        ],
    )


def edges(start: int, end: int) -> list[tuple[int, int]]:
    """The block's own spans of start ≤ time < end, in unix seconds."""
    length = BLOCK_HOURS * 3600
    first = start // length * length
    return [(max(start, at), min(end, at + length)) for at in range(first, end, length)]


def main(today: datetime, until: datetime, folder: Path, promtool: str, part: int, parts: int) -> None:
    start = int((today - timedelta(days=shape.DAYS)).timestamp())
    end = int(until.timestamp()) - LEAVE_SECONDS
    text = Text(families(live(today, until), start, end))
    for since, before in edges(start, end)[part::parts]:
        _make_block(text, since, before, folder, promtool)


def _make_block(text: Text, since: int, before: int, folder: Path, promtool: str) -> None:
    with TemporaryDirectory(dir=folder.parent) as scratch:
        samples, made = Path(scratch, "samples.om"), Path(scratch, "made")
        with samples.open("w", encoding="utf-8", buffering=1 << 20) as file:
            file.writelines(text.between(since, before))
        command = [promtool, "tsdb", "create-blocks-from", f"--max-block-duration={BLOCK_HOURS}h", "--quiet"]
        subprocess.run(
            [*command, "openmetrics", str(samples), str(made)], check=True, stdout=subprocess.DEVNULL
        )
        for block in made.iterdir():
            block.rename(folder / block.name)


if __name__ == "__main__":
    _today, _until, _folder, _promtool, _part, _parts = sys.argv[1:]
    main(
        datetime.fromisoformat(_today),
        datetime.fromisoformat(_until),
        Path(_folder),
        _promtool,
        int(_part),
        int(_parts),
    )
