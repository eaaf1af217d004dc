"""What an incident is, who may say what about it, and what follows for shoppers. Pure.

An incident is one trouble of the shop, opened by a person, often from an alert. Its state moves between
investigating, identified and monitoring as people learn more; resolved is its end. The durations that a
review asks for come from the moments that are kept: it began, was noticed, taken, stopped, was over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused

MOST_TITLE = 160
MOST_TEXT = 4_000
LONGEST_BACK = timedelta(days=30)  # an incident that is only found now may have begun so long ago


@dataclass(frozen=True)
class Severity:
    word: LazyString
    about: LazyString
    tone: str  # a state of app/ui/states.py
    update_every: timedelta  # how often people are promised news while it lasts


SEVERITIES: dict[str, Severity] = {
    "critical": Severity(
        _l("critical"), _l("Shoppers cannot buy, or data is at risk"), "exhausted", timedelta(minutes=30)
    ),
    "major": Severity(
        _l("major"), _l("An important part fails for many shoppers"), "burning", timedelta(hours=1)
    ),
    "minor": Severity(_l("minor"), _l("Something is worse, and most can go on"), "risk", timedelta(hours=4)),
}


@dataclass(frozen=True)
class Procedure:
    word: LazyString
    runbook: str  # whose steps become the incident's check-list
    is_public: bool  # what the form proposes: a security incident is not told before it is understood


PROCEDURES: dict[str, Procedure] = {
    "failure": Procedure(_l("System failure"), "system-failure", True),
    "security": Procedure(_l("Security incident"), "security-incident", False),
    "performance": Procedure(_l("Performance problem"), "performance-problem", True),
}

STATES: dict[str, LazyString] = {
    "investigating": _l("investigating"),
    "identified": _l("cause identified"),
    "monitoring": _l("mitigated, being watched"),
    "resolved": _l("resolved"),
}
OPEN_STATES = ("investigating", "identified", "monitoring")

# What shoppers know the shop by.
COMPONENTS: dict[str, LazyString] = {
    "browsing": _l("Browsing and search"),
    "cart": _l("Cart"),
    "checkout": _l("Checkout"),
    "payments": _l("Payments"),
    "accounts": _l("Accounts"),
    "mail": _l("Mails"),
}

# Worst last.
IMPACTS: dict[str, LazyString] = {
    "ok": _l("works"),
    "degraded": _l("slower or limited"),
    "partial": _l("fails for some"),
    "down": _l("does not work"),
}
IMPACT_ORDER = tuple(IMPACTS)
IMPACT_STATES = {"ok": "ok", "degraded": "risk", "partial": "burning", "down": "exhausted"}

ROLES: dict[str, LazyString] = {
    "lead": _l("Leads"),
    "communication": _l("Tells people"),
    "scribe": _l("Writes it down"),
}


@dataclass(frozen=True)
class Opening:
    """What somebody says when an incident is opened."""

    title: str
    severity: str
    procedure: str
    started_at: datetime
    components: Mapping[str, str] = field(default_factory=dict)  # component → impact, only what is not ok
    is_public: bool = False
    public_text: str = ""  # what shoppers read first; needed when it is public


@dataclass(frozen=True)
class Update:
    state: str
    text: str
    is_public: bool


def read_opening(form: Mapping[str, str], started_at: datetime | None, now: datetime) -> Opening:
    """What the form or the API says. `started_at` None: now. Raises `Refused` with a reason a field."""
    wrong: dict[str, object] = {}
    title = _text(form.get("title", ""), MOST_TITLE, "title", wrong, is_needed=True)
    severity = _one_of(form.get("severity", ""), SEVERITIES, "severity", wrong)
    procedure = _one_of(form.get("procedure", ""), PROCEDURES, "procedure", wrong)
    began = started_at or now
    if why := not_begun(began, now):
        wrong["started_at"] = why
    is_public = form.get("is_public", "") == "1"
    public_text = _text(form.get("public_text", ""), MOST_TEXT, "public_text", wrong, is_needed=is_public)
    components = read_components(form, wrong)
    _refuse(wrong, _l("The incident was not opened."))
    return Opening(title, severity, procedure, began, components, is_public, public_text)


def not_begun(at: datetime, now: datetime) -> LazyString | None:
    """Why an incident cannot have begun at this moment; None: it can."""
    if at > now:
        return _l("This lies in the future.")
    if now - at > LONGEST_BACK:
        return _l("Give a moment of the last %(days)s days.", days=LONGEST_BACK.days)
    return None


def read_components(form: Mapping[str, str], wrong: dict[str, object]) -> dict[str, str]:
    """Fields `impact_<component>`; those that work are left out."""
    found = {}
    for component in COMPONENTS:
        impact = form.get(f"impact_{component}", "ok") or "ok"
        if impact not in IMPACTS:
            wrong[f"impact_{component}"] = _l("Choose one of the list.")
        elif impact != "ok":
            found[component] = impact
    return found


def read_update(form: Mapping[str, str]) -> Update:
    wrong: dict[str, object] = {}
    state = _one_of(form.get("state", ""), OPEN_STATES, "state", wrong)
    text = _text(form.get("text", ""), MOST_TEXT, "text", wrong, is_needed=True)
    _refuse(wrong, _l("The update was not saved."))
    return Update(state, text, form.get("is_public", "") == "1")


def read_text(form: Mapping[str, str], name: str, is_needed: bool = False, most: int = MOST_TEXT) -> str:
    wrong: dict[str, object] = {}
    found = _text(form.get(name, ""), most, name, wrong, is_needed)
    _refuse(wrong, _l("Nothing was saved."))
    return found


def read_due(text: str) -> date | None:
    """ISO date or empty."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong = _l("Give a date such as 2026-01-31.")
        raise Refused(_l("The action was not saved."), {"due_on": wrong}) from None


