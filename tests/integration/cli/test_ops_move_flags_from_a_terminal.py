"""`backroom flags` and `backroom segments`."""

from __future__ import annotations

import json

import pytest

from app import cli
from app.flags import commands


@pytest.fixture
def backroom(control_app, control_session, now, capsys):
    """Runs one command; answers (exit status, standard output, standard error)."""

    def run(*arguments: str):
        capsys.readouterr()
        status = cli.run(control_app, arguments)
        told = capsys.readouterr()
        return status, told.out, told.err

    commands.ensure_defaults(control_session, now)
    control_session.commit()
    return run


def shown(backroom, name="f"):
    return json.loads(backroom("flags", "show", name)[1])


def test_a_flag_is_made_moved_killed_archived_and_revived(backroom):
    assert backroom("flags", "create", "f", "--owner", "ops", "--tags", "team:ops")[0] == 0
    backroom("flags", "set", "f", "30")
    assert shown(backroom)["environments"]["production"]["percent"] == 30
    backroom("flags", "off", "f")
    backroom("flags", "on", "f")
    backroom("flags", "kill", "f")
    assert not shown(backroom)["environments"]["production"]["enabled"]
    backroom("flags", "archive", "f")
    assert shown(backroom)["stage"] == "archived"
    backroom("flags", "revive", "f")
    assert shown(backroom)["stage"] == "live"
    assert backroom("flags", "create", "f")[0] == 1


def test_flags_go_out_to_a_file_and_come_back(backroom, tmp_path):
    backroom("flags", "create", "f")
    file = str(tmp_path / "flags.json")
    assert backroom("flags", "export", file)[0] == 0
    status, out, _ = backroom("flags", "import", file, "--json")
    report = json.loads(out)
    assert (status, report["created"], report["changed"], report["refused"]) == (0, 0, 0, 0)
    (tmp_path / "flags.json").write_text('{"features": [{"name": "a b", "enabled": true}]}')
    status, out, _ = backroom("flags", "import", file, "--dry-run")
    assert status == 1
    assert "refused" in out
    (tmp_path / "flags.json").write_text("{")
    assert backroom("flags", "import", file)[0] == 1
    assert backroom("flags", "import", str(tmp_path / "none.json"))[0] == 1


def test_an_answer_is_explained(backroom):
    backroom("flags", "create", "f")
    backroom("flags", "set", "f", "100")
    status, out, _ = backroom("flags", "explain", "f", "userId=7")
    told = json.loads(out)
    assert (status, told["enabled"], told["cause"]) == (0, True, "strategy")
    assert backroom("flags", "explain", "nope")[0] == 1
    assert backroom("flags", "explain", "f", "userId")[0] == 1


def test_segments_are_made_and_deleted(backroom, tmp_path):
    file = tmp_path / "constraints.json"
    file.write_text('[{"contextName": "country", "operator": "IN", "values": ["DE"]}]')
    status, number, _ = backroom("segments", "create", "germans", str(file))
    assert status == 0
    assert "germans" in backroom("segments", "list")[1]
    assert backroom("segments", "delete", number.strip())[0] == 0
    assert json.loads(backroom("segments", "list", "--json")[1]) == []
