from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from storefront.products.commands import OutOfStock, put_on_sale, return_stock, set_price, take_stock
from storefront.products.models import Product, Variant
from storefront.products.queries import variants_by_id
from tests.catalogued import drafts, prices


@pytest.fixture
def sessions(catalogue_app):
    return catalogue_app.extensions["sessions"]


@pytest.fixture
def two(sessions) -> tuple[int, int]:
    """Two variants with five pieces each."""
    with sessions.begin() as session:
        ids = session.scalars(sa.select(Variant.id).order_by(Variant.id).limit(2)).all()
        session.execute(sa.update(Variant).where(Variant.id.in_(ids)).values(stock=5))
    return ids[0], ids[1]


def stock(sessions, variant_id: int) -> int:
    with sessions() as session:
        return session.get_one(Variant, variant_id).stock


def test_taking_leaves_the_rest(sessions, two):
    with sessions.begin() as session:
        take_stock(session, {two[0]: 2, two[1]: 5})
    assert (stock(sessions, two[0]), stock(sessions, two[1])) == (3, 0)


def test_too_much_takes_nothing_and_says_what_is_left(sessions, two):
    with pytest.raises(OutOfStock) as problem, sessions.begin() as session:
        take_stock(session, {two[0]: 2, two[1]: 6})
    assert problem.value.left == {two[1]: 5}
    assert stock(sessions, two[0]) == 5


def test_a_variant_that_is_gone_has_none_left(sessions, two):
    with pytest.raises(OutOfStock) as problem, sessions.begin() as session:
        take_stock(session, {999_999_999: 1})
    assert problem.value.left == {999_999_999: 0}


@pytest.mark.parametrize("quantity", [0, -1])
def test_nobody_takes_less_than_one(sessions, two, quantity):
    with pytest.raises(ValueError), sessions.begin() as session:
        take_stock(session, {two[0]: quantity})
    assert stock(sessions, two[0]) == 5


def test_what_comes_back_can_be_sold_again(sessions, two):
    with sessions.begin() as session:
        take_stock(session, {two[0]: 5})
        return_stock(session, {two[0]: 5})
    assert stock(sessions, two[0]) == 5


def test_many_at_once_never_take_more_than_there_is(sessions, two):
    taken, refused = [], []

    def buy(first: int, second: int) -> None:
        try:
            with sessions.begin() as session:
                take_stock(session, {first: 1, second: 1})
            taken.append(1)
        except OutOfStock:
            refused.append(1)

    # Half of them name the two the other way round: without a fixed order of locks they would deadlock.
    threads = [threading.Thread(target=buy, args=two if n % 2 else two[::-1]) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (5, 19)
    assert (stock(sessions, two[0]), stock(sessions, two[1])) == (0, 0)


def test_the_database_itself_refuses_stock_below_zero(sessions, two):
    with pytest.raises(sa.exc.IntegrityError), sessions.begin() as session:
        session.execute(sa.update(Variant).where(Variant.id == two[0]).values(stock=-1))


def test_a_page_shows_the_stock_after_a_sale(catalogue_app, sessions, two):
    client = catalogue_app.test_client()
    with sessions() as session:
        slug = session.scalar(sa.select(Product.slug).join(Variant).where(Variant.id == two[0]))
    assert "only 5 left" in client.get(f"/en/products/{slug}").text.lower()
    with catalogue_app.app_context(), sessions.begin() as session:
        take_stock(session, {two[0]: 2})
    assert "only 3 left" in client.get(f"/en/products/{slug}").text.lower()


def test_listings_show_a_new_price_at_once(catalogue_app, sessions, two):
    client = catalogue_app.test_client()
    assert prices(client.get("/en/products?sort=cheap").text)[0] > 0.01
    with catalogue_app.app_context(), sessions.begin() as session:
        set_price(session, two[0], 1)
    assert prices(client.get("/en/products?sort=cheap").text)[0] == 0.01


def test_bringing_the_catalogue_in_again_changes_no_stock(catalogue_app, sessions, two, now):
    with sessions.begin() as session:
        assert put_on_sale(session, drafts(), now) == len(drafts())
    assert stock(sessions, two[0]) == 5


def test_carts_learn_the_facts_in_the_shoppers_language(sessions, two):
    with sessions() as session:
        english = variants_by_id(session, [*two, 999_999_999], "en")
        german = variants_by_id(session, two, "de")
    assert set(english) == set(two)
    assert english[two[0]].stock == 5
    assert english[two[0]].name != german[two[0]].name
    assert english[two[0]].category == "tea-and-coffee"
