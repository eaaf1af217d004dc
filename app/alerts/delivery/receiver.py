"""Kinds of receivers: what each asks for, which of that is secret, and what Alertmanager is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from app.errors import Refused

if TYPE_CHECKING:
    from flask_babel import LazyString

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
OURS = "backroom"  # the control plane's own webhook: always there
HIDDEN = "•••"
LONGEST = 1_000
Version = tuple[int, int]
TEAMS_SINCE: Version = (0, 26)


@dataclass(frozen=True)
class Field:
    name: str
    label: LazyString
    check: str = "text"  # text, url, number, mails
    is_secret: bool = False
    is_needed: bool = True
    hint: LazyString | str = ""


@dataclass(frozen=True)
class Kind:
    name: LazyString
    fields: tuple[Field, ...]


_ADDRESSES = _l("Addresses, separated by commas.")
_URL = _l("Address that the service gave you")
KINDS: dict[str, Kind] = {
    "email": Kind(_l("Mail"), (Field("to", _l("Mails to"), "mails", hint=_ADDRESSES),)),
    "slack": Kind(
        _l("Slack"),
        (Field("api_url", _URL, "url", True), Field("channel", _l("Channel"), hint="#alerts")),
    ),
    "teams": Kind(_l("Microsoft Teams"), (Field("webhook_url", _URL, "url", True),)),
    "discord": Kind(_l("Discord"), (Field("webhook_url", _URL, "url", True),)),
    "pagerduty": Kind(_l("PagerDuty"), (Field("routing_key", _l("Integration key"), is_secret=True),)),
    "opsgenie": Kind(
        _l("Opsgenie"),
        (
            Field("api_key", _l("API key"), is_secret=True),
            Field("api_url", _l("API address"), "url", is_needed=False, hint="https://api.eu.opsgenie.com/"),
        ),
    ),
    "telegram": Kind(
        _l("Telegram"),
        (Field("bot_token", _l("Bot token"), is_secret=True), Field("chat_id", _l("Chat"), "number")),
    ),
    "webhook": Kind(
        _l("Webhook"),
        (
            Field("url", _l("Address"), "url"),
            Field("token", _l("Bearer token"), is_secret=True, is_needed=False),
        ),
    ),
}


@dataclass(frozen=True)
class Receiver:
    name: str
    kind: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    send_resolved: bool = True

    @property
    def masked(self) -> dict[str, str]:
        return {**self.settings, **dict.fromkeys(self.secrets, HIDDEN)}


def read(raw: Mapping[str, Any], before: Receiver | None = None) -> Receiver:
    """Out of a form or JSON. A secret left empty or masked stays what it was."""
    wrong: dict[str, object] = {}
    name, kind = str(raw.get("name") or "").strip(), str(raw.get("kind") or "")
    if not NAME.fullmatch(name) or name.startswith(OURS):
        wrong["name"] = _l("Use small letters, digits and dashes; names that begin with backroom are ours.")
    if kind not in KINDS:
        wrong["kind"] = _l("Choose one of: %(kinds)s.", kinds=", ".join(KINDS))
        raise Refused(_NOT_SAVED, wrong)
    old = before.secrets if before is not None and before.kind == kind else {}
    values = {one.name: _value(raw, one, old) for one in KINDS[kind].fields}
    for one in KINDS[kind].fields:
        if why := _wrong(one, values[one.name]):
            wrong[one.name] = why
    if wrong:
        raise Refused(_NOT_SAVED, wrong)
    given = {one.name: one.is_secret for one in KINDS[kind].fields if values[one.name]}
    return Receiver(
        name,
        kind,
        {key: values[key] for key, is_secret in given.items() if not is_secret},
        {key: values[key] for key, is_secret in given.items() if is_secret},
        _is_on(raw.get("send_resolved", True)),
    )


_NOT_SAVED = _l("The receiver was not saved.")


def _value(raw: Mapping[str, Any], one: Field, old: Mapping[str, str]) -> str:
    text = str(raw.get(one.name) or "").strip()
    return old.get(one.name, "") if one.is_secret and text in ("", HIDDEN) else text


def _is_on(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("1", "true", "on", "yes")


def _wrong(one: Field, value: str) -> Any:
    if not value:
        return _l("This is needed.") if one.is_needed else None
    if len(value) > LONGEST or any(ord(sign) < 32 for sign in value):
        return _l("Give at most %(most)s characters.", most=LONGEST)
    return CHECKS[one.check](value)


def _wrong_url(value: str) -> Any:
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        is_good = is_good and not _is_link_local(parts.hostname or "")
    except ValueError:
        is_good = False
    return None if is_good and " " not in value else _l("Give an https:// address.")


def _is_link_local(host: str) -> bool:
    """Where clouds keep their credentials; nobody is alerted there."""
    try:
        return ip_address(int(host) if host.isdecimal() else host).is_link_local
    except ValueError:
        return False


def _wrong_number(value: str) -> Any:
    return None if re.fullmatch(r"-?[0-9]{1,18}", value) else _l("Give a number.")


def _wrong_mails(value: str) -> Any:
    is_good = all(re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", part.strip()) for part in value.split(","))
    return None if is_good else _l("Give mail addresses, separated by commas.")


CHECKS: dict[str, Callable[[str], Any]] = {
    "text": lambda value: None,
    "url": _wrong_url,
    "number": _wrong_number,
    "mails": _wrong_mails,
}


def integration(receiver: Receiver, version: Version | None) -> dict[str, Any]:
    """The receiver as Alertmanager's configuration has it. `version`: of the one that runs; None: unknown."""
    values = {**receiver.settings, **receiver.secrets}
    made = {"send_resolved": receiver.send_resolved}
    match receiver.kind:
        case "email":
            return {"email_configs": [{"to": values["to"], **made}]}
        case "slack":
            return {"slack_configs": [{"api_url": values["api_url"], "channel": values["channel"], **made}]}
        case "teams" if version is not None and version >= TEAMS_SINCE:
            return {"msteams_configs": [{"webhook_url": values["webhook_url"], **made}]}
        case "teams":
            return {"webhook_configs": [{"url": values["webhook_url"], **made}]}
        case "discord":
            return {"discord_configs": [{"webhook_url": values["webhook_url"], **made}]}
        case "pagerduty":
            return {"pagerduty_configs": [{"routing_key": values["routing_key"], **made}]}
        case "opsgenie":
            url = {"api_url": values["api_url"]} if "api_url" in values else {}
            return {"opsgenie_configs": [{"api_key": values["api_key"], **url, **made}]}
        case "telegram":
            chat = int(values["chat_id"])
            return {"telegram_configs": [{"bot_token": values["bot_token"], "chat_id": chat, **made}]}
        case _:
            return {"webhook_configs": [_webhook(values["url"], values.get("token"), receiver.send_resolved)]}


def _webhook(url: str, token: str | None, send_resolved: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"url": url, "send_resolved": send_resolved}
    if token:
        made["http_config"] = {"authorization": {"type": "Bearer", "credentials": token}}
    return made


# What Alertmanager counts its deliveries under.
INTEGRATION_OF = {
    "email": ("email",),
    "slack": ("slack",),
    "teams": ("webhook", "msteams"),
    "discord": ("discord",),
    "pagerduty": ("pagerduty",),
    "opsgenie": ("opsgenie",),
    "telegram": ("telegram",),
    "webhook": ("webhook",),
}
