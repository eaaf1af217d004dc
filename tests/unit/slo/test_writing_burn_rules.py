from __future__ import annotations

from decimal import Decimal

import pytest
import yaml

from app.slo.rules import groups, text

URL = "https://house.example"


@pytest.fixture
def written(slo):
    return text(groups([slo()], URL))


def rules_of(written):
    return [rule for group in yaml.safe_load(written)["groups"] for rule in group["rules"]]


def test_the_same_objectives_give_the_same_text_in_any_order(slo):
    one, two = slo(key="a"), slo(key="b")
    assert text(groups([one, two], URL)) == text(groups([two, one], URL))


def test_it_is_one_document(written):
    assert len(list(yaml.safe_load_all(written))) == 1
    assert "\n---" not in written


def test_each_window_has_a_rule_and_the_absence_of_data_has_one(written):
    found = [
        (rule["alert"], rule["labels"]["severity"], rule["labels"]["window"]) for rule in rules_of(written)
    ]
    assert found == [
        ("ErrorBudgetBurn", "page", "1h"),
        ("ErrorBudgetBurn", "page", "6h"),
        ("MonitoringBlind", "page", "5m"),
        ("ErrorBudgetBurn", "ticket", "1d"),
        ("ErrorBudgetBurn", "ticket", "3d"),
    ]


def test_every_rule_leads_to_a_runbook_and_to_its_objective(written):
    for rule in rules_of(written):
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook_url"].startswith(f"{URL}/alerts/runbooks/")
        assert rule["annotations"]["dashboard_url"] == f"{URL}/slo/checkout-availability"
        assert rule["labels"]["slo"] == "checkout-availability"


def test_bad_is_summed_over_total_and_never_averaged(written):
    page = rules_of(written)[0]["expr"]
    assert "avg" not in page
    assert page.count("[1h]") == page.count("increase(") - page.count("[5m]")
    assert "> 14.4" in page
    assert "/ 0.005" in page
    assert ">= 5" in page


def test_without_a_good_series_all_events_are_bad(written):
    assert 'or 0 * sum(increase(shop_journeys_total{journey="checkout"}[1h]))' in rules_of(written)[0]["expr"]


def test_a_name_with_quotes_stays_a_text(slo):
    odd = slo(name='Check"out: {{ x }}\nnext', objective=Decimal("0.999"))
    summary = rules_of(text(groups([odd], URL)))[0]["annotations"]["summary"]
    assert summary.startswith('Check"out: {{ x }}\nnext burns')
