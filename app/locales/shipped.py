"""The files that ship with the shop, read as values: translations/<locale>/LC_MESSAGES/storefront.po."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages import Message
from babel.messages.pofile import read_po

from app.locales.catalog import message_key

DOMAIN = "storefront"


@dataclass(frozen=True)
class ShippedString:
    """One entry of a file: the message, and its words in the file's language (empty: untranslated)."""

    context: str
    msgid: str
    plural_id: str | None
    flags: tuple[str, ...]
    locations: tuple[str, ...]
    comments: tuple[str, ...]
    forms: tuple[str, ...]
    is_fuzzy: bool

    @property
    def shown_forms(self) -> tuple[str, ...]:
        """What the shop shows of it: a fuzzy text is not compiled."""
        return () if self.is_fuzzy else self.forms

    @property
    def key(self) -> str:
        return message_key(self.context, self.msgid)


@dataclass(frozen=True)
class ShippedFile:
    locale: str  # as in addresses: pt-BR
    plural_forms: str
    strings: tuple[ShippedString, ...]


def read_all(root: Path) -> list[ShippedFile]:
    return [_read(path) for path in sorted(root.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))]


def _read(path: Path) -> ShippedFile:
    folder = path.parts[-3]
    with path.open("rb") as file:
        catalog = read_po(file, locale=_known(folder), ignore_obsolete=True, abort_invalid=True)
    strings = tuple(_strings(message for message in catalog if message.id))
    return ShippedFile(folder.replace("_", "-"), catalog.plural_forms, strings)


def _known(folder: str) -> str | None:
    try:
        return str(Locale.parse(folder))
    except (ValueError, UnknownLocaleError):
        return None


def _strings(messages: Iterator[Message]) -> Iterator[ShippedString]:
    for message in messages:
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        words = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        yield ShippedString(
            context=message.context or "",
            msgid=ids[0],
            plural_id=ids[1] if len(ids) > 1 else None,
            flags=tuple(sorted(message.flags - {"fuzzy"})),
            locations=tuple(f"{file}:{line}" if line else file for file, line in message.locations),
            comments=tuple(message.auto_comments),
            forms=words if any(words) else (),
            is_fuzzy=message.fuzzy,
        )
