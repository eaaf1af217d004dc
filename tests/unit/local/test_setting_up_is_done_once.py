"""Steps of the set-up: done once, again when what they are made from changes, side by side, and honest."""

from __future__ import annotations

import threading

import pytest

from local import debian, python_packages, setup
from local.machine import CannotStart
from local.setup import Step


@pytest.fixture(autouse=True)
def stamps(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "STAMPS", tmp_path)


def step(made_from="1", *, is_there=True, make=lambda: "made", may_fail=False, name="kettle") -> Step:
    return Step(name, (made_from,), lambda: is_there, make, may_fail)


def test_a_step_is_done_once(capsys):
    setup.run([step()])
    setup.run([step()])
    assert capsys.readouterr().err.count("made") == 1


def test_it_is_done_again_when_what_it_is_made_from_changes(capsys):
    setup.run([step("1")])
    setup.run([step("2")])
    assert capsys.readouterr().err.count("made") == 2


def test_it_is_done_again_when_what_it_made_is_gone():
    setup.run([step()])
    assert not step(is_there=False).is_done()


def fail() -> str:
    raise RuntimeError("no water")


def test_a_step_that_fails_stops_the_start_by_name_and_is_tried_again():
    with pytest.raises(CannotStart, match="kettle could not be set up: no water"):
        setup.run([step(make=fail)])
    assert not step().is_done()


def test_what_the_house_can_do_without_is_told_and_tried_again(capsys):
    setup.run([step(make=fail, may_fail=True)])
    assert "failed: no water" in capsys.readouterr().err
    assert not step().is_done()


def test_steps_run_side_by_side():
    both = threading.Barrier(2, timeout=5)
    met = lambda: str(both.wait())  # noqa: E731
    setup.run([step(make=met), step(make=met, name="lamp")])


def test_pips_mirror_is_uvs_mirror(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    found = python_packages._uv_environment()
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["UV_PYTHON_DOWNLOADS"] == "never"


def test_an_unpacked_program_keeps_its_length_when_its_folder_is_exchanged(tmp_path):
    program = tmp_path / "alertmanager"
    program.write_bytes(b"\0" + debian.TEMPLATES + b"/default.tmpl\0")
    debian._relocate(program)
    assert program.read_bytes() == b"\0" + debian.STARTED_IN + b"/default.tmpl\0"
    assert len(debian.STARTED_IN) == len(debian.TEMPLATES)
