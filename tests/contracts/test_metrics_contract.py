"""Metrics: what any shop's /metrics must say for the control plane to understand it, and what ours says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from local.history import samples
from local.history.life import PAGES
from storefront import telemetry
from tests.shopping import Shop, gateway, shop

__all__ = ["gateway", "shop"]

ROOT = Path(__file__).parents[2]

# name as it is queried → (type, labels)
CONTRACT = {
    "shop_requests_total": ("counter", {"route", "method", "code_class"}),
    "shop_request_duration_seconds": ("histogram", {"route"}),
    "shop_response_bytes_total": ("counter", {"route"}),
    "shop_cpu_seconds_total": ("counter", {"route"}),
    "shop_journeys_total": ("counter", {"journey", "outcome", "locale"}),
    "shop_journey_duration_seconds": ("histogram", {"journey"}),
    "shop_variant_journeys_total": ("counter", {"flag", "variant", "journey", "outcome"}),
    "shop_variant_journey_duration_seconds": ("histogram", {"flag", "variant", "journey"}),
    "shop_variant_troubles_total": ("counter", {"flag", "variant", "journey"}),
    "shop_cache_lookups_total": ("counter", {"cache", "result"}),
    "shop_payments_total": ("counter", {"outcome"}),
    "shop_orders_total": ("counter", {"locale"}),
    "shop_carts_emptied_total": ("counter", set()),
    "shop_mails_total": ("counter", {"outcome"}),
    "shop_sign_ins_total": ("counter", {"kind"}),
    "shop_widget_failures_total": ("counter", {"widget"}),
    "shop_web_vitals_lcp_seconds": ("histogram", {"device"}),
    "shop_web_vitals_inp_seconds": ("histogram", {"device"}),
    "shop_web_vitals_cls": ("histogram", {"device"}),
    "shop_usage_events_dropped_total": ("counter", set()),
    "shop_exposures_dropped_total": ("counter", set()),
    "shop_translation_fallbacks_total": ("counter", {"locale"}),
    "shop_translation_failures_total": ("counter", {"locale"}),
    "shop_catalog_release": ("gauge", {"locale"}),
    "shop_catalogs_refused_total": ("counter", {"locale", "what"}),
    "shop_impressions_dropped_total": ("counter", set()),
    "shop_error_reports_dropped_total": ("counter", set()),
    "shop_words_journeys_total": ("counter", {"locale", "bucket", "journey", "outcome"}),
    "shop_words_troubles_total": ("counter", {"locale", "bucket", "journey"}),
    "shop_flags_age_seconds": ("gauge", set()),
    "shop_catalogs_age_seconds": ("gauge", set()),
    "shop_outbox_pending": ("gauge", set()),
    "shop_outbox_oldest_age_seconds": ("gauge", set()),
    "shop_dead_letters": ("gauge", set()),
    "shop_queue_depth": ("gauge", {"queue"}),
}
SECONDS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]
EVERY_VALUE = {
    ("shop_journeys_total", "journey"): {"browse", "search", "cart", "checkout", "pay"},
    ("shop_journeys_total", "outcome"): {"good", "bad"},
    ("shop_journeys_total", "locale"): {"en", "de", "ar", "other"},
    ("shop_payments_total", "outcome"): {"captured", "declined", "timeout", "error", "refunded"},
    ("shop_cache_lookups_total", "result"): {"hit", "miss", "error"},
    ("shop_mails_total", "outcome"): {"sent", "failed"},
    ("shop_sign_ins_total", "kind"): {
        *("signed_up", "signed_in", "refused", "password_changed", "link_asked", "password_chosen_anew"),
    },
    ("shop_web_vitals_lcp_seconds", "device"): {"desktop", "mobile", "tablet"},
}

Metrics = dict[str, tuple[str, set[frozenset[tuple[str, str]]]]]


@pytest.fixture
def exposed(shop: Shop) -> Metrics:
    """name → (type, label sets without `le`), as a scrape of the shop and its worker reads them."""
    telemetry.expect_variants("new-checkout", ("on", "off"))
    telemetry.watch_ages(flags=lambda: 1.0, catalogs=lambda: 1.0)
    telemetry.catalog_in_use("de", 1)
    telemetry.outbox(0, 0.0, 0)
    telemetry.queue_depth("mail", 0)
    shop.browser().get("/")
    found: Metrics = {}
    for family in text_string_to_metric_families(shop.app.test_client().get("/metrics").text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {frozenset(sample.labels.items() - _le(sample.labels)) for sample in family.samples}
        found[name] = (family.type, labels)
    return found


def _le(labels: dict[str, str]) -> set[tuple[str, str]]:
    return {("le", labels["le"])} if "le" in labels else set()


def test_every_metric_of_the_contract_has_its_type_and_labels(exposed: Metrics) -> None:
    told = {
        name: (kind, {key for one in labels for key, _ in one}) for name, (kind, labels) in exposed.items()
    }

    assert {name: told.get(name) for name in CONTRACT} == CONTRACT


def test_the_shop_emits_nothing_that_the_contract_does_not_name(exposed: Metrics) -> None:
    assert {name for name in exposed if name.startswith("shop_")} - {
        "shop_pantry_age_seconds"
    } == CONTRACT.keys()


@pytest.mark.parametrize(("metric", "label"), EVERY_VALUE)
def test_every_label_value_is_there_from_the_start(exposed: Metrics, metric: str, label: str) -> None:
    found = {value for labels in exposed[metric][1] for key, value in labels if key == label}

    if label == "locale":  # another app of this process may sell in more languages
        found &= EVERY_VALUE[metric, label]
    assert found == EVERY_VALUE[metric, label]


@pytest.mark.parametrize(
    "name",
    [
        "shop_request_duration_seconds",
        "shop_journey_duration_seconds",
        "shop_variant_journey_duration_seconds",
    ],
)
def test_latency_is_told_at_the_agreed_boundaries(exposed: Metrics, shop: Shop, name: str) -> None:
    written = shop.app.test_client().get("/metrics").text
    found = re.findall(rf'^{name}_bucket{{.*?le="([^"]+)"', written, re.MULTILINE)

    assert list(dict.fromkeys(found)) == SECONDS


def test_what_the_control_plane_asks_for_is_what_the_shop_says() -> None:
    known = {name for name, (kind, _) in CONTRACT.items() if kind != "histogram"}
    for name, (kind, _) in CONTRACT.items():
        if kind == "histogram":
            known |= {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    asked: set[str] = set()
    for source in (ROOT / "app").rglob("*.py"):
        asked |= set(
            re.findall(
                r"\bshop_(?:[a-z]+_)*(?:total|bucket|count|sum|seconds|pending|letters|depth)\b",
                source.read_text(),
            )
        )

    assert asked
    assert asked - known - CONTRACT.keys() == set()


def test_the_demo_history_speaks_like_the_shop() -> None:
    life = samples.Life([], [], [])
    told = {(family.name, family.kind, family.labels) for family in samples.families(life, 0, 3600)}
    agreed = {(name, kind, frozenset(labels)) for name, (kind, labels) in CONTRACT.items()}

    assert {(name, kind, frozenset(labels)) for name, kind, labels in told if name != "up"} <= agreed
    assert (samples.SECONDS, samples.LCP_SECONDS) == (telemetry.SECONDS, telemetry.LCP_SECONDS)
    assert [str(bound) for bound in samples.SECONDS] == SECONDS[:-1]


def test_the_demo_history_knows_the_shops_routes(shop: Shop) -> None:
    routes = {
        (telemetry.template(rule.rule), method)
        for rule in shop.app.url_map.iter_rules()
        for method in rule.methods or ()
    }

    assert {(page.route, page.method) for page in PAGES.values()} <= routes
