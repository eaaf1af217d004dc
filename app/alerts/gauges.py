"""Which alert rules cannot be evaluated, for the rule that watches rules."""

from __future__ import annotations

from sqlalchemy import select

from app.alerts.models import LoadedRule
from app.db import Sessions, transaction
from app.errors import Unavailable
from app.series.gauges import sample

NAME = "backroom_alert_rule_fails"


def exposition(sessions: Sessions) -> str:
    try:
        with transaction(sessions, "PostgreSQL") as session:
            rows = session.execute(select(LoadedRule.name, LoadedRule.group_name, LoadedRule.health)).all()
    except Unavailable:
        return ""
    state: dict[tuple[str, str], bool] = {}
    for row in rows:
        key = (row.name, row.group_name)
        state[key] = state.get(key, False) or row.health == "err"
    lines = [
        sample(NAME, {"name": name, "rule_group": group}, int(fails))
        for (name, group), fails in sorted(state.items())
    ]
    head = [f"# HELP {NAME} 1 while a rule cannot be evaluated", f"# TYPE {NAME} gauge"]
    return "\n".join([*head, *lines, ""])
