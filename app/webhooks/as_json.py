"""Webhooks, deliveries, events and sources as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.webhooks.models import Attempt, Endpoint, EventRow, SourceRow
from app.webhooks.queries import DeliveryLine, masked_url, state_of


def text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def endpoint(row: Endpoint) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "url": masked_url(row.url),
        "format": row.format,
        "types": row.types,
        "environments": row.environments,
        "locales": row.locales,
        "subjects": row.subjects,
        "is_active": row.is_active,
        "state": state_of(row),
        "disabled_why": row.disabled_why,
        "failing_since": text(row.failing_since),
        "both_secrets_until": text(row.previous_until),
        "revision": row.revision,
        "created_at": text(row.created_at),
        "created_by": row.created_by,
    }


def event(row: EventRow) -> dict[str, Any]:
    return {
        "id": f"evt_{row.uid.hex}",
        "type": row.type,
        "at": text(row.at),
        "who": row.who,
        "subject": row.subject,
        "environment": row.environment,
        "locale": row.locale,
        "title": row.title,
        "url": row.url,
        "facts": row.data,
    }


def delivery(line: DeliveryLine) -> dict[str, Any]:
    row, last = line.row, line.last
    return {
        "id": row.id,
        "event": f"evt_{line.event.uid.hex}",
        "type": line.event.type,
        "title": line.event.title,
        "state": row.state,
        "tries": row.tries,
        "due_at": text(row.due_at) if row.state == "waiting" else None,
        "created_at": text(row.created_at),
        "done_at": text(row.done_at),
        "status": last.status if last else None,
        "error": last.error if last else "",
        "seconds": last.seconds if last else None,
    }


def attempt(row: Attempt) -> dict[str, Any]:
    return {
        "at": text(row.at),
        "status": row.status,
        "error": row.error,
        "seconds": row.seconds,
        "request": row.request,
        "response": row.response,
    }


def source(row: SourceRow, address: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "environment": row.environment,
        "address": address,
        "is_active": row.is_active,
        "received_at": text(row.received_at),
        "refused_at": text(row.refused_at),
        "refused_why": row.refused_why,
        "created_at": text(row.created_at),
        "created_by": row.created_by,
    }
