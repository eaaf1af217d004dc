from __future__ import annotations

import json
from datetime import timedelta

from app import cli, clock
from app.alerts import commands as alerts
from app.alerts.alert import Notice


def run(app, capsys, *arguments):
    status = cli.run(app, ["alerts", *arguments])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_rules_are_applied_tried_and_listed(control_app, prometheus, capsys, tmp_path):
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({"name": "Mine", "expr": "vector(1)", "every": "1m"}))
    assert run(control_app, capsys, "backtest", str(file), "--days", "0.1")[1].count(
        "would have fired 1 times"
    )
    assert run(control_app, capsys, "apply", str(file)) == (0, "mine: saved and loaded\n")
    file.write_text(json.dumps({"name": "Mine", "expr": "vector(2)"}))
    assert run(control_app, capsys, "apply", str(file))[0] == 0
    shown = json.loads(run(control_app, capsys, "show", "mine")[1])
    assert shown["expr"] == "vector(2)"
    (row,) = json.loads(run(control_app, capsys, "rules", "--json")[1])
    assert (row["rule"], row["revision"]) == ("mine", 2)
    file.write_text("{")
    assert run(control_app, capsys, "apply", str(file))[0] == 1
    assert run(control_app, capsys, "show", "nothing")[0] == 1


def test_an_alert_is_taken_handed_over_and_silenced(control_app, control_session, alertmanager, capsys):
    now = clock.now()
    notice = Notice("f1", now - timedelta(minutes=1), None, {"alertname": "Slow", "severity": "page"}, {})
    alerts.take(control_session, [notice], "webhook", now)
    control_session.commit()
    (row,) = json.loads(run(control_app, capsys, "list", "--json")[1])
    assert run(control_app, capsys, "take", str(row["id"]), "--note", "On it")[0] == 0
    assert run(control_app, capsys, "take", str(row["id"]))[0] == 1
    assert run(control_app, capsys, "hand-over", str(row["id"]), "night@house.test")[0] == 0
    assert "night@house.test" in run(control_app, capsys, "list")[1]

    assert run(control_app, capsys, "silence", "severity=page")[0] == 1  # says no why
    made = run(control_app, capsys, "silence", "severity=page", "--comment", "Being mended")
    assert made[0] == 0
    (silence,) = json.loads(run(control_app, capsys, "silence", "--json")[1])
    assert (silence["comment"], silence["hides"]) == ("Being mended", 1)
    assert run(control_app, capsys, "silence", "--end", silence["id"])[0] == 0


def test_the_configuration_is_printed_with_secrets_only_where_asked(control_app, alertmanager, capsys):
    assert "webhook-token-for-tests" not in run(control_app, capsys, "config")[1]
    assert "webhook-token-for-tests" in run(control_app, capsys, "config", "--secrets")[1]
    assert run(control_app, capsys, "where", "severity=page") == (0, "backroom\n")
