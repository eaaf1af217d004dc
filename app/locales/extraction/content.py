"""Names and descriptions of the shop's goods, as messages like all others: in the same editor and releases.

The shop tells them by two views: `reporting.content_texts` has the sources, each under a context of its own
such as `product:<slug>:name` or `category:<slug>:description`, `reporting.content_translations` what the shop
has in other languages already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.locales.catalog import message_key
from app.locales.commands import take_words
from app.locales.extraction.commands import offer_texts
from app.locales.models import Locale, Message
from app.locales.shipped import ShippedFile, ShippedString

ORIGIN = "content"
ROWS_PER_INSERT = 1_000

_THERE = text("SELECT to_regclass('reporting.content_texts') IS NOT NULL")
_TEXTS = text("SELECT context, msgid, path FROM reporting.content_texts WHERE msgid <> ''")
_TRANSLATIONS = text(
    "SELECT context, locale, text FROM reporting.content_translations WHERE text <> '' ORDER BY 1, 2"
)

MINE = select(Message.id, Message.key, Message.context, Message.obsolete_at).where(Message.origin == ORIGIN)

Source = tuple[str, str]  # msgid, path
Translated = tuple[str, str, str]  # context, locale, text


def read(reporting: Session) -> tuple[dict[str, Source], list[Translated]] | None:
    """What the shop tells; None where it is of a release that does not."""
    if not reporting.scalar(_THERE):
        return None
    goods = {row.context: (row.msgid, row.path) for row in reporting.execute(_TEXTS)}
    return goods, [(row.context, row.locale, row.text) for row in reporting.execute(_TRANSLATIONS)]


def take(
    session: Session, goods: Mapping[str, Source], translated: Sequence[Translated], now: datetime
) -> str:
    """`goods` by context. A text that the shop changed is offered again on the new one, as a draft."""
    before = {row.key: row for row in session.execute(MINE)}
    ids = _write_messages(session, goods, now)
    gone = {row.context: row.id for key, row in before.items() if key not in ids and row.obsolete_at is None}
    session.execute(update(Message).where(Message.id.in_(gone.values())).values(obsolete_at=now))
    changed = sum(take_words(session, file, ids, now) for file in _files(session, goods, translated))
    became = {
        ids[key]: gone[context]
        for context, (msgid, _path) in goods.items()
        if (key := message_key(context, msgid)) not in before and context in gone
    }
    offered = offer_texts(session, became, now)
    return f"{len(goods)} texts of goods, {len(gone)} gone, {changed} taken over, {offered} offered again"


def _write_messages(session: Session, goods: Mapping[str, Source], now: datetime) -> dict[str, int]:
    rows = [
        {
            "key": message_key(context, msgid),
            "context": context,
            "msgid": msgid,
            "flags": [],
            "locations": [path],
            "comments": [],
            "first_seen_at": now,
            "origin": ORIGIN,
        }
        for context, (msgid, path) in goods.items()
    ]
    for start in range(0, len(rows), ROWS_PER_INSERT):
        new = insert(Message).values(rows[start : start + ROWS_PER_INSERT])
        renew = {"locations": new.excluded.locations, "origin": ORIGIN, "obsolete_at": None}
        session.execute(new.on_conflict_do_update(index_elements=["key"], set_=renew))
    found = session.execute(MINE.where(Message.obsolete_at.is_(None)))
    keys = {row["key"] for row in rows}
    return {row.key: row.id for row in found if row.key in keys}


def _files(
    session: Session, goods: Mapping[str, Source], translated: Sequence[Translated]
) -> list[ShippedFile]:
    """The shop's own texts, as if they came in files: what people edited here stays."""
    codes = set(session.scalars(select(Locale.code)))
    strings: dict[str, list[ShippedString]] = {}
    for context, locale, words in translated:
        if context in goods and locale in codes:
            msgid, path = goods[context]
            one = ShippedString(context, msgid, None, (), (path,), (), (words,), is_fuzzy=False)
            strings.setdefault(locale, []).append(one)
    return [ShippedFile(locale, "", tuple(mine)) for locale, mine in strings.items()]
