"""`backroom alerts`: what fires, the rules, a trial on history, when pages are far away."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock
from app.alerts import commands, queries
from app.alerts.delivery import commands as delivery_commands
from app.alerts.delivery import document
from app.alerts.delivery import queries as delivery_queries
from app.alerts.rules import commands as rule_commands
from app.alerts.rules import queries as rule_queries
from app.alerts.rules import trial
from app.alerts.rules.rule import Rule, as_dict
from app.alerts.rules.rule import read as read_rule
from app.alerts.silences import commands as silence_commands
from app.alerts.silences import queries as silence_queries
from app.alerts.silences.silence import read as read_silence
from app.console import group, leaf, show, who
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
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
    rule, is_meant = _from_file(chosen.file), chosen.accept_unmatched
    now = clock.now()
    with begin() as session:
        known = {line.rule.key: line.revision for line in rule_queries.lines(session, now)}
        if rule.key in known:
            rule_commands.change(
                session, rule.key, known[rule.key], rule, who(), now, sources(), accept_unmatched=is_meant
            )
        else:
            rule_commands.create(session, rule, who(), now, sources(), accept_unmatched=is_meant)
    print(f"{rule.key}: saved and loaded")
    return 0


def alerts_backtest(chosen: argparse.Namespace) -> int:
    rule = _known(chosen.rule) if not chosen.rule.endswith(".json") else _from_file(chosen.rule)
    now = clock.now()
    found = trial.try_out(sources().prometheus, rule, now)
    replay = trial.replay(sources().prometheus, rule, now, chosen.days, found.series)
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


def alerts_take(chosen: argparse.Namespace) -> int:
    with begin() as session:
        alert = commands.acknowledge(session, chosen.id, chosen.note, who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
    print(f"{alert.name}: taken by {who()}")
    return 0


def alerts_hand_over(chosen: argparse.Namespace) -> int:
    with begin() as session:
        alert = commands.hand_over(session, chosen.id, chosen.to, chosen.note, who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
    print(f"{alert.name}: {chosen.to} has it now")
    return 0


def alerts_silence(chosen: argparse.Namespace) -> int:
    """Make a silence of matchers, end one (`--end ID`), or list what there is."""
    now = clock.now()
    with begin() as session:
        if chosen.end:
            silence_commands.expire(session, chosen.end, who(), now, sources())
            print(f"{chosen.end}: over")
            return 0
        if chosen.matchers:
            raw = {
                "matchers": list(chosen.matchers),
                "comment": chosen.comment,
                "duration": chosen.duration,
                "until_resolved": chosen.until_resolved,
            }
            made = silence_commands.save(session, read_silence(raw, now), who(), now, sources())
            print(f"{made}: silenced")
            return 0
        found = silence_queries.lines(session, silence_queries.known(sources().alertmanager), now)
        rows = [_silence(line) for line in found]
    show(rows, chosen.json)
    return 0


def _silence(line: silence_queries.Line) -> dict[str, Any]:
    silence = line.silence
    return {
        "id": silence.id,
        "state": silence.state,
        "matchers": ", ".join(str(one) for one in silence.matchers),
        "until": silence.ends_at,
        "by": silence.created_by,
        "hides": len(line.hidden),
        "comment": silence.comment,
    }


def alerts_where(chosen: argparse.Namespace) -> int:
    """The receivers that an alert with these labels would go to."""
    labels = dict(pair.partition("=")[::2] for pair in chosen.labels)
    with begin() as session:
        found = document.where(delivery_queries.current(session).delivery, labels)
    print("\n".join(found))
    return 0


def alerts_config(chosen: argparse.Namespace) -> int:
    """Alertmanager's configuration; with its secrets only where somebody asks for them on this machine."""
    house = delivery_commands.house_of(sources())
    with begin() as session:
        delivery = delivery_queries.current(session).delivery
    print(document.text(delivery, house) if chosen.secrets else document.masked(delivery, house), end="")
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
    applied = leaf(alerts, "apply", alerts_apply, "make or change a rule")
    applied.add_argument("file", metavar="RULE.json")
    applied.add_argument("--accept-unmatched", action="store_true", help="also where nothing matches yet")
    take = leaf(alerts, "take", alerts_take, "say that you take an alert")
    take.add_argument("id", type=int)
    take.add_argument("--note", default="")
    pass_to = leaf(alerts, "hand-over", alerts_hand_over, "say who has an alert from now on")
    pass_to.add_argument("id", type=int)
    pass_to.add_argument("to")
    pass_to.add_argument("--note", default="")
    silence = leaf(alerts, "silence", alerts_silence, "list silences, make one, or end one")
    silence.add_argument("matchers", nargs="*", metavar="MATCHER", help='such as severity="page"')
    silence.add_argument("--comment", default="", help="why")
    silence.add_argument("--duration", default="2h")
    silence.add_argument("--until-resolved", action="store_true")
    silence.add_argument("--end", metavar="ID")
    silence.add_argument("--json", action="store_true")
    leaf(alerts, "where", alerts_where, "where an alert with these labels would go").add_argument(
        "labels", nargs="*", metavar="NAME=VALUE"
    )
    leaf(alerts, "config", alerts_config, "Alertmanager's configuration").add_argument(
        "--secrets", action="store_true", help="with its secrets"
    )
    backtest = leaf(alerts, "backtest", alerts_backtest, "when a rule would have fired")
    backtest.add_argument("rule", metavar="RULE|RULE.json")
    backtest.add_argument("--days", type=_days, default=7)
    backtest.add_argument("--json", action="store_true")
