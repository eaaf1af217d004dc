"""A release written as a PO file. Pure: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from app.locales import catalog
from app.locales.catalog import Entry

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Released(Protocol):
    @property
    def locale(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def catalog(self) -> bytes: ...


def as_po(release: Released) -> bytes:
    words = catalog.read(release.catalog)
    header = "".join(f"{name}: {value}\n" for name, value in _header(release))
    blocks = [f'msgid ""\nmsgstr {_quoted(header)}\n', *(_block(words[key]) for key in sorted(words))]
    return "\n".join(blocks).encode()


def _header(release: Released) -> Iterator[tuple[str, str]]:
    yield "Project-Id-Version", f"storefront {release.number}"
    yield "Language", release.locale.replace("-", "_")
    yield "MIME-Version", "1.0"
    yield "Content-Type", "text/plain; charset=UTF-8"
    yield "Content-Transfer-Encoding", "8bit"
    yield "Plural-Forms", catalog.plural_forms(release.catalog)


def _block(entry: Entry) -> str:
    flag = ["#, python-format"] if "%(" in entry.msgid else []
    context = [f"msgctxt {_quoted(entry.context)}"] if entry.context else []
    lines = [*flag, *context, f"msgid {_quoted(entry.msgid)}"]
    if entry.plural_id is None:
        lines.append(f"msgstr {_quoted(entry.forms[0])}")
    else:
        lines.append(f"msgid_plural {_quoted(entry.plural_id)}")
        lines += [f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(entry.forms)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + "".join(ESCAPES.get(character, character) for character in text) + '"'
