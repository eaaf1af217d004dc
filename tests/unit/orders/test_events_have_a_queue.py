from __future__ import annotations

from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

from storefront import queues
from storefront.worker import ALL_HANDLERS


def test_every_kind_of_event_has_a_queue_and_somebody_who_handles_it() -> None:
    assert set(queues.QUEUE_OF) == set(ALL_HANDLERS)
    assert set(queues.QUEUE_OF.values()) == set(queues.QUEUES)


def test_the_broker_is_chosen_by_its_address() -> None:
    assert isinstance(queues.connect("redis://127.0.0.1:9/0"), RedisBroker)
    assert isinstance(queues.connect("amqp://127.0.0.1:9"), RabbitmqBroker)
    assert isinstance(queues.connect("amqps://127.0.0.1:9"), RabbitmqBroker)
