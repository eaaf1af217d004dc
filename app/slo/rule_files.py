"""Keeping the rules as the objectives say, and the last word on how that went."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Problem, Refused
from app.series import store
from app.slo import install, queries, ruler
from app.slo.models import SloRules
from app.slo.objective import Objective
from app.slo.rules import Group, groups, text
from app.sources import Sources

log = logging.getLogger(__name__)

FOLDER, RULER = "folder", "ruler"


@dataclass(frozen=True)
class Held:
    """Whether a place holds the rules that were meant for it."""

    place: str
    checked_at: datetime
    is_loaded: bool
    said: str


def states(session: Session) -> list[Held]:
    rows = session.scalars(
        select(SloRules).order_by(SloRules.place).execution_options(populate_existing=True)
    )
    return [Held(row.place, row.checked_at, row.is_loaded, row.said) for row in rows]


def keep(session: Session, now: datetime, sources: Sources) -> str:
    config = sources.config
    slos = queries.gathered(session)
    folder = None if config.ruler_url else config.rules_dir
    place = RULER if folder is None else FOLDER
    if folder is None and not config.ruler_url:
        return "RULES_DIR is empty: rules are not written"
    broken: dict[str, str] = {}
    try:
        wanted = groups(slos, config.control_url)
        if folder is None:
            install.check_text(text(wanted), config.promtool)
            said = ruler.install(wanted, config.ruler_url, config.ruler_tenant)
        else:
            said, broken = _into_folder(slos, wanted, sources, folder)
    except Problem as problem:
        _note_failure(sources, place, now, str(problem))
        raise
    sound = groups([slo for slo in slos if slo.key not in broken], config.control_url)
    loaded = f"{sum(len(group.rules) for group in sound)} rules loaded"
    _note(session, place, now, not broken, _told(loaded, broken), text(wanted))
    store.record(session, "health.up", [(now, 1.0)], {"part": "rules"})
    store.record(session, "health.last_ok", [(now, now.timestamp())], {"part": "rules"})
    return _told(said, broken)


def _into_folder(
    slos: Sequence[Objective], wanted: Sequence[Group], sources: Sources, folder: Path
) -> tuple[str, dict[str, str]]:
    """Where one objective's rules are refused, those of the others are kept up without it."""
    config = sources.config
    try:
        return install.install(wanted, folder, config.promtool, sources.prometheus), {}
    except Refused as refused:
        broken = _broken(slos, config.promtool, config.control_url)
        if not broken or len(broken) == len(slos):
            raise
        log.warning("rules left out: %s", refused)
    sound = groups([slo for slo in slos if slo.key not in broken], config.control_url)
    return install.install(sound, folder, config.promtool, sources.prometheus), broken


def _broken(slos: Sequence[Objective], promtool: str, control_url: str) -> dict[str, str]:
    found = {}
    for slo in slos:
        try:
            install.check_text(text(groups([slo], control_url)), promtool)
        except Refused as refused:
            found[slo.key] = str(refused)
    return found


def _told(said: str, broken: dict[str, str]) -> str:
    return said + "".join(f"; left out {key}: {why}" for key, why in broken.items())


def _note_failure(sources: Sources, place: str, now: datetime, why: str) -> None:
    """In a transaction of its own: the job's is rolled back when it fails."""
    with sources.control.begin() as session:
        _note(session, place, now, False, why, "")


def _note(session: Session, place: str, now: datetime, is_loaded: bool, said: str, written: str) -> None:
    values = {
        "place": place,
        "checked_at": now,
        "is_loaded": is_loaded,
        "said": said,
        "digest": hashlib.sha256(written.encode()).hexdigest() if written else "",
    }
    statement = insert(SloRules).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["place"], set_=values))
