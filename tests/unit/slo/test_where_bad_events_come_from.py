"""Splitting an objective's events by a label."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.slo.breakdown import MOST_VALUES, by_label, can_split, split
from app.slo.bucket import Counts
from app.slo.definition import Definition
from app.slo.expressions import parts

SLO = Definition(
    key="a",
    name="A",
    objective=Decimal("0.99"),
    good='shop_journeys_total{outcome="good"}',
    total="shop_journeys_total",
)


def test_the_value_with_most_bad_events_comes_first():
    made = split("locale", {"en": Counts(1, 100), "ar": Counts(9, 10), "de": Counts(0, 50)})
    assert [share.value for share in made.shares] == ["ar", "en", "de"]
    assert made.shares[0].of_bad == pytest.approx(0.9)
    assert made.is_telling


def test_what_is_bad_everywhere_alike_points_nowhere():
    assert not split("locale", {"en": Counts(50, 100), "de": Counts(50, 100)}).is_telling
    assert not split("locale", {"en": Counts(90, 900), "de": Counts(10, 100)}).is_telling


def test_a_label_that_nothing_has_is_not_counted():
    assert split("route", {"": Counts(5, 100)}).shares == ()
    assert split("route", {}).shares == ()


def test_without_bad_events_no_share_is_made_up():
    assert [share.of_bad for share in split("locale", {"en": Counts(0, 10)}).shares] == [None]


def test_many_values_are_cut_and_counted():
    made = split("route", {str(n): Counts(n, 100) for n in range(1, 21)})
    assert (len(made.shares), made.others) == (MOST_VALUES, 20 - MOST_VALUES)


def test_variants_are_counted_in_counters_of_their_own():
    found = parts(by_label(SLO, "variant"), 3600)
    assert found["total"] == "sum by (variant) (increase(shop_variant_journeys_total[1h]))"
    assert (
        parts(by_label(SLO, "locale"), 3600)["total"] == "sum by (locale) (increase(shop_journeys_total[1h]))"
    )


def test_facts_and_composites_have_no_labels_to_split_by():
    assert can_split(SLO)
    assert not can_split(Definition(key="b", name="B", indicator="sql"))
