"""What makes a locale: its code, its plural rule, who sees it and what it falls back to. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from babel.messages.plurals import get_plural
from babel.plural import to_gettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import NotFound, Refused
from app.locales.plurals import read_rule

SOURCE_LOCALE = "en"
OFF, PREVIEW, ON = "off", "preview", "on"
CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?")
ENGLISH_RULE = "nplurals=2; plural=(n != 1);"


@dataclass(frozen=True)
class Availability:
    word: LazyString
    hint: LazyString
    look: str  # a state of app/ui/states.py


AVAILABILITY: dict[str, Availability] = {
    OFF: Availability(_l("off"), _l("Only translators see it, here."), "off"),
    PREVIEW: Availability(
        _l("preview"), _l("People who are signed in here or have the link see it in the shop."), "running"
    ),
    ON: Availability(_l("for shoppers"), _l("The shop offers it to everybody."), "on"),
}


def canonical(typed: str) -> str:
    """`pt_br` → `pt-BR`. Refuses, on the field code, what is no language that CLDR knows."""
    code = typed.strip()
    if CODE.fullmatch(code) is None:
        raise _wrong_code(_l("Write a code such as de, pt-BR or zh-Hant."))
    parts = re.split("[-_]", code)
    written = "-".join([parts[0].lower(), *map(_cased, parts[1:])])
    try:
        Locale.parse(written, sep="-")
    except (ValueError, UnknownLocaleError):
        why = _l("There is no language %(code)s. Look for its code.", code=written)
        raise NotFound(why, {"code": why}) from None
    return written


def _cased(part: str) -> str:
    return part.capitalize() if len(part) == 4 else part.upper()


def _wrong_code(why: LazyString) -> Refused:
    return Refused(_l("The locale was not added."), {"code": why})


def proposed_rule(code: str) -> str:
    """The plural rule that CLDR knows for a language, as a header. A file that is taken in may bring its own.

    CLDR's own rule is tried first; for fr, es, it and pt it asks for more than a catalog can express.
    """
    found = Locale.parse(code, sep="-")
    plural = get_plural(code.replace("-", "_"))
    for header in (
        to_gettext(found.plural_form),
        f"nplurals={plural.num_plurals}; plural={plural.plural_expr};",
    ):
        try:
            return read_rule(header).header
        except Refused:
            continue
    return ENGLISH_RULE


Fallbacks = Mapping[str, str | None]  # each locale's own; None: the source


def chain(code: str, fallbacks: Fallbacks) -> tuple[str, ...]:
    """In what order words are looked for: pt-BR → pt → en. The source language ends every chain."""
    found = [code]
    while (following := fallbacks.get(found[-1])) and following not in found:
        found.append(following)
    return tuple(found) if SOURCE_LOCALE in found else (*found, SOURCE_LOCALE)


def check_fallback(code: str, wanted: str | None, fallbacks: Fallbacks) -> None:
    """Refuses, on the field fallback, a locale that there is not, or a chain that comes back to itself."""
    if wanted is None:
        return
    if code == SOURCE_LOCALE:
        raise _wrong_fallback(_l("The source language falls back to nothing."))
    if wanted not in fallbacks:
        raise _wrong_fallback(_l("There is no locale %(code)s.", code=wanted[:40]))
    along = chain(wanted, {**fallbacks, code: None})
    if code in along:
        around = " → ".join((code, *along[: along.index(code) + 1]))
        raise _wrong_fallback(_l("The chain would come back to itself: %(chain)s.", chain=around))


def _wrong_fallback(why: LazyString) -> Refused:
    return Refused(_l("Nothing was changed."), {"fallback": why})


def proposed_fallback(code: str, known: Fallbacks) -> str | None:
    """The same language without its territory or script, where there is one."""
    parts = code.split("-")
    shorter = ("-".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((each for each in shorter if each in known and each != SOURCE_LOCALE), None)
