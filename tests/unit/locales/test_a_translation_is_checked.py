"""What is blocked would break a page; what is only odd is a warning."""

from __future__ import annotations

import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from app.locales.checks import (
    CHECKS,
    About,
    Finding,
    Source,
    Term,
    blockers,
    check,
    placeholders,
    source_of,
)
from app.locales.plurals import read_rule

TWO = read_rule("nplurals=2; plural=(n != 1);")
ARABIC = read_rule(
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
)


def blocked(source: str, text: str, is_format: bool = True) -> list[str]:
    return [finding.check for finding in blockers(Source(source, is_format=is_format), [text], TWO)]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello %(name)s", "Hallo %(nom)s"),  # renamed
        ("Hello %(name)s", "Hallo"),  # missing
        ("Hello", "Hallo %(name)s"),  # brought along
        ("Hello %(name)s", "Hallo %(name)"),  # type lost
        ("Hello %(name)s", "Hallo %(name) s"),  # a space is a flag to Python, and takes the s as its type
        ("%(count)d left", "%(count)s übrig"),  # another type
        ("Hello %(name)s", "Hallo %(name)s, 50 % mehr"),  # "% m" is no conversion
        ("Hello %(name)s", "Hallo %(name)s 100%"),
        ("Off", "50 % de rabais"),
        ("%s of %d", "%d von %s"),  # another order
        ("%s of %d", "%s"),
        ("Hello %(name)s", "Hallo %s"),
        ("Hello %(name)s", "Hallo %(name)s und %s"),  # both kinds
        ("% calculation", "حساب ٪"),  # what looks like words is filled in: "% c"
        ("Save %(share)d%%", "%(share)d% sparen"),
        ("Width %*d", "Breite %d"),
    ],
)
def test_a_format_that_would_raise_is_blocked(source: str, text: str) -> None:
    assert "format" in blocked(source, text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello %(name)s", "%(name)s, hallo %(name)s"),
        ("%(a)s of %(b)d", "%(b)i von %(a)s"),
        ("%s of %d", "%s von %d"),
        ("%(share)d%% off", "%(share)d %% Rabatt"),
        ("100% cotton", "100% Baumwolle"),  # the source has one too and is not filled in
    ],
)
def test_a_format_that_works_passes(source: str, text: str) -> None:
    assert blocked(source, text, is_format="%(" in source) == []


PIECES = (
    "%(name)s",
    "%(count)d",
    "%(nom)s",
    "%(name)",
    "%s",
    "%d",
    "%",
    "%%",
    " 50 % de ",
    "%(",
    "s",
    " ",
    "a",
)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_whatever_passes_can_be_filled_in(text: str) -> None:
    source = Source("%(name)s has %(count)d", is_format=True)
    if text.strip() and not blockers(source, [text], TWO):
        assert operator.mod(text, {"name": "Ada", "count": 3})


