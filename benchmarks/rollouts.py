"""Faults are switched on in a house while a rollout is on its way: when it is noticed, and when rightly not.

`python -m benchmarks.rollouts` starts a house of its own with the usual demo shoppers. `--state .run` takes
one that runs already. `--only` chooses scenarios by their start. The order is drawn from a seed. It tells:

    noticed    seconds from the fault to the first decision that is not "all is well"
    acted      seconds from the fault until the flag was taken back
    budget     bad journeys too many that the rollout caused, and their share of the objective's whole budget

Expected is an outcome for each; one that comes otherwise makes the run fail.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

FLAG, WHO = "new-checkout", "drill"
REST_SECONDS = 12  # after a fault, until nothing of it is counted any more
WARM_UP_SECONDS = 30
PATIENCE_SECONDS = 150
DEFAULT_SEED = 14
ENVIRONMENT = "production"
SLO = "checkout-availability"

Undo = Callable[[], None]


@dataclass
class House:
    """A running house, reached past its pages: what is measured is the job, not the form."""

    settings: dict[str, str]
    state: Path
    app: Any = field(init=False)

    def __post_init__(self) -> None:
        os.environ.update(self.settings)
        from app.factory import create_app
        from config import control_plane_config

        self.app = create_app(control_plane_config())

    @contextmanager
    def writing(self) -> Iterator[Any]:
        from app.db import begin

        with self.app.test_request_context(), begin() as session:
            yield session

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        url = self.settings["CONTROL_DATABASE_URL"].replace("+psycopg", "")
        with psycopg.connect(url, row_factory=dict_row) as connection:
            return list(connection.execute(query, values))

    def pid(self, program: str) -> int:
        """The first process of a program, known by the log that it writes to."""
        log = str(self.state.resolve() / "log" / f"{program}.log")
        for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
            try:
                if os.readlink(folder / "fd" / "1") == log:
                    return int(folder.name)
            except OSError:
                continue
        raise SystemExit(f"{program} does not run in {self.state}")

    def shoppers(self, count: int) -> None:
        (self.state / "shoppers").write_text(str(count))


def switch(house: House, fault: str, percent: int) -> None:
    """So many percent of the requests of whoever the fault hits."""
    from app import clock
    from app.flags import commands

    share = {"rollout": str(percent), "stickiness": "random", "groupId": fault}
    strategy = {"name": "flexibleRollout", "parameters": share, "constraints": []}
    with house.writing() as session:
        commands.set_targeting(session, fault, ENVIRONMENT, [strategy], [], clock.now(), WHO)
        commands.set_enabled(session, fault, ENVIRONMENT, percent > 0, clock.now(), WHO)


def start(house: House, percent: int) -> int:
    from app import clock
    from app.rollouts import commands

    now = clock.now()
    plan = {
        "steps": [{"percent": percent, "minutes": 60}, {"percent": 100, "minutes": 0}],
        "guards": [
            {"kind": "errors", "limit": 1.5, "journey": "all"},
            {"kind": "latency", "limit": 1.5, "journey": "all"},
            {"kind": "budget", "limit": 1.0, "journey": "checkout", "slo": SLO, "when_silent": "ignore"},
        ],
        "deadline": (now + timedelta(hours=6)).isoformat(),
    }
    with house.writing() as session:
        return int(commands.start(session, FLAG, ENVIRONMENT, plan, now, WHO).id)


def end(house: House, number: int) -> None:
    """Back to 0, where the rollout did not see to it."""
    from app import clock
    from app.errors import Conflict
    from app.flags import commands as flags
    from app.rollouts import commands

    with house.writing() as session:
        try:
            commands.roll_back(session, number, None, clock.now(), WHO)
        except Conflict:
            flags.set_percent(session, FLAG, ENVIRONMENT, 0, clock.now(), WHO)


@dataclass(frozen=True)
class Scenario:
    name: str
    percent: int
    break_it: Callable[[House], Undo]
    outcome: str  # of the rollout: "rolled_back" or ""
    notices: tuple[str, ...] = ()  # codes of which one must have been decided; none: whatever
    seconds: int = PATIENCE_SECONDS


def fault(name: str, percent: int) -> Callable[[House], Undo]:
    def on(house: House) -> Undo:
        switch(house, name, percent)
        return lambda: switch(house, name, 0)

    return on


def traffic(factor: float) -> Callable[[House], Undo]:
    def on(house: House) -> Undo:
        usual = int((house.state / "shoppers").read_text())
        house.shoppers(round(usual * factor))
        return lambda: house.shoppers(usual)

    return on


def stopped(
    program: str, seconds: int, meanwhile: Callable[[House], Undo] | None = None
) -> Callable[[House], Undo]:
    """The program stands still for so long; then it goes on by itself."""

    def on(house: House) -> Undo:
        pid = house.pid(program)
        undo = meanwhile(house) if meanwhile else lambda: None
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)
        return undo

    return on


def fading(name: str, shares: tuple[int, ...], seconds: int) -> Callable[[House], Undo]:
    def on(house: House) -> Undo:
        for share in shares:
            switch(house, name, share)
            time.sleep(seconds)
        switch(house, name, 0)
        return lambda: None

    return on


TREATED, SHARED = "fault-treated-errors", "fault-shared-errors"
SLOW, ALL_SLOW = "fault-treated-latency", "fault-shared-latency"
BACK, ON_ITS_WAY = "rolled_back", ""

SCENARIOS = (
    Scenario("treated: half fails, at 5 %", 5, fault(TREATED, 50), BACK),
    Scenario("treated: half fails, at 5 %, again", 5, fault(TREATED, 50), BACK),
    Scenario("treated: half fails, at 5 %, once more", 5, fault(TREATED, 50), BACK),
    Scenario("treated: half fails, at 10 %", 10, fault(TREATED, 50), BACK),
    Scenario("treated: half fails, at 50 %", 50, fault(TREATED, 50), BACK),
    Scenario("treated: a tenth fails, at 25 %", 25, fault(TREATED, 10), BACK),
    Scenario("treated: a twentieth fails, at 50 %", 50, fault(TREATED, 5), BACK, seconds=300),
    Scenario("treated: 0.8 s slower, at 10 %", 10, fault(SLOW, 100), BACK),
    Scenario("treated: 0.8 s slower, at 50 %", 50, fault(SLOW, 100), BACK),
    Scenario(
        "treated: half of its orders fail, at 50 %", 50, fault("fault-new-checkout", 100), BACK, seconds=300
    ),
    Scenario("treated: half fails, scheduler down", 10, stopped("scheduler", 60, fault(TREATED, 50)), BACK),
    Scenario("shared: half fails", 10, fault(SHARED, 50), ON_ITS_WAY, ("both_suffer",), 80),
    Scenario("shared: a tenth fails, at 50 %", 50, fault(SHARED, 10), ON_ITS_WAY, ("both_suffer",), 80),
    Scenario("shared: all 0.8 s slower", 10, fault(ALL_SLOW, 100), ON_ITS_WAY, ("both_suffer",), 80),
    Scenario("shared: no payments", 50, fault("fault-payment-unreachable", 100), ON_ITS_WAY, (), 80),
    Scenario("shared: slow recovery", 10, fading(SHARED, (50, 20, 5), 30), ON_ITS_WAY, ("both_suffer",), 60),
    Scenario("traffic: twice as many shoppers", 10, traffic(2), ON_ITS_WAY, (), 70),
    Scenario("traffic: a fifth of the shoppers", 10, traffic(0.2), ON_ITS_WAY, (), 70),
    Scenario("silence: no shoppers at all", 10, traffic(0), ON_ITS_WAY, ("no_traffic", "blind"), 340),
    Scenario("blind: Prometheus stands still", 10, stopped("prometheus", 90), ON_ITS_WAY, ("blind",), 30),
    Scenario("nothing is wrong, at 50 %", 50, lambda house: lambda: None, ON_ITS_WAY, (), 80),
)


@dataclass(frozen=True)
class Result:
    scenario: Scenario
    outcome: str
    codes: tuple[str, ...]
    noticed: float | None
    acted: float | None
    excess: float | None
    budget: float | None

    @property
    def is_right(self) -> bool:
        seen = not self.scenario.notices or bool(set(self.scenario.notices) & set(self.codes))
        return self.outcome == self.scenario.outcome and seen


def run(house: House, scenario: Scenario) -> Result:
    time.sleep(REST_SECONDS)
    number = start(house, scenario.percent)
    time.sleep(WARM_UP_SECONDS)
    began = time.time()
    with ExitStack() as later:
        later.callback(end, house, number)
        later.callback(scenario.break_it(house))
        until = time.time() + scenario.seconds
        while time.time() < until and not _outcome(house, number):
            time.sleep(1)
        return _result(house, scenario, number, began)


def _outcome(house: House, number: int) -> str:
    return str(house.rows("SELECT outcome FROM rollouts WHERE id = %s", number)[0]["outcome"])


def _result(house: House, scenario: Scenario, number: int, began: float) -> Result:
    query = """
        SELECT action, code, evidence, extract(epoch FROM at)::float8 AS at
        FROM rollout_decisions WHERE rollout_id = %s ORDER BY id
    """
    every = house.rows(query, number)
    before = [one for one in every if one["at"] < began]
    decided = [one for one in every if one["at"] >= began]
    odd = [one for one in decided if one["action"] != "stay"]
    acted = next((one for one in odd if one["action"] in ("roll_back", "off", "halt")), None)
    evidence = odd[-1]["evidence"] if odd else {}
    return Result(
        scenario,
        _outcome(house, number),
        tuple(one["code"] for one in (*before[-1:], *odd) if one["action"] != "stay"),
        odd[0]["at"] - began if odd else None,
        acted["at"] - began if acted else None,
        evidence.get("excess", {}).get("all"),
        evidence.get("spent", {}).get(SLO),
    )


def report(results: list[Result]) -> list[str]:
    head = ("scenario", "outcome", "noticed s", "acted s", "too many", "budget")
    lines = ["{:<44}{:<13}{:>10}{:>9}{:>10}{:>9}  decided".format(*head)]
    for one in results:
        cells = [
            f"{one.scenario.name:<44}",
            f"{one.outcome or 'on its way':<13}",
            _cell(one.noticed, 10),
            _cell(one.acted, 9),
            f"{'–' if one.excess is None else f'{one.excess:.1f}':>10}",
            f"{'–' if one.budget is None else f'{one.budget:.1%}':>9}",
            "  " + (", ".join(dict.fromkeys(one.codes)) or "nothing"),
            "" if one.is_right else "   <-- not as expected",
        ]
        lines.append("".join(cells))
    return lines


def _cell(seconds: float | None, width: int) -> str:
    return f"{'–' if seconds is None else f'{seconds:.0f}':>{width}}"


def measured(house: House, only: list[str], seed: int) -> list[Result]:
    chosen = [one for one in SCENARIOS if not only or any(one.name.startswith(start) for start in only)]
    random.Random(seed).shuffle(chosen)  # nosec B311 # no secret
    results = []
    for scenario in chosen:
        results.append(run(house, scenario))
        print(report(results)[-1], flush=True)
    return results


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", help="the state folder of a house that runs already")
    parser.add_argument("--only", action="append", default=[], help="scenarios whose name starts so")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    chosen = parser.parse_args(arguments)
    with ExitStack() as later:
        state = Path(chosen.state) if chosen.state else later.enter_context(_own_house())
        house = House(json.loads((state / "settings.json").read_text()), state)
        results = measured(house, chosen.only, chosen.seed)
    print("\n".join(["", *report(results)]))
    return 0 if all(one.is_right for one in results) else 1


@contextmanager
def _own_house() -> Iterator[Path]:
    from benchmarks import __main__ as bench

    with bench.house(shoppers=None) as running:
        yield running.state


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
