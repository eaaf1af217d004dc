"""What ./run does once the packages are there. `./run --help` lists it."""

from __future__ import annotations

import os
import sys
import time

from local.bootstrap import BEGAN, HELP
from local.machine import CannotStart


def began() -> float:
    """When the person pressed Enter: the set-up before this process counts too."""
    return float(os.environ.get(BEGAN) or time.monotonic())


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            from local import start

            start.run(began())
        case ["services"]:
            from local import start

            start.services()
        case ["backroom", *rest]:
            from local import start

            start.backroom(rest)
        case ["shoppers", "--rate", rate]:
            from local import start

            start.shoppers(rate)
        case ["demo", "remove"]:
            from local import start

            start.remove_demo()
        case ["bench"]:
            from local import start

            start.bench()
        case ["reset", *rest]:
            from local import reset

            reset.reset(confirmed="--yes" in rest)
        case _:
            sys.stderr.write(HELP)
            sys.exit(2)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CannotStart as error:
        sys.exit(f"\n{error}")
