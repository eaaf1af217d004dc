"""What one process counts, and under which labels."""

from __future__ import annotations

import pytest
from flask import Flask, Response, abort, g
from flask.testing import FlaskClient

from config import StorefrontConfig
from storefront import telemetry
from storefront.errors import NotFound, Refused, Unavailable
from tests.shopping import Shop, told


@pytest.fixture
def broken_shop(shop_config: StorefrontConfig) -> FlaskClient:
    """A few views that end in every way that a view can."""
    app = Flask("broken")
    app.extensions["config"] = shop_config
    app.url_value_preprocessor(lambda _endpoint, values: setattr(g, "locale", (values or {}).get("locale")))

    def view(locale: str, how: str) -> object:
        match how:
            case "refused":
                raise Refused("declined")
            case "absent":
                raise NotFound("no such page")
            case "unavailable":
                raise Unavailable("database")
            case "crash":
                raise ZeroDivisionError
            case "aborted":
                abort(404)
            case "gone-wrong":
                abort(500)
            case "answered-503":
                return "later", 503
            case "response-500":
                return Response("no", 500)
        return "fine"

    app.add_url_rule(
        "/<locale>/checkout/<how>", view_func=telemetry.journey("checkout")(view), methods=["GET"]
    )
    app.add_url_rule("/<locale>/form", view_func=lambda locale: "sent", endpoint="form", methods=["POST"])
    telemetry.instrument(app)
    return app.test_client()


def _outcomes(locale: str = "de") -> tuple[float, float]:
    good, bad = (
        told("shop_journeys_total", journey="checkout", outcome=outcome, locale=locale)
        for outcome in telemetry.OUTCOMES
    )
    return good, bad


@pytest.mark.parametrize("how", ["well", "refused", "absent", "aborted"])
def test_what_a_shopper_can_mend_is_good(broken_shop: FlaskClient, how: str) -> None:
    good, bad = _outcomes()

    broken_shop.get(f"/de/checkout/{how}")

    assert _outcomes() == (good + 1, bad)


@pytest.mark.parametrize("how", ["unavailable", "crash", "gone-wrong", "answered-503", "response-500"])
def test_what_is_the_shops_fault_is_bad(broken_shop: FlaskClient, how: str) -> None:
    good, bad = _outcomes()

    broken_shop.get(f"/de/checkout/{how}")

    assert _outcomes() == (good, bad + 1)


def test_a_step_that_says_it_went_wrong_is_bad() -> None:
    before = told("shop_journeys_total", journey="pay", outcome="bad", locale="other")

    with telemetry.journey("pay", "tlh") as step:
        step.bad()

    assert told("shop_journeys_total", journey="pay", outcome="bad", locale="other") == before + 1


def test_a_journey_that_nobody_knows_is_a_mistake_in_the_code() -> None:
    with pytest.raises(ValueError, match="unknown journey"):
        telemetry.journey("browsing")


def test_a_request_counts_once_under_its_route(broken_shop: FlaskClient) -> None:
    labels = {"route": "/<locale>/checkout/<how>", "method": "GET"}
    before = [told("shop_requests_total", code_class=code, **labels) for code in telemetry.CODE_CLASSES]
    timed = told("shop_request_duration_seconds_count", route=labels["route"])

    for how in ("well", "aborted", "answered-503", "crash"):
        broken_shop.get(f"/de/checkout/{how}")
    broken_shop.head("/de/checkout/well")

    after = [told("shop_requests_total", code_class=code, **labels) for code in telemetry.CODE_CLASSES]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 0, 1, 2]
    assert told("shop_request_duration_seconds_count", route=labels["route"]) == timed + 5


def test_a_crash_that_reaches_the_server_is_a_5xx(broken_shop: FlaskClient) -> None:
    labels = {"route": "/<locale>/checkout/<how>", "method": "GET", "code_class": "5xx"}
    before = told("shop_requests_total", **labels)
    broken_shop.application.testing = True

    with pytest.raises(ZeroDivisionError):
        broken_shop.get("/de/checkout/crash")

    assert told("shop_requests_total", **labels) == before + 1


@pytest.mark.parametrize(
    ("method", "path", "counted_as", "code"),
    [
        ("GET", "/nowhere", "GET", "4xx"),
        ("GET", "/de/form", "GET", "4xx"),
        ("OPTIONS", "/de/form", "other", "2xx"),
        ("BREW", "/nowhere", "other", "4xx"),
    ],
)
def test_no_address_and_no_method_makes_a_new_series(
    broken_shop: FlaskClient, method: str, path: str, counted_as: str, code: str
) -> None:
    series = _series()
    before = told("shop_requests_total", route="unmatched", method=counted_as, code_class=code)

    broken_shop.open(path, method=method)

    assert told("shop_requests_total", route="unmatched", method=counted_as, code_class=code) == before + 1
    assert _series() == series


def test_all_series_of_the_shop_are_there_before_the_first_shopper(shop: Shop) -> None:
    variant = shop.shelve()
    before = _series()

    browser = shop.browser("ar")
    for path in ("/", "/products", "/search?q=kettel", "/products/kettle-ember-1", "/cart", "/nothing"):
        browser.get(path)
    browser.add(variant)
    browser.pay()

    assert _series() == before


def test_variants_have_their_series_before_a_shopper_gets_one() -> None:
    telemetry.expect_variants("green-button", ("on", "off"))

    labels = {"flag": "green-button", "journey": "pay", "outcome": "bad"}
    assert [
        telemetry.REGISTRY.get_sample_value("shop_variant_journeys_total", {**labels, "variant": variant})
        for variant in ("on", "off")
    ] == [0.0, 0.0]


def test_ages_are_told_once_they_are_known(shop: Shop) -> None:
    ages: dict[str, float | None] = {"pantry": None}
    telemetry.watch_ages(pantry=lambda: ages["pantry"])
    shop.browser().get("/")
    assert telemetry.REGISTRY.get_sample_value("shop_pantry_age_seconds") is None

    ages["pantry"] = 12.5
    answer = shop.browser().get("/")

    assert answer.status_code == 200
    assert told("shop_pantry_age_seconds") == 12.5
    telemetry.watch_ages(pantry=lambda: None)


def test_prometheus_can_read_the_page(shop: Shop) -> None:
    answer = shop.app.test_client().get("/metrics")

    assert answer.content_type.startswith("text/plain; version=")
    assert "shop_journeys_total{" in answer.text
    assert "_created" not in answer.text


def _series() -> set[tuple[str, str]]:
    return {
        (sample.name, str(sorted(sample.labels.items())))
        for metric in telemetry.REGISTRY.collect()
        for sample in metric.samples
    }
