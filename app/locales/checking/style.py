"""What looks odd to a reader of the language: warnings for the translator's eyes. Pure: no I/O."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from app.locales.checking.formats import AS_PYTHON
from app.locales.checking.source import Form, Problems, Term

ENDINGS = {"…": "…", "!": "!", "?": "?", ":": ":", ".": "."}
# The same mark as other languages write it: Chinese, Hindi, Urdu, Armenian, Amharic, Arabic.
SAME_ENDING = {
    **dict.fromkeys("。．｡।॥۔։።", "."),
    **dict.fromkeys("؟？﹖՞፧", "?"),
    **dict.fromkeys("！﹗՜", "!"),
    **dict.fromkeys("：﹕", ":"),
    "⋯": "…",
}
GREEK_QUESTION = ";\u037e"
CLOSING = "\"'»›”’)」』》 \u00a0\u202f"
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
DOUBLED = re.compile(r"\b([^\W\d_]{2,})\s+\1\b", re.IGNORECASE)
# Words that may follow themselves in good sentences.
TWICE = frozenset({"sie", "die", "der", "das", "nous", "vous", "que", "se", "la", "bye", "haha"})
TAG = re.compile(r"<[^>]*>")
HIGH_MARKS = re.compile(
    r"(?<=[^\s\u00a0\u202f!?:;«(])([!?;:»])(?=\s|$|[\"»)])|(?<=\S)[ ]([!?;:»])|«(?=[^\s\u00a0\u202f])"
)
ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]")
JOINING_LANGUAGES = frozenset({"ar", "fa", "ur", "ckb", "ps", "he"})
# Scripts without spaces, where a zero-width space says where a line may break.
BREAKING_LANGUAGES = frozenset({"th", "km", "lo", "my", "bo"})
FEWEST_LETTERS = 4  # shorter texts are often the same in several languages


def spaces(form: Form) -> Problems:
    one, text = form.source.msgid, form.text
    if text[:1].isspace() != one[:1].isspace():
        yield _l("It begins with a space and its source does not, or the other way round.")
    if text[-1:].isspace() != one[-1:].isspace():
        yield _l("It ends with a space and its source does not, or the other way round.")
    if "  " in text and "  " not in one:
        yield _l("Two spaces follow each other.")


def ending(form: Form) -> Problems:
    if form.text.strip() and _ending(form.text, form.about.language) not in {
        _ending(each, "") for each in form.source.texts
    }:
        yield _l("It ends in another punctuation mark than its source.")


def _ending(words: str, language: str) -> str:
    plain = words.rstrip(CLOSING + "\n\t")
    if plain.endswith("..."):
        return "…"
    last = plain[-1:]
    if language == "el" and last in GREEK_QUESTION:
        return "?"
    return ENDINGS.get(SAME_ENDING.get(last, last), "")


def doubled(form: Form) -> Problems:
    """A word twice in a row, unless the source or the language does so."""
    for found in DOUBLED.finditer(AS_PYTHON.sub(" % ", form.text)):
        word = found[1].lower()
        if word not in TWICE and not DOUBLED.search(form.model):
            yield _l("The word “%(word)s” stands twice in a row.", word=found[1][:40])
            return


def unchanged(form: Form) -> Problems:
    source = form.source
    if form.about.language == "en" or form.text not in source.texts:
        return
    letters = sum(map(len, WORD.findall(_plain(form.text))))
    if letters >= FEWEST_LETTERS and not any(
        term.is_kept and term.term == form.text for term in form.about.terms
    ):
        yield _l("It is the same as its source.")


def _plain(text: str) -> str:
    """Without placeholders and tags."""
    return TAG.sub(" ", AS_PYTHON.sub(" ", text))


def consistent(form: Form) -> Problems:
    """The same source in another place, with other words."""
    for forms in form.about.others:
        if form.index < len(forms) and forms[form.index] not in ("", form.text):
            yield _l("The same source is “%(text)s” elsewhere.", text=forms[form.index][:80])
            return


def glossary(form: Form) -> Problems:
    """A term of the glossary stands in the source and its translation does not stand here."""
    for term in form.about.terms:
        if term_stands(term, form.model) and not _has(term.translation, form.text, term):
            if term.is_kept:
                yield _l("“%(term)s” is a name and stays as it is.", term=term.term)
            else:
                yield _l(
                    "The glossary says “%(translation)s” for “%(term)s”.",
                    translation=term.translation,
                    term=term.term,
                )


def term_stands(term: Term, text: str) -> bool:
    """Whether the term is a word, or words, of the text; in English also with a plural s."""
    flags = 0 if term.is_case_sensitive or term.is_kept else re.IGNORECASE
    return re.search(rf"(?<!\w){re.escape(term.term)}(?:e?s)?(?!\w)", text, flags) is not None


def _has(words: str, text: str, term: Term) -> bool:
    """Languages bend words: that the stem stands somewhere is enough."""
    if term.is_case_sensitive or term.is_kept:
        return words in text
    wanted, found = words.casefold(), text.casefold()
    return wanted in found or all(_stem(word) in found for word in wanted.split())


def _stem(word: str) -> str:
    return word if len(word) <= FEWEST_LETTERS else word[: max(FEWEST_LETTERS, len(word) - 2)]


def french_spaces(form: Form) -> Problems:
    """French sets a narrow no-break space before ! ? ; : » and after «."""
    if form.about.language != "fr" or form.about.locale.upper().endswith("-CA"):
        return
    plain = re.sub(r"(?:https?|mailto):\S+|\d+:\d+|&#?\w+;", " ", _plain(form.text))
    if HIGH_MARKS.search(plain):
        yield _l("French has a narrow no-break space before ! ? ; : and inside of « ».")


def kashida(form: Form) -> Problems:
    if "\u0640" in form.text and form.about.language in (JOINING_LANGUAGES | {""}):
        yield _l("A kashida (U+0640) stretches a word; pages do that by themselves.")


def zero_width(form: Form) -> Problems:
    if ZERO_WIDTH.search(form.text) and form.about.language not in BREAKING_LANGUAGES:
        yield _l("There is an invisible zero-width space.")
