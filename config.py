"""Every setting of both services, read once from the environment at start.

A wrong or missing value stops the start with its name and what is allowed; nothing else in the
code reads the environment. `.env.example` lists the same names, one line each.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

T = TypeVar("T")

ENVIRONMENTS = ("production", "development", "test")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("logfmt", "json")
ROOT = Path(__file__).parent


class WrongSetting(SystemExit):
    """A setting that stops the start. The message names the setting and the allowed values."""

    def __init__(self, name: str, value: str | None, allowed: str) -> None:
        had = "is not set" if value is None else f"has the wrong value {value!r}"
        super().__init__(f"Setting {name} {had}. Allowed: {allowed}.")
        self.name = name


@dataclass(frozen=True)
class Setting:
    """One name in the environment: how it is read and the line that documents it."""

    name: str
    about: str
    allowed: str
    default: str | None  # None: must be given
    read: Callable[[str], object]


def _one_of(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError
        return text

    return read


def _url(*schemes: str, optional: bool = False) -> Callable[[str], str]:
    def read(text: str) -> str:
        if optional and not text:
            return text
        parts = urlsplit(text)
        if parts.scheme not in schemes or not (parts.hostname or parts.path):
            raise ValueError
        return text.rstrip("/")

    return read


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return read


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ValueError
    return value


def _flag(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


def _secret(text: str) -> str:
    if len(text) < 16:
        raise ValueError
    return text


def _optional_secret(text: str) -> str:
    return _secret(text) if text else ""


def _keys(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found or any(len(key) < 32 for key in found):
        raise ValueError
    return found


def _contact(text: str) -> str:
    if text and (not text.startswith(("mailto:", "https://")) or any(sign.isspace() for sign in text)):
        raise ValueError
    return text


def _pairs(text: str) -> str:
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not name.strip() or not sign for name, sign, _ in parts):
        raise ValueError
    return text


def _release(text: str) -> str:
    if len(text) > 64 or not all(sign.isalnum() or sign in "._+-" for sign in text):
        raise ValueError
    return text


def revision(checkout: Path = ROOT) -> str:
    """The short git revision of a checkout, read without git; empty where there is none."""
    git = checkout / ".git"
    if git.is_file():  # a work tree beside its repository
        git = checkout / git.read_text().removeprefix("gitdir:").strip()
    if not (git / "HEAD").is_file():
        return ""
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref:"):
        return head[:12]
    name = head.removeprefix("ref:").strip()
    common = git / (git / "commondir").read_text().strip() if (git / "commondir").is_file() else git
    if (common / name).is_file():
        return (common / name).read_text().strip()[:12]
    packed = (common / "packed-refs").read_text().splitlines() if (common / "packed-refs").is_file() else []
    return next((line[:12] for line in packed if line.endswith(f" {name}")), "")


def _keep(text: str) -> tuple[int, int, int]:
    daily, weekly, monthly = (int(part) for part in text.split(","))
    if not (1 <= daily <= 1000 and 0 <= weekly <= 1000 and 0 <= monthly <= 1000):
        raise ValueError
    return daily, weekly, monthly


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


def _locales(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found or any(not all(c.isalnum() or c == "-" for c in part) for part in found):
        raise ValueError
    return found


def _currency(text: str) -> str:
    if len(text) != 3 or not text.isalpha() or not text.isupper():
        raise ValueError
    return text


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError
    return text


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _origins(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if found != ("*",):
        for origin in found:
            parts = urlsplit(origin)
            if origin != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in ("http", "https"):
                raise ValueError
    return found


HTTP = ("http", "https")
POSTGRES = ("postgresql+psycopg",)
REDIS = ("redis", "rediss", "unix")

COMMON = (
    Setting(
        "ENVIRONMENT",
        "what this installation is for",
        "production, development or test",
        "production",
        _one_of(*ENVIRONMENTS),
    ),
    Setting(
        "LOG_LEVEL",
        "least serious log line that is written",
        ", ".join(LOG_LEVELS),
        "info",
        _one_of(*LOG_LEVELS),
    ),
    Setting(
        "LOG_FORMAT",
        "how log lines are written; empty: json in production, logfmt elsewhere",
        ", ".join(LOG_FORMATS) + " or empty",
        "",
        _one_of("", *LOG_FORMATS),
    ),
    Setting(
        "RELEASE",
        "name of what is deployed, in logs, errors and traces; empty: the git revision, where there is one",
        "letters, digits and ._+- or empty",
        "",
        _release,
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "collector that takes traces by OTLP over HTTP; empty: nothing is traced",
        "http://, https:// or empty",
        "",
        _url(*HTTP, optional=True),
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "headers for the collector, such as its key",
        "name=value with commas between them, or empty",
        "",
        _pairs,
    ),
    Setting(
        "OTEL_SERVICE_NAME",
        "name of the service in traces; empty: control, scheduler, shop or worker",
        "a name or empty",
        "",
        str,
    ),
    Setting(
        "OTEL_RESOURCE_ATTRIBUTES",
        "what else describes this installation in traces",
        "name=value with commas between them, or empty",
        "",
        _pairs,
    ),
    Setting("OTEL_TRACES_SAMPLER_ARG", "share of traces that are kept", "0 to 1", "1", _number(0, 1)),
    Setting(
        "SECRET_KEY",
        "signs cookies and form tokens; the same for all processes",
        "16 characters or more",
        None,
        _secret,
    ),
    Setting("SECURE_COOKIES", "send cookies over HTTPS only", "1 or 0", "1", _flag),
    Setting(
        "TRUSTED_PROXIES",
        "how many reverse proxies in front may set X-Forwarded-* headers",
        "0 to 5",
        "0",
        lambda text: int(_number(0, 5)(text)),
    ),
    Setting(
        "METRICS_ADDRESS",
        "address that the scheduler and the worker serve /metrics on",
        "an IP address",
        "127.0.0.1",
        str,
    ),
    Setting(
        "REDIS_URL",
        "cache, sessions, live counters and nudges",
        "redis://, rediss:// or unix://",
        None,
        _url(*REDIS),
    ),
    Setting(
        "SMTP_URL",
        "mail server; empty: mails are written into MAIL_DIR",
        "smtp://[user:password@]host:port, smtps://… or empty",
        "",
        _url("smtp", "smtps", optional=True),
    ),
    Setting("MAIL_DIR", "folder for mails as .eml files", "a folder's path", "data/mail", Path),
    Setting(
        "OUTLINE_SECRET",
        "signs the links by which translators see a string outlined in the shop; empty: there are none",
        "16 characters or more, or empty",
        "",
        _optional_secret,
    ),
    Setting(
        "METRICS_TOKEN",
        "bearer token that /metrics and the details of /readyz ask for; empty: they are open",
        "16 characters or more, or empty",
        "",
        _optional_secret,
    ),
    Setting(
        "SECURITY_CONTACT",
        "where to report a weakness, told in /.well-known/security.txt; empty: there is no such file",
        "mailto:…, https://… or empty",
        "",
        _contact,
    ),
    Setting(
        "USAGE_KEEP_MONTHS",
        "how many whole months of usage events are kept; what was computed of older ones stays",
        "1 to 1200",
        "13",
        lambda text: int(_number(1, 1200)(text)),
    ),
)

CONTROL_PLANE = (
    *COMMON,
    Setting(
        "CONTROL_DATABASE_URL",
        "the control plane's own database",
        "postgresql+psycopg://…",
        None,
        _url(*POSTGRES),
    ),
    Setting(
        "REPORTING_DATABASE_URL",
        "the shop's database by a role that may only read its schema reporting",
        "postgresql+psycopg://…",
        None,
        _url(*POSTGRES),
    ),
    Setting(
        "ENCRYPTION_KEYS",
        "seal secrets in the database; to change it put the new one first, then: backroom secrets rotate",
        "texts of 32 characters or more with commas between them; the first seals, all of them open",
        None,
        _keys,
    ),
    Setting(
        "BACKUP_DIR",
        "folder that sealed backups are written into; empty: none are made",
        "a folder's path or empty",
        "",
        _optional_path,
    ),
    Setting(
        "BACKUP_SHOP_DATABASE_URL",
        "the shop's database by the role that owns it, to be saved as well; empty: it is not",
        "postgresql+psycopg://… or empty",
        "",
        _url(*POSTGRES, optional=True),
    ),
    Setting(
        "BACKUP_HOUR",
        "hour (UTC) at which the daily backup is due",
        "0 to 23",
        "3",
        lambda text: int(_number(0, 23)(text)),
    ),
    Setting(
        "BACKUP_KEEP",
        "how many days, weeks and months keep their newest backup",
        "three numbers from 0 to 1000 with commas between them, the first 1 or more",
        "7,4,12",
        _keep,
    ),
    Setting(
        "BACKUP_STALE_HOURS",
        "age of the newest proven backup from which on an alert fires",
        "1 to 8760",
        "30",
        lambda text: int(_number(1, 8760)(text)),
    ),
    Setting(
        "PG_BIN",
        "folder of pg_dump and pg_restore, as new as the server or newer; empty: where PATH finds them",
        "a folder's path or empty",
        "",
        str,
    ),
    Setting("PROMETHEUS_URL", "any PromQL endpoint", "http:// or https://", None, _url(*HTTP)),
    Setting("ALERTMANAGER_URL", "Alertmanager's API", "http:// or https://", None, _url(*HTTP)),
    Setting(
        "RULES_DIR",
        "folder that Prometheus loads rule files from; empty: rules are not written",
        "a folder's path or empty",
        "",
        _optional_path,
    ),
    Setting(
        "RULER_URL",
        "a ruler's API that takes rules in place of a folder, such as …/prometheus/config/v1/rules of Mimir",
        "http://, https:// or empty",
        "",
        _url(*HTTP, optional=True),
    ),
    Setting(
        "RULER_TENANT", "tenant that the ruler's rules belong to (X-Scope-OrgID)", "a name or empty", "", str
    ),
    Setting(
        "PROMTOOL",
        "the promtool that checks rules before they are written",
        "a path or command",
        "promtool",
        str,
    ),
    Setting(
        "ALERTMANAGER_CONFIG",
        "Alertmanager's configuration file, which is written here; empty: it is not written",
        "a file's path or empty",
        "",
        _optional_path,
    ),
    Setting(
        "AMTOOL",
        "the amtool that checks the configuration before it is written",
        "a path or command",
        "amtool",
        str,
    ),
    Setting(
        "ALERT_WEBHOOK_URL",
        "where Alertmanager reaches the control plane; empty: CONTROL_URL",
        "http://, https:// or empty",
        "",
        _url(*HTTP, optional=True),
    ),
    Setting("CONTROL_URL", "where people reach the control plane", "http:// or https://", None, _url(*HTTP)),
    Setting("SHOP_URL", "where shoppers reach the shop", "http:// or https://", None, _url(*HTTP)),
    Setting(
        "ALERT_WEBHOOK_TOKEN",
        "bearer token that Alertmanager's webhook sends",
        "16 characters or more",
        None,
        _secret,
    ),
    Setting(
        "CONTROL_MAIL_FROM",
        "sender of the control plane's mails",
        "an address",
        "Backroom <backroom@hearth-and-ladle.example>",
        str,
    ),
    Setting(
        "FLAG_ORIGINS",
        "web origins whose browsers may ask for flags",
        "origins such as https://shop.example,https://app.example, or *",
        "*",
        _origins,
    ),
    Setting(
        "API_ORIGINS",
        "web origins whose browsers may use the API with a token; empty: none",
        "origins such as https://tool.example, or empty",
        "",
        _origins,
    ),
    Setting(
        "API_RATE_LIMIT",
        "units a minute for each person and token at the API; a read takes one, a write two",
        "10 to 1000000",
        "1200",
        lambda text: int(_number(10, 1_000_000)(text)),
    ),
    Setting(
        "API_RATE_LIMIT_ANONYMOUS",
        "the same for each address that sends no token which is good",
        "10 to 1000000",
        "120",
        lambda text: int(_number(10, 1_000_000)(text)),
    ),
    Setting(
        "FLAG_FETCH_MODE",
        "what SDKs that heed it are told to do; empty: as each was set up",
        "streaming, polling or empty",
        "",
        _one_of("", "streaming", "polling"),
    ),
    Setting(
        "KPI_TIME_ZONE",
        "the time zone whose days are the days of KPIs",
        "a name such as Europe/Berlin",
        "UTC",
        _time_zone,
    ),
    Setting(
        "KPI_CURRENCY",
        "currency of money where several are sold in",
        "three capital letters",
        "EUR",
        _currency,
    ),
    Setting(
        "AUDIT_KEEP_DAYS",
        "how many days of the audit trail are kept; 0: all of it, for ever",
        "0 to 36500",
        "400",
        lambda text: int(_number(0, 36_500)(text)),
    ),
    Setting(
        "ADMIN_NEEDS_TWO",
        "whether another admin must agree before somebody becomes one",
        "1 or 0",
        "0",
        _flag,
    ),
    Setting(
        "WEBHOOK_ALLOWED_NETWORKS",
        "private networks that webhooks may reach in spite of being private, also without TLS; empty: none",
        "networks such as 10.1.2.0/24,fd00::/64, or empty",
        "",
        _networks,
    ),
    Setting(
        "SCHEDULER_METRICS_PORT",
        "port of the scheduler's /metrics; 0: any free one",
        "0 to 65535",
        "9102",
        _port,
    ),
)

STOREFRONT = (
    *COMMON,
    Setting("SHOP_DATABASE_URL", "the shop's database", "postgresql+psycopg://…", None, _url(*POSTGRES)),
    Setting(
        "BROKER_URL",
        "queue of the worker; empty: REDIS_URL",
        "redis://, rediss://, amqp://, amqps:// or empty",
        "",
        _url(*REDIS, "amqp", "amqps", optional=True),
    ),
    Setting("GATEWAY_URL", "the payment gateway", "http:// or https://", None, _url(*HTTP)),
    Setting(
        "GATEWAY_SECRET", "shared secret with the payment gateway", "16 characters or more", None, _secret
    ),
    Setting(
        "FLAGS_URL",
        "any Unleash-compatible API, ending in /api; empty: every flag is off",
        "http://, https:// or empty",
        "",
        _url(*HTTP, optional=True),
    ),
    Setting("FLAGS_TOKEN", "client token for flags and catalogs", "a client token or empty", "", str),
    Setting(
        "FLAGS_STREAMING",
        "follow flags by a stream, and poll only while there is none; 0: always poll",
        "1 or 0",
        "1",
        _flag,
    ),
    Setting("FLAGS_POLL_SECONDS", "how often flags are asked for", "0.5 to 3600", "5", _number(0.5, 3600)),
    Setting(
        "CATALOGS_URL",
        "where published translations are fetched; empty: what ships is shown",
        "http://, https:// or empty",
        "",
        _url(*HTTP, optional=True),
    ),
    Setting(
        "CATALOGS_POLL_SECONDS", "how often catalogs are asked for", "0.5 to 3600", "5", _number(0.5, 3600)
    ),
    Setting("SHOP_DATA_DIR", "last good flags and catalogs are kept here", "a folder's path", "data", Path),
    Setting("SHOP_URL", "where shoppers reach the shop", "http:// or https://", None, _url(*HTTP)),
    Setting(
        "SHOP_LOCALES",
        "locales on offer, the default first",
        "codes such as en,de,pt-BR",
        "en,de,fr,es,pl,pt-BR,ja,ar",
        _locales,
    ),
    Setting(
        "SHOP_LISTED_COVERAGE",
        "share of a page that must be translated before search engines hear of it in a locale",
        "0 to 1",
        "0.9",
        _number(0, 1),
    ),
    Setting(
        "SHOP_CURRENCY", "currency that orders are charged in", "three capital letters", "EUR", _currency
    ),
    Setting(
        "MAIL_FROM",
        "sender of the shop's mails",
        "an address",
        "Hearth & Ladle <shop@hearth-and-ladle.example>",
        str,
    ),
    Setting(
        "WORKER_METRICS_PORT", "port of the worker's /metrics; 0: any free one", "0 to 65535", "9101", _port
    ),
)


@dataclass(frozen=True)
class CommonConfig:
    environment: str
    log_level: str
    secret_key: str = field(repr=False)
    secure_cookies: bool
    trusted_proxies: int
    redis_url: str
    smtp_url: str = field(repr=False)
    mail_dir: Path


@dataclass(frozen=True)
class ControlPlaneConfig(CommonConfig):
    control_database_url: str = field(repr=False)
    reporting_database_url: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    prometheus_url: str
    alertmanager_url: str
    rules_dir: Path | None
    promtool: str
    alertmanager_config: Path | None
    amtool: str
    alert_webhook_url: str
    control_url: str
    shop_url: str
    alert_webhook_token: str = field(repr=False)
    control_mail_from: str
    metrics_address: str
    scheduler_metrics_port: int
    flag_fetch_mode: str = ""
    flag_origins: tuple[str, ...] = ("*",)
    api_origins: tuple[str, ...] = ()
    api_rate_limit: int = 1_200
    api_rate_limit_anonymous: int = 120
    ruler_url: str = ""
    ruler_tenant: str = ""
    outline_secret: str = field(default="", repr=False)
    kpi_time_zone: str = "UTC"
    kpi_currency: str = "EUR"
    usage_keep_months: int = 13
    metrics_token: str = field(default="", repr=False)
    security_contact: str = ""
    log_format: str = "logfmt"
    release: str = ""
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_headers: str = field(default="", repr=False)
    otel_service_name: str = ""
    otel_resource_attributes: str = ""
    otel_traces_sampler_arg: float = 1.0
    backup_dir: Path | None = None
    backup_shop_database_url: str = field(default="", repr=False)
    backup_hour: int = 3
    backup_keep: tuple[int, int, int] = (7, 4, 12)
    backup_stale_hours: int = 30
    pg_bin: str = ""
    audit_keep_days: int = 400
    admin_needs_two: bool = False
    webhook_allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True)
class StorefrontConfig(CommonConfig):
    shop_database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    gateway_url: str
    gateway_secret: str = field(repr=False)
    flags_url: str
    flags_token: str = field(repr=False)
    flags_poll_seconds: float
    catalogs_url: str
    catalogs_poll_seconds: float
    data_dir: Path
    shop_url: str
    locales: tuple[str, ...]
    currency: str
    mail_from: str
    metrics_address: str
    worker_metrics_port: int
    flags_streaming: bool = True
    outline_secret: str = field(default="", repr=False)
    usage_keep_months: int = 13
    metrics_token: str = field(default="", repr=False)
    security_contact: str = ""
    listed_coverage: float = 0.9
    log_format: str = "logfmt"
    release: str = ""
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_headers: str = field(default="", repr=False)
    otel_service_name: str = ""
    otel_resource_attributes: str = ""
    otel_traces_sampler_arg: float = 1.0


# Where a field's name is not simply the setting's name in small letters.
FIELD_OF = {
    "SHOP_DATA_DIR": "data_dir",
    "SHOP_LOCALES": "locales",
    "SHOP_CURRENCY": "currency",
    "SHOP_LISTED_COVERAGE": "listed_coverage",
}


def _read(settings: tuple[Setting, ...], environ: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for setting in settings:
        text = environ.get(setting.name, setting.default)
        if text is None:
            raise WrongSetting(setting.name, None, setting.allowed)
        try:
            value = setting.read(text)
        except (ValueError, KeyError):
            raise WrongSetting(setting.name, text, setting.allowed) from None
        values[FIELD_OF.get(setting.name, setting.name.lower())] = value
    values["log_format"] = values["log_format"] or _usual_format(str(values["environment"]))
    values["release"] = values["release"] or revision()
    return values


def _usual_format(environment: str) -> str:
    return "json" if environment == "production" else "logfmt"


def control_plane_config(environ: Mapping[str, str] = os.environ) -> ControlPlaneConfig:
    return ControlPlaneConfig(**_read(CONTROL_PLANE, environ))  # type: ignore[arg-type]


def storefront_config(environ: Mapping[str, str] = os.environ) -> StorefrontConfig:
    values = _read(STOREFRONT, environ)
    values["broker_url"] = values["broker_url"] or values["redis_url"]
    return StorefrontConfig(**values)  # type: ignore[arg-type]
