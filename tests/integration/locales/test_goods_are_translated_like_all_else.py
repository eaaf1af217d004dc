"""What the goods are called is in the editor, and comes with what the shop has in other languages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.locales import commands
from app.locales.extraction import content, jobs
from app.locales.models import Message
from app.locales.states import APPROVED, DRAFT
from storefront.products.commands import put_on_sale
from tests.catalogued import drafts
from tests.integration.locales.conftest import WHO

GOODS = {
    "product:pot:name": ("Copper pot", "/products/pot"),
    "product:pot:description": ("It keeps warm.", "/products/pot"),
    "category:pots:name": ("Pots", "/products?category=pots"),
}
GERMAN = [("product:pot:name", "de", "Kupfertopf"), ("product:pot:name", "xx", "?"), ("gone", "de", "weg")]


def message(session, context: str) -> Message:
    session.expire_all()
    of_context = select(Message).where(Message.context == context, Message.obsolete_at.is_(None))
    return session.scalars(of_context).one()


def test_goods_become_messages_with_the_shops_own_texts(loaded, now, text_of) -> None:
    content.take(loaded, GOODS, GERMAN, now)
    loaded.commit()
    pot = message(loaded, "product:pot:name")
    assert (pot.msgid, pot.origin, pot.locations) == ("Copper pot", "content", ["/products/pot"])
    text = text_of("Copper pot")
    assert (text.forms, text.state, text.shipped_forms) == (["Kupfertopf"], APPROVED, ["Kupfertopf"])
    assert message(loaded, "category:pots:name").msgid == "Pots"


def test_reading_them_again_changes_nothing_and_edits_stay(loaded, now, text_of) -> None:
    content.take(loaded, GOODS, GERMAN, now)
    again = content.take(loaded, GOODS, GERMAN, now)
    assert again == "3 texts of goods, 0 gone, 0 taken over, 0 offered again"
    id_ = message(loaded, "product:pot:name").id
    commands.save(loaded, "de", id_, ["Topf aus Kupfer"], APPROVED, 1, WHO, now)
    content.take(loaded, GOODS, [("product:pot:name", "de", "Kessel")], now)
    loaded.commit()
    assert text_of("Copper pot").forms == ["Topf aus Kupfer"]


def test_a_text_that_the_shop_changed_is_offered_again(loaded, now, text_of) -> None:
    content.take(loaded, GOODS, GERMAN, now)
    renamed = {**GOODS, "product:pot:name": ("Iron pan", "/products/pot")}
    said = content.take(loaded, renamed, [], now)
    assert said == "3 texts of goods, 1 gone, 0 taken over, 1 offered again"
    loaded.commit()
    text = text_of("Iron pan")
    assert (text.forms, text.state, text.previous_msgid) == (["Kupfertopf"], DRAFT, "Copper pot")
    assert message(loaded, "product:pot:name").msgid == "Iron pan"


def test_goods_that_are_gone_are_out_of_sight_and_the_shops_messages_stay(loaded, now, root) -> None:
    content.take(loaded, GOODS, GERMAN, now)
    content.take(loaded, {}, [], now)
    commands.load_shipped(loaded, root, now)
    left = loaded.scalars(select(Message.origin).where(Message.obsolete_at.is_(None))).all()
    assert set(left) == {"shop"}


def test_the_shop_tells_its_goods(loaded, control_sources, shop_session, now: datetime) -> None:
    put_on_sale(shop_session, drafts(), now)
    shop_session.commit()
    jobs.goods(loaded, now, control_sources)
    found = loaded.scalars(select(Message.context).where(Message.origin == "content")).all()
    described = [name for name in found if name.endswith(":description")]
    assert len([name for name in described if name.startswith("product:")]) == len(drafts())
    assert {"category:glass:name", "category:glass:description"} <= set(found)
