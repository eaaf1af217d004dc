from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.errors import Refused
from app.locales.po import read
from app.locales.po_patch import New, fresh, patched

FILE = b"""msgid ""
msgstr ""
"PO-Revision-Date: 2020-01-01 10:00+0000\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

#: a.html:1
msgid "one"
msgstr "eins"

#, fuzzy, python-format
#| msgid "tow %s"
msgid "two %s"
msgstr "zwei %s"

msgid "plate"
msgid_plural "plates"
msgstr[0]\t"Teller"

#~ msgid "gone"
#~ msgstr "weg"
"""


def lines_changed(before: bytes, after: bytes) -> list[bytes]:
    return [line for line in after.split(b"\n") if line not in before.split(b"\n")]


def test_without_a_change_nothing_changes():
    assert patched(read(FILE), {}) == FILE
    assert patched(read(FILE), {(None, "one"): ("eins",)}, revised_at=datetime.now(UTC)) == FILE


def test_one_text_changes_one_line():
    after = patched(read(FILE), {(None, "one"): ("EINS",)})
    assert after == FILE.replace(b'msgstr "eins"', b'msgstr "EINS"')


def test_the_ends_of_lines_and_the_space_after_the_keyword_stay():
    windows = FILE.replace(b"\n", b"\r\n")
    assert patched(read(windows), {(None, "one"): ("EINS",)}) == windows.replace(b'"eins"', b'"EINS"')
    assert b'msgstr[0]\t"Platte"' in patched(read(FILE), {(None, "plate"): ("Platte",)})


def test_a_new_text_takes_the_doubt_and_what_was_before_away():
    after = patched(read(FILE), {(None, "two %s"): ("zwo %s",)})
    assert b"#, python-format\nmsgid" in after
    assert b"fuzzy" not in after
    assert b"#|" not in after


def test_a_doubt_can_be_marked():
    after = read(patched(read(FILE), {(None, "one"): ("uno",)}, fuzzy=frozenset({(None, "one")})))
    assert after.entries[0].flags == ("fuzzy",)
    assert after.entries[1].flags == ("fuzzy", "python-format")


def test_a_language_may_have_more_forms_than_the_file_had():
    after = patched(read(FILE), {(None, "plate"): ("Teller", "Teller")})
    assert after == FILE.replace(b'msgstr[0]\t"Teller"\n', b'msgstr[0]\t"Teller"\nmsgstr[1] "Teller"\n')


def test_what_is_new_goes_before_the_obsolete():
    after = patched(
        read(FILE), {}, added=[New("ctx", "three", None, ("drei",), ("b.html:2",), ("python-format",))]
    )
    live, gone = FILE[: FILE.index(b"\n#~")], FILE[FILE.index(b"#~") :]
    added = after.removeprefix(live).removesuffix(gone)
    assert added == b'\n#: b.html:2\n#, python-format\nmsgctxt "ctx"\nmsgid "three"\nmsgstr "drei"\n\n'


def test_the_header_tells_when():
    after = patched(
        read(FILE), {(None, "one"): ("EINS",)}, revised_at=datetime(2026, 11, 26, 9, 5, tzinfo=UTC)
    )
    assert lines_changed(FILE, after) == [b'"PO-Revision-Date: 2026-11-26 09:05+0000\\n"', b'msgstr "EINS"']


def test_a_text_of_several_lines_breaks_after_each():
    after = patched(read(FILE), {(None, "one"): ("a\nb\n",)})
    assert b'msgstr ""\n"a\\n"\n"b\\n"\n' in after


def test_a_long_text_is_wrapped_as_the_file_is():
    long = " ".join(["Wort"] * 40)
    wrapped = patched(read(FILE), {(None, "one"): (long,)})
    assert max(len(line) for line in wrapped.split(b"\n")) <= 80
    assert read(wrapped).entries[0].strings == (long,)
    wide = FILE + b'\nmsgid "wide"\nmsgstr "' + b"w " * 60 + b'"\n'
    assert b'msgstr "' + long.encode() + b'"' in patched(read(wide), {(None, "one"): (long,)})


@pytest.mark.parametrize(
    ("key", "strings"),
    [((None, "none"), ("x",)), ((None, "one"), ("x", "y")), ((None, "plate"), ()), (("c", "one"), ("x",))],
)
def test_what_does_not_fit_the_file_is_refused(key, strings):
    with pytest.raises(Refused):
        patched(read(FILE), {key: strings})


def test_a_letter_that_the_charset_has_not_is_refused():
    latin = FILE.replace(b"UTF-8", b"ISO-8859-1")
    with pytest.raises(Refused) as refused:
        patched(read(latin), {(None, "one"): ("€",)})
    assert "iso8859-1" in str(refused.value.fields["file"])


TEXTS = some.text(some.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=200)


@given(TEXTS)
def test_any_text_comes_back_as_it_went(text):
    after = read(patched(read(FILE), {(None, "one"): (text,)}))
    assert after.entries[0].strings == (text,)
    assert [entry.strings for entry in after.entries[1:]] == [
        entry.strings for entry in read(FILE).entries[1:]
    ]


@given(some.lists(some.tuples(TEXTS.filter(bool), TEXTS), max_size=5, unique_by=lambda pair: pair[0]))
def test_a_new_file_holds_what_it_was_given(pairs):
    data = fresh("Language: de\n", [New(None, msgid, None, (text,)) for msgid, text in pairs])
    assert [(entry.msgid, entry.strings[0]) for entry in read(data).entries] == pairs


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="GNU gettext is not on this machine")
def test_gettext_takes_what_is_written(tmp_path):
    path = tmp_path / "x.po"
    path.write_bytes(patched(read(FILE), {(None, "one"): ('"\t\\',), (None, "plate"): ("a", "b")}))
    subprocess.run(["msgfmt", "-o", "/dev/null", path], check=True)
