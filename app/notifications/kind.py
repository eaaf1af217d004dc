"""The kinds that people are told of, who is told of which unasked, and when it is quiet. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.guards import Holder
from app.webhooks.event import Event

CHANNELS = ("page", "mail", "webhook")
CHANNEL_NAMES = {"page": _l("On the page"), "mail": _l("By mail"), "webhook": _l("To my webhook")}
DIGESTS = ("off", "daily", "weekly")
INSTALLERS = ("local", "job:demo")  # who sets up a house and its demo, as the audit trail names them


@dataclass(frozen=True)
class Kind:
    about: Any  # lazy text
    types: tuple[str, ...]
    permission: str  # who holds it is told unasked, in `channels`
    channels: tuple[str, ...] = ("page",)
    is_private: bool = False  # nobody without the permission is ever told


KINDS: dict[str, Kind] = {
    "alerts": Kind(
        _l("Alerts and error budgets"),
        ("alert.fired", "alert.resolved", "monitoring.blind", "slo.budget_exhausted", "slo.policy_step"),
        "alerts.write",
    ),
    "incidents": Kind(
        _l("Incidents"),
        ("incident.opened", "incident.updated", "incident.resolved"),
        "incidents.write",
        ("page", "mail"),
    ),
    "rollbacks": Kind(
        _l("Rollouts that were rolled back, stopped or frozen"),
        ("rollout.rolled_back", "rollout.halted", "rollout.frozen", "rollout.ended", "flag.killed"),
        "rollouts.write",
        ("page", "mail"),
    ),
    "rollouts": Kind(
        _l("Steps of rollouts"),
        (
            "rollout.started",
            "rollout.advanced",
            "rollout.waiting",
            "rollout.paused",
            "rollout.resumed",
            "rollout.thawed",
            "rollout.finished",
        ),
        "experiments.write",
    ),
    "change_requests": Kind(
        _l("Change requests that wait for approval"),
        ("change_request.waiting",),
        "flags.approve",
        ("page", "mail"),
    ),
    "decisions": Kind(_l("Change requests that were decided"), ("change_request.decided",), "flags.write"),
    "flags": Kind(
        _l("Flags made, changed, archived or stale"),
        ("flag.created", "flag.changed", "flag.archived", "flag.stale"),
        "flags.write",
        (),
    ),
    "experiments": Kind(
        _l("Experiments started, with enough data, stopped or decided"),
        ("experiment.started", "experiment.ready", "experiment.stopped", "experiment.decided"),
        "experiments.write",
    ),
    "targets": Kind(
        _l("Targets of figures that were reached or missed"),
        ("kpi.target_reached", "kpi.target_missed"),
        "kpi.write",
    ),
    "releases": Kind(
        _l("Releases of words"),
        (
            "release.published",
            "release.rolled_back",
            "candidate.shown",
            "candidate.finished",
            "candidate.withdrawn",
        ),
        "locales.write",
    ),
    "translations": Kind(
        _l("New texts, comments and translations that wait for review"),
        ("translation.review_waiting", "translation.commented", "translation.new_strings"),
        "locales.write",
    ),
    "deploys": Kind(
        _l("Deploys and maintenance"), ("deploy.finished", "maintenance.planned"), "incidents.write", ()
    ),
    "payments": Kind(
        _l("Disputes, refunds and failed payouts"),
        ("payment.dispute_opened", "payment.refunded", "payment.failed", "payment.payout_failed"),
        "incidents.write",
    ),
    "reviews": Kind(_l("Reviews that are ready"), ("review.ready",), "reports.write"),
    "other": Kind(_l("Events of other systems"), ("source.event", "slo.freeze_lifted"), "alerts.write", ()),
    "jobs": Kind(_l("Jobs that fail"), ("job.failed",), "jobs.run"),
    "webhooks": Kind(
        _l("Webhooks switched off after failures"),
        ("webhook.disabled",),
        "webhooks.manage",
        ("page", "mail"),
        is_private=True,
    ),
    "safety": Kind(
        _l("Backups that fail, and an audit trail that was altered"),
        ("backup.failed", "audit.chain_broken"),
        "accounts.manage",
        ("page", "mail"),
        is_private=True,
    ),
    "people": Kind(
        _l("People, roles and tokens"),
        ("person.added", "person.role_changed", "token.created", "token.ends_soon", "token.revoked"),
        "accounts.manage",
        is_private=True,
    ),
}
KIND_OF = {type_: name for name, kind in KINDS.items() for type_ in kind.types}

Choices = Mapping[str, Sequence[str]]  # kind → channels; a kind that is not there was not chosen


def offered(person: Holder) -> dict[str, Kind]:
    """The kinds that somebody may choose."""
    return {
        name: kind
        for name, kind in KINDS.items()
        if not kind.is_private or person.may_somewhere(kind.permission)
    }


def unasked(name: str, person: Holder) -> tuple[str, ...]:
    """Where somebody who chose nothing is told of a kind."""
    kind = KINDS[name]
    return kind.channels if person.may_somewhere(kind.permission) else ()


def is_news(event: Event, since: datetime) -> bool:
    """To somebody here since then: not what came before, nor what setting up the house did by itself."""
    return event.at > since and event.who not in INSTALLERS


def channels(event: Event, person: Holder, email: str, choices: Choices) -> tuple[str, ...]:
    """Where somebody is told of an event; nobody is told of what they did themselves.

    Unasked it must be theirs to act on: in an environment or a locale in which they hold the permission.
    """
    name = KIND_OF.get(event.type)
    if name is None or event.who.lower() == email.lower():
        return ()
    kind = KINDS[name]
    may = person.may(kind.permission, event.environment or None, event.locale or None)
    if kind.is_private and not may:
        return ()
    if name in choices:
        return tuple(channel for channel in CHANNELS if channel in choices[name])
    return kind.channels if may else ()


@dataclass(frozen=True)
class Setting:
    """How somebody wants to be told. Hours are of the day in their time zone."""

    time_zone: str = "UTC"
    quiet_from: int | None = None
    quiet_to: int | None = None
    digest: str = "off"
    digest_hour: int = 8
    digested_on: date | None = None


def check(setting: Setting) -> None:
    wrong: dict[str, object] = {}
    if setting.time_zone not in available_timezones():
        wrong["time_zone"] = _l("Choose a time zone such as Europe/Berlin.")
    if setting.digest not in DIGESTS:
        wrong["digest"] = _l("Choose how often.")
    for name in ("quiet_from", "quiet_to", "digest_hour"):
        value = getattr(setting, name)
        if value is not None and not 0 <= value <= 23:
            wrong[name] = _l("Give an hour from 0 to 23.")
    if (setting.quiet_from is None) != (setting.quiet_to is None):
        wrong["quiet_to"] = _l("Give both hours, or neither.")
    if wrong:
        raise Refused(_l("Your settings were not saved."), wrong)


def is_quiet(setting: Setting, now: datetime) -> bool:
    """Within the quiet hours, which may go over midnight. Mails wait until they are over."""
    start, end = setting.quiet_from, setting.quiet_to
    if start is None or end is None or start == end:
        return False
    hour = now.astimezone(ZoneInfo(setting.time_zone)).hour
    return start <= hour < end if start < end else hour >= start or hour < end


def digest_due(setting: Setting, now: datetime) -> date | None:
    """The day, in their zone, whose digest is due now; None where none is. Weekly ones come on Mondays."""
    local = now.astimezone(ZoneInfo(setting.time_zone))
    today = local.date()
    if setting.digest == "off" or local.hour < setting.digest_hour or setting.digested_on == today:
        return None
    if setting.digest == "weekly" and local.weekday() != 0:
        return None
    return today
