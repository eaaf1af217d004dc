"""What the specification's own tests take and refuse, and what an object becomes."""

from __future__ import annotations

from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.slo import openslo_export, openslo_read
from app.slo.burn import Tier, windows
from app.slo.openslo_import import Library, plan
from app.slo.openslo_rules import errors
from app.slo.reading import read
from tests.unit.slo.openslo_samples import CONDITION, GONE, OLD, POLICY, RATIO, changed, prometheus

THRESHOLD = changed(
    changed(RATIO, "spec.indicator.spec", {"thresholdMetric": prometheus("lag_seconds")}),
    "spec.objectives.0",
    {"target": 0.99, "op": "lte", "value": 10},
)
COMPOSITE = changed(
    changed(RATIO, "spec.indicator", GONE),
    "spec.objectives",
    [{"target": 0.99, "indicatorRef": "one", "compositeWeight": 1.0}],
)
MONTH = {
    "duration": "1M",
    "isRolling": False,
    "calendar": {"startTime": "2022-01-01 00:00:00", "timeZone": "Europe/Berlin"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "9" + "a" * 62),
        ("metadata.displayName", "x" * 63),
        ("metadata.labels", {"a" * 63: [], "net_.-this": "one", "nEt": [""], "9net": ["a", "b"]}),
        ("metadata.annotations", {"openslo.com/service": "", "net": "this", "domain/" + "l" * 63: "x"}),
        ("spec.description", "A" * 1050),
        (
            "spec.indicator",
            changed(RATIO, "spec.indicator.spec.ratioMetric.counter", False)["spec"]["indicator"],
        ),
        ("spec.objectives.0.target", 0),
        ("spec.objectives.0.target", 0.9999),
        ("spec.objectives.0", {"targetPercent": 99.9999}),
        ("spec.objectives.0.timeSliceTarget", 0.95),
        ("spec.timeWindow.0.duration", "0w"),
        ("spec.timeWindow.0.duration", "1Y"),
        ("spec.timeWindow.0", MONTH),
        ("spec.alertPolicies", []),
        ("spec.alertPolicies", [{"alertPolicyRef": "one"}, POLICY]),
        ("spec.objectives", []),
    ],
)
def test_what_the_specification_allows_is_taken(path, value):
    assert errors(changed(RATIO, path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("apiVersion", "openslo/v0", "apiVersion"),
        ("apiVersion", GONE, "apiVersion"),
        ("kind", "SLIP", "kind"),
        ("metadata", GONE, "metadata"),
        ("metadata.name", "my service", "metadata.name"),
        ("metadata.name", "", "metadata.name"),
        ("metadata.name", "a" * 64, "metadata.name"),
        ("metadata.displayName", "x" * 64, "metadata.displayName"),
        ("metadata.labels", {"a" * 64: []}, "metadata.labels." + "a" * 64),
        ("metadata.labels", {"net_": []}, "metadata.labels.net_"),
        ("metadata.labels", {"net": [1]}, "metadata.labels.net"),
        ("metadata.annotations", {"/net": ""}, "metadata.annotations./net"),
        ("metadata.annotations", {"net": 1}, "metadata.annotations.net"),
        ("metadata.owner", "x", "metadata.owner"),
        ("spec", {}, "spec"),
        ("spec.description", "A" * 1051, "spec.description"),
        ("spec.service", "", "spec.service"),
        ("spec.budgetingMethod", "invalid", "spec.budgetingMethod"),
        ("spec.indicator", GONE, "spec"),
        ("spec.indicatorRef", "other", "spec"),
        ("spec.markdown", "x", "spec.markdown"),
        ("spec.indicator.metadata", GONE, "spec.indicator.metadata"),
        ("spec.indicator.spec.thresholdMetric", prometheus("x"), "spec.indicator.spec"),
        ("spec.indicator.spec.ratioMetric.bad", prometheus("x"), "spec.indicator.spec.ratioMetric"),
        ("spec.indicator.spec.ratioMetric.good", GONE, "spec.indicator.spec.ratioMetric"),
        ("spec.indicator.spec.ratioMetric.total", GONE, "spec.indicator.spec.ratioMetric"),
        (
            "spec.indicator.spec.ratioMetric.good.metricSource.spec",
            {},
            "spec.indicator.spec.ratioMetric.good.metricSource.spec",
        ),
        ("spec.timeWindow", [], "spec.timeWindow"),
        ("spec.timeWindow", [MONTH, MONTH], "spec.timeWindow"),
        ("spec.timeWindow.0.duration", "", "spec.timeWindow[0].duration"),
        ("spec.timeWindow.0.duration", "28x", "spec.timeWindow[0].duration"),
        ("spec.timeWindow.0.duration", 28, "spec.timeWindow[0].duration"),
        ("spec.timeWindow.0.duration", "-1d", "spec.timeWindow[0].duration"),
        ("spec.timeWindow.0.isRolling", False, "spec.timeWindow[0]"),
        ("spec.timeWindow.0", {**MONTH, "isRolling": True}, "spec.timeWindow[0]"),
        (
            "spec.timeWindow.0",
            {**MONTH, "calendar": {"startTime": "2022-01-01", "timeZone": "UTC"}},
            "spec.timeWindow[0].calendar.startTime",
        ),
        (
            "spec.timeWindow.0",
            {**MONTH, "calendar": {"startTime": "2022-01-01 00:00:00", "timeZone": "Mars"}},
            "spec.timeWindow[0].calendar.timeZone",
        ),
        ("spec.objectives.0.target", 1, "spec.objectives[0].target"),
        ("spec.objectives.0.target", -0.1, "spec.objectives[0].target"),
        ("spec.objectives.0.target", "0.99", "spec.objectives[0].target"),
        ("spec.objectives.0.targetPercent", 99, "spec.objectives[0]"),
        ("spec.objectives.0", {"targetPercent": 100}, "spec.objectives[0].targetPercent"),
        ("spec.objectives.0.target", GONE, "spec.objectives[0]"),
        ("spec.objectives.0.op", "about", "spec.objectives[0].op"),
        ("spec.objectives.0.timeSliceWindow", 0, "spec.objectives[0].timeSliceWindow"),
        ("spec.budgetingMethod", "Timeslices", "spec.objectives[0].timeSliceTarget"),
        ("spec.budgetingMethod", "RatioTimeslices", "spec.objectives[0].timeSliceWindow"),
        ("spec.alertPolicies", [{}], "spec.alertPolicies[0]"),
        ("spec.alertPolicies", [{**POLICY, "alertPolicyRef": "x"}], "spec.alertPolicies[0]"),
        ("spec.alertPolicies", [{"alertPolicyRef": ""}], "spec.alertPolicies[0].alertPolicyRef"),
        ("spec.alertPolicies", [{**POLICY, "kind": "Service"}], "spec.alertPolicies[0].kind"),
    ],
)  # fmt: skip
def test_what_the_specification_refuses_is_refused_at_its_place(path, value, place):
    assert place in [where for where, _ in errors(changed(RATIO, path, value))]


