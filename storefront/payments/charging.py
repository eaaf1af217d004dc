"""How one payment is charged, and how one that hangs is settled. Decides; the gateway is an argument.

Authorise holds the sum, capture takes it. Until capture was asked for nothing can have been taken, so a lost
answer to `authorise` ends the attempt; a lost answer to `capture` leaves it open until the gateway was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from storefront.payments.cards import Card
from storefront.payments.gateway import Answer, Gateway, NoAnswer, State, Till, Unreachable

# Longer than a checkout can take from its first row in the database to its last word with the gateway.
GRACE_SECONDS = 30


class Outcome(StrEnum):
    """The words of `payments.outcome` and of shop_payments_total."""

    PENDING = "pending"
    TIMEOUT = "timeout"
    CAPTURED = "captured"
    DECLINED = "declined"
    ERROR = "error"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Charge:
    outcome: Outcome
    reference: str = ""
    reason: str = ""
    may_be_held: bool = False  # the sum may be reserved at the bank: give it free


def charge(gateway: Till, key: str, amount_cents: int, currency: str, card: Card) -> Charge:
    try:
        held = gateway.authorise(key, amount_cents, currency, card)
    except Unreachable:
        return Charge(Outcome.ERROR, reason="unreachable")
    except NoAnswer:
        return Charge(Outcome.ERROR, reason="no_answer", may_be_held=True)
    if held.state is State.AUTHORISED:
        if held.amount_cents != amount_cents:
            return Charge(Outcome.ERROR, held.reference, "amount", may_be_held=True)
        return capture(gateway, key, amount_cents)
    return settled(held) or Charge(Outcome.ERROR, held.reference, held.state)


def capture(gateway: Till, key: str, amount_cents: int) -> Charge:
    try:
        taken = gateway.capture(key, amount_cents)
    except (Unreachable, NoAnswer):
        return Charge(Outcome.TIMEOUT, reason="no_answer")
    return settled(taken) or Charge(Outcome.TIMEOUT, taken.reference, taken.state)


def settled(answer: Answer) -> Charge | None:
    """What is final in the gateway's answer; None while it is not."""
    match answer.state:
        case State.CAPTURED:
            return Charge(Outcome.CAPTURED, answer.reference)
        case State.DECLINED:
            return Charge(Outcome.DECLINED, answer.reference, answer.reason)
        case State.VOIDED:
            return Charge(Outcome.ERROR, answer.reference, "given_up")
        case State.REFUNDED:
            return Charge(Outcome.REFUNDED, answer.reference)
        case _:
            return None


def find_out(gateway: Gateway, key: str, amount_cents: int, age_seconds: float) -> Charge | None:
    """What became of a payment that hangs; None: ask again later.

    One that was authorised is captured now. One that the gateway has never heard of was never sent, or is
    still on its way: after the grace it is given up *there*, so that it cannot arrive late and be charged.
    """
    try:
        answer = gateway.look_up(key)
        if answer.state is State.AUTHORISED:
            answer = gateway.capture(key, amount_cents)
        elif answer.state is State.UNKNOWN and age_seconds >= GRACE_SECONDS:
            answer = gateway.void(key)
    except (Unreachable, NoAnswer):
        return None
    return settled(answer)
