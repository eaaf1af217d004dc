"""What ./run does once the packages are there. `./run --help` lists it."""

from __future__ import annotations

import sys

from local.bootstrap import HELP
from local.machine import CannotStart


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            from local import start

            start.run()
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
        case ["bench", *rest]:
            from local import start

            start.bench(rest)
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
