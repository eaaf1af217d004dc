"""The demo history before it is written anywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local.history import shape
from local.history.life import PAGES, Life, live
from local.history.timeline import TIMELINE

TODAY = datetime(2026, 3, 2, tzinfo=UTC)  # the Monday after a short month
UNTIL = TODAY + timedelta(hours=10)


@pytest.fixture(scope="module")
def life() -> Life:
    return live(TODAY, UNTIL)


def test_the_same_days_are_lived_each_time(life: Life) -> None:
    assert live(TODAY, UNTIL) == life


def test_a_later_end_adds_to_the_same_story(life: Life) -> None:
    later = live(TODAY, UNTIL + timedelta(hours=1))

    assert later.hits[: len(life.hits)] == life.hits
    assert len(later.hits) > len(life.hits)


def test_nothing_happens_before_the_first_day_or_after_the_end(life: Life) -> None:
    first, last = life.hits[0].at, life.hits[-1].at

    assert (TODAY - timedelta(days=30)).timestamp() <= first
    assert last < UNTIL.timestamp()


def test_a_day_has_the_traffic_of_a_small_shop(life: Life) -> None:
    sessions = _sessions_by_day(life)

    assert all(300 <= count <= 900 for count in sessions[1:-1])
    assert sum(sessions[1:-1]) / 29 == pytest.approx(500, abs=90)


def test_a_few_of_a_hundred_sessions_end_with_an_order(life: Life) -> None:
    sessions = len({hit.visit.session_id for hit in life.hits})
    orders = sum(purchase.outcome in ("captured", "refunded") for purchase in life.purchases)

    assert 0.02 <= orders / sessions <= 0.045


def test_evenings_are_busier_than_nights(life: Life) -> None:
    hours = [datetime.fromtimestamp(hit.at, UTC).hour for hit in life.hits]

    assert hours.count(19) > 8 * hours.count(3)


def test_who_orders_was_at_the_checkout_in_the_same_session(life: Life) -> None:
    at_checkout = {hit.visit.session_id for hit in life.hits if hit.page == "checkout"}

    assert {purchase.visit.session_id for purchase in life.purchases} <= at_checkout


def test_payments_fail_during_the_first_incident_and_hardly_ever_else(life: Life) -> None:
    start, end = shape.PAYMENTS_TIME_OUT.span(TODAY)
    failed = [purchase.at for purchase in life.purchases if purchase.outcome == "error"]

    assert failed
    assert all(start <= at < end for at in failed)


def test_the_checkout_is_slow_during_the_second_incident(life: Life) -> None:
    start, end = shape.SLOW_CHECKOUT.span(TODAY)
    slow = [hit.at for hit in life.hits if hit.page in ("checkout", "buy") and hit.seconds > 0.5]
    inside = [at for at in slow if start <= at < end]

    assert len(inside) > 15
    assert len(inside) > 0.6 * len(slow)


def test_the_new_checkout_reaches_as_many_as_its_rollout_says(life: Life) -> None:
    before = shape.moment(TODAY, *shape.ROLLOUT[0][:2]).timestamp()
    after = shape.moment(TODAY, *shape.ROLLOUT[-1][:2]).timestamp()
    lately = [hit.variant for hit in life.hits if hit.page == "checkout" and hit.at > after]

    assert all(not hit.variant for hit in life.hits if hit.at < before)
    assert lately.count("on") / len(lately) == pytest.approx(0.5, abs=0.2)


def test_a_visitor_never_changes_sides_while_the_percentage_only_grows(life: Life) -> None:
    last_step = shape.moment(TODAY, *shape.ROLLOUT[-1][:2]).timestamp()
    sides: dict[str, set[str]] = {}
    for hit in life.hits:
        if hit.variant and hit.at > last_step:
            sides.setdefault(hit.visit.visitor.visitor_id, set()).add(hit.variant)

    assert all(len(side) == 1 for side in sides.values())


def test_somebody_who_opened_an_account_comes_back_with_it(life: Life) -> None:
    opened = {hit.visit.visitor.visitor_id for hit in life.hits if hit.page == "sign_up"}
    back = {hit.visit.visitor.visitor_id for hit in life.hits if hit.page == "sign_in"}

    assert opened & back


def test_each_incident_is_on_the_timeline_with_the_change_before_it() -> None:
    entries = sorted(TIMELINE, key=lambda entry: (entry.day, entry.at))
    incidents = [entry for entry in entries if entry.kind == "incident"]

    assert [(entry.day, entry.minutes) for entry in incidents] == [
        (incident.day, incident.minutes) for incident in (shape.PAYMENTS_TIME_OUT, shape.SLOW_CHECKOUT)
    ]
    assert entries[entries.index(incidents[0]) - 1].kind == "deploy"
    flag_change = shape.moment(TODAY, *shape.ROLLOUT[1][:2])
    started = shape.moment(TODAY, incidents[1].day, incidents[1].at)
    assert timedelta(0) < started - flag_change < timedelta(minutes=10)


def test_every_event_has_a_kind_that_the_shop_knows() -> None:
    from storefront.usage import KINDS

    assert {page.kind for page in PAGES.values()} - {""} <= set(KINDS)


def _sessions_by_day(life: Life) -> list[int]:
    days: dict[object, set[str]] = {}
    for hit in life.hits:
        days.setdefault(datetime.fromtimestamp(hit.at, UTC).date(), set()).add(hit.visit.session_id)
    return [len(days[day]) for day in sorted(days, key=str)]
