"""What is wrong with a translation: the list of checks on one screen. Pure: no I/O, no clock, no Flask.

A finding that blocks keeps a text from being approved and released: shown to a shopper it would raise, or
run a script, or turn the line around. A warning is for the translator's eyes and can be dismissed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.locales.checking import characters, formats, markup, style
from app.locales.checking.formats import Placeholders, placeholders
from app.locales.checking.source import NOTHING_ELSE, About, Form, Problems, Source, Term, source_of
from app.locales.plurals import PluralRule

__all__ = [
    "CHECKS", "About", "Check", "Finding", "Placeholders", "Source", "Term",
    "blockers", "check", "placeholders", "source_of",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    check: str
    form: int  # index of the text that it is about
    blocks: bool
    message: LazyString


@dataclass(frozen=True)
class Check:
    """One line of the list."""

    look: Callable[[Form], Problems]
    blocks: bool
    name: LazyString


PLURAL = "plural"  # looks at all forms together: _plural

CHECKS: dict[str, Check] = {
    "format": Check(formats.formats, True, _l("Placeholders")),
    "braces": Check(formats.braces, True, _l("Placeholders in braces")),
    "markup": Check(markup.tags, True, _l("Tags")),
    "link": Check(markup.links, True, _l("Addresses")),
    "characters": Check(characters.characters, True, _l("Control characters")),
    "line_ends": Check(characters.line_ends, True, _l("Line breaks at the ends")),
    "length": Check(characters.length, True, _l("Length")),
    PLURAL: Check(lambda _form: iter(()), True, _l("Plural forms")),
    "tags": Check(markup.missing_tags, False, _l("Missing tags")),
    "spaces": Check(style.spaces, False, _l("Spaces")),
    "ending": Check(style.ending, False, _l("Punctuation at the end")),
    "doubled": Check(style.doubled, False, _l("Doubled words")),
    "unchanged": Check(style.unchanged, False, _l("Unchanged")),
    "consistent": Check(style.consistent, False, _l("Translated differently elsewhere")),
    "glossary": Check(style.glossary, False, _l("Glossary")),
    "french_spaces": Check(style.french_spaces, False, _l("French spaces")),
    "kashida": Check(style.kashida, False, _l("Kashida")),
    "zero_width": Check(style.zero_width, False, _l("Zero-width space")),
}


def check(
    source: Source, forms: Sequence[str], rule: PluralRule, about: About = NOTHING_ELSE
) -> list[Finding]:
    """All that is wrong, blockers first. An untranslated text has nothing wrong with it."""
    return _found(source, forms, rule, about, [*CHECKS.items()])


def blockers(source: Source, forms: Sequence[str], rule: PluralRule) -> list[Finding]:
    """The same without the warnings, which a release does not look at."""
    return _found(source, forms, rule, NOTHING_ELSE, [item for item in CHECKS.items() if item[1].blocks])


def _found(
    source: Source,
    forms: Sequence[str],
    rule: PluralRule,
    about: About,
    wanted: Sequence[tuple[str, Check]],
) -> list[Finding]:
    if not any(forms):
        return []
    found = [
        Finding(name, index, one.blocks, message)
        for index, text in enumerate(forms)
        for form in [Form(source, text, _numbers(source, index, rule), about, index)]
        for name, one in wanted
        if text or one.blocks
        for message in one.look(form)
    ]
    found += [Finding(PLURAL, form, True, message) for form, message in _plural(source, forms, rule)]
    return sorted(found, key=lambda finding: (not finding.blocks, finding.form))


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
