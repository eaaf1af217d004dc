"""What a page and a mail say of an order. Pure: a table of words by status.

Never the word "error" after a payment: what is not known yet is being confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Progress:
    title: object
    words: object
    short: object  # for lists
    tone: str  # good, info or bad: the notice's look
    is_final: bool  # the page need not look again


PROGRESS = {
    "pending": Progress(
        _l("Your payment is being confirmed"),
        _l("This can take a minute. You will not be charged twice, and you may close this page."),
        _l("Payment being confirmed"),
        "info",
        False,
    ),
    "paid": Progress(
        _l("Thank you, we have your order"),
        _l("Your payment has arrived. We are getting your order ready."),
        _l("Paid"),
        "good",
        False,
    ),
    "confirmed": Progress(
        _l("Thank you, your order is confirmed"),
        _l("It will be at your door in 2 to 4 working days."),
        _l("Confirmed"),
        "good",
        True,
    ),
    "cancelled": Progress(
        _l("This order was not placed"),
        _l("Your card was not charged. Your items are in your cart, so you can order them again."),
        _l("Not placed"),
        "bad",
        True,
    ),
    "refunded": Progress(
        _l("We have given your money back"),
        _l("This order will not be delivered. The whole sum is on its way back to your card."),
        _l("Money given back"),
        "info",
        True,
    ),
}

DECLINED = {
    "insufficient_funds": _l("Your bank says that the card does not cover this sum. Please try another one."),
}
DECLINED_OTHERWISE = _l("Your bank has declined the card. Please check what you typed or try another one.")


def why_declined(reason: str) -> object:
    return DECLINED.get(reason, DECLINED_OTHERWISE)
