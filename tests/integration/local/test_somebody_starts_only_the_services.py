"""`./run services`: the real ones come up, die, come back, and go."""

from __future__ import annotations

import re
import signal

import psutil
import psycopg
from redis import Redis

from tests.integration.local.conftest import wait_for


def url(running, name: str) -> str:
    return re.search(rf"^{name}=(\S+)$", running.said, re.MULTILINE)[1]


def parts(running) -> list[psutil.Process]:
    return psutil.Process(running.process.pid).children(recursive=True)


def part(running, name: str) -> psutil.Process:
    return next(one for one in parts(running) if name in one.name())


def test_they_answer_at_the_urls_that_are_printed(running):
    with psycopg.connect(url(running, "SHOP_DATABASE_URL").replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("shop",)
    assert Redis.from_url(url(running, "REDIS_URL")).ping()


def test_who_dies_is_named_and_comes_back(running):
    part(running, "valkey-server").kill()
    running.says("redis ended by signal SIGKILL; it is started again")
    running.says("redis is back after")
    assert Redis.from_url(url(running, "REDIS_URL")).ping()


def test_a_second_start_in_the_same_folder_is_refused(running, house):
    second = house("services")
    assert second.ends() == 1
    assert "is in use by another ./run" in second.said


def test_the_folder_cannot_be_forgotten_while_it_is_in_use(running, house):
    assert house("reset", "--yes").ends() == 1
    assert house.state.exists()


def test_secrets_can_be_read_by_their_owner_alone(running, house):
    for name in ("keys.json", "settings.json"):
        assert (house.state / name).stat().st_mode & 0o077 == 0


def test_a_taken_port_is_named_with_the_setting_to_change(running, house, run):
    second = run("services", REDIS_PORT=house.ports["REDIS_PORT"])
    assert second.ends() == 1
    assert f"Port {house.ports['REDIS_PORT']} is taken" in second.said
    assert re.search(r"REDIS_PORT=\d+ ./run", second.said)


def test_data_outlives_a_restart_and_nothing_else_outlives_the_end(run):
    first = run("services")
    first.says("ALERTMANAGER_URL=")
    Redis.from_url(url(first, "REDIS_URL")).set("kettle", "on")
    before = parts(first)
    assert len(before) > 4
    first.process.send_signal(signal.SIGTERM)
    assert first.ends() == 0
    assert not [one for one in before if one.is_running()]

    second = run("services")
    second.says("ALERTMANAGER_URL=")
    assert Redis.from_url(url(second, "REDIS_URL")).get("kettle") == b"on"
    before = parts(second)
    second.process.kill()
    wait_for(lambda: not [one for one in before if one.is_running()])

    assert run("reset").ends() == 1  # nobody there to ask
    assert run.state.exists()
    assert run("reset", "--yes").ends() == 0
    assert not run.state.exists()


def test_redis_by_url_is_used_instead_of_an_own_one(run, redis_url):
    started = run("services", REDIS_URL=redis_url)
    started.says("ALERTMANAGER_URL=")
    assert url(started, "REDIS_URL") == redis_url
    assert not [one for one in parts(started) if "valkey" in one.name()]


def test_a_wrong_setting_stops_the_start(run):
    started = run("services", LOG_LEVEL="loud")
    assert started.ends() == 1
    assert "LOG_LEVEL has the wrong value 'loud'. Allowed: debug, info, warning, error." in started.said


def test_the_command_line_needs_something_that_was_started(run):
    asked = run("backroom", "flags", "list")
    assert asked.ends() == 1
    assert "Start it with ./run" in asked.said


def test_a_wrong_call_prints_what_there_is(run):
    asked = run("dance")
    assert asked.ends() == 2
    assert "./run reset" in asked.said
