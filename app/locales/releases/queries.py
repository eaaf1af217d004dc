"""Reads of releases, for their pages and for the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.errors import NotFound
from app.locales import catalog, checks
from app.locales.catalog import Change, Entry
from app.locales.models import Locale, Message, Translation
from app.locales.plurals import read_rule
from app.locales.releases.models import CandidateRelease, LiveRelease, PlannedRelease, Release, ReleaseMove
from app.locales.words import approved, shipped, source_of


def live(session: Session, code: str) -> Release | None:
    """The release that shoppers see; None: what ships."""
    return session.scalar(
        select(Release)
        .join(LiveRelease, LiveRelease.release_id == Release.id)
        .where(LiveRelease.locale == code)
    )


def live_catalog(session: Session, code: str) -> Release | None:
    """The same with its bytes."""
    return session.scalar(
        select(Release)
        .join(LiveRelease, LiveRelease.release_id == Release.id)
        .where(LiveRelease.locale == code)
        .options(undefer(Release.catalog))
    )


@dataclass(frozen=True)
class ReleaseRow:
    number: int
    strings: int
    sha256: str
    note: str
    created_by: str
    created_at: datetime
    is_live: bool
    live_since: datetime | None


def releases(session: Session, code: str) -> list[ReleaseRow]:
    """Newest first."""
    rows = session.execute(
        select(Release, LiveRelease.since)
        .outerjoin(LiveRelease, LiveRelease.release_id == Release.id)
        .where(Release.locale == code)
        .order_by(Release.number.desc())
    )
    return [
        ReleaseRow(
            number=release.number,
            strings=release.strings,
            sha256=release.sha256,
            note=release.note,
            created_by=release.created_by,
            created_at=release.created_at,
            is_live=since is not None,
            live_since=since,
        )
        for release, since in rows
    ]


def one_row(session: Session, code: str, number: int) -> ReleaseRow:
    found = next((row for row in releases(session, code) if row.number == number), None)
    if found is None:
        raise NotFound(_l("There is no release %(number)s of %(code)s.", number=number, code=code[:40]))
    return found


@lru_cache(maxsize=32)
def _words_of(sha256: str, data: bytes) -> dict[str, Entry]:  # releases never change
    return catalog.read(data)


def live_words(session: Session, code: str) -> dict[str, Entry]:
    """What the live release holds, by message key; where nothing is published, what ships."""
    release = live_catalog(session, code)
    return _words_of(release.sha256, release.catalog) if release else shipped(session, code)


def waiting(session: Session, code: str) -> list[Change]:
    """What a release made now would change for shoppers."""
    return catalog.changes(live_words(session, code), approved(session, code))


def blocked(session: Session, locale: Locale) -> list[tuple[Entry, checks.Finding]]:
    """Approved strings that would break a page, with the first thing that is wrong with each."""
    rule = read_rule(locale.plural_forms)
    rows = session.execute(
        select(Message, Translation.approved_forms)
        .join(Translation, Translation.message_id == Message.id)
        .where(
            Translation.locale == locale.code,
            Translation.approved_forms.is_not(None),
            Message.obsolete_at.is_(None),
        )
        .order_by(Message.id)
    )
    found = []
    for message, approved_forms in rows:
        forms = approved_forms or []
        wrong = checks.blockers(source_of(message), forms, rule)
        if wrong:
            entry = Entry(message.msgid, message.plural_id, message.context, tuple(forms))
            found.append((entry, wrong[0]))
    return found


def codes(session: Session) -> list[str]:
    return list(session.scalars(select(Locale.code).order_by(Locale.code)))


def numbered(session: Session, code: str, number: int) -> Release:
    """One release with its bytes."""
    wanted = select(Release).where(Release.locale == code, Release.number == number)
    release = session.scalar(wanted.options(undefer(Release.catalog)))
    if release is None:
        raise NotFound(_l("There is no release %(number)s of %(code)s.", number=number, code=code[:40]))
    return release


def words_of(session: Session, code: str, number: int) -> dict[str, Entry]:
    """What a release holds, by message key; 0: what ships."""
    if not number:
        return shipped(session, code)
    release = numbered(session, code, number)
    return _words_of(release.sha256, release.catalog)


@dataclass(frozen=True)
class Offer:
    """A candidate beside the live release."""

    number: int
    percent: int
    since: datetime
    started_by: str


def candidate(session: Session, code: str) -> Offer | None:
    row = session.execute(
        select(Release.number, CandidateRelease)
        .join(CandidateRelease, CandidateRelease.release_id == Release.id)
        .where(CandidateRelease.locale == code)
    ).first()
    return Offer(row[0], row[1].percent, row[1].since, row[1].started_by) if row else None


@dataclass(frozen=True)
class Plan:
    """A release that waits for its hour."""

    number: int
    at: datetime
    planned_by: str


def planned(session: Session, code: str) -> Plan | None:
    row = session.execute(
        select(Release.number, PlannedRelease)
        .join(PlannedRelease, PlannedRelease.release_id == Release.id)
        .where(PlannedRelease.locale == code)
    ).first()
    return Plan(row[0], row[1].at, row[1].planned_by) if row else None


@dataclass(frozen=True)
class Move:
    at: datetime
    from_number: int  # 0: what ships
    to_number: int
    moved_by: str


def moves(session: Session, code: str, most: int = 100) -> list[Move]:
    """Which release was live from when; newest first."""
    rows = session.scalars(
        select(ReleaseMove).where(ReleaseMove.locale == code).order_by(ReleaseMove.id.desc()).limit(most)
    )
    return [Move(row.at, row.from_number or 0, row.to_number or 0, row.moved_by) for row in rows]


def between(session: Session, code: str, before: int, after: int) -> list[Change]:
    """What differs between two releases; 0: what ships."""
    known(session, code)
    return catalog.changes(words_of(session, code, before), words_of(session, code, after))


def known(session: Session, code: str) -> Locale:
    found = session.get(Locale, code)
    if found is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))
    return found
