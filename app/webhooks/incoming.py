"""What other systems send, and the entry of the timeline that it is. Pure: no I/O, no clock.

Each kind has a reader: headers and JSON in, `Arrived` out. A message that is of no interest (a ping, a
deployment that is under way) is taken and says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Json = Mapping[str, Any]
Headers = Mapping[str, str]  # names in small letters
LONGEST = 200

# These systems make the secret themselves, and it is typed in here.
THEIR_SECRET = ("stripe",)
# These sign with the bytes that the secret is the base64 of.
KEYED = ("deploy", "signed")
KINDS: dict[str, Any] = {
    "deploy": _l("Deploys, as JSON"),
    "github": _l("GitHub: deployments and releases"),
    "gitlab": _l("GitLab: deployments and releases"),
    "alertmanager": _l("Another Alertmanager"),
    "stripe": _l("Stripe"),
    "signed": _l("Signed events of any system"),
}


@dataclass(frozen=True)
class Entry:
    """An entry of the timeline. With the same `key` again it is corrected."""

    kind: str
    title: str
    subject: str
    detail: str = ""
    url: str = ""
    event: str = ""
    at: datetime | None = None  # None: now
    ends_at: datetime | None = None
    key: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrived:
    message: str  # its id at the sender; the same id has no second effect
    entries: Sequence[Entry] = ()


def read(kind: str, headers: Headers, body: Any, raw: bytes) -> Arrived:
    """Raises `Refused` for what the kind does not send."""
    if not isinstance(body, dict):
        raise Refused(_l("Send a JSON object."))
    try:
        return READERS[kind](headers, body, hashlib.sha256(raw).hexdigest())
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise Refused(_l("This is not what such a source sends: %(why)s", why=str(error)[:200])) from error


# --- deploys ----------------------------------------------------------------------------------------


def deploy(headers: Headers, body: Json, digest: str) -> Arrived:
    """`{"id"?, "service", "version", "environment"?, "url"?, "author"?, "at"?}`"""
    service, version = _word(body, "service"), _word(body, "version")
    facts = {
        "service": service,
        "version": version,
        "environment": _optional(body, "environment"),
        "author": _optional(body, "author"),
    }
    at = datetime.fromisoformat(str(body["at"])) if body.get("at") else None
    if at is not None and at.tzinfo is None:
        raise ValueError("at has no time zone")
    entry = Entry(
        "deploy",
        _line(f"{service} {version}"),
        f"service:{service}",
        _detail(facts["environment"], facts["author"]),
        _link(body.get("url")),
        at=at,
        facts=facts,
    )
    return Arrived(_optional(body, "id") or headers["webhook-id"], (entry,))


def github(headers: Headers, body: Json, digest: str) -> Arrived:
    """Known by what was signed: the number of a delivery stands outside of the signature."""
    kind = headers.get("x-github-event", "")
    repository = str(body.get("repository", {}).get("full_name", ""))
    if kind == "deployment_status" and body["deployment_status"]["state"] == "success":
        deployment = body["deployment"]
        environment = str(body["deployment_status"].get("environment") or deployment.get("environment", ""))
        return Arrived(
            digest,
            (
                _deployed(
                    repository,
                    str(deployment.get("ref") or deployment["sha"][:12]),
                    environment,
                    str(deployment.get("creator", {}).get("login", "")),
                    body["deployment_status"].get("target_url") or body["deployment_status"].get("log_url"),
                ),
            ),
        )
    if kind == "release" and body["action"] == "published":
        release = body["release"]
        author = str(release.get("author", {}).get("login", ""))
        return Arrived(
            digest, (_deployed(repository, release["tag_name"], "", author, release.get("html_url")),)
        )
    return Arrived(digest)


def gitlab(headers: Headers, body: Json, digest: str) -> Arrived:
    message = (headers.get("idempotency-key") or headers.get("x-gitlab-event-uuid") or digest)[:LONGEST]
    kind = body.get("object_kind")
    project = str(body.get("project", {}).get("path_with_namespace", ""))
    if kind == "deployment" and body["status"] == "success":
        return Arrived(
            message,
            (
                _deployed(
                    project,
                    str(body.get("ref") or body.get("short_sha", "")),
                    str(body.get("environment", "")),
                    str(body.get("user", {}).get("username", "")),
                    body.get("deployable_url"),
                ),
            ),
        )
    if kind == "release" and body["action"] == "create":
        return Arrived(message, (_deployed(project, str(body["tag"]), "", "", body.get("url")),))
    return Arrived(message)


def _deployed(service: str, version: str, environment: str, author: str, url: Any) -> Entry:
    if not service or not version:
        raise ValueError("repository or version is missing")
    facts = {"service": service, "version": version, "environment": environment, "author": author}
    return Entry(
        "deploy",
        _line(f"{service} {version}"),
        f"service:{service[:LONGEST]}",
        _detail(environment, author),
        _link(url),
        facts=facts,
    )


# --- alerts of another Alertmanager -----------------------------------------------------------------


def alertmanager(headers: Headers, body: Json, digest: str) -> Arrived:
    """Its webhook payload, version "4". The same alert again corrects its entry, such as gives it an end."""
    alerts = body["alerts"]
    if body.get("version") != "4" or not isinstance(alerts, list) or len(alerts) > 200:
        raise ValueError("alerts or version")
    return Arrived(digest, tuple(_alert(alert) for alert in alerts))


def _alert(alert: Json) -> Entry:
    name = str(alert["labels"]["alertname"])
    starts_at = _moment(alert["startsAt"])
    is_over = {"firing": False, "resolved": True}[alert["status"]]
    return Entry(
        "alert",
        _line(str(alert.get("annotations", {}).get("summary") or name)),
        f"alert:{name[:LONGEST]}",
        url=_link(alert.get("generatorURL")),
        at=starts_at,
        ends_at=max(_moment(alert["endsAt"]), starts_at) if is_over else None,
        key=f"{alert['fingerprint']}:{starts_at.isoformat()}",
        facts={"severity": str(alert["labels"].get("severity", ""))},
    )


def _moment(text: Any) -> datetime:
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found.astimezone(UTC)


# --- Stripe -----------------------------------------------------------------------------------------

# Currencies without minor units, and with three digits of them: https://docs.stripe.com/currencies
NO_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF")
) | {"XOF", "XPF"}
THREE_DECIMALS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))

STRIPE = {
    "charge.dispute.created": ("incident", "Payment disputed", "payment.dispute_opened"),
    "charge.dispute.closed": ("note", "Dispute closed", "source.event"),
    "charge.refunded": ("note", "Payment refunded", "payment.refunded"),
    "payment_intent.payment_failed": ("note", "Payment failed", "payment.failed"),
    "payout.failed": ("incident", "Payout failed", "payment.payout_failed"),
}


def stripe(headers: Headers, body: Json, digest: str) -> Arrived:
    message, name = _word(body, "id"), _word(body, "type")
    if name not in STRIPE:
        return Arrived(message)
    kind, words, event = STRIPE[name]
    thing = body["data"]["object"]
    cents = thing["amount_refunded"] if name == "charge.refunded" else thing["amount"]
    currency = str(thing["currency"]).upper()
    amount = amount_of(cents, currency)
    reason = thing.get("reason") or thing.get("failure_code") or _failure(thing)
    facts = {"amount": str(amount), "currency": currency, "reason": str(reason or ""), "stripe_type": name}
    at = datetime.fromtimestamp(body["created"], UTC) if body.get("created") else None
    title = _line(f"{words}: {amount} {currency}")
    link = f"https://dashboard.stripe.com/{'' if body.get('livemode') else 'test/'}events/{message}"
    # An incident of Stripe's is over when it is told: it is a moment, nothing that goes on.
    entry = Entry(
        kind,
        title,
        f"payment:{str(thing['id'])[:LONGEST]}",
        _line(str(reason or "")),
        link,
        event,
        at,
        at if kind == "incident" else None,
        facts=facts,
    )
    return Arrived(message, (entry,))


def _failure(thing: Json) -> object:
    return (thing.get("last_payment_error") or {}).get("code")


def amount_of(minor: Any, currency: str) -> Decimal:
    """Stripe counts in the smallest unit of a currency."""
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise ValueError("amount")
    if len(currency) != 3 or not currency.isalpha():
        raise ValueError("currency")
    places = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    return Decimal(minor).scaleb(-places)


# --- anything signed --------------------------------------------------------------------------------


def signed(headers: Headers, body: Json, digest: str) -> Arrived:
    """`{"title", "kind"?, "subject"?, "detail"?, "url"?}`; its id is `webhook-id`."""
    kind = _optional(body, "kind") or "note"
    if kind not in ("note", "deploy", "maintenance", "incident"):
        raise ValueError("kind: note, deploy, maintenance or incident")
    entry = Entry(
        kind,
        _line(_word(body, "title")),
        _optional(body, "subject") or "event",
        _optional(body, "detail", 4_000),
        _link(body.get("url")),
        "" if kind in ("deploy", "maintenance") else "source.event",
        facts={"environment": _optional(body, "environment")},
    )
    return Arrived(headers["webhook-id"], (entry,))


READERS: dict[str, Callable[[Headers, Json, str], Arrived]] = {
    "deploy": deploy,
    "github": github,
    "gitlab": gitlab,
    "alertmanager": alertmanager,
    "stripe": stripe,
    "signed": signed,
}


def _word(body: Json, name: str) -> str:
    value = _optional(body, name)
    if not value:
        raise ValueError(f"{name} is missing")
    return value


def _optional(body: Json, name: str, most: int = LONGEST) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise ValueError(f"{name} is no text of at most {most} characters")
    value.encode()  # half a character cannot be kept
    return value.strip()


def _line(text: str) -> str:
    """One line that fits a title, in letters that can be kept."""
    return " ".join(text.replace("\x00", "").encode("utf-8", "replace").decode().split())[:LONGEST]


def _detail(*parts: str) -> str:
    return " · ".join(_line(part) for part in parts if part)


def _link(value: Any) -> str:
    """A link that a page may show; anything else is left out."""
    text = value if isinstance(value, str) else ""
    is_plain = text.startswith(("https://", "http://")) and text.isprintable() and len(text) <= 1_000
    return text if is_plain else ""
