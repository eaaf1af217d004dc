"""The decisions around a gateway, against a small one written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from storefront.payments.cards import Card
from storefront.payments.charging import GRACE_SECONDS, Outcome, charge, find_out, settled
from storefront.payments.gateway import Answer, Gateway, NoAnswer, State, Unreachable

CARD = Card("4242424242424242", 8, 2029, "123")
Told = Answer | Exception
HELD = Answer(State.AUTHORISED, "r", 500)
TAKEN = Answer(State.CAPTURED, "r", 500)
UNKNOWN = Answer(State.UNKNOWN)
VOIDED = Answer(State.VOIDED, "r")


@dataclass
class Script:
    """Answers each call with what the test laid down for it, and notes what was asked."""

    authorised: Told = HELD
    captured: Told = TAKEN
    looked_up: Told = UNKNOWN
    voided: Told = VOIDED
    asked: list[str] = field(default_factory=list)

    def authorise(self, key: str, amount_cents: int, currency: str, card: Card) -> Answer:
        return self.tell("authorise", self.authorised)

    def capture(self, key: str, amount_cents: int) -> Answer:
        return self.tell("capture", self.captured)

    def look_up(self, key: str) -> Answer:
        return self.tell("look_up", self.looked_up)

    def void(self, key: str) -> Answer:
        return self.tell("void", self.voided)

    def refund(self, key: str, amount_cents: int) -> Answer:
        return self.tell("refund", Answer(State.REFUNDED))

    def tell(self, what: str, told: Told) -> Answer:
        self.asked.append(what)
        if isinstance(told, Exception):
            raise told
        return told


def outcome_of(gateway: Gateway) -> Outcome:
    return charge(gateway, "k", 500, "EUR", CARD).outcome


def test_a_good_card_is_authorised_then_captured() -> None:
    gateway = Script()
    assert outcome_of(gateway) is Outcome.CAPTURED
    assert gateway.asked == ["authorise", "capture"]


def test_a_declined_card_is_never_captured() -> None:
    gateway = Script(authorised=Answer(State.DECLINED, "r", 500, "card_declined"))
    result = charge(gateway, "k", 500, "EUR", CARD)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, "card_declined")
    assert gateway.asked == ["authorise"]


def test_a_gateway_that_was_not_reached_has_held_nothing() -> None:
    result = charge(Script(authorised=Unreachable()), "k", 500, "EUR", CARD)
    assert result.outcome is Outcome.ERROR
    assert not result.may_be_held


def test_a_lost_answer_to_the_authorisation_may_hold_the_sum_but_took_nothing() -> None:
    gateway = Script(authorised=NoAnswer())
    result = charge(gateway, "k", 500, "EUR", CARD)
    assert result.outcome is Outcome.ERROR
    assert result.may_be_held
    assert gateway.asked == ["authorise"]


def test_another_amount_than_the_priced_one_is_never_captured() -> None:
    gateway = Script(authorised=Answer(State.AUTHORISED, "r", 499))
    result = charge(gateway, "k", 500, "EUR", CARD)
    assert result.outcome is Outcome.ERROR
    assert result.may_be_held
    assert gateway.asked == ["authorise"]


@pytest.mark.parametrize("lost", [NoAnswer(), Unreachable()])
def test_a_lost_answer_to_the_capture_leaves_the_outcome_open(lost: Exception) -> None:
    assert outcome_of(Script(captured=lost)) is Outcome.TIMEOUT


def test_a_capture_that_is_not_final_leaves_the_outcome_open() -> None:
    assert outcome_of(Script(captured=Answer(State.AUTHORISED))) is Outcome.TIMEOUT


def test_a_key_that_was_charged_before_is_not_charged_again() -> None:
    gateway = Script(authorised=Answer(State.CAPTURED, "r", 500))
    assert outcome_of(gateway) is Outcome.CAPTURED
    assert gateway.asked == ["authorise"]


def test_a_key_that_was_given_up_takes_nothing() -> None:
    assert outcome_of(Script(authorised=Answer(State.VOIDED))) is Outcome.ERROR
    assert outcome_of(Script(authorised=Answer(State.UNKNOWN))) is Outcome.ERROR


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (State.CAPTURED, Outcome.CAPTURED),
        (State.DECLINED, Outcome.DECLINED),
        (State.VOIDED, Outcome.ERROR),
        (State.REFUNDED, Outcome.REFUNDED),
    ],
)
def test_a_hanging_payment_gets_the_gateways_final_word(state: State, outcome: Outcome) -> None:
    found = find_out(Script(looked_up=Answer(state)), "k", 500, 5)
    assert found is not None
    assert found.outcome is outcome


def test_a_hanging_payment_that_was_authorised_is_captured_now() -> None:
    gateway = Script(looked_up=Answer(State.AUTHORISED, "r", 500))
    found = find_out(gateway, "k", 500, 5)
    assert found is not None
    assert found.outcome is Outcome.CAPTURED


def test_a_payment_unknown_to_the_gateway_may_still_be_on_its_way() -> None:
    gateway = Script()
    assert find_out(gateway, "k", 500, GRACE_SECONDS - 1) is None
    assert gateway.asked == ["look_up"]


def test_after_the_grace_it_is_given_up_at_the_gateway_so_that_it_cannot_arrive_late() -> None:
    gateway = Script()
    found = find_out(gateway, "k", 500, GRACE_SECONDS)
    assert found is not None
    assert found.outcome is Outcome.ERROR
    assert gateway.asked == ["look_up", "void"]


def test_a_payment_that_arrived_while_it_was_given_up_counts() -> None:
    found = find_out(Script(voided=Answer(State.CAPTURED, "r", 500)), "k", 500, GRACE_SECONDS)
    assert found is not None
    assert found.outcome is Outcome.CAPTURED


@pytest.mark.parametrize("lost", [NoAnswer(), Unreachable()])
def test_without_an_answer_it_is_asked_again_later(lost: Exception) -> None:
    assert find_out(Script(looked_up=lost), "k", 500, 5) is None


def test_what_is_only_authorised_is_not_settled() -> None:
    assert settled(Answer(State.AUTHORISED)) is None
