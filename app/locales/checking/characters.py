"""Characters that must not be there, and texts that are too long. Pure: no I/O."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from app.locales.checking.source import Form, Problems

# All control characters but the line feed and the tab; lone surrogates; separators of lines and paragraphs.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
OVERRIDE = re.compile("[\u202d\u202e]")
EMBEDDING, END_EMBEDDING = "\u202a\u202b", "\u202c"
ISOLATE, END_ISOLATE = "\u2066\u2067\u2068", "\u2069"
DIRECTION = re.compile("[\u202a-\u202c\u2066-\u2069]")
LONGEST = 10_000


def characters(form: Form) -> Problems:
    text = form.text
    if text.isascii() and text.isprintable():
        return
    for character in sorted(set(CONTROL.findall(text)) - set(form.source.msgid)):
        yield _l("Take out the control character %(code)s.", code=_code(character))
    for character in sorted(set(OVERRIDE.findall(text))):
        yield _l("Take out the direction character %(code)s.", code=_code(character))
    for character in sorted(set(_unclosed(text))):
        yield _l(
            "The direction character %(code)s is not closed and turns around what follows.",
            code=_code(character),
        )


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _unclosed(text: str) -> list[str]:
    """Embeddings and isolates without their end, and ends without a beginning."""
    open_: list[str] = []
    wrong: list[str] = []
    for character in DIRECTION.findall(text):
        if character in EMBEDDING + ISOLATE:
            open_.append(character)
        elif open_ and open_[-1] in (EMBEDDING if character == END_EMBEDDING else ISOLATE):
            open_.pop()
        else:
            wrong.append(character)
    return wrong + open_


def line_ends(form: Form) -> Problems:
    """A line break at either end stays: programmers rely on it, and msgfmt refuses a catalog without."""
    text, model = form.text, form.source.msgid
    if text and text.startswith("\n") != model.startswith("\n"):
        yield _l("Begin with a line break where the source does, and only there.")
    if text and text.endswith("\n") != model.endswith("\n"):
        yield _l("End with a line break where the source does, and only there.")


def length(form: Form) -> Problems:
    """So much room there is, and no more."""
    most = min(form.source.max_length or LONGEST, LONGEST)
    if len(form.text) > most:
        yield _l("This is longer than %(most)s characters.", most=most)
