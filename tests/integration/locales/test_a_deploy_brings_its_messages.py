"""What the shop says is read from its sources: new, changed, gone and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import Refused
from app.locales import commands
from app.locales.extraction import commands as extraction
from app.locales.extraction import template
from app.locales.extraction.models import Extraction
from app.locales.models import Message
from app.locales.states import APPROVED, DRAFT, REVIEW
from local.machine import ROOT
from tests import words
from tests.integration.locales.conftest import SHIPPED, WHO

PAGE = """
<h1>{{ _('Cart') }}</h1>
{# translators: the name of a shopper #}
<p>{{ _('Hello %(name)s', name=name) }}</p>
<p>{{ ngettext('%(num)d plate', '%(num)d plates', count) }}</p>
<a>{{ pgettext('verb', 'Checkout') }}</a>
{{ _('Checkout') }}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "storefront"
    (folder / "cart" / "templates").mkdir(parents=True)
    (folder / "cart" / "templates" / "cart.html").write_text(PAGE)
    (folder / "cart" / "words.py").write_text('def words():\n    return _("Cart")\n')
    return folder


def rewrite(shop: Path, old: str, new: str) -> None:
    page = shop / "cart" / "templates" / "cart.html"
    page.write_text(page.read_text().replace(old, new))


def message(session, msgid: str, context: str = "") -> Message:
    session.expire_all()
    return session.scalars(select(Message).where(Message.msgid == msgid, Message.context == context)).one()


def test_messages_come_with_their_places_contexts_and_comments(loaded, shop, now) -> None:
    said = extraction.extract(loaded, shop, WHO, now)
    assert said == "5 messages: 1 new, 0 of them changed, 0 gone, 0 back; 0 texts offered again"
    assert message(loaded, "Cart").locations == [
        "storefront/cart/templates/cart.html:2",
        "storefront/cart/words.py:2",
    ]
    assert message(loaded, "Hello %(name)s").comments == ["the name of a shopper"]
    assert message(loaded, "Hello %(name)s").flags == ["python-format"]
    assert message(loaded, "%(num)d plate").plural_id == "%(num)d plates"
    assert message(loaded, "Checkout", "verb").context == "verb"


def test_reading_the_same_again_changes_nothing(loaded, shop, now) -> None:
    extraction.extract(loaded, shop, WHO, now)
    assert extraction.extract(loaded, shop, WHO, now) == "storefront says what it said"
    commands.load_shipped(loaded, shop.parent / "translations", now, shop)
    assert len(loaded.scalars(select(Extraction)).all()) == 1
    assert len(loaded.scalars(select(AuditEntry).where(AuditEntry.action == "locales.extract")).all()) == 1


def test_what_is_gone_is_out_of_sight_and_comes_back_with_its_texts(loaded, shop, now, text_of) -> None:
    extraction.extract(loaded, shop, WHO, now)
    rewrite(shop, "<h1>{{ _('Cart') }}</h1>", "")
    (shop / "cart" / "words.py").unlink()
    assert "1 gone" in extraction.extract(loaded, shop, WHO, now)
    assert message(loaded, "Cart").obsolete_at is not None
    rewrite(shop, "\n<a>", "<h1>{{ _('Cart') }}</h1>\n<a>")
    assert "1 back" in extraction.extract(loaded, shop, WHO, now)
    assert message(loaded, "Cart").obsolete_at is None
    loaded.commit()
    assert text_of("Cart").approved_forms == ["Warenkorb"]


def test_a_changed_message_brings_its_old_texts_as_drafts_with_what_it_said(
    loaded, shop, now, text_of
) -> None:
    extraction.extract(loaded, shop, WHO, now)
    rewrite(
        shop,
        "{{ ngettext('%(num)d plate', '%(num)d plates', count) }}",
        "{{ ngettext('%(num)d blue plate', '%(num)d blue plates', count) }}",
    )
    assert "1 of them changed, 1 gone" in extraction.extract(loaded, shop, WHO, now)
    loaded.commit()
    text = text_of("%(num)d blue plate")
    assert (text.forms, text.state, text.approved_forms) == (
        ["%(num)d Teller", "%(num)d Teller da"],
        DRAFT,
        None,
    )
    assert (text.previous_msgid, text.previous_plural_id) == ("%(num)d plate", "%(num)d plates")
    commands.save(loaded, "de", text.message_id, ["%(num)d blauer", "%(num)d blaue"], APPROVED, 1, WHO, now)
    loaded.commit()
    assert text_of("%(num)d blue plate").previous_msgid is None


def test_a_changed_message_that_ships_translated_keeps_the_shipped_text(loaded, shop, now, text_of) -> None:
    extraction.extract(loaded, shop, WHO, now)
    rewrite(shop, "{{ _('Cart') }}", "{{ _('Your cart') }}")
    (shop / "cart" / "words.py").unlink()
    root = shop.parent / "translations"
    words.ship(root, "de", {**SHIPPED, "Your cart": "Ihr Warenkorb"})
    commands.load_shipped(loaded, root, now, shop)
    loaded.commit()
    assert (text_of("Your cart").forms, text_of("Your cart").state) == (["Ihr Warenkorb"], APPROVED)
    assert (text_of("Your cart", "ar").forms, text_of("Your cart", "ar").state) == (["سلة"], DRAFT)


def test_a_message_that_got_a_plural_is_looked_at_again(loaded, shop, now, text_of) -> None:
    extraction.extract(loaded, shop, WHO, now)
    rewrite(shop, "{{ _('Cart') }}", "{{ ngettext('Cart', 'Carts', count) }}")
    (shop / "cart" / "words.py").unlink()
    extraction.extract(loaded, shop, WHO, now)
    loaded.commit()
    cart = text_of("Cart")
    assert (cart.state, cart.approved_forms, cart.previous_msgid) == (REVIEW, None, "Cart")


def test_a_template_says_the_same_as_the_sources(shop, tmp_path) -> None:
    template.write(shop, tmp_path / "shop.pot")
    sources, built = template.read(shop), template.read(tmp_path / "shop.pot")
    assert {one.key: one for one in built.messages} == {one.key: one for one in sources.messages}


def test_the_shops_own_sources_say_what_its_translations_translate() -> None:
    found = {one.msgid for one in template.read(ROOT / "storefront").messages}
    assert {"Cart", "Checkout"} & found
    assert len(found) > 200


def test_rubbish_is_refused(loaded, tmp_path, now) -> None:
    (tmp_path / "half.pot").write_text('msgid "a')
    for place in (tmp_path / "half.pot", tmp_path / "nowhere", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(Refused):
            template.read(place)
