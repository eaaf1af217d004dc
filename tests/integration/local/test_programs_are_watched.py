"""The supervisor with small programs: order, restarts, giving up, and no orphans."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import psutil
import pytest

from local import supervisor as supervising
from local.machine import CannotStart
from local.processes import Program
from local.supervisor import Stopped, Supervisor, until_told
from tests.integration.local.conftest import wait_for

SLEEP = "import time; time.sleep(60)"


def program(name: str, code: str, **more) -> Program:
    return Program(name, (sys.executable, "-c", code), env={"PATH": os.environ["PATH"]}, **more)


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    monkeypatch.setattr(supervising, "WAITS_SECONDS", (0.0, 0.05, 0.05))
    started = Supervisor(tmp_path)
    yield started
    started.stop()


def test_a_program_that_ends_at_once_stops_the_start_with_its_last_words(supervisor):
    broken = program("kettle", "print('no water'); raise SystemExit(3)", ready=lambda: False)
    with pytest.raises(CannotStart, match=r"kettle ended with exit status 3(.|\n)*no water"):
        supervisor.start(broken)


def test_a_program_that_never_answers_stops_the_start(supervisor, monkeypatch):
    monkeypatch.setattr(supervising, "READY_WITHIN_SECONDS", 0.3)
    with pytest.raises(CannotStart, match="did not answer within"):
        supervisor.start(program("kettle", SLEEP, ready=lambda: False))


def test_a_program_that_keeps_dying_ends_everything(supervisor, capsys):
    supervisor.start(program("lamp", SLEEP), program("kettle", "print('boiled dry'); raise SystemExit(1)"))
    with pytest.raises(CannotStart, match=r"kettle ended 4 times within a minute(.|\n)*boiled dry"):
        supervisor.watch()
    assert capsys.readouterr().err.count("kettle ended with exit status 1; it is started again") == 3


def test_the_last_stage_is_stopped_first(supervisor, tmp_path):
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready', flush=True)\ntime.sleep(60)"
    )
    for name in ("1", "2", "3"):
        log = tmp_path / f"{name}.log"
        command = (sys.executable, "-c", code, str(order), name)
        env = {"PATH": os.environ["PATH"]}
        supervisor.start(Program(name, command, env=env, ready=lambda log=log: "ready" in log.read_text()))
    supervisor.stop()
    assert order.read_text() == "321"


def test_who_does_not_listen_is_ended_with_all_its_children(supervisor, tmp_path):
    code = (
        "import signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)"
    )
    log = tmp_path / "deaf.log"
    supervisor.start(program("deaf", code, ready=lambda: bool(log.read_text()), stop_seconds=0.2))
    child = psutil.Process(int(log.read_text()))
    supervisor.stop()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_signal_ends_the_watch():
    def press() -> None:
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    presser = threading.Thread(target=press)
    with until_told(), pytest.raises(Stopped):
        wait_for(lambda: presser.ident is None and presser.start())
    presser.join()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_log_that_has_grown_large_is_put_aside(supervisor, tmp_path, monkeypatch):
    monkeypatch.setattr(supervising, "LARGEST_LOG", 10)
    (tmp_path / "kettle.log").write_text("much was said\n")
    supervisor.start(program("kettle", SLEEP))
    assert (tmp_path / "kettle.old.log").read_text() == "much was said\n"
