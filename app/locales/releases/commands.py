"""Writes: publishing a release, moving the pointer back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, NotFound, Refused
from app.locales import catalog, checks
from app.locales.catalog import Entry
from app.locales.models import Locale
from app.locales.releases import queries
from app.locales.releases.models import (
    CandidateRelease,
    LiveRelease,
    PlannedRelease,
    Release,
    ReleaseMove,
)
from app.locales.releases.rules import LONGEST_NOTE
from app.locales.words import approved
from app.timeline import commands as timeline

CHANNEL = "backroom:catalogs"  # the shop listens here; the message is the locale
NAMED_BLOCKERS = 5  # how many strings a refusal names


def locked(session: Session, code: str) -> Locale:
    """What is done to the releases of a locale is done one after the other."""
    locale = session.get(Locale, code, with_for_update=True)
    if locale is None:
        raise NotFound(_l("There is no locale %(code)s.", code=code[:40]))
    return locale


def publish(session: Session, code: str, note: str, who: str, now: datetime) -> Release:
    """Compile what is approved into a new release and show it to shoppers.

    Refuses where a string would break a page, naming it, and where nothing differs from what is live.
    Publishing in one locale is one after the other. Call `nudge` once the transaction is committed.
    """
    release = make(session, code, note, who, now)
    refuse_beside_candidate(session, code)
    session.execute(delete(PlannedRelease).where(PlannedRelease.locale == code))
    live = queries.live(session, code)
    move(session, code, live, release, who, now)
    tell(session, "locales.publish", code, live, release, who, now)
    return release


def publish_all(
    session: Session, codes: Iterable[str], note: str, who: str, now: datetime
) -> tuple[list[Release], dict[str, str]]:
    """Every one of these locales in which something waits. Answers the releases, and why others got none.

    A locale that is refused keeps back no other.
    """
    made: list[Release] = []
    refused: dict[str, str] = {}
    for code in codes:
        try:
            with session.begin_nested():
                made.append(publish(session, code, note, who, now))
        except NothingDiffers:
            continue
        except (Refused, Conflict) as problem:
            refused[code] = str(problem)
    return made, refused


class NothingDiffers(Refused):
    """A release would say what shoppers read already."""

    def __init__(self) -> None:
        super().__init__(_l("Nothing differs from what shoppers see already."))


def make(session: Session, code: str, note: str, who: str, now: datetime) -> Release:
    """A release of what is approved, that nobody sees yet."""
    locale = locked(session, code)
    if len(note) > LONGEST_NOTE:
        most = _l("Give at most %(most)s characters.", most=LONGEST_NOTE)
        raise Refused(_l("Nothing was published."), {"note": most})
    blocked = queries.blocked(session, locale)
    if blocked:
        raise Refused(_blocked_words(blocked))
    entries = approved(session, code)
    data = catalog.compiled(code, locale.plural_forms, entries.values())
    live = queries.live(session, code)
    digest = hashlib.sha256(data).hexdigest()
    if live.sha256 == digest if live else not queries.waiting(session, code):
        raise NothingDiffers
    return _add_release(session, code, data, digest, len(entries), note.strip(), who, now)


def refuse_beside_candidate(session: Session, code: str) -> None:
    """What is live stays the same while a candidate is compared with it."""
    if session.get(CandidateRelease, code) is not None:
        raise Conflict(
            _l("A candidate release is shown to a share of shoppers. Show it to all or withdraw it first.")
        )


def _add_release(
    session: Session, code: str, data: bytes, digest: str, strings: int, note: str, who: str, now: datetime
) -> Release:
    newest = session.scalar(select(func.max(Release.number)).where(Release.locale == code)) or 0
    release = Release(
        locale=code,
        number=newest + 1,
        catalog=data,
        sha256=digest,
        strings=strings,
        note=note,
        created_by=who,
        created_at=now,
    )
    session.add(release)
    session.flush()
    return release


def _blocked_words(blocked: Sequence[tuple[Entry, checks.Finding]]) -> object:
    named = [f"“{entry.msgid[:60]}”: {finding.message}" for entry, finding in blocked[:NAMED_BLOCKERS]]
    more = len(blocked) - len(named)
    words = " · ".join(named)
    if more > 0:
        return _l("These strings would break a page: %(words)s · and %(more)s more.", words=words, more=more)
    return _l("These strings would break a page: %(words)s", words=words)


def make_live(session: Session, code: str, number: int, who: str, now: datetime) -> Release | None:
    """Show an earlier release again, byte for byte; 0: what ships. Call `nudge` after the commit.

    A candidate beside it is withdrawn: whoever goes back wants every shopper to read the same at once.
    """
    locked(session, code)
    live = queries.live(session, code)
    release = None
    if number:
        wanted = select(Release).where(Release.locale == code, Release.number == number)
        release = session.scalar(wanted)
        if release is None:
            raise NotFound(_l("There is no release %(number)s of %(code)s.", number=number, code=code))
    beside = session.get(CandidateRelease, code)
    if beside is not None:
        session.delete(beside)
    session.execute(delete(PlannedRelease).where(PlannedRelease.locale == code))
    if (live.number if live else 0) == number and beside is None:
        raise Conflict(_l("Shoppers see this release already."))
    move(session, code, live, release, who, now)
    tell(session, "locales.rollback", code, live, release, who, now)
    return release


def move(
    session: Session, code: str, live: Release | None, release: Release | None, who: str, now: datetime
) -> None:
    if release is None:
        session.execute(delete(LiveRelease).where(LiveRelease.locale == code))
    else:
        row = insert(LiveRelease).values(locale=code, release_id=release.id, since=now, moved_by=who)
        new = {"release_id": release.id, "since": now, "moved_by": who}
        session.execute(row.on_conflict_do_update(index_elements=["locale"], set_=new))
    session.add(
        ReleaseMove(
            locale=code,
            at=now,
            from_number=live.number if live else None,
            to_number=release.number if release else None,
            moved_by=who,
        )
    )


def tell(
    session: Session,
    action: str,
    code: str,
    live: Release | None,
    release: Release | None,
    who: str,
    now: datetime,
) -> None:
    number = release.number if release else 0
    before = {"release": live.number if live else 0}
    record(session, who, action, f"locale:{code}", before, {"release": number}, now)
    if release is None:
        title = f"{code}: back to the words that ship"
    elif action == "locales.rollback":
        title = f"{code}: back to release {number}"
    else:
        title = f"{code}: release {number}"
    detail = release.note if release else ""
    timeline.record(
        session, now, "release", title, f"locale:{code}", detail=detail, url=f"/locales/{code}/releases"
    )


def nudge(redis: Redis, code: str) -> bool:
    """Tell the shops that a locale changed, so that they need not wait for their next poll."""
    try:
        redis.publish(CHANNEL, code)
    except RedisError:
        return False
    return True
