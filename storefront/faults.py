"""Failures that an operator can switch on, each a flag of this name, to see whether anybody notices.

flag                       while on                                         what moves
fault-recommendations      they fail 1 in 10, the page goes on              shop_widget_failures_total
fault-cpu-burn             threads of each worker burn CPU                  all routes' durations
fault-latency-spikes       1 page in 40 stops its worker's world            p99, hardly p50
fault-cart-not-emptied     an order leaves its cart full, with no error     orders − carts emptied
fault-readiness            /readyz says no, /healthz yes                    shop_requests_total, route /readyz
fault-slow-images          images are late, pages are not                   shop_web_vitals_lcp_seconds
fault-country-slow         pages are slow for one country                   that country, hardly the p95
fault-queue-flood          each message is sent 100 times                   shop_queue_depth
fault-payment-errors       the gateway's answers get lost                   shop_payments_total, outcome error
fault-payment-unreachable  the gateway cannot be reached                    shop_journeys_total, pay
fault-hot-product          one product's page fails                         shop_journeys_total, browse
fault-new-checkout         every other checkout with new-checkout on fails  shop_variant_journeys_total
fault-treated-errors       journeys fail for who has a feature in rollout   shop_variant_journeys_total
fault-treated-latency      they are slow for who has a feature in rollout   shop_variant_journey_duration…
fault-shared-errors        journeys fail for everybody                      both variants alike
fault-shared-latency       they are slow for everybody                      both variants alike

A flag's strategies aim a fault at some shoppers (country, locale, device, percentage) as with any flag.
A percentage with the stickiness "random" is a share of the requests. A feature
in rollout is any flag between 0 and 100; while one of the last four is on, every page asks for all of them.
"1 in n" is counted, not drawn by lot. Without flags every function here does nothing.
"""

from __future__ import annotations

import threading
import time
from itertools import count

from flask import g, request

from storefront import flags
from storefront.shopper import Shopper

NAMES = (
    "fault-recommendations",
    "fault-cpu-burn",
    "fault-latency-spikes",
    "fault-cart-not-emptied",
    "fault-readiness",
    "fault-slow-images",
    "fault-country-slow",
    "fault-queue-flood",
    "fault-payment-errors",
    "fault-payment-unreachable",
    "fault-hot-product",
    "fault-new-checkout",
    "fault-treated-errors",
    "fault-treated-latency",
    "fault-shared-errors",
    "fault-shared-latency",
)

WIDGET_FAILS_EVERY = 10
BURNING_THREADS, BURN_SECONDS = 4, 1.0
SPIKE_EVERY, SPIKE_SECONDS = 40, 1.5
IMAGE_SECONDS = 3.0  # turns a good LCP (2.5 s) into a poor one
SLOW_COUNTRY, COUNTRY_SECONDS = "DE", 0.8
FLOOD_COPIES = 100
HOT_PRODUCT_ID = 1
CHECKOUT_FAILS_EVERY = 2
JOURNEY_SECONDS = 0.8
# fault: (for everybody, an error rather than a delay)
IN_JOURNEYS = {
    "fault-treated-latency": (False, False),
    "fault-shared-latency": (True, False),
    "fault-treated-errors": (False, True),
    "fault-shared-errors": (True, True),
}

_widgets, _pages, _checkouts = count(1), count(1), count(1)
_world = threading.Lock()
_burning = threading.Lock()


class Fault(RuntimeError):
    """A failure that was asked for; it goes the way of any unexpected one."""


def is_on(name: str, shopper: Shopper | None = None) -> bool:
    return flags.is_enabled(name, shopper)


def before_request() -> None:
    """The factory's last hook before a page or an image; health and metrics are never touched."""
    shopper = g.get("shopper")
    if isinstance(shopper, Shopper):
        _slow_country(shopper)
        _spike(shopper)
        _burn_cpu(shopper)
    elif request.path.startswith("/media/") and is_on("fault-slow-images"):
        time.sleep(IMAGE_SECONDS)


def in_journey() -> None:
    """Within each journey, before its view: what fails or waits here counts for the journey's variants."""
    shopper = g.get("shopper")
    if not isinstance(shopper, Shopper) or flags.drills().isdisjoint(IN_JOURNEYS):
        return
    has_feature = _meets_features(shopper)
    for name, (is_shared, is_error) in IN_JOURNEYS.items():
        if (is_shared or has_feature) and is_on(name, shopper):
            if is_error:
                raise Fault(name)
            time.sleep(JOURNEY_SECONDS)


def _meets_features(shopper: Shopper) -> bool:
    """Whether she has a feature under rollout. Every page asks now, so both sides are seen on every page."""
    answers = [flags.is_enabled(flag, shopper) for flag in sorted(flags.under_rollout())]
    return any(answers)


def recommendations(shopper: Shopper) -> None:
    """At the start of the recommendations; the page catches it, counts it and leaves them out."""
    _fail_every("fault-recommendations", shopper, _widgets, WIDGET_FAILS_EVERY)


def hot_product(product_id: int, shopper: Shopper) -> None:
    """In the view of a product's page."""
    if product_id == HOT_PRODUCT_ID and is_on("fault-hot-product", shopper):
        raise Fault("fault-hot-product")


def keeps_cart(shopper: Shopper) -> bool:
    """Asked when an order was placed: leave its lines in the cart?"""
    return is_on("fault-cart-not-emptied", shopper)


def not_ready() -> bool:
    """Asked by /readyz."""
    return is_on("fault-readiness")


def copies() -> int:
    """How many times the relay sends each message."""
    return FLOOD_COPIES if is_on("fault-queue-flood") else 1


def payment_loses_answer(shopper: Shopper | None) -> bool:
    """Asked before the gateway is: if so, its answer counts as lost."""
    return is_on("fault-payment-errors", shopper)


def payment_unreachable(shopper: Shopper | None) -> bool:
    """Asked before the gateway is: if so, it counts as unreachable."""
    return is_on("fault-payment-unreachable", shopper)


def new_checkout(shopper: Shopper) -> None:
    """In the new checkout's own code, so the old one is never hurt."""
    _fail_every("fault-new-checkout", shopper, _checkouts, CHECKOUT_FAILS_EVERY)


def _fail_every(name: str, shopper: Shopper, counted: count[int], every: int) -> None:
    if is_on(name, shopper) and next(counted) % every == 0:
        raise Fault(name)


def _slow_country(shopper: Shopper) -> None:
    if shopper.country == SLOW_COUNTRY and is_on("fault-country-slow", shopper):
        time.sleep(COUNTRY_SECONDS)


def _spike(shopper: Shopper) -> None:
    """One page holds the lock that all others must pass: like a collector that stops the world."""
    if not is_on("fault-latency-spikes", shopper):
        return
    with _world:
        if next(_pages) % SPIKE_EVERY == 0:
            time.sleep(SPIKE_SECONDS)


def _burn_cpu(shopper: Shopper) -> None:
    if is_on("fault-cpu-burn", shopper) and _burning.acquire(blocking=False):
        for _ in range(BURNING_THREADS - 1):
            threading.Thread(target=_burn, name="fault-cpu-burn", daemon=True).start()
        threading.Thread(target=_burn_and_release, name="fault-cpu-burn", daemon=True).start()


def _burn() -> None:
    until = time.monotonic() + BURN_SECONDS
    while time.monotonic() < until:
        sum(range(2_000))


def _burn_and_release() -> None:
    try:
        _burn()
    finally:
        _burning.release()
