"""The shop's messages, from its sources or from a template (.pot) that was made of them where it was built.

`python -m app.locales.extraction.template storefront translations/storefront.pot` makes the template: the
image of the control plane has that file in place of the shop's sources.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.locales import po
from app.locales.catalog import message_key

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
SUFFIXES = {".py", ".html", ".txt"}
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
COMMENT_TAGS = ("translators:", "Translators:")


@dataclass(frozen=True)
class Extracted:
    """One message as the sources have it."""

    context: str  # empty: none
    msgid: str
    plural_id: str | None
    flags: tuple[str, ...]
    locations: tuple[str, ...]  # file:line
    comments: tuple[str, ...]

    @property
    def key(self) -> str:
        return message_key(self.context, self.msgid)

    @property
    def files(self) -> frozenset[str]:
        return frozenset(place.rpartition(":")[0] or place for place in self.locations)


@dataclass(frozen=True)
class Template:
    source: str  # the folder or file
    sha256: str  # of what it was read from: the same again says the same
    messages: tuple[Extracted, ...]


def find(root: Path) -> Path | None:
    """What is beside the control plane: the shop's sources, else the template of the release."""
    for place in (root / "storefront", root / "translations" / "storefront.pot"):
        if place.exists():
            return place
    return None


def digest(place: Path) -> str:
    """Of everything that the messages are read from."""
    files = [place] if place.is_file() else sorted(_sources(place))
    found = hashlib.sha256()
    for file in files:
        found.update(f"{file.relative_to(place.parent)}\0".encode())
        found.update(file.read_bytes())
    return found.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())


def read(place: Path) -> Template:
    """From a folder of sources or a .pot. Refuses what is neither, and what says nothing at all."""
    try:
        messages = _from_pot(place) if place.is_file() else _from_folder(place)
        sha256 = digest(place)
    except OSError as error:
        raise Refused(
            _l("%(place)s cannot be read: %(why)s", place=str(place), why=error.strerror)
        ) from error
    if not messages:
        raise Refused(_l("%(place)s holds no messages; nothing was changed.", place=str(place)))
    return Template(place.name, sha256, messages)


def _from_folder(folder: Path) -> tuple[Extracted, ...]:
    return tuple(
        Extracted(
            context=str(message.context or ""),
            msgid=message.id if isinstance(message.id, str) else message.id[0],
            plural_id=None if isinstance(message.id, str) else message.id[1],
            flags=tuple(sorted(message.flags)),
            locations=tuple(f"{file}:{line}" for file, line in sorted(message.locations)),
            comments=tuple(message.auto_comments),
        )
        for message in catalog(folder)
        if message.id
    )


def catalog(folder: Path) -> Catalog:
    """Everything that the code and the templates of a folder say, each message once."""
    if not folder.is_dir():
        raise FileNotFoundError(2, "there is no such folder")
    found = Catalog(project=folder.name, charset="utf-8")
    said = extract_from_dir(
        folder, METHODS, keywords=KEYWORDS, comment_tags=COMMENT_TAGS, strip_comment_tags=True
    )
    for file, line, ids, comments, context in said:
        place = (f"{folder.name}/{file}", line)
        found.add(ids, None, [place], auto_comments=comments, context=context)
    return found


def _from_pot(file: Path) -> tuple[Extracted, ...]:
    merged: dict[str, Extracted] = {}
    for entry in po.read(file.read_bytes()).live:
        one = Extracted(
            context=entry.context or "",
            msgid=entry.msgid,
            plural_id=entry.plural_id,
            flags=tuple(sorted(flag for flag in entry.flags if flag != po.FUZZY)),
            locations=tuple(place for line in entry.references for place in line.split()),
            comments=entry.extracted,
        )
        before = merged.get(one.key)
        merged[one.key] = replace(one, locations=before.locations + one.locations) if before else one
    return tuple(merged.values())


def write(folder: Path, file: Path) -> int:
    """Make the template; how many messages it has."""
    found = catalog(folder)
    part = file.with_name(file.name + ".part")
    with part.open("wb") as target:
        write_po(target, found, width=0, omit_header=False, sort_by_file=True)
    part.replace(file)
    return len(found)


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]), Path(sys.argv[2]))} messages\n")
