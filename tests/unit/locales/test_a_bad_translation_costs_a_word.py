"""The shop's pages: a translation that cannot be shown is replaced by its source, and is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import (
    Babel,
    force_locale,
    get_translations,
    gettext,
    lazy_gettext,
    ngettext,
    npgettext,
    pgettext,
)
from markupsafe import Markup

from config import StorefrontConfig
from storefront import telemetry, translations
from storefront.catalogs import Catalogs
from storefront.wording import published
from tests import words

NOWHERE = "http://127.0.0.1:9"
GERMAN: words.Words = {
    "Cart": "Warenkorb",
    "Hello %(name)s": "Hallo %(name)s",
    "Bye %(name)s": "Tschüss %(nom)s",
    "Half": "50 % billiger",
    "Save %(share)d%%": "%(share)d %% sparen",
    "100%%": "100 %%",
    "Go": "<script>alert(1)</script>",
    "<b>Go</b>": "<b>Los</b>",
    "<b>Stop</b>": '<b onclick="x()">Halt</b>',
    "Search": '" autofocus onfocus="alert(1)',
    "Tom &amp; Jerry": 'Tom &amp; "Jerry"',
    ("%(num)d plate", "%(num)d plates"): ["%(num)d Teller", "%(num)d Teller da"],
    ("%(num)s fork", "%(num)s forks"): ["%(num)s Gabel", "%(num)s Gabeln"],
    ("%(num)d cup", "%(num)d cups"): ["%(zahl)d Tasse", "%(zahl)d Tassen"],
}


def config_in(folder: Path) -> StorefrontConfig:
    return StorefrontConfig(
        environment="test",
        log_level="warning",
        secret_key="a-secret-for-tests-only",
        secure_cookies=False,
        trusted_proxies=0,
        metrics_address="127.0.0.1",
        redis_url="redis://127.0.0.1:9/0",
        shop_database_url="postgresql+psycopg://nowhere/shop",
        broker_url="redis://127.0.0.1:9/0",
        gateway_url=NOWHERE,
        gateway_secret="gateway-secret-for-tests",
        flags_url="",
        flags_token="",
        flags_poll_seconds=5,
        catalogs_url="",
        catalogs_poll_seconds=5,
        data_dir=folder,
        shop_url=NOWHERE,
        locales=("en", "de", "ar"),
        currency="EUR",
        smtp_url="",
        mail_dir=folder,
        mail_from="shop@example.org",
        worker_metrics_port=0,
    )


@pytest.fixture
def shipped(tmp_path: Path) -> Catalogs:
    words.ship(tmp_path, "de", GERMAN)
    return Catalogs(config_in(tmp_path), tmp_path)


@pytest.fixture
def page(shipped: Catalogs, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`page("{{ _('Cart') }}", locale="de")` → what a shopper's browser gets."""
    telemetry.expect_locales(("en", "de", "ar"))
    monkeypatch.setattr(translations, "catalogs", lambda config: shipped)

    def show(template: str, locale: str = "de", **values: object) -> str:
        app = Flask("shop")
        Babel(app, locale_selector=lambda: locale, default_domain="storefront")
        translations.install(app, config_in(Path("unused")))
        with app.test_request_context():
            return render_template_string(template, **values)

    return show


@pytest.fixture
def counted() -> Callable[[str], float]:
    """`counted("failures")` → how many more since the test began."""

    def value(what: str) -> float:
        return telemetry.REGISTRY.get_sample_value(f"shop_translation_{what}_total", {"locale": "de"}) or 0.0

    telemetry.expect_locales(("de",))
    before = {what: value(what) for what in ("failures", "fallbacks")}
    return lambda what: value(what) - before[what]


def test_words_that_ship_are_shown(page, counted) -> None:
    assert page("{{ _('Cart') }} {{ _('Hello %(name)s', name='Ada') }}") == "Warenkorb Hallo Ada"
    assert page("{% trans name='Ada' %}Hello {{ name }}{% endtrans %}") == "Hallo Ada"
    assert counted("failures") == counted("fallbacks") == 0


def test_plurals_follow_the_files_own_rule(page) -> None:
    template = "{{ ngettext('%(num)d plate', '%(num)d plates', n) }}"
    assert [page(template, n=n) for n in (1, 2)] == ["1 Teller", "2 Teller da"]
    forks = "{% trans num=2 %}{{ num }} fork{% pluralize %}{{ num }} forks{% endtrans %}"
    assert page(forks) == "2 Gabeln"


def test_a_missing_translation_shows_the_source_and_is_counted(page, counted) -> None:
    assert page("{{ _('Unknown') }}") == "Unknown"
    assert page("{{ ngettext('%(num)d spoon', '%(num)d spoons', 2) }}") == "2 spoons"
    assert counted("fallbacks") == 2


