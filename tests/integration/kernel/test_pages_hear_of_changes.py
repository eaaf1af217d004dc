"""One stream a page, fed through Redis."""

from __future__ import annotations

import threading
import time

import pytest

from app import events


@pytest.fixture
def hub(control_sources):
    made = events.Hub(control_sources.redis)
    yield made
    made.close()


def first_of(joined, publish, seconds=5.0):
    """What arrives first; published again until the subscriber listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        publish()
        try:
            return joined.get(timeout=0.1)
        except events.queue.Empty:
            continue
    return None


def test_a_write_in_one_process_reaches_a_page_of_another(hub, control_sources):
    joined = hub.join()
    told = first_of(joined, lambda: events.publish(control_sources.redis, "flags", {"name": "new-checkout"}))
    assert told == 'event: flags\ndata: {"name": "new-checkout"}\n\n'


def test_a_topic_that_no_page_knows_is_a_mistake(control_sources):
    with pytest.raises(ValueError, match="no such topic"):
        events.publish(control_sources.redis, "flag")


def test_a_slow_page_loses_old_messages_and_keeps_the_newest(hub, control_sources):
    joined = hub.join()
    for number in range(events.QUEUE_LENGTH + 10):
        events._offer(joined, str(number))
    assert joined.qsize() == events.QUEUE_LENGTH
    texts = [joined.get_nowait() for _ in range(events.QUEUE_LENGTH)]
    assert texts[-1] == str(events.QUEUE_LENGTH + 9)


def test_more_streams_than_fit_are_told_to_poll(signed_in, control_app):
    hub = control_app.extensions["events"]
    joined = [hub.join() for _ in range(events.STREAMS_PER_WORKER)]
    assert all(joined)
    client = signed_in("viewer")
    assert client.get("/events").status_code == 204
    hub.leave(joined[0])
    answer = client.get("/events", buffered=False)
    assert answer.mimetype == "text/event-stream"
    answer.close()
    hub.close()


def test_a_stopping_process_ends_its_streams_at_once(hub):
    joined = hub.join()
    wire = events.messages(hub, joined)
    assert next(wire).startswith("retry:")
    threading.Timer(0.1, hub.close).start()
    assert list(wire) == []
    assert hub.join() is None


def test_without_redis_a_write_goes_on(control_config):
    from app import cache

    away = cache.connect("redis://127.0.0.1:9/0")
    assert events.publish(away, "flags") is False
