"""Writes of silences: to Alertmanager first, then our note of who and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts.silences.models import SilenceNote
from app.alerts.silences.silence import Wanted, from_api, to_api
from app.audit.commands import record as audit
from app.sources import Sources


def save(
    session: Session, wanted: Wanted, who: str, now: datetime, sources: Sources, silence_id: str = ""
) -> str:
    """Make one, or change the one of that id: Alertmanager may give it a new id, which is answered."""
    before = _read(sources, silence_id) if silence_id else None
    new_id = sources.alertmanager.save_silence(to_api(wanted, who, silence_id))
    session.execute(
        insert(SilenceNote)
        .values(id=new_id, made_by=who, made_at=now, until_resolved=wanted.until_resolved)
        .on_conflict_do_update(
            index_elements=["id"], set_={"until_resolved": wanted.until_resolved, "reminded_at": None}
        )
    )
    action = "silence.change" if silence_id else "silence.create"
    audit(session, who, action, f"silence:{new_id}", before, _plain(to_api(wanted, who)), now)
    return new_id


def expire(session: Session, silence_id: str, who: str, now: datetime, sources: Sources) -> None:
    before = _read(sources, silence_id)
    sources.alertmanager.expire_silence(silence_id)
    audit(session, who, "silence.expire", f"silence:{silence_id}", before, None, now)


def _read(sources: Sources, silence_id: str) -> dict[str, Any]:
    return _plain(sources.alertmanager.silence(silence_id))


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    seen = from_api({"id": "", "status": {"state": ""}, **raw})
    return {
        "matchers": [str(one) for one in seen.matchers],
        "starts_at": seen.starts_at,
        "ends_at": seen.ends_at,
        "comment": seen.comment,
    }
