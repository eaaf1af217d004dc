"""The flags that a new installation starts with, all of them off.

Descriptions are data that people edit afterwards, so they are written in one language here.
"""

from __future__ import annotations

from app.flags.flag import Details


def _drill(description: str) -> Details:
    return Details("operational", description, "ops", ("drill:failure",))


DEFAULTS: dict[str, Details] = {
    "new-checkout": Details(
        "release", "The checkout in one column: what is bought first, then a single form.", "product"
    ),
    "fault-recommendations": _drill(
        "The recommendations on product pages fail for one request in ten. The page must survive."
    ),
    "fault-cpu-burn": _drill("Every page burns processor time: unrelated pages get slow."),
    "fault-latency-spikes": _drill(
        "One page in forty stops its worker for a moment: the median is fine, p99 is not."
    ),
    "fault-cart-not-emptied": _drill(
        "The cart keeps its lines after the order. No HTTP error tells of it, only a business signal."
    ),
    "fault-readiness": _drill("The readiness probe fails while the shop goes on answering."),
    "fault-slow-images": _drill("Images come late: the server looks well, web vitals do not."),
    "fault-country-slow": _drill("Pages are slow for shoppers in Germany: the overall p95 hardly moves."),
    "fault-queue-flood": _drill("Every message is queued a hundred times, with duplicates."),
    "fault-payment-errors": _drill("The payment gateway's answers get lost, so payments hang."),
    "fault-payment-unreachable": _drill("The payment gateway cannot be reached."),
    "fault-hot-product": _drill("The page of one popular product fails."),
    "fault-new-checkout": _drill("Half of the orders through the new checkout fail: a rollout to catch."),
    "fault-treated-errors": _drill(
        "Journeys fail for shoppers who have a feature that is being rolled out, and for nobody else."
    ),
    "fault-treated-latency": _drill(
        "Journeys are slow for shoppers who have a feature that is being rolled out, and for nobody else."
    ),
    "fault-shared-errors": _drill("Journeys fail for everybody: no rollout is to blame."),
    "fault-shared-latency": _drill("Journeys are slow for everybody: no rollout is to blame."),
}