@pytest.mark.parametrize(
    ("document", "path", "value", "is_right"),
    [
        (THRESHOLD, "spec.objectives.0.op", "gte", True),
        (THRESHOLD, "spec.objectives.0.op", GONE, False),
        (THRESHOLD, "spec.objectives.0.op", "eq", False),
        (THRESHOLD, "spec.objectives.0.value", GONE, False),
        (THRESHOLD, "spec.objectives.0.value", 0, True),
        (COMPOSITE, "spec.objectives.0.compositeWeight", 999999999999.9, True),
        (COMPOSITE, "spec.objectives.0.compositeWeight", 0, False),
        (COMPOSITE, "spec.indicatorRef", "one", False),
        (COMPOSITE, "spec.objectives.0.indicatorRef", "my sli", False),
        (OLD, "spec.objectives.0.op", "gt", False),
        (OLD, "spec.objectives.0.value", GONE, False),
        (OLD, "spec.timeWindows.0.unit", "Year", False),
        (OLD, "spec.timeWindows.0.count", 0, False),
        (OLD, "spec.budgetingMethod", "RatioTimeslices", False),
        (OLD, "spec.budgetingMethod", "Timeslices", False),
        (OLD, "spec.objectives.0.ratioMetrics.good.query", "", False),
        (OLD, "metadata.labels", {}, False),
        (OLD, "spec.timeWindows.0.unit", "Month", True),
    ],
)
def test_thresholds_composites_and_the_older_version_have_their_own_rules(document, path, value, is_right):
    assert errors(document) == []
    assert (errors(changed(document, path, value)) == []) is is_right


