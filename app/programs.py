"""Other programs, run to their end with a list of arguments and never through a shell."""

from __future__ import annotations

import subprocess  # nosec B404 # never through a shell
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """How it ended and what it said. OSError where it cannot be run, TimeoutError where it does not end."""
    try:
        return subprocess.run(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
            command, cwd=folder, env=env, timeout=seconds, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]} did not end within {seconds} s") from error
