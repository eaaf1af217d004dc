"""Words as a compiled catalog (.mo), and back. Pure: bytes and values, no I/O.

The same words give the same bytes, so that a checksum says whether anything differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from gettext import GNUTranslations
from io import BytesIO

from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo, write_mo


@dataclass(frozen=True)
class Entry:
    """One message with its words in a locale."""

    msgid: str
    plural_id: str | None
    context: str  # empty: none
    forms: tuple[str, ...]

    @property
    def key(self) -> str:
        return message_key(self.context, self.msgid)


Words = Mapping[str, Entry]  # by message key


def message_key(context: str, msgid: str) -> str:
    """A name of fixed length for a message: msgids may be as long as they like."""
    return hashlib.sha256(f"{context}\x04{msgid}".encode()).hexdigest()


class _Headed(Catalog):
    """A catalog whose header is ours alone: no dates, no version of the tool."""

    lines: tuple[tuple[str, str], ...] = ()

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return list(self.lines)


def compiled(locale: str, plural_forms: str, entries: Iterable[Entry]) -> bytes:
    """The .mo of these words, with the plural rule that they were written for."""
    catalog = _Headed()
    catalog.lines = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Language", locale.replace("-", "_")),
        ("Plural-Forms", plural_forms),
    )
    for entry in entries:
        if entry.plural_id is None:
            catalog.add(entry.msgid, entry.forms[0], context=entry.context or None)
        else:
            catalog.add((entry.msgid, entry.plural_id), entry.forms, context=entry.context or None)
    data = BytesIO()
    write_mo(data, catalog)
    return data.getvalue()


def read(data: bytes) -> dict[str, Entry]:
    """The words of a catalog that `compiled` made."""
    entries = [_entry(message) for message in read_mo(BytesIO(data)) if message.id]
    return {entry.key: entry for entry in entries}


def plural_forms(data: bytes) -> str:
    """The plural rule that a compiled catalog names, as in its header."""
    return GNUTranslations(BytesIO(data)).info().get("plural-forms", "")


def _entry(message: Message) -> Entry:
    context: str | bytes = message.context or ""  # Babel leaves it undecoded
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    return Entry(
        msgid=ids[0],
        plural_id=ids[1] if len(ids) > 1 else None,
        context=context.decode() if isinstance(context, bytes) else context,
        forms=(message.string,) if isinstance(message.string, str) else tuple(message.string or ()),
    )


@dataclass(frozen=True)
class Change:
    """One message whose words differ between two catalogs."""

    entry: Entry  # of the newer catalog; of the older where it is gone
    before: tuple[str, ...] | None  # None: shoppers see the text that ships
    after: tuple[str, ...] | None


def changes(before: Words, after: Words) -> list[Change]:
    keys = [*after, *(key for key in before if key not in after)]
    return [
        Change(after.get(key) or before[key], _forms(before, key), _forms(after, key))
        for key in keys
        if _forms(before, key) != _forms(after, key)
    ]


def _forms(words: Words, key: str) -> tuple[str, ...] | None:
    return words[key].forms if key in words else None
