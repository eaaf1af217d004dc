"""An alert rule as people write it, and what it becomes for Prometheus. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from app.alerts import durations
from app.alerts.rules import promql
from app.errors import Refused

SEVERITIES = ("page", "ticket", "info")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,79}")
# Set by us, or by what routes, inhibits and groups.
OWN_LABELS = ("alertname", "severity", "owner", "rule", "slo", "window", "backroom_receiver")
MOST_LABELS = 20
LONGEST_EXPR = 10_000
LONGEST_TEXT = 1_000
LONGEST_LOOK_SECONDS = 32 * 86_400
LONGEST_HOLD_SECONDS = 7 * 86_400
EVERY_SECONDS = (5, 3_600)  # least and most
DEFAULT_EVERY = "1m"


@dataclass(frozen=True)
class Rule:
    key: str
    name: str  # becomes `alertname`
    expr: str  # fires for each series that it gives
    severity: str = "ticket"
    every_seconds: int = 60
    hold_seconds: int = 0  # Prometheus' `for`
    keep_firing_seconds: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    description: str = ""
    runbook: str = ""  # the name of one of ours, or an address
    owner: str = ""
    events: str = ""  # PromQL that counts what `min_events` is about
    min_events: int = 0
    is_enabled: bool = True

    @property
    def expression(self) -> str:
        """What Prometheus evaluates: quiet while there are fewer events than the minimum."""
        if not self.min_events:
            return self.expr
        return f"({self.expr})\nand on () (sum({self.events}) >= {self.min_events})"

    @property
    def all_labels(self) -> dict[str, str]:
        own = {"severity": self.severity, "rule": self.key} | ({"owner": self.owner} if self.owner else {})
        return {**self.labels, **own}

    @property
    def group(self) -> str:
        return f"{GROUP_PREFIX}{self.key}"


GROUP_PREFIX = "alert-"
RESERVED_KEYS = ("backtest", "templates")  # addresses of our own


def key_of(name: str) -> str:
    """CheckoutIsSlow → checkout-is-slow."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|\d+", name)
    return "-".join(part.lower() for part in parts)[:80]


