"""`./run` and `./run services`: everything in the foreground, from the first check to the last stop."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess  # nosec B404 # never through a shell
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg

from local import environment, house, postgres, processes
from local.house import House
from local.keys import Keys
from local.machine import ROOT, CannotStart, Machine, read_machine, refuse_taken_ports, with_inner_ports
from local.setup import progress, say
from local.supervisor import Stopped, Supervisor, until_told

OWNERS = {"control": "CONTROL_DATABASE_URL", "storefront": "SHOP_DATABASE_URL"}


def run(began: float) -> None:
    with _alone() as machine, _supervised(machine) as supervisor:
        built = _build(machine)
        refuse_taken_ports(machine.ports, _ports_of(built, everything=True))
        _start_stores(built, supervisor)
        _migrate(built)
        built = _furnish(built)
        _load_demo(built)
        supervisor.start(*built.watchers(), *built.gateway())
        supervisor.start(*built.services())
        supervisor.start(*built.shoppers())
        print(_table(built, time.monotonic() - began), flush=True)
        with _marked_ready(built.state):
            supervisor.watch()


@contextmanager
def _marked_ready(state: Path) -> Iterator[None]:
    """A file for whoever waits for us; it is there as long as everything is up."""
    mark = state / "ready"
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def services() -> None:
    with _alone() as machine, _supervised(machine) as supervisor:
        built = _build(machine)
        refuse_taken_ports(machine.ports, _ports_of(built, everything=False))
        _start_stores(built, supervisor)
        supervisor.start(*built.watchers())
        house.remember(built)
        names = (*environment.DATABASE_URLS, "REDIS_URL", "PROMETHEUS_URL", "ALERTMANAGER_URL")
        print("\n".join(f"{name}={built.settings[name]}" for name in names), flush=True)
        supervisor.watch()


@contextmanager
def _alone() -> Iterator[Machine]:
    """The state folder is ours until we end; a second start in it is refused."""
    machine = read_machine()
    machine.state.mkdir(parents=True, exist_ok=True)
    with lock_file(machine.state).open("a") as lock:
        if not is_ours(lock.fileno()):
            raise CannotStart(
                f"{machine.state} is in use by another ./run. Stop it, or set STATE_DIR and the ports."
            )
        (machine.state / "ready").unlink(missing_ok=True)
        yield with_inner_ports(machine)


def lock_file(state: Path) -> Path:
    return state / "lock"


def is_ours(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _supervised(machine: Machine) -> Iterator[Supervisor]:
    supervisor = Supervisor(machine.log)
    with until_told():
        try:
            yield supervisor
        except Stopped:
            say("\nStopping")
        finally:
            supervisor.stop()


def _build(machine: Machine) -> House:
    given = environment.given()
    keys = Keys(machine.state / "keys.json")
    return House(machine, keys, given, environment.settings(machine, keys))


def _ports_of(built: House, *, everything: bool) -> list[str]:
    ours = {
        "POSTGRES_PORT": not built.given.databases,
        "REDIS_PORT": not built.given.redis,
        "PROMETHEUS_PORT": not built.given.prometheus,
        "ALERTMANAGER_PORT": not built.given.alertmanager,
        "CONTROL_PORT": everything,
        "SHOP_PORT": everything,
    }
    return [name for name, is_ours in ours.items() if is_ours]


def _start_stores(built: House, supervisor: Supervisor) -> None:
    supervisor.start(*built.stores())
    if not built.given.databases:
        postgres.make_databases(built.cluster, {role: built.keys[role] for role in postgres.ROLES})


def _migrate(built: House) -> None:
    behind = [owner for owner, setting in OWNERS.items() if _is_behind(owner, built.settings[setting])]
    if behind:
        commands = [["migrations", owner, "upgrade"] for owner in behind]
        _do("migrations", built, *commands)


def _is_behind(owner: str, url: str) -> bool:
    """Whether the database is not at the last file's number; a question that costs milliseconds."""
    newest = max(path.name for path in (ROOT / "migrations" / owner).glob("[0-9]*.py")).partition("_")[0]
    try:
        with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return True
    except psycopg.OperationalError as error:
        raise CannotStart(f"The database of the setting {OWNERS[owner]} cannot be reached: {error}") from None
    return row is None or row[0] != newest


