"""What applications count by variant, read leniently."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yggdrasil_engine.engine import UnleashEngine

from app.flags.impacts import MOST_SAMPLES, Impact, impacts_of

LABELS = {"appName": "shop", "environment": "production", "new-checkout": "red"}


def counter(value, labels=LABELS, **more):
    return {"name": "orders", "type": "counter", "samples": [{"labels": labels, "value": value}], **more}


def test_what_the_stock_engine_sends_is_understood():
    engine = UnleashEngine()
    engine.define_counter("orders", "")
    engine.inc_counter("orders", 2, LABELS)
    engine.define_histogram("seconds", "", [0.1, 1.0])
    for seconds in (0.5, 5.0):
        engine.observe_histogram("seconds", seconds, LABELS)
    engine.define_gauge("queue", "")
    engine.set_gauge("queue", 2.5, {"appName": "shop"})
    sent = json.loads(json.dumps(engine.collect_impact_metrics()))
    assert sorted(impacts_of(sent), key=lambda one: one.metric) == [
        Impact("orders", "counter", "new-checkout", "red", 1, 2.0),
        Impact("queue", "gauge", "", "", 1, 2.5),
        Impact("seconds", "histogram", "new-checkout", "red", 2, 5.5, {0.1: 0, 1.0: 1, math.inf: 2}),
    ]


def test_a_sample_of_two_flags_counts_for_both():
    found = impacts_of([counter(1, LABELS | {"banner": "enabled"})])
    assert [(one.flag, one.variant) for one in found] == [("banner", "enabled"), ("new-checkout", "red")]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "x",
        [5],
        [counter("many")],
        [counter(-1)],
        [counter(math.nan)],
        [counter(10**400)],
        [counter(1, name="a b")],
        [counter(1, type="summary")],
        [counter(1, samples="none")],
    ],
)
def test_what_cannot_be_understood_is_left_out(sent):
    assert impacts_of(sent) == ()


def test_labels_that_cannot_be_a_flag_and_its_variant_are_left_out():
    assert impacts_of([counter(1, {"a b": "x", "f": 5, "g": "\x00"})])[0].flag == ""


def test_one_report_brings_only_so_many():
    assert len(impacts_of([counter(1)] * (MOST_SAMPLES + 5))) == MOST_SAMPLES


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.fixed_dictionaries({"name": st.just("m"), "type": st.just("histogram"), "samples": JSON})))
def test_rubbish_never_breaks_it(sent):
    assert all(math.isfinite(one.total) for one in impacts_of(sent))
