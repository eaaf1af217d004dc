"""Rules on a real Prometheus: what is saved is loaded, what is refused changes nothing, a replay is true."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from sqlalchemy import select

from app.alerts import durations
from app.alerts.rules import commands, jobs, queries, trial
from app.alerts.rules.document import text
from app.alerts.rules.rule import Rule
from app.alerts.rules.starters import STARTERS
from app.audit.models import AuditEntry
from app.rule_files import check_rules

RULE = {"name": "ShopDown", "expr": 'up{job="shop"} == 0', "for": "2m", "labels": "team=ops"}


def loaded(prometheus_sources):
    return {rule["name"]: rule for group in prometheus_sources.prometheus.rules() for rule in group["rules"]}


def file(prometheus):
    return prometheus.rules_dir / commands.FILE


def test_a_rule_from_the_form_is_loaded_and_changed_and_deleted(
    signed_in, prometheus, control_sources, control_session
):
    client = signed_in("ops")
    refused = client.post("/alerts/rules/-/new", data=RULE, headers={"HX-Request": "true"})
    assert (refused.status_code, "error-expr" in refused.text) == (422, True)  # there is no shop yet
    assert not file(prometheus).exists()
    assert client.post("/alerts/rules/-/new", data={**RULE, "accept_unmatched": "1"}).status_code == 303
    assert loaded(control_sources)["ShopDown"]["duration"] == 120
    assert loaded(control_sources)["Watchdog"]["labels"]["severity"] == "none"

    page = client.get("/alerts/rules/shop-down").text
    assert "matches no series now" in page.lower()

    changed = client.post(
        "/alerts/rules/shop-down", data={**RULE, "for": "5m", "revision": "1", "is_enabled": "1"}
    )
    assert changed.status_code == 303
    assert loaded(control_sources)["ShopDown"]["duration"] == 300
    late = client.post(
        "/alerts/rules/shop-down", data={**RULE, "for": "9m", "revision": "1", "is_enabled": "1"}
    )
    assert late.status_code == 409
    assert loaded(control_sources)["ShopDown"]["duration"] == 300

    assert (
        client.post("/alerts/rules/shop-down/enabled", data={"revision": "2", "enabled": "off"}).status_code
        == 303
    )
    assert "ShopDown" not in loaded(control_sources)
    assert client.post("/alerts/rules/shop-down/delete", data={"revision": "3"}).status_code == 303
    assert client.get("/alerts/rules/shop-down").status_code == 404
    actions = [entry.action for entry in control_session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions == [f"alert_rule.{name}" for name in ("create", "change", "disable", "delete")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"expr": "up ="}, "expr"),
        ({"expr": "rate(up)"}, "expr"),
        ({"expr": "1 + 1"}, "expr"),
        ({"expr": "up[5m]"}, "expr"),
        ({"name": "Watchdog"}, "name"),
        ({"name": "ErrorBudgetBurn"}, "name"),
        ({"min_events": 3, "events": "sum("}, "events"),
        ({"min_events": 3}, "events"),
        ({"min_events": -1}, "min_events"),
        ({"labels": {"severity": "x"}}, "labels"),
        ({"every": "1s"}, "every"),
        ({"summary": "{{ $labels. }}"}, None),
    ],
)
def test_what_prometheus_would_not_take_is_refused_and_nothing_is_written(
    signed_in, prometheus, control_sources, control_session, wrong, field
):
    slo = {"groups": [{"name": "slo-a-page", "rules": [{"alert": "ErrorBudgetBurn", "expr": "up"}]}]}
    (prometheus.rules_dir / "backroom.yml").write_text(yaml.safe_dump(slo))
    prometheus.reload()
    jobs.write_rules(control_session, datetime.now(UTC), control_sources)
    control_session.commit()
    before = file(prometheus).read_text()
    answer = signed_in("ops").post(
        "/api/v1/alert-rules", json={"name": "Mine", "expr": "up == 0", "labels": {}, **wrong}
    )
    is_declared = wrong.keys() <= {"expr", "name", "summary"} or wrong.get("events") == "sum("
    assert answer.status_code == (409 if is_declared else 422), answer.text
    if field:
        assert [error["field"] for error in answer.json["errors"]] == [field]
    assert file(prometheus).read_text() == before
    assert queries.enabled(control_session) == []
    assert set(loaded(control_sources)) >= {"ErrorBudgetBurn", "Watchdog"}


def test_the_api_makes_changes_and_deletes_rules(signed_in, prometheus, control_sources):
    client = signed_in("ops")
    made = client.post(
        "/api/v1/alert-rules",
        json={"name": "Mine", "expr": "up == 0", "severity": "page", "accept_unmatched": True},
    )
    assert (made.status_code, made.json["key"], made.json["revision"]) == (201, "mine", 1)
    assert client.post("/api/v1/alert-rules", json={"name": "Mine", "expr": "up"}).status_code == 409
    put = client.put("/api/v1/alert-rules/mine", json={**made.json, "for": "1m"})
    assert (put.status_code, put.json["revision"], put.json["for"]) == (200, 2, "1m")
    assert client.put("/api/v1/alert-rules/mine", json=made.json).status_code == 409
    assert client.post("/api/v1/alert-rules/mine/disable").json["state"] == "disabled"
    assert client.post("/api/v1/alert-rules/mine/enable").json["is_enabled"]
    assert 'alert: "Mine"' in client.get("/api/v1/alert-rules.yaml").text
    assert client.delete("/api/v1/alert-rules/mine?revision=1").status_code == 409
    assert client.delete("/api/v1/alert-rules/mine?revision=4").status_code == 204
    assert client.post("/api/v1/alert-rules", data=b"[]").status_code == 422


def test_what_costs_too_much_is_refused_with_its_cost(
    signed_in, prometheus_with_history, control_session, monkeypatch
):
    client = signed_in("ops")
    costly = {"name": "Costly", "expr": "count_over_time(demo[10h]) > 0"}
    monkeypatch.setattr(trial, "MOST_SAMPLES", 100)
    for path in ("alert-rules", "alert-rules/backtest"):
        answer = client.post(f"/api/v1/{path}", json=costly)
        assert [error["field"] for error in answer.json["errors"]] == ["expr"]
        assert "samples" in answer.json["errors"][0]["detail"]
    far = client.post("/api/v1/alert-rules", json={**costly, "expr": "count_over_time(demo[1y]) > 0"})
    assert far.status_code == 409
    assert client.post("/api/v1/alert-rules/backtest", json={**costly, "days": 31}).status_code == 422
    assert queries.enabled(control_session) == []


def test_a_trial_says_when_it_would_have_fired_and_saves_nothing(
    signed_in, prometheus_with_history, control_session
):
    client = signed_in("viewer")
    rule = {"name": "Mine", "expr": "demo > 0", "for": "1m", "days": "1"}
    page = client.post("/alerts/rules/-/trial", data=rule, headers={"HX-Request": "true"}).text
    assert "It would have fired" in page
    assert "name=steady" in page
    assert "<svg" in page
    plain = client.post("/alerts/rules/-/trial", data=rule).text
    assert "Start from a template" in plain
    quiet = client.post("/alerts/rules/-/trial", data={**rule, "expr": "gone > 0"}).text
    assert "It would not have fired" in quiet
    assert "Matches no series now:" in quiet
    assert queries.enabled(control_session) == []


def test_without_prometheus_nothing_is_saved(signed_in, control_session):
    client = signed_in("ops")
    assert client.post("/api/v1/alert-rules", json={"name": "Mine", "expr": "up == 0"}).status_code == 503
    assert queries.enabled(control_session) == []
    assert client.get("/alerts/rules/").status_code == 200


def test_a_lost_file_is_written_again(prometheus, control_session, control_sources, now):
    jobs.write_rules(control_session, now, control_sources)
    file(prometheus).unlink()
    prometheus.reload()
    assert jobs.write_rules(control_session, now, control_sources).endswith("written and loaded")
    assert jobs.write_rules(control_session, now, control_sources).endswith("unchanged and loaded")


def test_promtool_accepts_every_starter(prometheus, control_sources, tmp_path, control_config):
    path = tmp_path / "rules.yml"
    path.write_text(text([(starter.rule, 1) for starter in STARTERS.values()], "https://house.example"))
    check_rules(path, control_config.promtool)
    for starter in STARTERS.values():
        trial.try_out(control_sources.prometheus, starter.rule, datetime.now(UTC))


def samples(start: datetime, every: int, patterns: dict[str, str]) -> str:
    """One metric; a character a scrape: a digit is its value, `.` no sample, `n` NaN, `i` infinity."""
    lines = ["# TYPE demo gauge"]
    for name, pattern in patterns.items():
        for index, sign in enumerate(pattern):
            if sign != ".":
                value = {"n": "NaN", "i": "+Inf"}.get(sign, sign)
                lines.append(f'demo{{name="{name}"}} {value} {int(start.timestamp()) + index * every}')
    return "\n".join(lines)


PATTERNS = {
    "steady": "0" * 40 + "1" * 30 + "0" * 50,
    "flaps": "0" * 10 + "10" * 20 + "0" * 20 + "110" * 10 + "0" * 20,
    "short": "0" * 30 + "11" + "0" * 30 + "1" + "0" * 57,
    "goes": "1" * 50 + "." * 40 + "1" * 30,
    "odd": "0" * 20 + "iiii" + "0" * 20 + "n" * 10 + "0" * 66,
    "on": "0" * 100 + "1" * 20,
}


@pytest.mark.parametrize(
    ("expr", "hold", "keep"),
    [
        ("demo > 0", 0, 0),
        ("demo > 0", 120, 0),
        ("demo > 0", 60, 180),
        ("avg_over_time(demo[5m]) > 0.4", 60, 60),
        ("sum by (name) (demo) >= 1", 0, 300),
        ("demo", 600, 0),
        ('sum(demo{name=~"steady|short"}) > 0', 60, 0),
    ],
)
def test_a_replay_is_what_prometheus_really_does(
    prometheus_with_history, tmp_path, control_config, expr, hold, keep
):
    """promtool runs the rule with Prometheus' own engine over the same samples."""
    client, start = prometheus_with_history
    rule = Rule("t", "T", expr, every_seconds=60, hold_seconds=hold, keep_firing_seconds=keep)
    end = start + timedelta(minutes=125)
    replay = trial.replay(client, rule, end, days=125 / 1440)
    assert (replay.timing.start, replay.timing.count) == (start, 126)
    ours = {
        (firing.labels.get("name", ""), minute)
        for firing in replay.firings
        for minute in range(126)
        if firing.starts_at
        <= start + timedelta(minutes=minute)
        < (firing.ends_at or end + timedelta(seconds=1))
    }
    assert ours == theirs(tmp_path, control_config.promtool, rule)
    assert ours