VALUES: dict[str, Any] = {"name": "Ada", "count": 3}
SOURCES = ("%(name)s has %(count)d", "%(count)d%% off", "Off", "100%% cotton")
NEWSTYLE = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@given(st.sampled_from(SOURCES), st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_whatever_passes_is_shown_by_a_template(source: str, text: str) -> None:
    if text.strip() and not blockers(Source(source, is_format="%(" in source), [text], TWO):
        NEWSTYLE.install_gettext_callables(lambda _: text, lambda *_: text, newstyle=True)
        assert NEWSTYLE.from_string("{{ _(source, **values) }}").render(source=source, values=VALUES)


@given(st.text(alphabet="%()sd n{}:<&;/ \u202b\u202c\u2066\u2069", max_size=30))
def test_no_text_makes_the_checks_fail(text: str) -> None:
    for source in (Source("%(n)s", is_format=True), Source("{n}", is_brace_format=True), Source("<b>n</b>")):
        for finding in check(source, [text], TWO, About("fr")):
            assert str(finding.message)


@pytest.mark.parametrize(
    ("source", "text", "flags", "is_blocked"),
    [
        ("{name} has {count}", "{count} hat {name}", ("python-brace-format",), False),
        ("{name} has {count}", "{nom} hat {count}", ("python-brace-format",), True),
        ("{name}", "{name", ("python-brace-format",), True),
        ("{name}", "{name!r}", ("python-brace-format",), True),
        ("{}th", "{}.", (), False),  # the source can be filled in, whatever it says of itself
        ("{}th", "te", (), True),
        ("between {down} and {up}", "zwischen {unten} und {up}", (), True),
        ('{"a": 1}', '{"b": 2}', (), False),  # no placeholder
        ("Set {", "Menge {", (), False),
    ],
)
def test_placeholders_in_braces_are_kept(
    source: str, text: str, flags: tuple[str, ...], is_blocked: bool
) -> None:
    assert bool(blockers(source_of(source, None, flags), [text], TWO)) == is_blocked


def test_only_the_number_may_be_left_out_of_a_single_number() -> None:
    source = Source("%(name)s has %(num)d plate", "%(name)s has %(num)d plates", is_format=True)
    both = "%(name)s hat %(num)d"
    assert blockers(source, ["%(name)s hat einen Teller", both], TWO) == []
    assert [found.form for found in blockers(source, ["Einer hat %(num)d", both], TWO)] == [0]
    by_place = Source("%d plate", "%d plates", is_format=True)
    assert [found.form for found in blockers(by_place, ["ein Teller", "%d Teller"], TWO)] == [0]


def test_a_message_may_say_how_much_room_it_has() -> None:
    tight = source_of("Cart", None, (), ["max-length: 5"])
    assert [found.check for found in blockers(tight, ["Warenkorb"], TWO)] == ["length"]
    assert blockers(tight, ["Korb"], TWO) == []


@pytest.mark.parametrize(
    ("source", "text", "check_name"),
    [
        ("Go", "<script>alert(1)</script>", "markup"),
        ("<b>Go</b>", "<i>Los</i>", "markup"),
        ("Go", "Los <b", "markup"),
        ("Read more", "javascript:alert(1)", "link"),
        ("See https://a.example/x", "Siehe https://b.example/x", "link"),
        ("Price", "Preis\u202e12", "characters"),
        ("Price", "Preis\u2066", "characters"),
        ("Price", "Pre\x00is", "characters"),
        ("Price", "Pre\x1bis", "characters"),
        ("Price", "Pre\ud800is", "characters"),
        ("Price", "x" * 10_001, "length"),
        ("Price", "x" * 100_000, "length"),
        ("Price", "Pre\u2028is", "characters"),
        ("Price", "\u202bPreis", "characters"),
        ("Price", "Preis\u202c", "characters"),
        ("<b>Go</b> now", "<b>Los", "markup"),
        ("<b>Go</b> now", "Jetzt <b>los<b>", "markup"),
        ("Go", "<img src=x onerror=alert(1)>", "markup"),
        ("See https://a.example/x", "Siehe java\tscript:alert(1)", "link"),
        ("See https://a.example/x", "Siehe &#106;avascript:alert(1)", "link"),
        ("See https://a.example/x", "Siehe //b.example/x", "link"),
        ("See https://a.example/x", "Siehe data:text/html,x", "link"),
    ],
)
def test_what_could_harm_a_shopper_is_blocked(source: str, text: str, check_name: str) -> None:
    assert check_name in blocked(source, text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<b>Go</b> now", "Jetzt <b>los</b>"),
        ("a < b", "x < y"),
        ("Line\none", "Zeile\neins"),
        ("See https://a.example/x", "Siehe https://a.example/x"),
        ("See https://a.example/x for more", "Mehr: https://a.example/x."),
        ("Date: HTTP: no", "Data: HTTP: nie"),
        ("Price", "\u2067Preis\u2069 \u202bab\u202c \u200f"),
    ],
)
def test_what_its_source_has_is_allowed(source: str, text: str) -> None:
    assert blocked(source, text, is_format=False) == []


def test_an_untranslated_string_has_nothing_wrong_with_it() -> None:
    assert check(Source("Hello %(name)s", is_format=True), [""], TWO) == []


def forms_of(texts: list[str], rule: str = "two") -> list[Finding]:
    source = Source("%(num)d plate", "%(num)d plates", is_format=True)
    return blockers(source, texts, TWO if rule == "two" else ARABIC)


def test_a_missing_plural_form_is_blocked() -> None:
    assert [(finding.check, finding.form) for finding in forms_of(["%(num)d Teller", ""])] == [
        ("format", 1),
        ("plural", 1),
    ]
    assert "plural" in {finding.check for finding in forms_of(["%(num)d Teller"])}
    assert "plural" in {finding.check for finding in forms_of(["%(num)d"] * 3)}


def test_the_number_may_be_left_out_only_where_a_form_stands_for_one_number() -> None:
    assert forms_of(["Ein Teller", "%(num)d Teller"]) == []
    assert [finding.form for finding in forms_of(["%(num)d Teller", "Teller"])] == [1]
    arabic = ["لا أطباق", "طبق", "طبقان", "%(num)d أطباق", "%(num)d طبقًا", "%(num)d طبق"]
    assert forms_of(arabic, "arabic") == []
    assert [finding.form for finding in forms_of([*arabic[:3], "أطباق", *arabic[4:]], "arabic")] == [3]


