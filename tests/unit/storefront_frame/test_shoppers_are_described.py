from __future__ import annotations

import pytest

from storefront.money import in_words
from storefront.shopper import country_of, device_of

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"
ANDROID_TABLET = "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (IPHONE, "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari", "mobile"),
        (ANDROID_TABLET, "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 17)", "tablet"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "desktop"),
        ("", "desktop"),
    ],
)
def test_a_device_is_told_by_its_name(agent, device):
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("chosen", "accepted", "locale", "country"),
    [
        ("AT", "de-DE", "de", "AT"),
        ("XX", "de-AT", "de", "AT"),
        (None, "en-US", "en", "GB"),
        (None, "ar", "ar", "AE"),
        (None, None, "pt-BR", "BR"),
        (None, None, "sv", "DE"),
    ],
)
def test_a_country_is_chosen_or_guessed(chosen, accepted, locale, country):
    assert country_of(chosen, accepted, locale) == country


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "words"),
    [
        (1999, "EUR", "de", "19,99\u00a0€"),
        (1999, "EUR", "en", "€19.99"),
        (1999, "JPY", "en", "¥1,999"),
        (1999, "BHD", "en", "BHD1.999"),
        (123456789, "EUR", "pt-BR", "€\u00a01.234.567,89"),
    ],
)
def test_money_is_written_as_the_language_writes_it(amount, currency, locale, words):
    assert in_words(amount, currency, locale) == words