def theirs(folder, promtool, rule):
    """(series, minute) in which promtool's evaluation has the alert firing: it is told to expect nothing."""
    (folder / "rules.yml").write_text(text([(rule, 1)], "x"))
    nothing = [
        {"eval_time": f"{minute}m", "expr": 'ALERTS{alertstate="firing"}', "exp_samples": []}
        for minute in range(126)
    ]
    series = [
        {"series": f'demo{{name="{name}"}}', "values": " ".join(promtool_values(pattern))}
        for name, pattern in PATTERNS.items()
    ]
    test = {"interval": "1m", "input_series": series, "promql_expr_test": nothing}
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (folder / "test.yml").write_text(json.dumps(document))
    command = [promtool, "test", "rules", str(folder / "test.yml")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "FAILED" in said.stdout + said.stderr
    found = set()
    for block in (said.stdout + said.stderr).split("time: ")[1:]:
        minute = durations.read(block.partition(",")[0]) // 60
        for labels in re.findall(r"ALERTS.*?alertname=.*?\}|Labels:\{.*?\}", block):
            name = re.search(r'[{ ]name="(\w+)"', labels)
            found.add((name.group(1) if name else "", minute))
    return found


def promtool_values(pattern):
    return [{".": "_", "n": "NaN", "i": "Inf"}.get(sign, sign) for sign in pattern]


@pytest.fixture
def prometheus_with_history(prometheus, control_sources):
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=5)
    prometheus.load(samples(start, 60, PATTERNS))
    return control_sources.prometheus, start
