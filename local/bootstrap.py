"""The first Python of ./run and ./check: sets up what is missing, then becomes the Python of the venv.

Standard library only, for any Python from 3.11 on.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # instead of local/, whose file names would hide others

from local import processes, setup  # noqa: E402
from local.machine import CannotStart  # noqa: E402

BEGAN = "BACKROOM_START_BEGAN"  # how the next process learns when all this began; monotonic seconds
HELP = """\
./run                        set up, start everything, stop it all with Ctrl-C
./run services               only PostgreSQL, Redis, Prometheus and Alertmanager; prints their URLs
./run reset                  forget all state: databases, metrics, sign-ins (asks first; --yes does not)
./run bench                  measure: product page, instrumentation, overview page, memory
./run backroom …             the control plane's command line, against what runs (backroom --help)
./run shoppers --rate N      demo shoppers at N page views a second; 0: none
./run demo remove            take the 30 days of demo data out again
./check                      lint, types, import contracts and all tests

Settings come from the environment; .env.example says what there is. The most useful ones:
  CONTROL_PORT 8000 · SHOP_PORT 8080 · PROMETHEUS_PORT 9090 · ALERTMANAGER_PORT 9093 · POSTGRES_PORT 5433 ·
  REDIS_PORT 6380 · STATE_DIR .run       two checkouts run side by side with other ports
  SHOPPERS 2 (page views a second of demo shoppers; 0: none) · DEMO 1 (0: start without demo data)
  CONTROL_DATABASE_URL + SHOP_DATABASE_URL + REPORTING_DATABASE_URL, REDIS_URL, PROMETHEUS_URL,
  ALERTMANAGER_URL       use these instead of starting our own
"""


def main(program: str, arguments: list[str]) -> None:
    began = time.monotonic()
    if program == "run" and arguments[:1] in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(HELP)
        return
    if program == "check":
        setup.run(setup.for_check())
        module = "local.check"
    else:
        setup.run(setup.for_run())
        module = "local"
    python = setup.VENV / "bin" / "python"
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environ = {**os.environ, "PYTHONPATH": path, BEGAN: str(began)}
    processes.become(python, module, arguments, environ)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit("stopped")
    except CannotStart as error:
        sys.exit(str(error))
