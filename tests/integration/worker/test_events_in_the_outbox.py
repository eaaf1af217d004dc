from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from storefront import outbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Sessions = sessionmaker[Session]


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def add(sessions: Sessions, kind: str = "order.paid") -> UUID:
    with sessions.begin() as session:
        return outbox.add(session, kind, {"order_id": 1}, NOW)


def relay(sessions: Sessions, now: datetime) -> list[UUID]:
    sent: list[UUID] = []
    with sessions.begin() as session:
        outbox.relay(session, lambda _kind, event_id: sent.append(event_id), now)
    return sent


def claim(sessions: Sessions, event_id: UUID, now: datetime) -> outbox.Event | None:
    with sessions.begin() as session:
        return outbox.claim(session, event_id, now)


def test_an_event_of_a_transaction_that_is_rolled_back_never_was(shop_sessions: Sessions) -> None:
    with shop_sessions() as session:
        outbox.add(session, "order.paid", {}, NOW)
        session.rollback()
    assert relay(shop_sessions, NOW) == []


def test_events_are_handed_out_once_and_in_order(shop_sessions: Sessions) -> None:
    events = [add(shop_sessions) for _ in range(3)]
    assert relay(shop_sessions, NOW) == events
    assert relay(shop_sessions, NOW) == []


def test_what_is_not_handled_in_time_is_handed_out_again(shop_sessions: Sessions) -> None:
    event = add(shop_sessions)
    relay(shop_sessions, NOW)
    assert relay(shop_sessions, later(outbox.LEASE_SECONDS)) == [event]


def test_two_relays_never_take_the_same_event(shop_sessions: Sessions) -> None:
    event, mine, others = add(shop_sessions), [], []
    with shop_sessions.begin() as first:
        outbox.relay(first, lambda _kind, found: mine.append(found), NOW)
        with shop_sessions.begin() as second:
            outbox.relay(second, lambda _kind, found: others.append(found), NOW)
    assert (mine, others) == ([event], [])


def test_a_queue_that_is_down_leaves_the_event_waiting(shop_sessions: Sessions) -> None:
    event = add(shop_sessions)

    def refuse(_kind: str, _event_id: UUID) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), shop_sessions.begin() as session:
        outbox.relay(session, refuse, NOW)
    assert relay(shop_sessions, NOW) == [event]


def test_of_many_duplicates_one_is_claimed(shop_sessions: Sessions) -> None:
    event_id = add(shop_sessions)
    event = claim(shop_sessions, event_id, NOW)
    assert event is not None
    assert (event.kind, event.payload, event.tries) == ("order.paid", {"order_id": 1}, 1)
    assert claim(shop_sessions, event_id, NOW) is None


def test_a_consumer_that_died_loses_its_claim(shop_sessions: Sessions) -> None:
    event_id = add(shop_sessions)
    claim(shop_sessions, event_id, NOW)
    again = claim(shop_sessions, event_id, later(outbox.LEASE_SECONDS + 1))
    assert again is not None
    assert again.tries == 2


def test_a_handled_event_is_neither_claimed_nor_handled_again(shop_sessions: Sessions) -> None:
    event_id = add(shop_sessions)
    with shop_sessions.begin() as session:
        outbox.handled(session, event_id, NOW)
    assert claim(shop_sessions, event_id, NOW) is None
    with pytest.raises(outbox.HandledBefore), shop_sessions.begin() as session:
        outbox.handled(session, event_id, NOW)
    assert relay(shop_sessions, later(1_000)) == []


def test_an_unknown_event_is_nobodys(shop_sessions: Sessions) -> None:
    assert claim(shop_sessions, uuid4(), NOW) is None


def test_each_failure_waits_longer_and_the_fifth_ends_it(shop_sessions: Sessions) -> None:
    event_id, now = add(shop_sessions), NOW
    for tries in range(1, outbox.MOST_TRIES + 1):
        event = claim(shop_sessions, event_id, now)
        assert event is not None
        with shop_sessions.begin() as session:
            assert outbox.failed(session, event, "no luck", now) is (tries == outbox.MOST_TRIES)
        if tries < outbox.MOST_TRIES:
            wait = timedelta(seconds=outbox.WAIT_SECONDS[tries - 1])
            assert relay(shop_sessions, now + wait - timedelta(seconds=1)) == []
            now += wait
            assert relay(shop_sessions, now) == [event_id]
    with shop_sessions() as session:
        [dead] = outbox.dead_letters(session)
        assert (dead.event_id, dead.error) == (event_id, "no luck")
        assert outbox.waiting(session) == outbox.Waiting(0, None, 1)


def test_an_event_that_kills_its_consumers_is_given_up_too(shop_sessions: Sessions) -> None:
    event_id, now = add(shop_sessions), NOW
    for _ in range(outbox.MOST_TRIES):
        relay(shop_sessions, now)
        assert claim(shop_sessions, event_id, now) is not None
        now += timedelta(seconds=outbox.LEASE_SECONDS + 1)
    assert relay(shop_sessions, now) == []
    with shop_sessions() as session:
        assert [dead.event_id for dead in outbox.dead_letters(session)] == [event_id]


def test_a_dead_letter_is_retried_with_five_new_tries_or_dropped(shop_sessions: Sessions) -> None:
    retried, dropped, alive = add(shop_sessions), add(shop_sessions), add(shop_sessions)
    for event_id in (retried, dropped):
        event = claim(shop_sessions, event_id, NOW)
        assert event is not None
        with shop_sessions.begin() as session:
            dying = outbox.Event(event.id, event.kind, event.payload, outbox.MOST_TRIES)
            outbox.failed(session, dying, "x" * 1_000, NOW)
    with shop_sessions.begin() as session:
        assert outbox.retry(session, retried, later(10))
        assert outbox.drop(session, dropped)
        assert not outbox.drop(session, alive)
        assert not outbox.retry(session, alive, NOW)
        assert outbox.dead_letters(session) == []
    event = claim(shop_sessions, retried, later(10))
    assert event is not None
    assert event.tries == 1


def test_what_waits_is_counted_with_its_age(shop_sessions: Sessions) -> None:
    with shop_sessions() as session:
        assert outbox.waiting(session) == outbox.Waiting(0, None, 0)
    add(shop_sessions)
    handled = add(shop_sessions)
    with shop_sessions.begin() as session:
        outbox.handled(session, handled, NOW)
        assert outbox.waiting(session) == outbox.Waiting(1, NOW, 0)


def test_handled_events_are_forgotten_after_a_week(shop_sessions: Sessions) -> None:
    event_id = add(shop_sessions)
    with shop_sessions.begin() as session:
        outbox.handled(session, event_id, NOW)
        assert outbox.forget_old(session, NOW + timedelta(days=6)) == 0
        assert outbox.forget_old(session, NOW + timedelta(days=8)) == 1
