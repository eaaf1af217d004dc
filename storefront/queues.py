"""The queue between outbox and worker: Dramatiq over Redis, or over RabbitMQ where BROKER_URL says amqp://.

A message is an event's id and nothing else; what to do, how often and whether it is done stands in the
outbox. So Dramatiq's own retries, age and time limits are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import dramatiq
from dramatiq.broker import Broker
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

QUEUES = ("fulfilment", "mail", "payments")
QUEUE_OF = {
    "order.paid": "fulfilment",
    "order.confirmed": "mail",
    "order.cancelled": "mail",
    "order.refunded": "mail",
    "privacy.link": "mail",
    "account.password_link": "mail",
    "account.password_changed": "mail",
    "payment.refund": "payments",
    "payment.void": "payments",
}
NAMESPACE = "shop:queue"


def connect(url: str) -> Broker:
    broker: Broker
    if url.startswith(("amqp://", "amqps://")):
        broker = RabbitmqBroker(url=url, middleware=[])
    else:
        broker = RedisBroker(url=url, middleware=[], namespace=NAMESPACE)  # type: ignore[no-untyped-call]
    return broker


def declare(broker: Broker, consume: Callable[[str], None]) -> None:
    """One actor per queue, all doing the same: the event knows its kind."""
    for queue in QUEUES:
        dramatiq.Actor(consume, broker=broker, actor_name=queue, queue_name=queue, priority=0, options={})


def send(broker: Broker, kind: str, event_id: UUID) -> None:
    queue = QUEUE_OF[kind]
    message: dramatiq.Message[Any] = dramatiq.Message(
        queue_name=queue, actor_name=queue, args=(str(event_id),), kwargs={}, options={}
    )
    broker.enqueue(message)


def depth(broker: Broker, queue: str) -> int:
    """Messages that wait."""
    if isinstance(broker, RabbitmqBroker):
        return int(broker.get_queue_message_counts(queue)[0])
    return int(broker.do_qsize(queue))  # type: ignore[attr-defined]
