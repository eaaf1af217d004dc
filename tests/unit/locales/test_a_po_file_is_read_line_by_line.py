from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.errors import Refused
from app.locales.po import read

HEADER = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
FILE = (
    HEADER
    + """# by hand
#. for you
#: cart.html:3 cart.html:9
#, fuzzy, python-format
#| msgctxt "old"
#| msgid "%(n)s plates"
msgctxt "cart"
msgid "%(n)s plate"
msgid_plural "%(n)s plates"
msgstr[0] "%(n)s Teller"
msgstr[1] ""
"%(n)s "
"Teller"

msgid "Tab\\tand \\"quotes\\"\\n"
msgstr ""

#~ msgid "gone"
#~ msgstr "weg"
"""
).encode()


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as problem:
        read(data)
    return str(problem.value.fields["file"])


def test_an_entry_has_all_that_stands_with_it():
    entry, plain, gone = read(FILE).entries
    assert (entry.context, entry.msgid, entry.plural_id) == ("cart", "%(n)s plate", "%(n)s plates")
    assert entry.strings == ("%(n)s Teller", "%(n)s Teller")
    assert entry.flags == ("fuzzy", "python-format")
    assert (entry.comments, entry.extracted) == (("by hand",), ("for you",))
    assert entry.references == ("cart.html:3 cart.html:9",)
    assert (entry.previous.context, entry.previous.msgid) == ("old", "%(n)s plates")
    assert plain.msgid == 'Tab\tand "quotes"\n'
    assert (gone.is_obsolete, gone.strings) == (True, ("weg",))


def test_the_header_speaks_for_the_file():
    file = read(FILE)
    assert file.headers["Language"] == "de"
    assert file.headers["Plural-Forms"].startswith("nplurals=2")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_no_byte_is_lost(end):
    data = FILE.replace(b"\n", end)
    assert read(data).data == data
    assert read(data).entries[0].strings == read(FILE).entries[0].strings
    assert read(codecs.BOM_UTF8 + data).data == codecs.BOM_UTF8 + data


def test_the_charset_is_that_of_the_header():
    data = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=iso-8859-15\\n"\n\nmsgid "a"\nmsgstr "€"\n'
    file = read(data.encode("iso-8859-15"))
    assert (file.charset, file.entries[0].strings) == ("iso8859-15", ("€",))
    assert file.data == data.encode("iso-8859-15")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('msgid "a"\nmsgstr "b', 2, "string does not end"),
        ('msgid "a"\n\nmsgid "b"\nmsgstr ""', 3, "msgid stands twice"),
        ('msgid "a"\nmsgstr ""\nmsgstr ""', 3, "twice"),
        ('msgstr "a"', 1, "does not belong"),
        ('"a"', 1, "without a keyword"),
        ("msgfoo", 1, "neither"),
        ('msgid "a"', 1, "no msgstr"),
        ('msgid "a"\nmsgstr[0] "b"', 2, "does not belong"),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[1] "c"', 3, "does not belong"),
        ('msgid "\\q"\nmsgstr ""', 1, "no such escape"),
        ('msgid "a"\n# why\nmsgstr ""', 2, "inside of an entry"),
        ('msgid "a\x00"\nmsgstr ""', 1, "NUL"),
    ],
)
def test_what_is_no_po_file_is_refused_with_its_line(text, line, why):
    said = refused(text.encode())
    assert said.startswith(f"Line {line}:"), said
    assert why in said


@pytest.mark.parametrize("charset", ["utf-16", "rot13", "base64", "no-such", "hex"])
def test_a_charset_that_does_not_hold_ascii_is_refused(charset):
    assert "charset" in refused(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset={charset}\\n"\n'.encode()
    )


def test_letters_of_another_charset_are_refused_with_their_line():
    assert refused(b'msgid "a"\nmsgstr "\xff"\n').startswith("Line 2:")


def test_a_mark_of_the_obsolete_in_the_middle_hurts_no_living_entry():
    file = read(
        b'msgid "a"\nmsgstr "A"\n\n#~ #, python-format\n#~ msgid "b"\n#~ msgstr "B"\n\nmsgid "c"\nmsgstr ""\n'
    )
    assert [entry.msgid for entry in file.live] == ["a", "c"]
    assert [entry.msgid for entry in file.obsolete] == ["b"]


@given(some.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        back = read(data).data
    except Refused:
        return
    assert back == data


def test_a_comment_may_follow_a_string_on_its_line():
    file = read(b'msgid "Cart" # in the head\nmsgstr "Korb" # not "Wagen"\n')
    assert [entry.strings for entry in file.live] == [("Korb",)]


def test_a_charset_may_stand_behind_a_space():
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset= koi8-r\\n"\n\n'
    file = read((head + 'msgid "Cart"\nmsgstr "Корзина"\n').encode("koi8-r"))
    assert file.live[0].strings == ("Корзина",)
