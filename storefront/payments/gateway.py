"""What the shop asks of a payment gateway, whoever runs it.

Every call carries the payment's own key, so that a call repeated after a lost answer never charges twice.
Nothing here is called inside a database transaction: an answer may take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from storefront.payments.cards import Card


class State(StrEnum):
    """What the gateway says a payment is."""

    UNKNOWN = "unknown"  # it has never heard of the key
    AUTHORISED = "authorised"  # the sum is held, nothing has been taken
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"  # given up: nothing was taken, nothing can be any more
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Answer:
    state: State
    reference: str = ""  # the gateway's own name for the payment
    amount_cents: int | None = None
    reason: str = ""  # why it was declined, a word such as "insufficient_funds"


class Unreachable(Exception):
    """The request did not get to the gateway: nothing has happened there."""


class NoAnswer(Exception):
    """The request may have arrived, its outcome is not known: ask again by key, never charge anew."""


class Till(Protocol):
    """The part of a gateway that a checkout talks to."""

    def authorise(self, key: str, amount_cents: int, currency: str, card: Card) -> Answer: ...

    def capture(self, key: str, amount_cents: int) -> Answer: ...


class Gateway(Till, Protocol):
    def look_up(self, key: str) -> Answer: ...

    def void(self, key: str) -> Answer:
        """Give the payment up. A key never heard of is refused from then on; what is captured stays so."""
        ...

    def refund(self, key: str, amount_cents: int) -> Answer: ...
