"""Writes of delivery: saved, checked by amtool, given to Alertmanager and seen as loaded, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import rule_files
from app.alerts.delivery import document, queries
from app.alerts.delivery.delivery import Delivery, checked
from app.alerts.delivery.document import House
from app.alerts.delivery.models import DeliveryRow
from app.alerts.delivery.receiver import Version
from app.alerts.delivery.stored import as_dict, secrets_of
from app.audit.commands import record as audit
from app.errors import Conflict, Refused, Unavailable
from app.sources import Sources

DELIVERY_LOCK = 7_340_103  # any number that nothing else locks
Edit = Callable[[Delivery], Delivery]


def change(
    session: Session, edit: Edit, revision: int | None, what: str, who: str, now: datetime, sources: Sources
) -> Delivery:
    """`revision`: the one that was read, or None where the edit fits whatever is there now."""
    session.execute(select(func.pg_advisory_xact_lock(DELIVERY_LOCK)))
    before = queries.current(session)
    if revision is not None and revision != before.revision:
        raise Conflict(_l("Somebody changed where alerts go since you opened the page. Reload it."))
    after = checked(edit(before.delivery))
    _refuse_mail_without_server(after, sources)
    _save(session, after, before.revision, who, now)
    audit(
        session,
        who,
        f"alert_delivery.{what}",
        "alert-delivery",
        as_dict(before.delivery),
        as_dict(after),
        now,
    )
    install(session, sources)
    return after


def _refuse_mail_without_server(delivery: Delivery, sources: Sources) -> None:
    if not sources.config.smtp_url and any(one.kind == "email" for one in delivery.receivers):
        why = _l("SMTP_URL is empty: Alertmanager has no mail server to hand mails to.")
        raise Refused(_l("The receiver was not saved."), {"kind": why})


def _save(session: Session, delivery: Delivery, revision: int, who: str, now: datetime) -> None:
    values = {
        "revision": revision + 1,
        "body": as_dict(delivery),
        "secrets": secrets_of(delivery),
        "updated_at": now,
        "updated_by": who,
    }
    if revision == 0:
        session.execute(insert(DeliveryRow).values(id=1, **values))
    else:
        session.execute(update(DeliveryRow).where(DeliveryRow.id == 1).values(**values))
    session.expire_all()


def install(session: Session, sources: Sources) -> str:
    """Write, reload and verify. Alertmanager keeps the old configuration where the new does not load."""
    session.flush()
    path = sources.config.alertmanager_config
    if path is None:
        return "ALERTMANAGER_CONFIG is empty: the configuration is not written"
    delivery, house = queries.current(session).delivery, house_of(sources)
    new, wanted = document.text(delivery, house), document.mark(delivery, house)
    old = path.read_text() if path.exists() else None
    if old == new and _is_loaded(sources, wanted):
        return "unchanged and loaded"
    if old != new:
        check = [sources.config.amtool, "check-config"]
        rule_files.write(
            path, new, lambda draft: rule_files.run_check([*check, str(draft)], "amtool"), mode=0o600
        )
    try:
        sources.alertmanager.reload()
        if not _is_loaded(sources, wanted):
            raise Refused(_l("Alertmanager did not load the new configuration; it keeps the one it has."))
    except Exception:
        if old is not None and old != new:
            rule_files.write(path, old, mode=0o600)
            _reload_again(sources)
        raise
    return "written and loaded" if old != new else "loaded"


def _reload_again(sources: Sources) -> None:
    try:
        sources.alertmanager.reload()
    except (Refused, Unavailable):
        return  # it is away, and reads the file when it starts


def _is_loaded(sources: Sources, wanted: str) -> bool:
    return document.loaded(sources.alertmanager.status()["config"]["original"], wanted)


def house_of(sources: Sources) -> House:
    config = sources.config
    return House(
        webhook_url=f"{config.alert_webhook_url or config.control_url}/api/v1/alerts/webhook",
        webhook_token=config.alert_webhook_token,
        smtp_url=config.smtp_url,
        mail_from=config.control_mail_from,
        version=version_of(sources),
    )


def version_of(sources: Sources) -> Version | None:
    """Of the Alertmanager that runs; None where it does not say."""
    try:
        text = sources.alertmanager.status()["versionInfo"]["version"]
        major, minor = text.split("+")[0].split("-")[0].split(".")[:2]
        return int(major), int(minor)
    except (Unavailable, Refused, KeyError, ValueError):
        return None
