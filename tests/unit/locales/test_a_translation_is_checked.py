"""What is blocked would break a page; what is only odd is a warning."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.locales.checks import Finding, Source, blockers, check, placeholders
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
