"""The gateway of this process, made when it is first needed and so always after the fork."""

from __future__ import annotations

from typing import cast

from flask import current_app

from config import StorefrontConfig
from storefront import faults
from storefront.payments.cards import Card
from storefront.payments.gateway import Answer, Gateway, NoAnswer, Till, Unreachable
from storefront.payments.sandbox_client import SandboxGateway
from storefront.shopper import Shopper


def gateway_of(config: StorefrontConfig) -> Gateway:
    return SandboxGateway(config.gateway_url, config.gateway_secret)


def current_gateway() -> Gateway:
    extensions = current_app.extensions
    if "gateway" not in extensions:
        extensions["gateway"] = gateway_of(extensions["config"])
    return cast(Gateway, extensions["gateway"])


class TroubledTill:
    """The gateway as one shopper meets it while an operator has switched a payment fault on."""

    def __init__(self, gateway: Till, shopper: Shopper) -> None:
        self._gateway, self._shopper = gateway, shopper

    def authorise(self, key: str, amount_cents: int, currency: str, card: Card) -> Answer:
        if faults.payment_unreachable(self._shopper):
            raise Unreachable("fault-payment-unreachable")
        if faults.payment_loses_answer(self._shopper):
            raise NoAnswer("fault-payment-errors")
        return self._gateway.authorise(key, amount_cents, currency, card)

    def capture(self, key: str, amount_cents: int) -> Answer:
        return self._gateway.capture(key, amount_cents)