def _text(raw: str, most: int, name: str, wrong: dict[str, object], is_needed: bool = False) -> str:
    text = raw.replace("\x00", "").encode("utf-8", "ignore").decode().strip()
    if is_needed and not text:
        wrong[name] = _l("This is needed.")
    elif len(text) > most:
        wrong[name] = _l("Give at most %(most)s characters.", most=most)
    return text


def _one_of(value: str, known: Iterable[str], name: str, wrong: dict[str, object]) -> str:
    if value not in known:
        wrong[name] = _l("Choose one of the list.")
    return value


def _refuse(wrong: dict[str, object], message: object) -> None:
    if wrong:
        raise Refused(message, wrong)


def worst(impacts: Iterable[str]) -> str:
    return max(impacts, key=IMPACT_ORDER.index, default="ok")


@dataclass(frozen=True)
class Moments:
    """When what happened; None: not yet."""

    started_at: datetime  # shoppers began to feel it
    opened_at: datetime  # somebody said so here
    taken_at: datetime | None = None  # somebody leads
    mitigated_at: datetime | None = None  # first time that it was stopped, by whatever means
    resolved_at: datetime | None = None

    @property
    def to_notice(self) -> timedelta:
        return self.opened_at - self.started_at

    @property
    def to_take(self) -> timedelta | None:
        return self.taken_at - self.opened_at if self.taken_at else None

    @property
    def to_mitigate(self) -> timedelta | None:
        stopped = self.mitigated_at or self.resolved_at
        return stopped - self.started_at if stopped else None

    @property
    def to_resolve(self) -> timedelta | None:
        return self.resolved_at - self.started_at if self.resolved_at else None


def news_due(severity: str, last_told_at: datetime) -> datetime:
    """By when people were promised to hear more."""
    return last_told_at + SEVERITIES[severity].update_every


@dataclass(frozen=True)
class Trouble:
    """What the public knows of one incident: which parts were how bad, and when."""

    started_at: datetime
    ended_at: datetime | None
    components: Mapping[str, str]


def state_now(troubles: Iterable[Trouble]) -> dict[str, str]:
    """Each component's impact at this moment: the worst of all incidents that go on."""
    going_on = [trouble for trouble in troubles if trouble.ended_at is None]
    return {
        component: worst(trouble.components.get(component, "ok") for trouble in going_on)
        for component in COMPONENTS
    }


def by_day(troubles: Iterable[Trouble], last: date, days: int) -> list[tuple[date, str]]:
    """The worst impact of each of `days` days (UTC) up to `last`, oldest first."""
    span = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    told = list(troubles)
    return [(day, worst(_impact_on(day, trouble) for trouble in told)) for day in span]


def _impact_on(day: date, trouble: Trouble) -> str:
    ended = trouble.ended_at.date() if trouble.ended_at else day
    if not trouble.started_at.date() <= day <= ended:
        return "ok"
    return worst(trouble.components.values())
