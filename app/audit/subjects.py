"""Where the thing that an entry is about can be looked at. Pure."""

from __future__ import annotations

from urllib.parse import quote

# The page of a kind of thing; {} stands for its name.
PAGES = {
    "flag": "/flags/{}",
    "segment": "/flags/-/segments/{}",
    "change-request": "/flags/-/changes/{}",
    "environment": "/flags/-/environments/",
    "rollout": "/rollouts/{}",
    "experiment": "/experiments/{}",
    "incident": "/incidents/{}",
    "runbook": "/runbooks/{}",
    "slo": "/slo/{}",
    "alert": "/alerts/{}",
    "alert-rule": "/alerts/rules/{}",
    "silence": "/alerts/silences/{}",
    "kpi": "/kpi/{}",
    "kpi-board": "/kpi/boards/{}",
    "report": "/reports/{}",
    "locale": "/locales/{}",
    "job": "/jobs/{}",
    "person": "/accounts/access/?person={}",
    "role": "/accounts/roles/{}",
    "token": "/accounts/tokens/",  # nosec B105 # a name, no password
    "cost": "/cost/",
    "cost-budget": "/cost/budgets/{}",
}


def page_of(subject: str) -> str | None:
    """None: a kind of thing that has no page."""
    kind, colon, name = subject.partition(":")
    if not colon or kind not in PAGES:
        return None
    return PAGES[kind].format(quote(name, safe="@"))
