"""The types of events, and which of them a happening is. Pure.

A happening is a row of the audit trail, the timeline or the runs of jobs. The list is a promise to whoever
receives: a type may gain fields, but none changes its meaning or goes while VERSION stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

VERSION = 1
# What is imported, or made up for a demo, lies further back and is no news.
NEWS = timedelta(days=1)
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Type:
    label: Any  # lazy text
    state: str  # of ui.states: how it looks and how much it matters


TYPES: dict[str, Type] = {
    "alert.fired": Type(_l("Alert fires"), "burning"),
    "alert.resolved": Type(_l("Alert is over"), "ok"),
    "alert.acknowledged": Type(_l("Alert acknowledged"), "info"),
    "monitoring.blind": Type(_l("Monitoring was blind"), "failed"),
    "incident.opened": Type(_l("Incident opened"), "burning"),
    "incident.updated": Type(_l("Incident updated"), "info"),
    "incident.resolved": Type(_l("Incident resolved"), "ok"),
    "slo.budget_exhausted": Type(_l("Error budget is gone"), "exhausted"),
    "slo.policy_step": Type(_l("Step of an error budget policy"), "risk"),
    "slo.freeze_lifted": Type(_l("Freeze lifted"), "info"),
    "flag.created": Type(_l("Flag created"), "info"),
    "flag.changed": Type(_l("Flag changed"), "info"),
    "flag.killed": Type(_l("Flag switched off by the kill switch"), "risk"),
    "flag.archived": Type(_l("Flag archived"), "info"),
    "flag.stale": Type(_l("Flag is stale"), "stale"),
    "change_request.waiting": Type(_l("Change request waits for approval"), "risk"),
    "change_request.decided": Type(_l("Change request decided"), "info"),
    "rollout.started": Type(_l("Rollout started"), "running"),
    "rollout.advanced": Type(_l("Rollout took a step"), "running"),
    "rollout.waiting": Type(_l("Rollout waits for approval"), "risk"),
    "rollout.frozen": Type(_l("Rollout frozen"), "frozen"),
    "rollout.thawed": Type(_l("Rollouts go on"), "ok"),
    "rollout.halted": Type(_l("Rollout stopped"), "failed"),
    "rollout.rolled_back": Type(_l("Rollout rolled back"), "failed"),
    "rollout.paused": Type(_l("Rollout paused"), "info"),
    "rollout.resumed": Type(_l("Rollout resumed"), "running"),
    "rollout.finished": Type(_l("Rollout finished"), "ok"),
    "rollout.ended": Type(_l("Rollout ended early"), "risk"),
    "experiment.started": Type(_l("Experiment started"), "running"),
    "experiment.ready": Type(_l("Experiment has enough data"), "ok"),
    "experiment.stopped": Type(_l("Experiment stopped"), "info"),
    "experiment.decided": Type(_l("Experiment decided"), "ok"),
    "kpi.target_reached": Type(_l("Target reached"), "ok"),
    "kpi.target_missed": Type(_l("Target missed"), "risk"),
    "release.published": Type(_l("Words published"), "ok"),
    "release.rolled_back": Type(_l("Words taken back to an earlier release"), "risk"),
    "candidate.shown": Type(_l("Candidate release of words shown to more shoppers"), "running"),
    "candidate.finished": Type(_l("Candidate release of words shown to all"), "ok"),
    "candidate.withdrawn": Type(_l("Candidate release of words withdrawn"), "risk"),
    "translation.review_waiting": Type(_l("Translation waits for review"), "info"),
    "translation.commented": Type(_l("Comment on a translation"), "info"),
    "translation.new_strings": Type(_l("New texts to translate"), "info"),
    "deploy.finished": Type(_l("Deploy"), "info"),
    "maintenance.planned": Type(_l("Maintenance planned"), "info"),
    "review.ready": Type(_l("Review is ready"), "info"),
    "payment.dispute_opened": Type(_l("Payment disputed"), "failed"),
    "payment.refunded": Type(_l("Payment refunded"), "info"),
    "payment.failed": Type(_l("Payment failed"), "risk"),
    "payment.payout_failed": Type(_l("Payout failed"), "failed"),
    "source.event": Type(_l("Event of another system"), "info"),
    "person.added": Type(_l("Person added"), "info"),
    "person.role_changed": Type(_l("Role of a person changed"), "info"),
    "token.created": Type(_l("Token made"), "info"),
    "token.ends_soon": Type(_l("Token ends soon"), "risk"),
    "token.revoked": Type(_l("Token revoked"), "info"),
    "job.failed": Type(_l("Job failed"), "failed"),
    "backup.failed": Type(_l("Backup failed"), "failed"),
    "audit.chain_broken": Type(_l("Audit trail was altered"), "exhausted"),
    "webhook.disabled": Type(_l("Webhook switched off after failures"), "failed"),
    "webhook.test": Type(_l("Test of a webhook"), "info"),
}


@dataclass(frozen=True)
class Event:
    type: str
    at: datetime
    who: str  # "": nobody in particular
    subject: str
    title: str
    url: str = ""
    environment: str = ""
    locale: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def derive(source: str, before: Json | None, after: Json, noted_at: datetime) -> Event | None:
    """The event that a row of `source` is; None where it is none, or no news."""
    found = READERS[source](before, after)
    return found if found is not None and found.at >= noted_at - NEWS else None


# --- the audit trail --------------------------------------------------------------------------------

AUDIT = {
    "alert.acknowledge": "alert.acknowledged",
    "incident.open": "incident.opened",
    "incident.update": "incident.updated",
    "incident.change": "incident.updated",
    "incident.resolve": "incident.resolved",
    "slo.override": "slo.freeze_lifted",
    "flag.create": "flag.created",
    "flag.switch": "flag.changed",
    "flag.rollout": "flag.changed",
    "flag.share": "flag.changed",
    "flag.targeting": "flag.changed",
    "flag.copy": "flag.changed",
    "flag.undo": "flag.changed",
    "flag.dependencies": "flag.changed",
    "flag.kill": "flag.killed",
    "flag.archive": "flag.archived",
    "flag.stale": "flag.stale",
    "rollout.start": "rollout.started",
    "rollout.freeze": "rollout.frozen",
    "rollout.thaw": "rollout.thawed",
    "experiment.start": "experiment.started",
    "experiment.stop": "experiment.stopped",
    "experiment.decide": "experiment.decided",
    "locales.publish": "release.published",
    "locales.rollback": "release.rolled_back",
    "locales.comment": "translation.commented",
    "report.make": "review.ready",
    "person.add": "person.added",
    "person.role": "person.role_changed",
    "token.create": "token.created",
    "token.revoke": "token.revoked",
    "webhook.disable": "webhook.disabled",
}
CHANGE_REQUEST = {
    "in_review": "change_request.waiting",
    "approved": "change_request.decided",
    "scheduled": "change_request.decided",
    "applied": "change_request.decided",
    "rejected": "change_request.decided",
    "cancelled": "change_request.decided",
    "not_applied": "change_request.decided",
}
# Where the page of a subject is: the word before its colon → the path before its name.
PAGES = {
    "flag": "/flags/",
    "experiment": "/experiments/",
    "incident": "/incidents/",
    "alert": "/alerts/",
    "slo": "/slo/",
    "rollout": "/rollouts/",
    "report": "/reports/",
    "change-request": "/flags/-/changes/",
    "webhook": "/webhooks/",
}


def of_audit(_before: Json | None, row: Json) -> Event | None:
    kind = _type_of_audit(row["action"], row["before"], row["after"])
    if kind is None:
        return None
    subject, was, is_ = row["subject"], row["before"], row["after"]
    return Event(
        type=kind,
        at=datetime.fromisoformat(row["at"]),
        who=row["who"],
        subject=subject,
        title=_title(subject, is_ or was),
        url=page_of(subject),
        environment=str(is_.get("environment") or was.get("environment") or ""),
        locale=locale_of(subject),
        data={"action": row["action"], "before": was, "after": is_},
    )


def _type_of_audit(action: str, before: Json, after: Json) -> str | None:
    if action.startswith("change-request."):
        is_move = before.get("state") != after.get("state")
        return CHANGE_REQUEST.get(str(after.get("state"))) if is_move else None
    if action == "slo.policy_step":
        left = after.get("left")
        return "slo.budget_exhausted" if isinstance(left, int | float) and left <= 0 else "slo.policy_step"
    if action == "locales.save":
        goes = before.get("state") != after.get("state") and after.get("state") == "review"
        return "translation.review_waiting" if goes else None
    if action == "locales.extract":
        return "translation.new_strings" if after.get("added") else None
    return AUDIT.get(action)


def _title(subject: str, facts: Json) -> str:
    """Names only, no words: who reads it may speak another language."""
    name = subject.partition(":")[2] or subject
    title, environment = facts.get("title") or facts.get("name"), facts.get("environment")
    parts = [str(title) if title else name, *([str(environment)] if environment else [])]
    return " · ".join(parts)[:200]


def page_of(subject: str) -> str:
    kind, _, name = subject.partition(":")
    if kind == "own-webhook":
        return "/notifications/settings"
    if kind == "shop":
        return "/locales/"  # what was read of its sources waits there for translators
    if kind == "locale":
        return f"/locales/{name}/releases"
    if kind == "message":
        code, _, number = name.partition(":")
        return f"/locales/{code}/strings/{number}"
    return f"{PAGES[kind]}{name}" if kind in PAGES and name else ""


def locale_of(subject: str) -> str:
    kind, _, name = subject.partition(":")
    return name.partition(":")[0] if kind in ("locale", "message", "term") else ""


# --- the timeline -----------------------------------------------------------------------------------

# Those that nobody opened: by the beginning of their key.
INCIDENTS = {"blind": "monitoring.blind", "audit.broken": "audit.chain_broken"}
TIMELINE = {"deploy": "deploy.finished", "maintenance": "maintenance.planned"}


def of_timeline(before: Json | None, row: Json) -> Event | None:
    kind = _type_of_timeline(before, row)
    if kind not in TYPES:
        return None
    facts = row["facts"]
    at = row["ends_at"] if before is not None else row["at"]
    return Event(
        type=kind,
        at=datetime.fromisoformat(at),
        who=str(facts.get("who", "")),
        subject=row["subject"],
        title=row["title"],
        url=row["url"],
        environment=str(facts.get("environment", "")),
        locale=locale_of(row["subject"]),
        data={
            "kind": row["kind"],
            "detail": row["detail"],
            "starts_at": row["at"],
            "ends_at": row["ends_at"],
            **facts,
        },
    )


def _type_of_timeline(before: Json | None, row: Json) -> str:
    if row["kind"] == "alert":
        return "alert.fired" if before is None else "alert.resolved"
    if before is not None:
        return ""  # an end that was added later is told of alerts alone
    if row["event"]:
        return str(row["event"])
    if row["kind"] == "incident":
        return INCIDENTS.get(str(row["key"]).partition(":")[0], "")
    return TIMELINE.get(row["kind"], "")


def of_told(_before: Json | None, row: Json) -> Event | None:
    facts = row["facts"]
    return Event(
        type=row["event"],
        at=datetime.fromisoformat(row["at"]),
        who=str(facts.get("who", "")),
        subject=row["subject"],
        title=row["title"],
        url=row["url"],
        environment=str(facts.get("environment", "")),
        locale=locale_of(row["subject"]),
        data=facts,
    )


# --- the runs of jobs -------------------------------------------------------------------------------

BACKUPS = "backups."
STOPPED = "The scheduler stopped in mid-run"  # as app.jobs says it of runs that a restart cut off


def of_job(_before: Json | None, row: Json) -> Event | None:
    if row["said"].startswith(STOPPED):
        return None
    return Event(
        type="backup.failed" if row["job"].startswith(BACKUPS) else "job.failed",
        at=datetime.fromisoformat(row["finished_at"]),
        who=f"job:{row['job']}",
        subject=f"job:{row['job']}",
        title=row["job"],
        url=f"/jobs/{row['job']}",
        data={"job": row["job"], "said": row["said"][:500], "slot": row["slot"]},
    )


READERS: dict[str, Callable[[Json | None, Json], Event | None]] = {
    "audit": of_audit,
    "timeline": of_timeline,
    "told": of_told,
    "job": of_job,
}


# --- many at once -----------------------------------------------------------------------------------

# What a person may do to thousands of texts in one go is one event, with how many there were.
MERGED = ("translation.review_waiting", "translation.commented")


def merged(events: Iterable[Event]) -> list[Event]:
    """Those of MERGED together that are alike in type, locale and person, where the first of them stood."""
    groups: dict[object, list[Event]] = {}
    for number, event in enumerate(events):
        alike = (event.type, event.locale, event.who) if event.type in MERGED else number
        groups.setdefault(alike, []).append(event)
    return [_one_of(group) for group in groups.values()]


def _one_of(group: Sequence[Event]) -> Event:
    first = group[0]
    if len(group) == 1:
        return first
    subject, count = f"locale:{first.locale}", len(group)
    title, url = f"{first.locale} · {count}", f"/locales/{first.locale}"
    return replace(first, subject=subject, title=title, url=url, data={"count": count})


# --- who wants it -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """What an endpoint wants to hear of; an empty list is anything."""

    types: tuple[str, ...] = ()  # flag.changed, or flag.* for all of flags
    environments: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()  # flag:new-checkout, or flag:* for all

    def takes(self, event: Event) -> bool:
        """An event of no environment or locale in particular passes a filter of these."""
        return (
            _matches(self.types, event.type)
            and (not event.environment or _matches(self.environments, event.environment))
            and (not event.locale or _matches(self.locales, event.locale))
            and _matches(self.subjects, event.subject)
        )


def _matches(wanted: tuple[str, ...], value: str) -> bool:
    return not wanted or any(
        value == one or (one.endswith("*") and value.startswith(one[:-1])) for one in wanted
    )
