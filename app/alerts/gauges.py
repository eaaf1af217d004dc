"""Which alert rules cannot be evaluated, for the rule that watches rules."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.alerts.models import LoadedRule
from app.series.gauges import block

NAME = "backroom_alert_rule_fails"


def tell(session: Session) -> Iterator[str]:
    """1 for a rule that Prometheus cannot evaluate, 0 for one that it can."""
    rows = session.execute(
        select(LoadedRule.name, LoadedRule.group_name, func.bool_or(LoadedRule.health == "err"))
        .group_by(LoadedRule.name, LoadedRule.group_name)
        .order_by(LoadedRule.name, LoadedRule.group_name)
    ).all()
    samples = (({"name": name, "rule_group": group}, float(fails)) for name, group, fails in rows)
    return block(NAME, "1 while a rule cannot be evaluated", samples)