@pytest.mark.parametrize(
    ("kind", "spec", "is_right"),
    [
        ("Service", {"description": "x"}, True),
        ("Service", None, True),
        ("Service", {"description": "A" * 1051}, False),
        ("DataSource", {"type": "Prometheus", "connectionDetails": {"url": "http://p"}}, True),
        ("DataSource", {"type": "Prometheus"}, False),
        ("DataSource", {"connectionDetails": {"url": "http://p"}}, False),
        ("AlertNotificationTarget", {"target": "slack"}, True),
        ("AlertNotificationTarget", {}, False),
        ("AlertCondition", CONDITION["spec"], True),
        ("AlertCondition", None, False),
        ("AlertCondition", changed(CONDITION, "spec.condition.kind", "ratio")["spec"], False),
        ("AlertCondition", changed(CONDITION, "spec.condition.threshold", GONE)["spec"], False),
        ("AlertCondition", changed(CONDITION, "spec.condition.threshold", 0)["spec"], True),
        ("AlertCondition", changed(CONDITION, "spec.severity", "")["spec"], False),
        ("AlertCondition", changed(CONDITION, "spec.condition.lookbackWindow", "1x")["spec"], False),
        ("AlertPolicy", POLICY["spec"], True),
        ("AlertPolicy", {**POLICY["spec"], "conditions": []}, False),
        ("AlertPolicy", {**POLICY["spec"], "conditions": [CONDITION, CONDITION]}, False),
        ("AlertPolicy", {**POLICY["spec"], "notificationTargets": []}, False),
        ("AlertPolicy", None, False),
        ("SLI", {"thresholdMetric": prometheus("x")}, True),
        ("SLI", None, False),
        ("SLI", {"ratioMetric": {"raw": prometheus("x"), "rawType": "success"}}, True),
        ("SLI", {"ratioMetric": {"raw": prometheus("x")}}, False),
        ("SLI", {"ratioMetric": {"raw": prometheus("x"), "rawType": "half"}}, False),
        ("SLI", {"ratioMetric": {"raw": prometheus("x"), "rawType": "failure", "good": {}}}, False),
    ],
)  # fmt: skip
def test_every_kind_of_object_has_its_rules(kind, spec, is_right):
    document = {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": "one"}}
    if spec is not None:
        document["spec"] = spec
    assert (errors(document) == []) is is_right


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8), st.sampled_from(["spec", "metadata", "spec.objectives", "spec.timeWindow.0", "spec.indicator.spec", "spec.objectives.0", "spec.alertPolicies"]))  # fmt: skip  # noqa: E501
def test_nothing_that_is_written_breaks_the_reader(value, path):
    assert isinstance(errors(changed(RATIO, path, value)), list)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1]\nb: *a",
        "a: &a {b: 1}",
        "[" * 10_000,
        "- " * 500,
        "x: !!python/object/apply:os.system [ls]",
        "x: !binary aGk=",
        "{a: 1, a: 2}",
        "? [a]\n: b",
        "a: 'x",
        "",
        "---\n---\n",
        "a" * 2_000_001,
        "\n".join("- 1" for _ in range(60_000)),
        b"\xff\xfe\x00",
        "\x00",
    ],
)
def test_bombs_and_what_is_no_yaml_are_refused_at_once(text):
    with pytest.raises(Refused) as refused:
        openslo_read.read(text)
    assert set(refused.value.fields) == {"document"}


def test_scalars_are_what_json_would_make_of_them():
    (read_,) = openslo_read.read(
        "a: 1\nb: 1.5\nc: true\nd: ~\ne: '1'\nf: 2022-01-01 12:00:00\ng: 1M\nh: 1e3\n"
    )
    assert read_ == {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": None,
        "e": "1",
        "f": "2022-01-01 12:00:00",
        "g": "1M",
        "h": 1000.0,
    }


