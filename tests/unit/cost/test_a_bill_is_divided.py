"""Conservation: whatever the bill, the rules and the measurements are, the parts add up to the bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cost.allocation.divide import Measured, divide, spread
from app.cost.allocation.rules import DEFAULTS, METHODS, Rule, from_words, read_all
from app.cost.driver import DRIVERS, SERVICES
from app.cost.line import COMPONENTS
from app.cost.month import Bill, Position, bill
from app.errors import Refused

JANUARY = date(2026, 1, 1)
BY_SERVICE = [driver.key for driver in DRIVERS.values() if "service" in driver.by]
AMOUNTS = st.decimals(0, 10**9, places=6)

POSITIONS = st.builds(
    Position,
    key=st.sampled_from(["line:1", "line:2", "bill:AWS/S3"]),
    name=st.just("x"),
    vendor=st.just(""),
    component=st.sampled_from(sorted(COMPONENTS)),
    service=st.just(""),
    feature=st.just(""),
    amount=st.decimals(-(10**6), 10**6, places=9).map(Fraction),
    currency=st.just("EUR"),
)
RULES = st.builds(
    Rule,
    name=st.just("r"),
    method=st.sampled_from(sorted(METHODS)),
    component=st.sampled_from(["", "host*", "database", "other"]),
    target=st.sampled_from(SERVICES),
    driver=st.sampled_from(BY_SERVICE),
    idle_driver=st.just("cpu_seconds"),
    paid_for=st.decimals("0.001", 10**6, places=3),
)
MEASURED = st.builds(
    Measured,
    days=st.integers(0, 31),
    services=st.dictionaries(
        st.sampled_from(BY_SERVICE), st.dictionaries(st.sampled_from(SERVICES), AMOUNTS)
    ),
    totals=st.dictionaries(st.just("cpu_seconds"), AMOUNTS),
)


@given(st.lists(POSITIONS, max_size=20), st.lists(RULES, max_size=5), MEASURED)
def test_the_five_parts_are_the_bill_to_the_cent(
    positions: list[Position], rules: list[Rule], measured: Measured
) -> None:
    made = bill(positions, JANUARY)
    divided = divide(made, rules, measured)
    assert divided.is_conserved
    assert sum(divided.by_how().values()) == sum(divided.by_target().values()) == made.exact_cents
    assert divide(made, rules, measured) == divided


def of(*cents: int, component: str = "hosting") -> Bill:
    return bill(
        [
            Position(f"line:{n}", "x", "", component, "", "", Fraction(amount, 100), "EUR")
            for n, amount in enumerate(cents)
        ],
        JANUARY,
    )


def test_by_what_was_measured_with_the_odd_cent_to_the_largest_remainder() -> None:
    measured = Measured(31, {"requests": {"cart": Decimal(1), "orders": Decimal(2)}}, {})
    divided = divide(of(100), [Rule("r", "driver", driver="requests")], measured)
    assert divided.by_target() == {"orders": 67, "cart": 33}


def test_what_was_not_measured_stays_shared_and_says_so() -> None:
    divided = divide(of(100), [Rule("r", "driver", driver="requests")], Measured(0, {}, {}))
    assert [(share.how, share.why) for share in divided.shares] == [("shared", "unmeasured")]


def test_what_is_paid_for_and_not_used_is_idle() -> None:
    rule = Rule("r", "even", idle_driver="cpu_seconds", paid_for=Decimal(172_800))
    measured = Measured(10, {}, {"cpu_seconds": Decimal(432_000)})
    divided = divide(of(1_000), [rule], measured)
    assert divided.by_how() == {"direct": 0, "driver": 0, "even": 250, "shared": 0, "idle": 750}


def test_more_used_than_paid_for_leaves_nothing_idle() -> None:
    rule = Rule("r", "shared", idle_driver="cpu_seconds", paid_for=Decimal(1))
    divided = divide(of(1_000), [rule], Measured(1, {}, {"cpu_seconds": Decimal(5)}))
    assert divided.by_how()["idle"] == 0


def test_a_credit_is_divided_like_what_it_is_for() -> None:
    measured = Measured(31, {"requests": {"cart": Decimal(1), "orders": Decimal(2)}}, {})
    divided = divide(of(-100), [Rule("r", "driver", driver="requests")], measured)
    assert divided.by_target() == {"cart": -33, "orders": -67}


def test_the_first_rule_that_matches_holds() -> None:
    rules = [Rule("a", "direct", component="data*", target="cart"), Rule("b", "shared")]
    assert divide(of(5, component="database"), rules, Measured(0, {}, {})).by_target() == {"cart": 5}
    assert divide(of(5), rules, Measured(0, {}, {})).by_target() == {"": 5}


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"method": "magic"}, "method"),
        ({"method": "direct", "target": "moon"}, "target"),
        ({"method": "driver", "driver": "orders"}, "driver"),
        ({"driver": "luck"}, "driver"),
        ({"idle_driver": "cpu_seconds"}, "paid_for"),
        ({"idle_driver": "cpu_seconds", "paid_for": "-1"}, "paid_for"),
        ({"colour": "red"}, "colour"),
        ({"name": 5}, "name"),
    ],
)
def test_a_wrong_rule_is_refused_beside_its_field(told: dict, field: str) -> None:
    with pytest.raises(Refused) as refused:
        from_words({"name": "r", "method": "shared", **told})
    assert field in refused.value.fields


def test_rules_come_back_as_they_went_out() -> None:
    assert read_all([rule.as_words() for rule in DEFAULTS]) == DEFAULTS


# OpenCost's published scenarios (the topology and the expected figures of its AggregateBy cases): two
# clusters, nine pods, 82.00 in use and 30.00 idle. Figures: pod, cluster, namespace, app, CPU, RAM; GPU,
# volumes, network and balancers are 1.00 each everywhere.
PODS = (
    ("pod1", "cluster1", "namespace1", "app1", 1, 11),
    ("pod-abc", "cluster1", "namespace1", "", 1, 1),
    ("pod-def", "cluster1", "namespace1", "", 1, 1),
    ("pod-ghi", "cluster1", "namespace2", "app2", 1, 1),
    ("pod-ghi", "cluster1", "namespace2", "app2", 1, 1),
    ("pod-jkl", "cluster1", "namespace2", "", 1, 1),
    ("pod-mno", "cluster2", "namespace2", "app2", 1, 1),
    ("pod-mno", "cluster2", "namespace2", "app2", 1, 1),
    ("pod-pqr", "cluster2", "namespace2", "", 1, 1),
    ("pod-stu", "cluster2", "namespace3", "", 1, 1),
    ("pod-vwx", "cluster2", "namespace3", "", 1, 1),
    ("pod-vwx", "cluster2", "namespace3", "", 1, 1),
)
IDLE = {("cluster1", 4): 500, ("cluster1", 5): 1_500, ("cluster2", 4): 500, ("cluster2", 5): 500}


def used(part: int) -> dict[str, int]:
    """Cents by a column of the table, nothing but what is in use."""
    found: dict[str, int] = {}
    for pod in PODS:
        found[pod[part]] = found.get(pod[part], 0) + 100 * (pod[4] + pod[5] + 4)
    return found


def test_opencost_1_in_use_and_idle_are_all_of_the_bill() -> None:
    assert used(1) == {"cluster1": 4_600, "cluster2": 3_600}
    assert used(2) == {"namespace1": 2_800, "namespace2": 3_600, "namespace3": 1_800}
    assert used(3) == {"app1": 1_600, "app2": 2_400, "": 4_200}
    assert used(0)["pod1"] == 1_600
    assert used(0)["pod-vwx"] == 1_200
    assert sum(used(2).values()) + sum(IDLE.values()) == 11_200


def with_idle() -> dict[str, int]:
    """Namespaces with the idle of their clusters, laid on them by resource."""
    found = used(2)
    for (cluster, column), cents in IDLE.items():
        weights = dict.fromkeys(found, 0)
        for pod in PODS:
            weights[pod[2]] += pod[column] if pod[1] == cluster else 0
        for name, total in spread(weights, {"idle": cents}).items():
            found[name] += total - weights[name]
    return found


def test_opencost_3a_idle_is_laid_on_users_by_resource() -> None:
    found = with_idle()
    assert {name: round(cents / 100, 2) for name, cents in found.items()} == {
        "namespace1": pytest.approx(42.69, abs=0.01),
        "namespace2": pytest.approx(46.31, abs=0.01),
        "namespace3": 23.00,
    }
    assert sum(found.values()) == 11_200


def test_opencost_4_a_shared_namespace_is_laid_on_the_others() -> None:
    shared = {"namespace3": 1_800}
    others = {name: cents for name, cents in used(2).items() if name not in shared}
    assert spread(others, shared, evenly=True) == {"namespace1": 3_700, "namespace2": 4_500}
    assert spread(others, shared) == {"namespace1": 3_588, "namespace2": 4_612}


def test_opencost_4c_a_shared_app_is_laid_on_the_namespaces_in_equal_parts() -> None:
    without = used(2) | {"namespace1": used(2)["namespace1"] - used(3)["app1"]}
    published = {"namespace1": 1_733, "namespace2": 4_133, "namespace3": 2_333}
    laid = spread(without, {"app1": used(3)["app1"]}, evenly=True)
    assert laid == {name: pytest.approx(cents, abs=1) for name, cents in published.items()}
    assert sum(laid.values()) == 8_200


def test_opencost_4d_overhead_is_laid_on_all_by_what_they_use() -> None:
    laid = spread(used(2), {"overhead": 7 * 24 * 100})
    published = {"namespace1": 85.366, "namespace2": 109.756, "namespace3": 54.878}
    assert laid == {name: pytest.approx(units * 100, abs=1) for name, units in published.items()}
    assert sum(laid.values()) == 8_200 + 16_800


def test_opencost_6a_idle_is_told_for_each_cluster() -> None:
    idle = {cluster: sum(IDLE[cluster, column] for column in (4, 5)) for cluster in ("cluster1", "cluster2")}
    assert idle == {"cluster1": 2_000, "cluster2": 1_000}


def test_opencost_6b_6d_6i_idle_and_overhead_are_laid_on_a_part_of_the_whole() -> None:
    overhead = spread(used(2), {"overhead": 7 * 24 * 100})
    assert with_idle()["namespace2"] == pytest.approx(4_631, abs=1)
    assert overhead["namespace2"] == pytest.approx(10_975.61, abs=1)
    both = with_idle()["namespace2"] + overhead["namespace2"] - used(2)["namespace2"]
    assert both == pytest.approx(12_007, abs=1)


def test_opencost_6e_6f_6g_6h_a_shared_namespace_takes_its_idle_along() -> None:
    whole, others = with_idle(), {name: used(2)[name] for name in ("namespace2", "namespace3")}
    in_use = spread(others, {"namespace1": used(2)["namespace1"]})
    assert in_use["namespace2"] == pytest.approx(5_466.67, abs=1)
    laid = spread(others, {"namespace1": whole["namespace1"]})
    found = {name: whole[name] + laid[name] - others[name] for name in others}
    assert found == {"namespace2": pytest.approx(7_477, abs=1), "namespace3": pytest.approx(3_723, abs=1)}
    assert sum(found.values()) == 11_200


def test_idle_that_nobody_can_bear_stays_idle() -> None:
    assert spread({"a": 0}, {"idle": 5}) == {"a": 0, "idle": 5}
