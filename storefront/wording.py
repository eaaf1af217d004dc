"""The words of one locale as a page looks them up: built and verified off the request path, then fixed.

What a shopper reads is the first of: the release, what the locale falls back to, the translation that ships,
the source text.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

log = logging.getLogger(__name__)

DOMAIN = "storefront"
SHIPPED = Path(__file__).parents[1] / "translations"
SOURCE_LOCALE = "en"  # the language of the msgids
CONTEXT = "\x04"  # between a message's context and its text, as gettext does
# A plural rule is tried on these before a catalog is shown: `n/0` loads and raises at lookup.
PLURAL_SAMPLES = (*range(201), 1_000_000)


class Rubbish(ValueError):
    """A catalog that must not be shown; the message says why, `what` is one of telemetry.REFUSALS."""

    def __init__(self, what: str, message: str) -> None:
        super().__init__(message)
        self.what = what


@dataclass(frozen=True)
class Plural:
    form_of: Callable[[int], int]
    forms: tuple[str, ...]

    def text(self, number: int) -> str | None:
        """None where the catalog lacks the form that its own rule asks for."""
        form = self.form_of(number)
        return self.forms[form] or None if form < len(self.forms) else None


@dataclass(frozen=True)
class Catalog:
    """The words of one locale. Keys are `msgid`, with a context `context + "\\x04" + msgid`."""

    locale: str  # as in addresses: pt-BR
    release: int  # 0: what ships
    etag: str  # as the control plane sent it; empty: what ships
    words: NullTranslations
    texts: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, Plural] = field(default_factory=dict)
    turned: Callable[[str], str] | None = None  # of a pseudo-locale: what becomes of each source text

    @property
    def is_source(self) -> bool:
        return self.locale == SOURCE_LOCALE


def catalog(locale: str, release: int, etag: str, words: NullTranslations) -> Catalog:
    """With everything that `words` and what it falls back to hold, in one mapping: a lookup asks once."""
    texts: dict[str, str] = {}
    plurals: dict[str, Plural] = {}
    for layer in reversed(list(_layers(words))):
        one, several = _read(layer)
        texts |= one
        plurals |= several
    return Catalog(locale, release, etag, words, texts, plurals)


def _layers(words: NullTranslations | None) -> Iterator[Translations]:
    while words is not None:
        if isinstance(words, Translations):
            yield words
        words = words._fallback


def _read(layer: Translations) -> tuple[dict[str, str], dict[str, Plural]]:
    texts: dict[str, str] = {}
    numbered: dict[str, dict[int, str]] = {}
    for key, text in layer._catalog.items():
        if isinstance(key, tuple):
            numbered.setdefault(key[0], {})[key[1]] = text
        elif key:
            texts[key] = text
    form_of = layer.plural
    plurals = {
        key: Plural(form_of, tuple(forms.get(form, "") for form in range(max(forms) + 1)))
        for key, forms in numbered.items()
    }
    # A message with a plural that is asked for without a number, as gettext answers it.
    ones = {key: plural.text(1) for key, plural in plurals.items() if key not in texts}
    texts |= {key: one for key, one in ones.items() if one}
    return texts, plurals


def babel_code(locale: str) -> str:
    return locale.replace("-", "_")


def parse(locale: str, data: bytes) -> Translations:
    """Compiled words (.mo) that are safe to look up. Raises `Rubbish`."""
    try:
        words = Translations(BytesIO(data), domain=DOMAIN)
        forms = {words.plural(n) for n in PLURAL_SAMPLES}
        language = words.info().get("language", "")
    except Exception as error:  # the format has no errors of its own: struct, Unicode, index, zero division …
        raise Rubbish("format", f"not a compiled catalog: {error!r}") from error
    if min(forms) < 0:
        raise Rubbish("plural", "the plural rule answers below zero")
    if language and babel_code(language) != babel_code(locale):
        raise Rubbish("language", f"the catalog is for {language}")
    return words


def shipped(locale: str, root: Path = SHIPPED) -> Catalog:
    """What is in the package: the .po, else the .mo, else nothing but source texts."""
    source = root / babel_code(locale) / "LC_MESSAGES" / f"{DOMAIN}.po"
    try:
        data = _compiled(source) if source.exists() else source.with_suffix(".mo").read_bytes()
        words: NullTranslations = parse(locale, data)
    except FileNotFoundError:
        words = NullTranslations()
    except (OSError, PoFileError, ValueError) as error:
        log.error("translations: %s cannot be read: %s", source, error)
        words = NullTranslations()
    return catalog(locale, 0, "", words)


def _compiled(source: Path) -> bytes:
    with source.open("rb") as file:
        found = read_po(file, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, found)
    return compiled.getvalue()


def published(
    base: Catalog, release: int, etag: str, digest: str, data: bytes, length: int | None = None
) -> Catalog:
    """A verified release over what ships. `digest`: sha-256 as hex. Raises `Rubbish`."""
    if length is not None and len(data) != length:
        raise Rubbish("size", f"{len(data)} bytes came, {length} were promised")
    if hashlib.sha256(data).hexdigest() != digest:
        raise Rubbish("checksum", "the checksum differs")
    words = parse(base.locale, data)
    words.add_fallback(base.words)
    return catalog(base.locale, release, etag, words)


# --- what a process holds ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A release that a share of visitors sees beside the stable one."""

    catalog: Catalog
    percent: int
    salt: str

    def has(self, visitor_id: str) -> bool:
        """Whoever has it at a share has it at each greater one."""
        drawn = hashlib.sha256(f"{self.salt}:{visitor_id}".encode()).digest()[:8]
        return int.from_bytes(drawn) * 100 < self.percent << 64