def test_a_singular_that_names_no_number_asks_for_none() -> None:
    source = Source("One plate", "%(num)d plates", is_format=True)
    assert blockers(source, ["Ein Teller", "%(num)d Teller"], TWO) == []


def test_odd_spaces_and_endings_are_warnings_below_the_blockers() -> None:
    found = check(Source("Save the cart."), [" Korb  sichern %(x)s"], TWO)
    assert [finding.blocks for finding in found] == [True, False, False, False]
    assert {finding.check for finding in found if not finding.blocks} == {"spaces", "ending"}
    assert check(Source("Really?"), ["حقًا؟"], TWO) == []
    assert [str(finding.message) for finding in check(Source("Go."), ["Los"], TWO)]


def test_placeholders_are_read_as_python_reads_them() -> None:
    found = placeholders("%(a)s %(a)d %% %5.2f %")
    assert found.named == {"a": frozenset({"s", "d"})}
    assert found.positional == ("f",)
    assert found.lone == 1


def warned(source: str, text: str, about: About) -> list[str]:
    return [found.check for found in check(Source(source), [text], TWO, about) if not found.blocks]


@pytest.mark.parametrize(
    ("source", "text", "locale", "warnings"),
    [
        ("Really?", "真的？", "ja", []),
        ("Done.", "完了。", "ja", []),
        ("Really?", "Αλήθεια;", "el", []),
        ("Really?", "Ehrlich;", "de", ["ending"]),
        ("Wait…", "Warte...", "de", []),
        ("Go on", "Weiter weiter", "de", ["doubled"]),
        ("That is what it is", "Was die die tun", "de", []),
        ("Checkout", "Checkout", "de", ["unchanged"]),
        ("OK", "OK", "de", []),
        ("Checkout", "Checkout", "en", []),
        ("Ready!", "Prêt!", "fr", ["french_spaces"]),
        ("Ready!", "Prêt !", "fr", ["french_spaces"]),
        ("Ready!", "Prêt\u202f!", "fr", []),
        ("Ready!", "Prêt!", "fr-CA", []),
        ("at 10:30: “now”", "à 10:30\u202f: «\u202fnow\u202f»", "fr", []),
        ("Ready", "جاهـز", "ar", ["kashida"]),
        ("Ready", "Be\u200breit", "de", ["zero_width"]),
        ("Ready", "พร้\u200bอม", "th", []),
        ("Ready<br>", "Bereit", "de", ["tags"]),
        (" Ready", "Bereit ", "de", ["spaces", "spaces"]),
    ],
)
def test_what_is_odd_in_a_language_is_a_warning(
    source: str, text: str, locale: str, warnings: list[str]
) -> None:
    assert warned(source, text, About(locale)) == warnings


def test_the_same_source_in_other_words_is_a_warning() -> None:
    assert warned("Cart", "Korb", About("de", others=(("Warenkorb",),))) == ["consistent"]
    assert warned("Cart", "Korb", About("de", others=(("Korb",), ("",)))) == []


def test_the_glossary_is_kept_to_in_any_case_of_a_word() -> None:
    cart = About("de", (Term("cart", "Warenkorb"),))
    assert warned("Your carts", "Deine Warenkörbe", cart) == ["glossary"]  # a stem that changes is shown
    assert warned("Of the cart", "Des Warenkorbs", cart) == []
    assert warned("Of the cart", "Des Korbs", cart) == ["glossary"]
    assert warned("Cartoon", "Zeichentrick", cart) == []
    name = About("de", (Term("Hearth", "Hearth", is_kept=True),))
    assert warned("Hearth shop", "Laden Herd", name) == ["glossary"]
    assert warned("Hearth", "Hearth", name) == []


def test_every_check_has_a_name_that_people_read() -> None:
    assert all(str(one.name) for one in CHECKS.values())
    assert [name for name, one in CHECKS.items() if one.blocks] == [
        "format",
        "braces",
        "markup",
        "link",
        "characters",
        "line_ends",
        "length",
        "plural",
    ]


@pytest.mark.parametrize(
    ("msgid", "text", "is_blocked"),
    [
        ("Thank you\n", "Danke\n", False),
        ("Thank you\n", "Danke", True),
        ("Thank you", "Danke\n", True),
        ("\nThank you", "Danke", True),
    ],
)
def test_a_line_break_at_an_end_stays_for_msgfmt_refuses_a_catalog_without(msgid, text, is_blocked):
    found = check(Source(msgid), [text], read_rule("nplurals=1; plural=0;"))
    assert ("line_ends" in {one.check for one in found if one.blocks}) is is_blocked
