"""What makes a locale: codes, plural rules, chains, and who may do what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound, Refused
from app.locales.access import PERMISSIONS, PUBLISH, REVIEW, TRANSLATE, Holder, allows
from app.locales.locale_rules import canonical, chain, check_fallback, proposed_fallback, proposed_rule
from app.locales.plurals import read_rule


@pytest.mark.parametrize(
    ("typed", "code"),
    [("de", "de"), ("PT_br", "pt-BR"), (" zh-hant-tw ", "zh-Hant-TW"), ("es-419", "es-419"), ("fil", "fil")],
)
def test_a_code_is_written_as_everybody_writes_it(typed: str, code: str) -> None:
    assert canonical(typed) == code


@pytest.mark.parametrize("typed", ["", "xx-YY-ZZ", "deutsch", "de/../../", "de-DE-1996", "\x00"])
def test_what_is_no_language_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        canonical(typed)
    assert list(refused.value.fields) == ["code"]


def test_a_language_that_nobody_speaks_is_not_found() -> None:
    with pytest.raises(NotFound) as missing:
        canonical("qq")
    assert list(missing.value.fields) == ["code"]


@pytest.mark.parametrize(
    ("code", "forms", "first"),
    [
        ("de", 2, 1),
        ("ja", 1, 0),
        ("ar", 6, 0),
        ("pl", 3, 1),
        ("cs", 3, 1),
        ("pt-BR", 2, 1),
        ("fr", 2, 0),
        ("he", 2, 1),
    ],
)
def test_a_plural_rule_is_proposed_that_can_be_used(code: str, forms: int, first: int) -> None:
    rule = read_rule(proposed_rule(code))
    assert rule.forms >= min(forms, 2) if forms > 1 else rule.forms == 1
    assert first in rule.numbers[0]


def test_arabic_keeps_the_order_of_its_forms() -> None:
    rule = read_rule(proposed_rule("ar"))
    assert [rule.form_of(n) for n in (0, 1, 2, 3, 11, 100)] == [0, 1, 2, 3, 4, 5]


KNOWN = {"en": None, "pt": None, "pt-BR": "pt", "de": None, "de-AT": "de"}


def test_words_are_looked_for_along_the_chain() -> None:
    assert chain("pt-BR", KNOWN) == ("pt-BR", "pt", "en")
    assert chain("de", KNOWN) == ("de", "en")
    assert chain("en", KNOWN) == ("en",)
    assert proposed_fallback("zh-Hant-TW", {"zh": None, "en": None}) == "zh"
    assert proposed_fallback("en-GB", {"en": None}) is None


@pytest.mark.parametrize(("code", "wanted"), [("pt", "pt-BR"), ("pt", "pt"), ("de", "xx"), ("en", "de")])
def test_a_chain_that_comes_back_or_leads_nowhere_is_refused(code: str, wanted: str) -> None:
    with pytest.raises(Refused) as refused:
        check_fallback(code, wanted, KNOWN)
    assert list(refused.value.fields) == ["fallback"]


CODES = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(st.tuples(CODES, CODES), max_size=12))
def test_however_fallbacks_are_set_a_chain_ends(moves: list[tuple[str, str]]) -> None:
    known: dict[str, str | None] = dict.fromkeys(["en", "a", "b", "c", "d"])
    for code, wanted in moves:
        try:
            check_fallback(code, wanted, known)
        except Refused:
            continue
        known[code] = wanted
    for code in known:
        found = chain(code, known)
        assert found[-1] == "en"
        assert len(set(found)) == len(found)


def holder(who: str, *permissions: str) -> Holder:
    return Holder(who, frozenset(permissions))


TRANSLATOR = holder("ana@house.test", "view", "locales.write", "locales.publish")


def test_where_nobody_is_listed_roles_decide() -> None:
    assert all(allows([], TRANSLATOR, each) for each in PERMISSIONS)
    assert not any(allows([], holder("v@house.test", "view"), each) for each in PERMISSIONS)


def test_where_somebody_is_listed_the_list_decides() -> None:
    listed = {("ben@house.test", TRANSLATE), ("ben@house.test", REVIEW)}
    ben = holder("Ben@House.test", "view")
    assert allows(listed, ben, TRANSLATE)
    assert not allows(listed, ben, PUBLISH)
    assert not allows(listed, TRANSLATOR, TRANSLATE)
    assert allows(listed, holder("root@house.test", "accounts.manage"), PUBLISH)