def planned(document, *others):
    return plan(document, Library([*others, document]))


def only(document, *others):
    (one,) = planned(document, *others)
    return one


def test_a_ratio_becomes_an_objective():
    made = only(RATIO).definition
    assert (made.key, made.name, made.about) == ("pay", "Paying", "Payments are taken")
    assert (made.good, made.total) == ('pays_total{outcome="good"}', "pays_total")
    assert (str(made.objective), made.window_kind, made.window_days) == ("0.995", "rolling", 28)
    assert made.labels == {"service": "payments", "team": "shop,money"}
    assert only(RATIO).warnings == ()


def test_what_an_example_of_the_specification_compares_a_ratio_with_is_told_and_left_aside():
    compared = changed(changed(RATIO, "spec.objectives.0.op", "lte"), "spec.objectives.0.value", 1)
    assert errors(compared) == []
    assert only(compared).definition == only(RATIO).definition
    assert len(only(compared).warnings) == 1


def test_a_slice_given_as_a_number_is_in_minutes():
    sliced = changed(RATIO, "spec.budgetingMethod", "RatioTimeslices")
    by_number, by_text = (changed(sliced, "spec.objectives.0.timeSliceWindow", one) for one in (10, "10m"))
    assert only(by_number).definition == only(by_text).definition
    assert only(by_number).definition.slice_seconds == 600


@pytest.mark.parametrize(
    ("duration", "days"),
    [("7d", 7), ("4w", 28), ("1M", 30), ("1Q", 90), ("1Y", 365), ("720h", 30), ("43200m", 30)],
)
def test_months_are_not_minutes(duration, days):
    assert only(changed(RATIO, "spec.timeWindow.0.duration", duration)).definition.window_days == days


def test_calendars_keep_their_zone():
    made = only(changed(RATIO, "spec.timeWindow.0", MONTH)).definition
    assert (made.window_kind, made.time_zone) == ("month", "Europe/Berlin")
    noon = changed(
        changed(RATIO, "spec.timeWindow.0", MONTH),
        "spec.timeWindow.0.calendar.startTime",
        "2022-01-01 12:00:00",
    )
    assert len(only(noon).warnings) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.timeWindow.0.duration", "1m"),
        ("spec.timeWindow.0.duration", "5h"),
        ("spec.timeWindow.0", {**MONTH, "duration": "1Y"}),
        ("spec.indicator.spec.ratioMetric.good.metricSource.type", "Datadog"),
        ("spec.indicator.spec", {"ratioMetric": {"raw": prometheus("x"), "rawType": "success"}}),
        ("spec.objectives.0.target", 0),
    ],
)
def test_what_cannot_be_counted_here_is_kept_switched_off_with_the_reason(path, value):
    document = changed(RATIO, path, value)
    one = only(document)
    assert (one.definition.indicator, one.definition.is_enabled) == ("foreign", False)
    assert one.warnings
    assert openslo_export.document(one.definition, one.document) == document


def test_a_threshold_is_a_probe_and_slices_are_slices():
    probe = only(THRESHOLD).definition
    assert (probe.indicator, probe.query, probe.op, probe.threshold) == ("probe", "lag_seconds", "lte", 10.0)
    sliced = changed(changed(RATIO, "spec.budgetingMethod", "Timeslices"), "spec.objectives.0", {"target": 0.99, "timeSliceTarget": 0.95, "timeSliceWindow": "1m"})  # fmt: skip  # noqa: E501
    made = only(sliced).definition
    assert (made.method, float(made.slice_target), made.slice_seconds) == ("timeslices", 0.95, 60)


