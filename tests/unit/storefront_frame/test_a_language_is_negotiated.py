"""Which locale an Accept-Language gets: the cases that browsers send, and whatever else arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.negotiation import canonical, key, likely, negotiate, preferences

SHOP = ("en", "de", "fr", "es", "pl", "pt-BR", "ja", "ar")
CHINESE = ("en", "zh-Hans", "zh-Hant")


@pytest.mark.parametrize(
    ("header", "offered", "locale"),
    [
        # exact
        ("de", SHOP, "de"),
        ("pt-BR,pt;q=0.9", SHOP, "pt-BR"),
        ("fr-CA,fr;q=0.8", ("en", "fr", "fr-CA"), "fr-CA"),
        # the same language
        ("pt-PT", SHOP, "pt-BR"),
        ("pt-PT,en;q=0.9", SHOP, "pt-BR"),
        ("de-AT,en;q=0.9", SHOP, "de"),
        ("en-GB,de;q=0.9", SHOP, "en"),
        ("de", ("en", "de-CH"), "de-CH"),
        ("nb", ("en", "no"), "no"),
        ("no", ("en", "nb"), "nb"),
        ("nn-NO,en;q=0.5", ("en", "nb"), "nb"),
        ("iw", ("en", "he"), "he"),
        ("in", ("en", "id"), "id"),
        ("tl", ("en", "fil"), "fil"),
        # a nearer region before a farther one
        ("es-MX", ("en", "es", "es-419"), "es-419"),
        ("es-ES", ("en", "es-419", "es"), "es"),
        ("pt-AO", ("pt-BR", "pt-PT"), "pt-PT"),
        ("zh-HK", ("zh-CN", "zh-TW"), "zh-TW"),
        # scripts
        ("zh-TW", CHINESE, "zh-Hant"),
        ("zh-CN", CHINESE, "zh-Hans"),
        ("zh", CHINESE, "zh-Hans"),
        ("zh-Hant", ("en", "zh-CN", "zh-TW"), "zh-TW"),
        ("zh-TW,zh;q=0.9,en;q=0.8", ("en", "zh-CN"), "zh-CN"),
        ("zh-TW,en;q=0.8", ("en", "zh-CN"), "en"),
        ("zh-TW", ("en", "zh-CN"), "zh-CN"),
        ("sr-Latn", ("en", "sr", "sr-Latn"), "sr-Latn"),
        ("sr", ("en", "sr-Latn", "sr"), "sr"),
        ("sr-Latn,en;q=0.9", ("en", "sr"), "sr"),
        # the next preference
        ("it,nl;q=0.9,fr;q=0.2", SHOP, "fr"),
        ("fr;q=0.2,de;q=0.9", SHOP, "de"),
        ("de;q=0.5,fr;q=0.5", SHOP, "de"),
        # what is refused
        ("de;q=0,fr;q=0.1", SHOP, "fr"),
        ("de;q=0,*", ("de", "fr"), "fr"),
        ("pt-BR;q=0,pt-PT", SHOP, None),
        ("en;q=0,en-GB", ("en", "en-GB"), None),
        ("*;q=0", SHOP, None),
        ("*;q=0,de", SHOP, "de"),
        # anything
        ("*", SHOP, "en"),
        ("it,*;q=0.1", SHOP, "en"),
        # ways of writing
        ("DE-at", SHOP, "de"),
        ("pt_br", SHOP, "pt-BR"),
        ("  fr ; q = 0.7 , de;q=0.8", SHOP, "de"),
        ("ja-JP-x-private", SHOP, "ja"),
        ("de-DE-u-co-phonebk", SHOP, "de"),
        # rubbish
        ("", SHOP, None),
        (",;=,q=1,;q=", SHOP, None),
        ("de;q=2,fr", SHOP, "fr"),
        ("de;q=nan,fr;q=inf,es", SHOP, "es"),
        ("<script>,de", SHOP, "de"),
        ("klingon,tlh,de;q=0.1", SHOP, "de"),
        ("it", SHOP, None),
        ("de", (), None),
    ],
)
def test_the_best_locale_on_offer(header, offered, locale):
    assert negotiate(header, offered) == locale


@pytest.mark.parametrize("header", ["x" * 10_000, "," * 10_000, "de," * 5_000, "a-" * 5_000, "é" * 10_000])
def test_a_header_of_any_length_is_read_in_its_first_part_alone(header):
    assert len(preferences(header)) <= 40
    assert negotiate(header, SHOP) in (None, "de")


TAGS = st.from_regex(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", fullmatch=True)


@given(st.text(max_size=300), st.lists(st.sampled_from(SHOP), unique=True))
def test_nothing_that_a_browser_sends_breaks_it(header, offered):
    assert negotiate(header, offered) in (None, *offered)


@given(TAGS, st.lists(TAGS, min_size=1, max_size=6, unique_by=key))
def test_a_locale_that_is_on_offer_is_the_one_for_those_who_name_it(tag, offered):
    assert negotiate(tag, [*offered, tag]) is not None
    assert negotiate(offered[0], offered) == offered[0]


@given(TAGS, st.lists(TAGS, max_size=6, unique_by=key))
def test_nobody_is_given_another_language_than_asked_for(tag, offered):
    found = negotiate(tag, offered)
    assert found is None or likely(found).language == likely(tag).language


@given(st.sampled_from(SHOP), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_a_locale_is_known_however_it_is_written(locale, way):
    assert canonical(way(locale), SHOP) == locale
    assert canonical(way(locale).replace("-", "_"), SHOP) == locale
    assert canonical(f"{locale}-x", SHOP) is None
