"""Rules to start from: the common ones, written for what this shop and this control plane emit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from app.alerts.rules.rule import Rule

if TYPE_CHECKING:
    from flask_babel import LazyString

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Starter:
    about: LazyString
    rule: Rule


def _starter(about: LazyString, name: str, key: str, expr: str, **more: object) -> Starter:
    return Starter(about, Rule(key=key, name=name, expr=expr, **more))  # type: ignore[arg-type]


_ALL = (
    _starter(
        _l("Too large a share of page views fails"),
        "ErrorShareHigh",
        "error-share-high",
        'sum(rate(shop_requests_total{code_class="5xx"}[5m])) / sum(rate(shop_requests_total[5m])) > 0.02',
        severity="page",
        hold_seconds=2 * MINUTE,
        keep_firing_seconds=5 * MINUTE,
        events="increase(shop_requests_total[5m])",
        min_events=50,
        summary="{{ $value | humanizePercentage }} of the requests to the shop fail",
        runbook="checkout-errors",
    ),
    _starter(
        _l("Pages are slow for one in twenty"),
        "PagesSlow",
        "pages-slow",
        "histogram_quantile(0.95, sum by (le) (rate(shop_request_duration_seconds_bucket[5m]))) > 1",
        hold_seconds=5 * MINUTE,
        keep_firing_seconds=5 * MINUTE,
        summary="One page view in twenty takes {{ $value | humanizeDuration }} or longer",
        runbook="checkout-slow",
    ),
    _starter(
        _l("No order has come in for half an hour"),
        "NoOrders",
        "no-orders",
        'sum(increase(shop_journeys_total{journey="checkout",outcome="good"}[30m])) == 0',
        severity="page",
        hold_seconds=5 * MINUTE,
        events='increase(shop_journeys_total{journey="browse"}[30m])',
        min_events=100,
        summary="Nobody has bought anything for half an hour, though people are there",
        runbook="checkout-errors",
    ),
    _starter(
        _l("Events of the shop wait too long for the worker"),
        "QueueOld",
        "queue-old",
        "max(shop_outbox_oldest_age_seconds) > 300",
        hold_seconds=2 * MINUTE,
        summary="The oldest event has waited for {{ $value | humanizeDuration }}",
    ),
    _starter(
        _l("A disk will be full within a day"),
        "DiskFillsUp",
        "disk-fills-up",
        'predict_linear(node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"}[6h], 86400) < 0',
        hold_seconds=30 * MINUTE,
        summary="{{ $labels.mountpoint }} of {{ $labels.instance }} is full within a day",
    ),
    _starter(
        _l("The cost of a user is over its budget"),
        "CostPerUserHigh",
        "cost-per-user-high",
        "backroom_cost_per_active_user_cents > 50",
        every_seconds=5 * MINUTE,
        summary="An active user of {{ $labels.month }} costs {{ $value }} cents",
    ),
    _starter(
        _l("Fewer orders than at this time a week ago"),
        "OrdersDrop",
        "orders-drop",
        "backroom_live_orders_today / (backroom_live_orders_today offset 7d) < 0.6",
        hold_seconds=15 * MINUTE,
        keep_firing_seconds=15 * MINUTE,
        events="backroom_live_orders_today offset 7d",
        min_events=20,
        summary="Only {{ $value | humanizePercentage }} of last week's orders so far",
    ),
    _starter(
        _l("A scheduled job has not done its work in time"),
        "JobNotDone",
        "job-not-done",
        "backroom_scheduled_job_late == 1",
        hold_seconds=5 * MINUTE,
        summary="{{ $labels.name }} is late or fails",
        runbook="monitoring-blind",
    ),
    _starter(
        _l("Shoppers see English in place of their own language"),
        "TranslationFallback",
        "translation-fallback",
        'sum by (locale) (rate(shop_translation_fallbacks_total{locale!="en"}[15m])) * 60 > 1',
        hold_seconds=15 * MINUTE,
        summary="{{ $value }} texts a minute fall back to English in {{ $labels.locale }}",
    ),
    _starter(
        _l("A certificate ends within two weeks"),
        "CertificateEnds",
        "certificate-ends",
        "probe_ssl_earliest_cert_expiry - time() < 14 * 86400",
        every_seconds=HOUR,
        summary="The certificate of {{ $labels.instance }} ends in {{ $value | humanizeDuration }}",
    ),
    _starter(
        _l("The clocks of Prometheus and the control plane differ"),
        "ClockSkew",
        "clock-skew",
        "abs(backroom_health_clock_skew_seconds) > 5",
        hold_seconds=5 * MINUTE,
        summary="The clocks differ by {{ $value | humanizeDuration }}",
    ),
    _starter(
        _l("Little is left of an error budget"),
        "BudgetLow",
        "budget-low",
        "backroom_slo_budget_left < 0.25",
        every_seconds=5 * MINUTE,
        hold_seconds=10 * MINUTE,
        summary="{{ $value | humanizePercentage }} of an objective's budget is left",
    ),
    _starter(
        _l("A figure is old: nobody has computed it for a while"),
        "FigureOld",
        "figure-old",
        "time() - backroom_live_visitors_timestamp_seconds > 600",
        hold_seconds=2 * MINUTE,
        summary="Visitors were last counted {{ $value | humanizeDuration }} ago",
    ),
)

STARTERS: dict[str, Starter] = {starter.rule.key: starter for starter in _ALL}
