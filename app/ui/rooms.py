"""The rooms of the house, in the order of the rail: one list for the layout, the keyboard and the palette."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

OWN_ACCOUNT = "/accounts/me"  # lies under a room and belongs to none


@dataclass(frozen=True)
class Room:
    path: str
    name: LazyString
    icon: str
    key: str  # `g` then this letter goes there
    permission: str = "view"

    def holds(self, path: str) -> bool:
        if self.path == "/" or path.startswith(OWN_ACCOUNT):
            return path == self.path
        return path.startswith(self.path)


ROOMS = (
    Room("/", _l("Overview"), "overview", "o"),
    Room("/slo/", _l("SLOs"), "slo", "s"),
    Room("/alerts/", _l("Alerts"), "alerts", "a"),
    Room("/incidents/", _l("Incidents"), "incident", "i"),
    Room("/flags/", _l("Flags"), "flags", "f"),
    Room("/rollouts/", _l("Rollouts"), "rollouts", "r"),
    Room("/experiments/", _l("Experiments"), "experiments", "e"),
    Room("/kpi/", _l("KPIs"), "kpi", "k"),
    Room("/cost/", _l("Cost"), "cost", "c"),
    Room("/reports/", _l("Reviews"), "book", "w"),
    Room("/locales/", _l("Locales"), "locales", "l"),
    Room("/jobs/", _l("Jobs"), "jobs", "j"),
    Room("/webhooks/", _l("Webhooks"), "webhook", "h", "webhooks.manage"),
    Room("/errors/", _l("Errors"), "exhausted", "x"),
    Room("/audit/", _l("Audit"), "audit", "u", "audit.view"),
    Room("/accounts/", _l("People"), "people", "p", "accounts.manage"),
    Room("/backups/", _l("Backups"), "lock", "b", "backups.manage"),
)
# What fits the bottom bar of a phone; the rest is behind "More".
ON_THE_BAR = 4