class _Form:
    """Reads fields one by one and remembers what is wrong with each."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self.wrong: dict[str, object] = {}

    def text(self, name: str, most: int = LONGEST_TEXT) -> str:
        value = self._raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or "\x00" in value or not _is_whole(value):
            self.wrong[name] = _l("Give a text.")
            return ""
        if len(value) > most:
            self.wrong[name] = _l("Give at most %(most)s characters.", most=most)
        return value.replace("\r\n", "\n").strip()

    def needed(self, name: str, most: int = LONGEST_TEXT) -> str:
        value = self.text(name, most)
        if not value:
            self.wrong.setdefault(name, _l("This is needed."))
        return value

    def seconds(self, name: str, default: str, least: int, most: int) -> int:
        try:
            value = durations.read(str(self._raw.get(name) or default))
        except ValueError:
            value = -1
        if not least <= value <= most:
            self.wrong[name] = _l(
                "Give a length of time such as 5m or 1h30m, from %(least)s to %(most)s.",
                least=durations.write(least),
                most=durations.write(most),
            )
        return value

    def count(self, name: str, most: int) -> int:
        text = str(self._raw.get(name) or "0").strip()
        value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else -1
        if not 0 <= value <= most:
            self.wrong[name] = _l("Give a whole number from 0 to %(most)s.", most=most)
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._raw.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "on", "yes")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read(raw: Mapping[str, Any]) -> Rule:
    """A rule out of a form or JSON. Raises `Refused` with every wrong field at once."""
    form = _Form(raw)
    name = form.needed("name", 80)
    rule = Rule(
        key=form.text("key", 80) or key_of(name),
        name=name,
        expr=form.needed("expr", LONGEST_EXPR),
        severity=form.text("severity", 20) or "ticket",
        every_seconds=form.seconds("every", DEFAULT_EVERY, *EVERY_SECONDS),
        hold_seconds=form.seconds("for", "0", 0, LONGEST_HOLD_SECONDS),
        keep_firing_seconds=form.seconds("keep_firing_for", "0", 0, LONGEST_HOLD_SECONDS),
        labels=_labels(raw.get("labels"), form.wrong),
        summary=form.text("summary"),
        description=form.text("description"),
        runbook=form.text("runbook", 300),
        owner=form.text("owner", 100),
        events=form.text("events", LONGEST_EXPR),
        min_events=form.count("min_events", 1_000_000_000),
        is_enabled=form.flag("is_enabled", True),
    )
    for field_name, check in CHECKS.items():
        if field_name not in form.wrong and (why := check(rule)) is not None:
            form.wrong[field_name] = why
    if form.wrong:
        raise Refused(_l("The rule was not saved."), form.wrong)
    return rule


def _labels(raw: object, wrong: dict[str, object]) -> dict[str, str]:
    """A mapping, or lines such as `team=checkout`."""
    if isinstance(raw, str):
        pairs = [line.partition("=") for line in raw.splitlines() if line.strip()]
        raw = {name.strip(): value.strip().strip('"') for name, _, value in pairs}
    if raw is None:
        return {}
    if not isinstance(raw, Mapping) or len(raw) > MOST_LABELS:
        wrong["labels"] = _l("Give labels one a line, as name=value; at most %(most)s.", most=MOST_LABELS)
        return {}
    for name, value in raw.items():
        if why := _wrong_label(name, value):
            wrong["labels"] = why
    return {str(name): str(value) for name, value in raw.items()}


def _wrong_label(name: object, value: object) -> Any:
    if not isinstance(name, str) or not LABEL.fullmatch(name) or name.startswith("__"):
        return _l("%(name)s cannot be the name of a label.", name=str(name)[:80])
    if name in OWN_LABELS:
        return _l("The label %(name)s is set by the house itself.", name=name)
    if not isinstance(value, str) or not value or not _is_whole(value) or "\x00" in value:
        return _l("The label %(name)s has no value.", name=name)
    if "{{" in value:
        return _l("The label %(name)s must stay the same; put what changes into the summary.", name=name)
    return None


def _wrong_name(rule: Rule) -> Any:
    if NAME.fullmatch(rule.name):
        return None
    return _l("Start with a letter; then letters, digits and _ such as CheckoutIsSlow.")


def _wrong_key(rule: Rule) -> Any:
    if not NAME.fullmatch(rule.name):
        return None  # the key is made of it
    if rule.key in RESERVED_KEYS:
        return _l("This word is taken by a page. Choose another.")
    return None if KEY.fullmatch(rule.key) else _l("Use small letters, digits and dashes.")


def _wrong_severity(rule: Rule) -> Any:
    if rule.severity in SEVERITIES:
        return None
    return _l("Choose one of: %(kinds)s.", kinds=", ".join(SEVERITIES))


def _wrong_expr(rule: Rule) -> Any:
    if promql.longest_look_seconds(rule.expr) > LONGEST_LOOK_SECONDS:
        return _l("It looks back too far; at most %(most)s.", most=durations.write(LONGEST_LOOK_SECONDS))
    return None


def _wrong_events(rule: Rule) -> Any:
    if rule.min_events > 0 and not rule.events:
        return _l("Say what is counted, such as increase(shop_journeys_total[10m]).")
    if promql.longest_look_seconds(rule.events) > LONGEST_LOOK_SECONDS:
        return _l("It looks back too far; at most %(most)s.", most=durations.write(LONGEST_LOOK_SECONDS))
    return None


def _wrong_runbook(rule: Rule) -> Any:
    if not rule.runbook or KEY.fullmatch(rule.runbook):
        return None
    parts = urlsplit(rule.runbook)
    if parts.scheme in ("http", "https") and parts.hostname:
        return None
    return _l("Give the name of a runbook here, or an https:// address.")


CHECKS: dict[str, Callable[[Rule], Any]] = {
    "name": _wrong_name,
    "key": _wrong_key,
    "severity": _wrong_severity,
    "expr": _wrong_expr,
    "events": _wrong_events,
    "runbook": _wrong_runbook,
}


def as_dict(rule: Rule) -> dict[str, Any]:
    """As `read` takes it again: for forms, the API and the audit trail."""
    return {
        "key": rule.key,
        "name": rule.name,
        "expr": rule.expr,
        "severity": rule.severity,
        "every": durations.write(rule.every_seconds),
        "for": durations.write(rule.hold_seconds),
        "keep_firing_for": durations.write(rule.keep_firing_seconds),
        "labels": dict(rule.labels),
        "summary": rule.summary,
        "description": rule.description,
        "runbook": rule.runbook,
        "owner": rule.owner,
        "events": rule.events,
        "min_events": rule.min_events,
        "is_enabled": rule.is_enabled,
    }