def test_references_are_followed_and_a_missing_one_is_said():
    sli = {
        "apiVersion": "openslo/v1",
        "kind": "SLI",
        "metadata": {"name": "ratio"},
        "spec": RATIO["spec"]["indicator"]["spec"],
    }
    referring = changed(changed(RATIO, "spec.indicator", GONE), "spec.indicatorRef", "ratio")
    assert only(referring, sli).definition.total == "pays_total"
    assert only(referring).definition.indicator == "foreign"
    source = {"apiVersion": "openslo/v1", "kind": "DataSource", "metadata": {"name": "dd"}, "spec": {"type": "Datadog", "connectionDetails": {}}}  # fmt: skip  # noqa: E501
    elsewhere = changed(RATIO, "spec.indicator.spec.ratioMetric.total.metricSource", {"metricSourceRef": "dd", "spec": {"query": "x"}})  # fmt: skip  # noqa: E501
    assert only(elsewhere, source).definition.indicator == "foreign"


def test_alert_policies_become_alerts_and_what_fires_when_healthy_is_left_out():
    made = only(changed(RATIO, "spec.alertPolicies", [POLICY])).definition
    assert made.tiers == (Tier("page", Fraction(2, 100), 3600),)
    healthy = changed(POLICY, "spec.conditions.0.spec.condition.op", "lte")
    one = only(changed(RATIO, "spec.alertPolicies", [healthy]))
    assert one.definition.tiers == ()
    assert len(one.warnings) == 1
    never = changed(POLICY, "spec.conditions.0.spec.condition.threshold", 200)
    assert only(changed(RATIO, "spec.alertPolicies", [never])).definition.tiers == ()


def test_several_objectives_and_several_indicators_become_several():
    two = changed(RATIO, "spec.objectives", [{"target": 0.99}, {"target": 0.999, "displayName": "Better"}])
    assert [(one.definition.key, one.definition.name) for one in planned(two)] == [
        ("pay", "Paying"),
        ("pay-2", "Paying: Better"),
    ]
    sli = RATIO["spec"]["indicator"]
    both = changed(COMPOSITE, "spec.objectives", [{"target": 0.99, "indicator": sli, "compositeWeight": 3}, {"target": 0.95, "indicator": sli, "compositeWeight": 1}])  # fmt: skip  # noqa: E501
    *parts, whole = [one.definition for one in planned(both)]
    assert [part.key for part in parts] == ["pay-part-1", "pay-part-2"]
    assert (whole.indicator, whole.composition) == ("composite", "weighted")
    assert whole.members == {"pay-part-1": 3.0, "pay-part-2": 1.0}
    assert str(whole.objective) == "0.98"


def test_the_older_version_is_read():
    made = only(OLD).definition
    assert (made.good, made.total, made.window_days) == ("good_total", "all_total", 28)


@pytest.mark.parametrize(
    "values",
    [
        {"good": "a_total", "total": "b_total", "labels": {}, "durations": "a_bucket"},
        {
            "indicator": "latency",
            "good": 'a_bucket{le="0.3"}',
            "total": "a_count",
            "durations": "a_bucket",
            "threshold_seconds": 0.3,
        },
        {"indicator": "probe", "query": "up", "op": "ne", "threshold": 0, "is_enabled": False},
        {"bad": "a_total", "total": "b_total", "window_kind": "quarter", "time_zone": "Asia/Kolkata"},
        {"bad": "a", "total": "b", "tiers": "page 2% 1h\nticket 10% 1d", "owner": "ops", "runbook": "slow"},
        {"indicator": "probe", "query": "up", "op": "gte", "threshold": 1, "min_bad_events": 9},
        {"indicator": "sql", "query": "SELECT 1", "policy": "20% notify\n0% freeze"},
        {"indicator": "composite", "members": "two 2\nthree", "composition": "weighted"},
        {"good": "a", "total": "b", "method": "timeslices", "slice_target": "95%", "slice_seconds": "5m"},
        {
            "good": "a",
            "total": "b",
            "method": "ratio_timeslices",
            "slice_seconds": "1m",
            "group_label": "locale",
        },
    ],
)
def test_what_is_written_out_is_right_by_the_specification_and_comes_back_the_same(values):
    made = read({"key": "one", "name": "One", "objective": 0.995, "labels": {"service": "shop"}, **values})
    text = openslo_export.as_yaml([openslo_export.document(made)])
    (document,) = openslo_read.read(text)
    assert errors(document) == []
    again = only(document).definition
    assert again == made
    assert windows(30, again.objective, again.tiers)
    assert yaml.safe_load(text) == document