def _furnish(built: House) -> House:
    control = ["local.furnish", str(built.state / "keys.json")]
    if _wants_demo(built):
        control.append("--demo")
    _do("goods and sign-ins", built, control, ["local.stock"], ["local.translations"])
    again = _build(built.machine)  # with the token that the shop now has
    house.remember(again)
    return again


def _load_demo(built: House) -> None:
    """Once in the life of a state folder, so that what was removed stays away."""
    if not _wants_demo(built):
        return
    into = [] if built.given.prometheus else ["--data", str(built.state / "prometheus" / "data")]
    _do("30 days of demo data", built, ["local.history.load", "load", *into])
    _was_loaded(built).touch()


def _wants_demo(built: House) -> bool:
    return is_wanted("DEMO") and not _was_loaded(built).exists()


def _was_loaded(built: House) -> Path:
    return built.state / "demo-was-loaded"


def is_wanted(name: str) -> bool:
    """A switch of the environment that is on unless told otherwise."""
    text = os.environ.get(name) or "1"
    if text not in ("0", "1"):
        raise CannotStart(f"Setting {name} has the wrong value {text!r}. Allowed: 1 or 0.")
    return text == "1"


def _do(name: str, built: House, *commands: Sequence[str]) -> None:
    """Runs Python modules side by side to their end. One that fails stops the start with what it said."""
    began = time.monotonic()
    log = built.machine.log / f"{name.replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        running = [
            subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=built.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            for command in commands
        ]
        try:
            failed = [one for one in running if one.wait() != 0]
        except BaseException:
            for one in running:
                one.kill()
            raise
    if failed:
        said = log.read_text(errors="replace").splitlines()[-15:]
        raise CannotStart("\n".join([f"{name} failed:", *(f"  | {line}" for line in said), f"(all: {log})"]))
    progress(name, time.monotonic() - began)


def _table(built: House, seconds: float) -> str:
    settings = built.settings
    rows = [
        ("control plane", settings["CONTROL_URL"]),
        ("storefront", settings["SHOP_URL"]),
        ("Prometheus", settings["PROMETHEUS_URL"]),
        *((f"sign in {email}", password) for email, password in built.keys.sign_ins().items()),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {value}" for name, value in rows]
    return "\n".join(["", f"Ready after {seconds:.1f} s. Ctrl-C stops everything.", "", *lines, ""])


def remembered_settings(state: Path) -> dict[str, str]:
    """The settings of what was started last in this folder."""
    file = house.settings_file(state)
    if not file.exists():
        raise CannotStart(f"Nothing was started in {state} yet. Start it with ./run, in another terminal.")
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def backroom(arguments: list[str]) -> None:
    """Becomes the control plane's command line, with the settings of what runs."""
    become("app.cli", arguments, remembered_settings(read_machine().state))


def remove_demo() -> None:
    state = read_machine().state
    from_ours = ["--prometheus"] if (state / "prometheus" / "data").exists() else []
    become("local.history.load", ["remove", *from_ours], remembered_settings(state))


def shoppers(rate: str) -> None:
    state = read_machine().state
    remembered_settings(state)
    wanted = house.shoppers_for("--rate", rate)
    house.shoppers_file(state).write_text(wanted)
    print(f"{wanted} shoppers from now on.")


def bench() -> None:
    become("benchmarks", [], {})


def become(module: str, arguments: list[str], settings: Mapping[str, str]) -> NoReturn:
    processes.become(sys.executable, module, arguments, {**os.environ, **environment.of_process(settings)})
