"""`backroom alerts`: what fires, the rules, a trial on history, when pages are far away."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock
from app.alerts import queries
from app.alerts.rules import commands as rule_commands
from app.alerts.rules import queries as rule_queries
from app.alerts.rules import trial
from app.alerts.rules.rule import Rule, as_dict
from app.alerts.rules.rule import read as read_rule
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import Refused
from app.sources import sources

FIRED_WITHIN = timedelta(days=30)


def alerts_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = [
            {
                "id": line.alert.id,
                "alert": line.alert.name,
                "severity": line.alert.severity,
                "since": line.alert.starts_at,
                "taken by": line.alert.acknowledged_by,
                "quiet": "yes" if line.is_quiet else "no",
                "summary": line.alert.annotations.get("summary", ""),
            }
            for line in queries.firing(session)
        ]
    show(rows, chosen.json)
    return 0


def alerts_rules(chosen: argparse.Namespace) -> int:
    with begin() as session:
        found = rule_queries.lines(session, clock.now() - FIRED_WITHIN)
        rows = [
            {
                "rule": line.rule.key,
                "state": line.state,
                "severity": line.rule.severity,
                "fired in 30 days": line.fired,
                "revision": line.revision,
                "expression": " ".join(line.rule.expr.split())[:80],
            }
            for line in found
        ]
    show(rows, chosen.json)
    return 0


def alerts_apply(chosen: argparse.Namespace) -> int:
    """Make a rule of a JSON file, or change the one of the same key."""
    rule = _from_file(chosen.file)
    now = clock.now()
    with begin() as session:
        known = {line.rule.key: line.revision for line in rule_queries.lines(session, now)}
        if rule.key in known:
            rule_commands.change(session, rule.key, known[rule.key], rule, who(), now, sources())
        else:
            rule_commands.create(session, rule, who(), now, sources())
    print(f"{rule.key}: saved and loaded")
    return 0


def alerts_backtest(chosen: argparse.Namespace) -> int:
    rule = _known(chosen.rule) if not chosen.rule.endswith(".json") else _from_file(chosen.rule)
    now = clock.now()
    trial.try_out(sources().prometheus, rule, now)
    replay = trial.replay(sources().prometheus, rule, now, chosen.days)
    rows = [
        {
            "fired": one.starts_at,
            "ended": one.ends_at,
            "labels": ", ".join(f"{name}={value}" for name, value in sorted(one.labels.items())),
        }
        for one in replay.firings
    ]
    show(rows, chosen.json)
    if not chosen.json:
        looked = f"{replay.timing.start:%Y-%m-%d %H:%M} to {replay.timing.end:%Y-%m-%d %H:%M} UTC"
        print(f"{rule.name} would have fired {len(rows)} times, {looked}")
    return 0


def alerts_show(chosen: argparse.Namespace) -> int:
    print(json.dumps(as_dict(_known(chosen.rule)), indent=2, ensure_ascii=False))
    return 0


def _known(key: str) -> Rule:
    with begin() as session:
        return rule_queries.rule_of(rule_queries.row(session, key))


def _from_file(name: str) -> Rule:
    try:
        raw = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{name} cannot be read as JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Refused(f"{name} holds no JSON object")
    return read_rule(raw)


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days <= trial.MOST_DAYS:
        raise argparse.ArgumentTypeError(f"from 0 to {trial.MOST_DAYS} days")
    return days


def add_commands(groups: Any) -> None:
    alerts = group(groups, "alerts", "alerts and their rules")
    leaf(alerts, "list", alerts_list, "what fires").add_argument("--json", action="store_true")
    leaf(alerts, "rules", alerts_rules, "the rules that people made").add_argument(
        "--json", action="store_true"
    )
    leaf(alerts, "show", alerts_show, "one rule as JSON, as `apply` takes it").add_argument("rule")
    leaf(alerts, "apply", alerts_apply, "make or change a rule").add_argument("file", metavar="RULE.json")
    backtest = leaf(alerts, "backtest", alerts_backtest, "when a rule would have fired")
    backtest.add_argument("rule", metavar="RULE|RULE.json")
    backtest.add_argument("--days", type=_days, default=7)
    backtest.add_argument("--json", action="store_true")
