"""`./run reset`: forgets everything that was kept in the state folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from local.machine import CannotStart, read_machine
from local.start import is_ours, lock_file
from local.users import reachable, service_user


def reset(*, confirmed: bool) -> None:
    state = read_machine().state
    lock = lock_file(state)
    if not lock.exists():
        print(f"There is nothing in {state}.")
        return
    with lock.open("a") as held:
        if not is_ours(held.fileno()):
            raise CannotStart(f"{state} is in use. Stop ./run first.")
        if not confirmed and not _agreed(state):
            raise CannotStart("Nothing was forgotten.")
        _remove(state)
    print(f"{state} is gone. The next ./run starts from nothing.")


def _agreed(state: Path) -> bool:
    if not sys.stdin.isatty():
        raise CannotStart("Say --yes to forget everything without being asked.")
    answer = input(f"Forget all databases, metrics and sign-ins in {state}? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _remove(state: Path) -> None:
    elsewhere = reachable(state / "postgres", service_user())
    for folder in {state, elsewhere}:
        shutil.rmtree(folder, ignore_errors=True)
