"""From the shop's events to the page of experiments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.experiments import jobs, queries
from app.experiments.arms import Arm
from app.series import store
from tests.usage import event

HOUR = timedelta(hours=1)


@pytest.fixture
def count(control_sources, shop_session, now):
    def run(at=now):
        shop_session.commit()
        with control_sources.control.begin() as session:
            said = jobs.measure(session, at, control_sources)
        with control_sources.control() as session:
            return said, {found.flag: found for found in queries.experiments(session)}

    return run


def shop(session, visitor, now, variant, buys=False, flag="new_checkout"):
    event(session, visitor, now - HOUR, **{flag: variant})
    if buys:
        event(session, visitor, now - HOUR / 2, "order_complete")


def test_each_shopper_counts_once_for_the_variant_they_met(count, shop_session, now):
    for n in range(4):
        shop(shop_session, f"on{n}", now, "on", buys=n < 2)
        shop(shop_session, f"on{n}", now, "on")
    for n in range(5):
        shop(shop_session, f"off{n}", now, "off", buys=n < 1)
    said, found = count()
    assert said == "1 flags counted"
    assert found["new-checkout"].arms == [Arm("off", 5, 1), Arm("on", 4, 2)]
    assert found["new-checkout"].control == Arm("off", 5, 1)
    assert found["new-checkout"].difference(Arm("on", 4, 2)) == pytest.approx(0.3)


def test_an_order_before_the_flag_was_met_is_not_its_doing(count, shop_session, now):
    event(shop_session, "early", now - 2 * HOUR, "order_complete")
    shop(shop_session, "early", now, "on")
    shop(shop_session, "other", now, "off")
    _, found = count()
    assert found["new-checkout"].arms == [Arm("off", 1, 0), Arm("on", 1, 0)]


def test_who_met_both_variants_is_left_out_and_counted(count, shop_session, now):
    shop(shop_session, "both", now, "on")
    shop(shop_session, "both", now, "off")
    shop(shop_session, "one", now, "on")
    _, found = count()
    assert found["new-checkout"].mixed == 1
    assert found["new-checkout"].arms == [Arm("on", 1, 0)]


def test_counting_begins_with_the_last_change_of_the_split(count, shop_session, control_sources, now):
    event(shop_session, "before", now - 3 * HOUR, new_checkout="on")
    shop(shop_session, "after", now, "on")
    with control_sources.control.begin() as session:
        store.record(session, "flag.share", [(now - 2 * HOUR, 0.5)], {"flag": "new-checkout"})
    _, found = count()
    assert found["new-checkout"].since == now - 2 * HOUR
    assert found["new-checkout"].arms == [Arm("on", 1, 0)]
    assert found["new-checkout"].share == 0.5


def test_counting_twice_for_one_moment_changes_nothing(count, shop_session, now):
    shop(shop_session, "a", now, "on")
    first = count()
    assert count() == first


def test_what_no_shopper_has_met_for_long_is_forgotten(count, shop_session, now):
    shop(shop_session, "a", now, "on")
    count()
    _, found = count(now + timedelta(days=40))
    assert found == {}


def test_the_page_shows_shares_and_draws_no_verdict(count, shop_session, signed_in, now):
    viewer = signed_in("viewer")
    assert "No experiment runs" in viewer.get("/experiments/").text
    for n in range(10):
        shop(shop_session, f"on{n}", now, "on", buys=n < 2)
        shop(shop_session, f"off{n}", now, "off", buys=n < 1)
    count()
    for page in (viewer.get("/experiments/").text, viewer.get("/experiments/-/list").text):
        assert "No verdict is drawn here yet." in page
        assert "+10 pp" in page
        assert "not checked" in page


def test_groups_that_are_not_as_configured_are_not_compared(
    count, shop_session, control_sources, signed_in, now
):
    for n in range(60):
        shop(shop_session, f"on{n}", now, "on")
        if n < 20:
            shop(shop_session, f"off{n}", now, "off")
    with control_sources.control.begin() as session:
        store.record(session, "flag.share", [(now - 2 * HOUR, 0.5)], {"flag": "new-checkout"})
    _, found = count()
    assert found["new-checkout"].is_mismatch
    page = signed_in("viewer").get("/experiments/").text
    assert "The groups are not as configured." in page
    assert "not compared" in page


def test_a_count_of_the_split_before_says_so_until_shoppers_meet_the_new_one(
    count, shop_session, control_sources, signed_in, now
):
    shop(shop_session, "a", now, "on")
    count()
    with control_sources.control.begin() as session:
        store.record(session, "flag.share", [(now, 0.1)], {"flag": "new-checkout"})
    _, found = count(now + timedelta(seconds=1))
    assert found["new-checkout"].is_outdated
    assert found["new-checkout"].split_p is None
    assert "before the split was changed" in signed_in("viewer").get("/experiments/").text
