"""What is wrong with a translation. Pure: no I/O, no clock, no Flask.

A finding that blocks keeps a text from being approved and released: shown to a shopper it would raise, or
run a script, or turn the line around. A warning is for the translator's eyes.

Formats are Python's: `%(name)s`. A message may leave a name out only in a plural form that stands for one
number alone ("one plate"); it may never bring one that its source has not, for nobody fills that in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.locales.plurals import PluralRule


@dataclass(frozen=True)
class Source:
    """What is translated."""

    msgid: str
    plural_id: str | None = None
    is_format: bool = False  # the message is filled in with variables

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.msgid,) if self.plural_id is None else (self.msgid, self.plural_id)


@dataclass(frozen=True)
class Finding:
    check: str
    form: int  # index of the text that it is about
    blocks: bool
    message: LazyString


Problems = Iterator[LazyString]

# A conversion as Python reads it, less the flag " ": in a sentence a per cent sign is followed by a space.
CONVERSION = re.compile(
    r"%(?:\((?P<name>[^()]*)\))?[#0\-+]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<type>[diouxXeEfFgGcrsa%])"
)
SAME_TYPE = {"i": "d", "u": "d", "E": "e", "F": "f", "G": "g"}
TAG = re.compile(r"<[a-zA-Z/!?][^>]*>?")
# All control characters but the line feed and the tab.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Embeddings, overrides and isolates: they can turn a price or an address around.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
LINK = re.compile(r"""(?:https?:|javascript:|data:|mailto:|//)[^\s"'<>)]*""", re.IGNORECASE)
LONGEST = 10_000


@dataclass(frozen=True)
class Placeholders:
    """The conversions in a text."""

    named: dict[str, frozenset[str]]  # name → types
    positional: tuple[str, ...]  # types, in their order
    lone: int  # per cent signs that are no conversion


def placeholders(text: str) -> Placeholders:
    named: dict[str, set[str]] = {}
    positional: list[str] = []
    rest = 0
    at = 0
    while (at := text.find("%", at)) >= 0:
        found = CONVERSION.match(text, at)
        if found is None:
            rest, at = rest + 1, at + 1
            continue
        at = found.end()
        kind = SAME_TYPE.get(found["type"], found["type"])
        if found["name"] is not None:
            named.setdefault(found["name"], set()).add(kind)
        elif kind != "%":
            positional.append(kind)
    return Placeholders({name: frozenset(kinds) for name, kinds in named.items()}, tuple(positional), rest)


def check(source: Source, forms: Sequence[str], rule: PluralRule) -> list[Finding]:
    """All that is wrong, blockers first. An untranslated text has nothing wrong with it."""
    if not any(forms):
        return []
    found = [
        Finding(name, form, blocks, message)
        for form, text in enumerate(forms)
        for name, blocks, problems in CHECKS
        for message in problems(source, text, _numbers(source, form, rule))
    ]
    found += [Finding("plural", form, True, message) for form, message in _plural(source, forms, rule)]
    return sorted(found, key=lambda finding: (not finding.blocks, finding.form))


def blockers(source: Source, forms: Sequence[str], rule: PluralRule) -> list[Finding]:
    return [finding for finding in check(source, forms, rule) if finding.blocks]


def _numbers(source: Source, form: int, rule: PluralRule) -> int | None:
    """How many numbers a plural form stands for (of those that are tried); None: not a plural."""
    if source.plural_id is None or form >= rule.forms:
        return None
    return len(rule.numbers[form])


def _plural(source: Source, forms: Sequence[str], rule: PluralRule) -> Iterator[tuple[int, LazyString]]:
    wanted = 1 if source.plural_id is None else rule.forms
    if len(forms) != wanted:
        yield 0, _l("This needs %(wanted)s forms and has %(given)s.", wanted=wanted, given=len(forms))
    for form, text in enumerate(forms):
        if not text.strip():
            yield form, _l("This form is missing.")


def _formats(source: Source, text: str, numbers: int | None) -> Problems:
    found = list(_conversions(source, text, numbers))
    yield from found
    if not found and source.is_format and _spaced(text) != _spaced(source.texts[-1]):
        yield _l("The source has a placeholder such as “% d”. Keep it as it is, sign and letter.")


def _spaced(text: str) -> list[str]:
    """Conversions with a space between sign and letter: in a text that is filled in they are ones."""
    return re.findall(r"(?<!%)(?:%%)*% [diouxXeEfFgGcrsa]", text)


def _conversions(source: Source, text: str, numbers: int | None) -> Problems:
    mine = placeholders(text)
    theirs = [placeholders(each) for each in source.texts]
    allowed: dict[str, frozenset[str]] = {}
    for each in theirs:
        for name, kinds in each.named.items():
            allowed[name] = allowed.get(name, frozenset()) | kinds
    yield from _names(mine, theirs[-1], allowed, numbers)
    if mine.positional != theirs[-1].positional and (mine.positional or text):
        wanted = " ".join(f"%{kind}" for kind in theirs[-1].positional) or _l("none")
        yield _l("Use these placeholders, in this order: %(wanted)s", wanted=wanted)
    if mine.lone and not (all(each.lone for each in theirs) and not source.is_format):
        yield _l("Write %% for a per cent sign.")


def _names(
    mine: Placeholders, theirs: Placeholders, allowed: dict[str, frozenset[str]], numbers: int | None
) -> Problems:
    for name in sorted(mine.named.keys() - allowed.keys()):
        yield _l("There is no %(name)s in the source.", name=f"%({name})s")
    for name in sorted(theirs.named.keys() - mine.named.keys()):
        if numbers != 1:
            kind = min(theirs.named[name])
            yield _l("%(name)s is missing.", name=f"%({name}){kind}")
    for name in sorted(mine.named.keys() & allowed.keys()):
        if not mine.named[name] <= allowed[name]:
            kind = min(allowed[name])
            yield _l("Write it as in the source: %(name)s", name=f"%({name}){kind}")


def _markup(source: Source, text: str, _numbers: int | None) -> Problems:
    known = Counter(TAG.findall("".join(source.texts)))
    for tag in sorted(set(TAG.findall(text)) - known.keys()):
        yield _l("There is no %(tag)s in the source.", tag=tag[:80])


def _links(source: Source, text: str, _numbers: int | None) -> Problems:
    known = set(LINK.findall("".join(source.texts)))
    for link in sorted(set(LINK.findall(text)) - known):
        yield _l("The address %(link)s is not in the source.", link=link[:80])


def _characters(_source: Source, text: str, _numbers: int | None) -> Problems:
    for character in sorted(set(CONTROL.findall(text))):
        yield _l("Take out the control character %(code)s.", code=f"U+{ord(character):04X}")
    for character in sorted(set(BIDI.findall(text))):
        yield _l("Take out the direction character %(code)s.", code=f"U+{ord(character):04X}")


def _length(_source: Source, text: str, _numbers: int | None) -> Problems:
    if len(text) > LONGEST:
        yield _l("This is longer than %(most)s characters.", most=LONGEST)


def _spaces(source: Source, text: str, _numbers: int | None) -> Problems:
    one = source.msgid
    if text[:1].isspace() != one[:1].isspace() or text[-1:].isspace() != one[-1:].isspace():
        yield _l("It begins or ends with a space and its source does not, or the other way round.")
    if "  " in text and "  " not in one:
        yield _l("Two spaces follow each other.")


ENDINGS = {"…": "…", "!": "!", "?": "?", ":": ":", ".": "."}
SAME_ENDING = {"。": ".", "।": ".", "؟": "?", "？": "?", "！": "!", "：": ":"}


def _ending(source: Source, text: str, _numbers: int | None) -> Problems:
    def ending(words: str) -> str:
        last = words.rstrip()[-1:]
        return ENDINGS.get(SAME_ENDING.get(last, last), "")

    if text.strip() and ending(text) not in {ending(each) for each in source.texts}:
        yield _l("It ends in another punctuation mark than its source.")


Check = tuple[str, bool, Callable[[Source, str, int | None], Problems]]

CHECKS: tuple[Check, ...] = (
    ("format", True, _formats),
    ("markup", True, _markup),
    ("link", True, _links),
    ("characters", True, _characters),
    ("length", True, _length),
    ("spaces", False, _spaces),
    ("ending", False, _ending),
)
