"""Which of the shop's languages a browser's Accept-Language asks for. Pure: no request, no settings.

In the order of what the browser prefers: the very locale, then a locale of the same language in the same
script (`pt-PT` reads pt-BR, `nb` reads no, `de-AT` reads de), then the next preference. A locale of the same
language in another script comes last of all: `zh-TW` reads zh-Hans only where nothing else was asked for.
Subtags that a tag leaves out are the likely ones of CLDR, so `zh-TW` is zh-Hant-TW.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel.core import get_global

MOST_CHARACTERS = 1_000  # of a header; browsers send about fifty
MOST_RANGES = 40
RANGE = re.compile(  # nosemgrep: regex_dos # one way to read each tag
    r"\s*(\*|[A-Za-z0-9]{1,8}(?:[-_][A-Za-z0-9]{1,8})*)\s*(?:;\s*[qQ]\s*=\s*([0-9.]{1,6})\s*)?"
)
WEIGHT = re.compile(r"0?\.[0-9]{1,3}|0\.?|1(?:\.0{0,3})?")

# Codes for one language in two ways, or for what its readers read as their own: code → the one compared.
SAME_LANGUAGE = {"nb": "no", "nn": "no", "fil": "tl", "sh": "sr", "cmn": "zh", "arb": "ar", "swc": "sw"}
# Their readers read both scripts, so another script is no reason to ask for another language.
BOTH_SCRIPTS = frozenset({"sr", "bs"})


@dataclass(frozen=True)
class Tag:
    """A tag with all that CLDR adds to it."""

    language: str
    script: str
    territory: str


@dataclass(frozen=True)
class Preference:
    tag: str  # with hyphens; "*" is any language
    weight: float  # above 0 up to 1; 0: not this one


def negotiate(header: str, offered: Sequence[str]) -> str | None:
    """The locale on offer that fits best; None where none does."""
    wanted = preferences(header)
    refused = [preference.tag for preference in wanted if not preference.weight]
    left = [locale for locale in offered if not any(_covers(tag, locale) for tag in refused)]
    asked = [preference.tag for preference in wanted if preference.weight]
    for tag in asked:
        found = left[0] if tag == "*" and left else match(tag, left)
        if found is not None:
            return found
    return next((locale for tag in asked for locale in left if _same_language(tag, locale)), None)


def match(tag: str, offered: Iterable[str]) -> str | None:
    """The locale that a reader of `tag` reads as her own: the same, a nearer region, the language."""
    by_key = {key(locale): locale for locale in offered}
    for parent in _upwards(tag):
        if key(parent) in by_key:
            return by_key[key(parent)]
    readable = [locale for locale in by_key.values() if _reads(tag, locale)]
    return min(readable, key=lambda locale: _distance(tag, locale)) if readable else None


def canonical(text: str, offered: Iterable[str]) -> str | None:
    """The locale that an address or a cookie names, however it writes it: `PT_br` is pt-BR."""
    return next((locale for locale in offered if key(locale) == key(text)), None)


def preferences(header: str) -> list[Preference]:
    """What a header asks for, the dearest first; what cannot be read is left out."""
    found = [_preference(part) for part in header[:MOST_CHARACTERS].split(",", MOST_RANGES)[:MOST_RANGES]]
    return sorted((each for each in found if each is not None), key=lambda each: -each.weight)


def key(tag: str) -> str:
    """What two ways of writing a tag have in common."""
    return tag.replace("_", "-").lower()


@lru_cache(maxsize=1024)
def likely(tag: str) -> Tag:
    """`zh-TW` → zh, Hant, TW. Unknown languages keep what they have."""
    language, script, territory = _split(tag)
    known: Mapping[str, str] = get_global("likely_subtags")
    for candidate in (
        f"{language}_{script}_{territory}",
        f"{language}_{territory}",
        f"{language}_{script}",
        language,
    ):
        if candidate in known:
            full = known[candidate].split("_")
            return Tag(_same(language), script or full[1], territory or full[2])
    return Tag(_same(language), script, territory)


def _preference(part: str) -> Preference | None:
    found = RANGE.fullmatch(part)
    if found is None:
        return None
    weight = found[2] or "1"
    return Preference(found[1].replace("_", "-"), float(weight)) if WEIGHT.fullmatch(weight) else None


def _split(tag: str) -> tuple[str, str, str]:
    """Language, script and territory as CLDR writes them; variants and extensions say nothing here."""
    language, *rest = key(tag).split("-")
    script = territory = ""
    for part in rest[:3]:
        if len(part) == 1:  # an extension begins
            break
        if len(part) == 4 and part.isalpha() and not script:
            script = part.title()
        elif (len(part) == 2 and part.isalpha()) or (len(part) == 3 and part.isdigit()):
            territory = territory or part.upper()
    alias: Mapping[str, str] = get_global("language_aliases")
    language, _, implied = alias.get(language, language).partition("_")
    return language, script or implied, territory


def _same(language: str) -> str:
    return SAME_LANGUAGE.get(language, language)


def _upwards(tag: str) -> list[str]:
    """The tag and its parents: es-MX, es-419, es. Never one in another script."""
    language, script, territory = _split(tag)
    parents: Mapping[str, str] = get_global("parent_exceptions")
    own = "_".join(part for part in (language, script, territory) if part)
    chain = [tag, own]
    while own in parents and parents[own] != "root":
        own = parents[own]
        chain.append(own)
    this = likely(tag)
    shorter = (f"{this.language}-{this.script}-{this.territory}", f"{this.language}-{this.script}")
    chain += [
        each for each in (*shorter, f"{this.language}-{this.territory}", language, this.language) if each
    ]
    return [each for each in chain if likely(each).script == this.script]


def _reads(tag: str, locale: str) -> bool:
    one, other = likely(tag), likely(locale)
    return one.language == other.language and (one.script == other.script or one.language in BOTH_SCRIPTS)


def _same_language(tag: str, locale: str) -> bool:
    return tag != "*" and likely(tag).language == likely(locale).language


def _distance(tag: str, locale: str) -> tuple[bool, bool]:
    one, other = likely(tag), likely(locale)
    return one.script != other.script, one.territory != other.territory


def _covers(refused: str, locale: str) -> bool:
    """`en;q=0` refuses en-GB too, `*;q=0` nothing: what was asked for by name is still wanted."""
    return key(locale) == key(refused) or key(locale).startswith(f"{key(refused)}-")