def test_the_source_language_falls_back_to_nothing(page, counted) -> None:
    assert page("{{ _('Unknown') }} {{ pgettext('verb', 'Cart') }}", locale="en") == "Unknown Cart"
    assert counted("fallbacks") == 0


def test_a_renamed_placeholder_shows_the_source(page, counted) -> None:
    assert page("{{ _('Bye %(name)s', name='Ada') }}") == "Bye Ada"
    assert page("{{ ngettext('%(num)d cup', '%(num)d cups', 2) }}") == "2 cups"
    assert counted("failures") == 2


def test_a_source_that_cannot_be_filled_in_is_a_bug_and_fails(page) -> None:
    with pytest.raises(KeyError):
        page("{{ _('Hello %(name)s', nom='Ada') }}")


def test_a_per_cent_sign_never_breaks_a_page(page) -> None:
    assert page("{{ _('Half') }}") == "50 % billiger"
    assert page("{{ _('Save %(share)d%%', share=20) }}") == "20 % sparen"
    assert page("{{ _('100%%') }}") == page("{% trans %}100%{% endtrans %}") == "100 %"


def test_a_translation_brings_no_markup(page, counted) -> None:
    assert page("{{ _('Go') }}") == "Go"
    assert page("{{ _('<b>Stop</b>') }}") == "<b>Stop</b>"
    assert counted("failures") == 2
    assert page("{{ _('<b>Go</b>') }}") == "<b>Los</b>"


def test_a_translation_stays_inside_an_attribute(page) -> None:
    shown = page("""<input placeholder="{{ _('Search') }}">""")
    assert shown == '<input placeholder="&#34; autofocus onfocus=&#34;alert(1)">'
    assert page("{% trans %}Tom &amp; Jerry{% endtrans %}") == "Tom &amp; &#34;Jerry&#34;"


def test_what_a_shopper_typed_is_escaped_even_in_a_lazy_text(page) -> None:
    lazy = lazy_gettext("Hello %(name)s", name="<script>")
    assert page("{{ lazy }}", lazy=lazy) == "Hallo &lt;script&gt;"
    assert page("{{ _('Hello %(name)s', name=name) }}", name="<b>") == "Hallo &lt;b&gt;"
    assert page("{{ _('Hello %(name)s', name=name) }}", name=Markup("<b>")) == "Hallo <b>"
    assert (
        page("{% autoescape false %}{{ _('Hello %(name)s', name='<b>') }}{% endautoescape %}") == "Hallo <b>"
    )


def test_code_and_templates_say_the_same(shipped, monkeypatch) -> None:
    monkeypatch.setattr(translations, "catalogs", lambda config: shipped)
    app = Flask("shop")
    Babel(app, locale_selector=lambda: "de", default_domain="storefront")
    translations.install(app, config_in(Path("unused")))
    assert gettext("Cart") == "Cart"  # outside of a page there is no language
    with app.test_request_context():
        assert gettext("Hello %(name)s", name="Ada") == "Hallo Ada"
        assert ngettext("%(num)d plate", "%(num)d plates", 3) == "3 Teller da"
        assert pgettext("verb", "Cart") == "Cart"
        assert npgettext("verb", "%(num)d plate", "%(num)d plates", 2) == "2 plates"
        assert get_translations().ugettext("Cart") == "Warenkorb"
        assert translations.release() == 0
        with force_locale("en"):
            assert gettext("Cart") == "Cart"
        with force_locale("fr"):  # not on offer
            assert gettext("Cart") == "Cart"
            assert translations.release() == 0
    assert translations.age_seconds(config_in(Path("unused"))) is None


def test_contexts_and_plurals_work_in_templates(page) -> None:
    assert page("{{ npgettext('menu', '%(num)d plate', '%(num)d plates', 2) }}") == "2 plates"
    assert page("{{ pgettext('menu', 'Cart') }}") == "Cart"


def test_a_page_sees_one_snapshot_from_beginning_to_end(shipped, monkeypatch) -> None:
    monkeypatch.setattr(translations, "catalogs", lambda config: shipped)
    app = Flask("shop")
    Babel(app, locale_selector=lambda: "de", default_domain="storefront")
    translations.install(app, config_in(Path("unused")))
    data = words.mo("de", {"Cart": "Korb"})
    newer = published(shipped.snapshot["de"], 1, '"1-x"', hashlib.sha256(data).hexdigest(), data)
    with app.test_request_context():
        assert gettext("Cart") == "Warenkorb"
        shipped.snapshot = shipped.snapshot.showing("de", newer)
        assert gettext("Cart") == "Warenkorb"
        assert translations.release() == 0
    with app.test_request_context():
        assert (gettext("Cart"), translations.release()) == ("Korb", 1)
        assert gettext("Hello %(name)s", name="Ada") == "Hallo Ada"  # not in the release: what ships
