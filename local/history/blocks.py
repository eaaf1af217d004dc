"""Blocks of metrics for Prometheus, made by promtool before Prometheus starts.

    python -m local.history.blocks TODAY UNTIL FOLDER PROMTOOL     (times as ISO 8601)

promtool reads a file once for each block that it makes of it. So the text is cut where blocks begin, a file
becomes a block, and two processes share the files: a third of the time and a tenth of the disk.
"""

from __future__ import annotations

import shutil
import subprocess  # nosec B404 # never through a shell
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from local.history import shape
from local.history.life import live
from local.history.samples import Text, families
from local.machine import ROOT, CannotStart
from local.processes import completed

# One of the lengths that promtool knows (2 h · 3ⁿ); all blocks begin at multiples of it since 1970.
BLOCK_HOURS = 162
PROCESSES = 2
# The last minutes belong to the running shop; a block must end before Prometheus begins.
LEAVE_SECONDS = 60


@dataclass(frozen=True)
class Blocks:
    """A process that writes into `folder`, beside the data that Prometheus will read."""

    folder: Path
    process: subprocess.Popen[str]

    def wait(self) -> None:
        _, said = self.process.communicate()
        if self.process.returncode != 0:
            raise CannotStart(f"The metrics of the demo history were not made: {said.strip()[-800:]}")

    def move_to(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        for block in self.folder.iterdir():
            block.rename(data / block.name)
        self.folder.rmdir()


def start(today: datetime, until: datetime, folder: Path, promtool: Path) -> Blocks:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "local.history.blocks", today.isoformat(), until.isoformat()]
    process = subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
        [*command, str(folder), str(promtool)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Blocks(folder, process)


def edges(start: int, end: int) -> list[tuple[int, int]]:
    """The block's own spans of start ≤ time < end, in unix seconds."""
    length = BLOCK_HOURS * 3600
    first = start // length * length
    return [(max(start, at), min(end, at + length)) for at in range(first, end, length)]


def main(today: datetime, until: datetime, folder: Path, promtool: str) -> None:
    start = int((today - timedelta(days=shape.DAYS)).timestamp())
    end = int(until.timestamp()) - LEAVE_SECONDS
    text = Text(families(live(today, until), start, end))
    # Forked, so that both have the samples without making them twice; this process has no threads.
    halves = [
        get_context("fork").Process(target=_make_blocks, args=(text, folder, promtool, spans))
        for spans in shared(edges(start, end))
    ]
    for half in halves:
        half.start()
    for half in halves:
        half.join()
    sys.exit(any(half.exitcode for half in halves))


def shared(spans: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The longest first, each to who has least."""
    shares: list[list[tuple[int, int]]] = [[] for _ in range(PROCESSES)]
    for span in sorted(spans, key=lambda span: span[0] - span[1]):
        min(shares, key=lambda share: sum(end - start for start, end in share)).append(span)
    return shares


def _make_blocks(text: Text, folder: Path, promtool: str, spans: list[tuple[int, int]]) -> None:
    for span in spans:
        _make_block(text, folder, promtool, span)


def _make_block(text: Text, folder: Path, promtool: str, span: tuple[int, int]) -> None:
    with TemporaryDirectory(dir=folder.parent) as scratch:
        samples, made = Path(scratch, "samples.om"), Path(scratch, "made")
        with samples.open("w", encoding="utf-8", buffering=1 << 20) as file:
            file.writelines(text.between(*span))
        command = [promtool, "tsdb", "create-blocks-from", f"--max-block-duration={BLOCK_HOURS}h", "--quiet"]
        done = completed([*command, "openmetrics", samples, made])
        if done.returncode != 0:
            raise CannotStart(f"promtool could not make blocks: {done.stderr.strip()[-800:]}")
        for block in made.iterdir():
            block.rename(folder / block.name)


if __name__ == "__main__":
    _today, _until, _folder, _promtool = sys.argv[1:]
    main(datetime.fromisoformat(_today), datetime.fromisoformat(_until), Path(_folder), _promtool)