@dataclass(frozen=True)
class Place:
    """What is said of a locale beside its words."""

    availability: str = "on"  # off, preview, on
    fallback: str | None = None  # Babel's code of the locale that is asked for what this one lacks


KEPT = 6  # releases of a locale that pages may still ask fragments from


@dataclass(frozen=True)
class Snapshot:
    """All locales at one moment, by Babel's code (pt_BR). Replaced as a whole."""

    stable: Mapping[str, Catalog]
    candidates: Mapping[str, Candidate] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Catalog, ...]] = field(default_factory=dict)  # newest first
    places: Mapping[str, Place] = field(default_factory=dict)

    def __getitem__(self, code: str) -> Catalog:
        return self.stable[code]

    def find(self, code: str, release: int) -> Catalog | None:
        """A release that this process still has."""
        here = (*self._shown(code), *self.earlier.get(code, ()))
        return next((each for each in here if each.release == release), None)

    def _shown(self, code: str) -> list[Catalog]:
        stable, candidate = self.stable.get(code), self.candidates.get(code)
        return ([stable] if stable else []) + ([candidate.catalog] if candidate else [])

    def behind(self, code: str) -> tuple[Catalog, ...]:
        """The locales that are asked for what this one lacks, in their order."""
        found: list[str] = []
        following = self.places[code].fallback if code in self.places else None
        while following is not None and following != code and following not in found:
            found.append(following)
            following = self.places[following].fallback if following in self.places else None
        return tuple(self.stable[each] for each in found if each in self.stable)

    def for_visitor(self, code: str, visitor_id: str | None) -> tuple[Catalog | None, str]:
        """What a visitor sees, and her bucket."""
        candidate = self.candidates.get(code)
        if candidate is not None and visitor_id is not None and candidate.has(visitor_id):
            return candidate.catalog, "candidate"
        return self.stable.get(code), "stable"

    def showing(
        self,
        code: str,
        stable: Catalog,
        candidate: Candidate | None = None,
        place: Place | None = None,
    ) -> Snapshot:
        """With other words in one locale; what was shown before stays at hand for the pages that show it."""
        now = {stable.release, *([candidate.catalog.release] if candidate else [])}
        pool = {each.release: each for each in (*self.earlier.get(code, ())[::-1], *self._shown(code)[::-1])}
        earlier = tuple(each for each in reversed(pool.values()) if each.release not in now)[:KEPT]
        others = {key: value for key, value in self.candidates.items() if key != code}
        return Snapshot(
            {**self.stable, code: stable},
            others if candidate is None else {**others, code: candidate},
            {**self.earlier, code: earlier},
            self.places if place is None else {**self.places, code: place},
        )
