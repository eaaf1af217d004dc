"""The glossary as people write it: one term a row, also in CSV. Pure: no I/O."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.locales.checking.source import Term
from app.spreadsheets import FORMULAS, written

COLUMNS = ("term", "translation", "note", "do_not_translate", "case_sensitive")
YES = {"1", "true", "yes", "x"}
LONGEST = 200
LONGEST_NOTE = 500
MOST_TERMS = 5_000
MOST_BYTES = 2_000_000
# Control characters, marks of direction, spaces without a width; joiners may stay: Persian words have them.
UNSEEN = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\ufeff"
)
_UNSEEN = re.compile(rf"[{UNSEEN}\ud800-\udfff]")


def checked(term: str, translation: str, note: str, *, is_kept: bool, is_case_sensitive: bool) -> Term:
    """A term that can be kept; a name that is not translated is its own translation."""
    term, translation, note = (" ".join(text.split()) for text in (term, translation, note))
    wrong: dict[str, object] = {}
    if not term or len(term) > LONGEST:
        wrong["term"] = _l("Give a word or words of at most %(most)s characters.", most=LONGEST)
    if not is_kept and (not translation or len(translation) > LONGEST):
        wrong["translation"] = _l("Give a translation of at most %(most)s characters.", most=LONGEST)
    if len(note) > LONGEST_NOTE:
        wrong["note"] = _l("Give at most %(most)s characters.", most=LONGEST_NOTE)
    if _UNSEEN.search(term + translation + note):
        wrong.setdefault("term", _l("Take out the characters that cannot be seen."))
    if wrong:
        raise Refused(_l("The term was not saved."), wrong)
    return Term(term, term if is_kept else translation, is_kept, is_case_sensitive, note)


def read_csv(data: bytes) -> list[Term]:
    """Raises `Refused` on the field file, with the line, for what cannot be read; nothing is taken then."""
    if len(data) > MOST_BYTES:
        raise _wrong(_l("The file is larger than %(most)s MB.", most=MOST_BYTES // 1_000_000))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(_l("Save the file as UTF-8.")) from None
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        return _terms(rows)
    except csv.Error as error:
        raise _wrong(_l("Line %(line)s: %(why)s", line=rows.line_num, why=str(error))) from error


def _terms(rows: csv.DictReader[str]) -> list[Term]:
    missing = [name for name in COLUMNS[:2] if name not in (rows.fieldnames or ())]
    if missing:
        raise _wrong(_l("The first line lacks %(names)s.", names=", ".join(missing)))
    found: dict[str, Term] = {}
    for row in rows:
        if len(found) >= MOST_TERMS:
            raise _wrong(_l("There are more than %(most)s terms.", most=MOST_TERMS))
        try:
            term = _term(row)
        except Refused as refused:
            why = next(iter(refused.fields.values()))
            raise _wrong(_l("Line %(line)s: %(why)s", line=rows.line_num, why=why)) from refused
        found[term.term.lower()] = term
    return list(found.values())


def _term(row: Mapping[str | None, str | None]) -> Term:
    def cell(name: str) -> str:
        text = row.get(name) or ""
        return text[1:] if text.startswith("'") and text[1:].startswith(FORMULAS) else text

    return checked(
        cell("term"),
        cell("translation"),
        cell("note"),
        is_kept=cell("do_not_translate").strip().lower() in YES,
        is_case_sensitive=cell("case_sensitive").strip().lower() in YES,
    )


def _wrong(why: object) -> Refused:
    return Refused(_l("The file was not read; nothing was changed."), {"file": why})


def as_csv(terms: Iterable[Term]) -> bytes:
    rows = (
        (term.term, term.translation, term.note, _yes(term.is_kept), _yes(term.is_case_sensitive))
        for term in terms
    )
    return written([COLUMNS, *rows]).encode()


def _yes(value: bool) -> str:
    return "yes" if value else ""
