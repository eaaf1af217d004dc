"""The statistics for anybody's numbers, and everything a page does: by JSON and by the command line."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import timedelta
from pathlib import Path

import pytest

from app import cli
from app.experiments.moments import Sample
from app.experiments.stats import chance_to_beat, compare

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVALUATE = "/api/v1/experiments/evaluate"
ASKED = {"metric": "proportion", "control": {"n": 1000, "sum": 100}, "treatment": {"n": 1000, "sum": 130}}
MEAN = {"n": 100, "sum": 50.0, "sum_squares": 60.0}
ROOT = Path(__file__).parents[3]
OWN_CASES = ROOT / "tests" / "unit" / "experiments" / "answers_of_gbstats.json"
SHARED_CASES = ROOT.parent / "shared" / "data" / "experiments" / "reference_cases_some.json"
SAME = ("metric", "difference", "alpha")  # fields of a case that are called the same in the API
HOW: dict[str, dict[str, object]] = {
    "welch_two_sided": {"test": "welch"},
    "welch_two_sided_alpha01": {"test": "welch"},
    "welch_greater": {"test": "welch", "side": "greater"},
    "welch_lesser": {"test": "welch", "side": "lesser"},
    "always_valid_5000": {},
    "sequential_two_sided_n5000": {},
    "always_valid_50000": {"tuning": 50_000},
    "always_valid_greater": {"side": "greater"},
    "always_valid_lesser": {"side": "lesser"},
    "bayesian": {},
    "bayesian_inverse": {"less_is_better": True},
    "bayesian_prior": {"prior": {"mean": 0, "variance": 0.09}},
}


@pytest.fixture
def manager(signed_in):
    return signed_in("product_manager")


@pytest.fixture
def evaluate(signed_in):
    viewer = signed_in("viewer")
    return lambda body: viewer.post(EVALUATE, json=body)


def test_counts_get_the_answer_of_the_one_engine(evaluate):
    answer = evaluate(ASKED).json
    control, treatment = Sample(1000, 100), Sample(1000, 130)
    wanted, belief = compare(control, treatment), chance_to_beat(control, treatment)
    result = answer["result"]
    assert (result["effect"], result["p_value"], result["stddev"]) == (
        wanted.effect,
        wanted.p_value,
        wanted.stddev,
    )
    assert result["ci"] == list(wanted.ci)
    assert result["bayesian"]["chance_to_beat_control"] == belief.chance_to_beat
    assert answer["verdict"]["kind"] == "too_early"
    assert answer["verdict"]["sentence"].startswith("Too early: about ")


def test_a_fixed_one_sided_test_of_absolute_means_is_a_matter_of_three_fields(evaluate):
    body = {
        "metric": "mean", "control": MEAN, "treatment": {**MEAN, "sum": 65.0, "sum_squares": 80.0},
        "test": "welch", "side": "greater", "difference": "absolute", "alpha": 0.01,
    }  # fmt: skip
    result = evaluate(body).json["result"]
    wanted = compare(
        Sample(100, 50, 60),
        Sample(100, 65, 80),
        test="welch",
        side="greater",
        difference="absolute",
        alpha=0.01,
    )
    assert result["ci"] == [wanted.ci[0], None]
    assert result["p_value"] == wanted.p_value


def test_several_metrics_and_variants_are_corrected_together_and_guards_are_not(evaluate):
    def variants(*bought):
        return {name: {"n": 20_000, "sum": b} for name, b in zip(("a", "b", "c"), bought, strict=True)}

    body = {
        "control": "a",
        "split": {"a": 1, "b": 1, "c": 1},
        "shoppers_a_day": 900,
        "metrics": [
            {"name": "orders", "metric": "proportion", "variants": variants(2_000, 2_500, 2_100)},
            {
                "name": "failures", "metric": "proportion", "role": "guard", "margin": 0.5,
                "less_is_better": True, "variants": variants(1_000, 1_001, 990),
            },
        ],
    }  # fmt: skip
    answer = evaluate(body).json
    goal, guard = answer["metrics"]
    assert [row["variant"] for row in goal["comparisons"]] == ["b", "c"]
    first = goal["comparisons"][0]
    assert first["p_adjusted"] == pytest.approx(2 * first["p_value"])
    assert [row["guard"] for row in guard["comparisons"]] == ["holds", "holds"]
    assert answer["verdict"] | {"sentence": ""} == {
        "kind": "better", "variant": "b", "guards": [], "shoppers_more": None,
        "days_more": None, "sentence": "",
    }  # fmt: skip
    assert answer["split"]["p_value"] == 1
    assert answer["power"]["b"]["power_now"] > 0
    assert answer["result"] is None


def test_a_sample_ratio_mismatch_blocks_the_verdict(evaluate):
    body = {
        **ASKED,
        "users": {"control": 50_000, "treatment": 51_400},
        "split": {"control": 1, "treatment": 1},
    }
    answer = evaluate(body).json
    assert answer["split"]["is_mismatch"]
    assert answer["verdict"]["kind"] == "mismatch"


def test_ratios_and_cuped_are_taken_as_moments(evaluate):
    ratio = {"n": 400, "numerator": {"sum": 152, "sum_squares": 206}, "denominator": {"sum": 1550, "sum_squares": 7048}, "sum_of_products": 714}  # fmt: skip  # noqa: E501
    cuped = {"n": 400, "post": {"sum": 2795.1, "sum_squares": 24817.1}, "pre": {"sum": 1531.8, "sum_squares": 8760.3}, "post_pre_sum_of_products": 13331.1}  # fmt: skip  # noqa: E501
    for kind, group in (("ratio", ratio), ("mean_cuped", cuped)):
        answer = evaluate({"metric": kind, "control": group, "treatment": group})
        assert answer.status_code == 200
        assert answer.json["result"]["effect"] == 0


def test_a_question_without_a_meaning_is_answered_with_null_and_the_reason(evaluate):
    for control, treatment in (
        ({"n": 0, "sum": 0}, {"n": 10, "sum": 1}),
        ({"n": 200, "sum": 0}, {"n": 210, "sum": 3}),
    ):
        result = evaluate({**ASKED, "control": control, "treatment": treatment}).json["result"]
        assert (result["effect"], result["ci"], result["p_value"]) == (None, None, None)
        assert result["error"] == "ZERO_NEGATIVE_VARIANCE"
        assert result["bayesian"]["chance_to_beat_control"] is None


@pytest.mark.parametrize("path", [OWN_CASES, SHARED_CASES], ids=["own", "beside the checkout"])
def test_every_reference_case_is_answered_by_the_api_as_by_gbstats(evaluate, path):
    if not path.exists():
        pytest.skip(f"{path.name} does not lie beside the checkout")
    found = json.loads(path.read_text())
    for case in found if isinstance(found, list) else found["cases"]:
        answer = evaluate({**case["input"], **HOW[case["test"]], **{name: case[name] for name in SAME}})
        assert answer.status_code == 200, answer.json
        result = answer.json["result"]
        assert result["error"] == case["error"]
        assert _told(result, case) == (UNKNOWN if case["error"] else _near(case))


UNKNOWN = [None] * 4


def _told(result, case):
    if "chance" in case:
        belief = result["bayesian"]
        return [
            *(belief[name] for name in ("chance_to_beat_control", "effect", "stddev")),
            *(belief["ci"] or (None,)),
            belief["risk_of_control"],
            belief["risk_of_treatment"],
        ]
    return [result["effect"], result["stddev"], result["p_value"], *(result["ci"] or (None,))]


def _near(case):
    ends = (*case["ci"], *case["risk"]) if "chance" in case else case["ci"]
    first = (case["chance"], case["effect"]) if "chance" in case else (case["effect"],)
    last = () if "chance" in case else (case["p_value"],)
    return [
        None if one is None else pytest.approx(one, rel=1e-9, abs=1e-9)
        for one in (*first, case["stddev"], *last, *ends)
    ]


def test_every_split_beside_the_checkout_is_judged_by_the_api_as_there(evaluate):
    if not SHARED_CASES.exists():
        pytest.skip(f"{SHARED_CASES.name} does not lie beside the checkout")
    for case in json.loads(SHARED_CASES.read_text())["srm"]:
        names = ["control", *(f"variant {at}" for at in range(1, len(case["users"])))]
        answer = evaluate(
            {
                "metric": "proportion",
                "variants": {
                    name: {"n": n, "sum": n // 10} for name, n in zip(names, case["users"], strict=True)
                },
                "split": dict(zip(names, case["weights"], strict=True)),
            }
        ).json
        assert answer["split"]["p_value"] == pytest.approx(case["p_value"], rel=1e-9, abs=1e-9)
        assert answer["split"]["is_mismatch"] == case["mismatch_at_0_001"]


def test_money_is_the_effect_times_the_margin_less_the_cost(evaluate):
    body = {
        "metric": "mean", "name": "revenue", "control": MEAN,
        "treatment": {**MEAN, "sum": 65.0, "sum_squares": 80.0},
        "money": {"margin": 0.4, "exposure_cents": 0.01},
    }  # fmt: skip
    money = evaluate(body).json["money"]["treatment"]
    assert money["cents_a_shopper"] == pytest.approx(0.15 * 0.4 - 0.01)
    assert money["line"] == "open"


BAD = [
    ({"treatment": {"n": -1, "sum": 0}}, "treatment.n"),
    ({"treatment": {"n": 1.5, "sum": 0}}, "treatment.n"),
    ({"treatment": {"n": 10**400, "sum": 0}}, "treatment.n"),
    ({"treatment": {"n": True, "sum": 0}}, "treatment.n"),
    ({"treatment": {"n": "10", "sum": 0}}, "treatment.n"),
    ({"treatment": {"n": 10, "sum": -1}}, "treatment.sum"),
    ({"treatment": {"n": 10}}, "treatment.sum"),
    ({"treatment": [1, 2]}, "treatment"),
    ({"metric": "median"}, "metric"),
    ({"metric": ["mean"]}, "metric"),
    ({"alpha": 0}, "alpha"),
    ({"alpha": 1}, "alpha"),
    ({"tuning": -5}, "tuning"),
    ({"test": "bayes"}, "test"),
    ({"side": {}}, "side"),
    ({"split": {"control": 1}}, "split"),
    ({"split": {"control": 1, "treatment": -1}}, "split.treatment"),
    ({"users": {"control": 1, "treatment": -1}}, "users.treatment"),
    ({"prior": {"variance": 0}}, "prior.variance"),
    ({"power": 1}, "power"),
    ({"metrics": []}, "metrics"),
    ({"variants": {"a": {"n": 1, "sum": 1}}}, "variants"),
    ({"control": None}, "control"),
    ({"money": {"margin": 2}}, "money.margin"),
    ({"colour": "blue"}, "colour"),
]


@pytest.mark.parametrize(("changed", "field"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_input_is_422_with_the_path_of_the_field(evaluate, changed, field):
    answer = evaluate({**ASKED, **changed})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in [error["field"] for error in answer.json["errors"]]


CONTRADICTING = [
    ({"treatment": {"n": 10, "sum": 11}}, "treatment.sum"),
    ({"metric": "mean", "control": MEAN, "treatment": {**MEAN, "sum_squares": 1}}, "treatment.sum_squares"),
    ({"metrics": [ASKED, ASKED]}, "metrics"),
    ({"metrics": [{**ASKED, "role": "guard"}]}, "metrics"),
]


@pytest.mark.parametrize(("changed", "field"), CONTRADICTING)
def test_numbers_that_do_not_go_together_are_a_conflict(evaluate, changed, field):
    answer = evaluate({**ASKED, **changed})
    assert answer.status_code == 409
    assert field in [error["field"] for error in answer.json["errors"]]


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_of_json_is_no_body(evaluate, number):
    answer = evaluate({**ASKED, "treatment": {"n": 10, "sum": number}})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_bodies_that_are_no_object_are_told_so(signed_in):
    viewer = signed_in("viewer")
    for data, status in ((b"", 400), (b"[]", 422), (b"{", 400), (b'"x"', 422), (b"\xff\xfe", 400)):
        assert viewer.post(EVALUATE, data=data, content_type="application/json").status_code == status


def test_numbers_beyond_floating_point_are_told_and_break_nothing(evaluate):
    tiny = {"sum": 1e-100, "sum_squares": 1e-100}
    group = {"n": 10, "numerator": {"sum": 1, "sum_squares": 1}, "denominator": tiny, "sum_of_products": 0}
    result = evaluate({"metric": "ratio", "control": group, "treatment": group}).json["result"]
    assert (result["effect"], result["error"]) == (None, "OUT_OF_RANGE")


def test_everything_a_page_does_the_api_does(manager, plan):
    made = manager.post(
        "/api/v1/experiments", json={**plan, "guards": [{"metric": "latency", "margin": 0.1}]}
    )
    assert made.status_code == 201
    url = f"/api/v1/experiments/{made.json['id']}"
    assert made.json["state"] == "draft"
    assert manager.patch(url, json={"name": "Renamed", "revision": 1}).json["name"] == "Renamed"
    assert manager.patch(url, json={"name": "Late", "revision": 1}).status_code == 409
    assert manager.put(url, json={**plan, "goal": "revenue", "revision": 2}).json["guards"] == []
    assert manager.post(f"{url}/start", json={"revision": 3}).json["state"] == "running"
    assert manager.post(f"{url}/start").status_code == 409
    assert manager.patch(url, json={"alpha": 0.1}).status_code == 409
    assert manager.delete(url).status_code == 409
    assert manager.get(url).json["results"] is None
    assert manager.get(f"{url}/results.csv").status_code == 409
    assert manager.post(f"{url}/stop").json["state"] == "stopped"
    decided = manager.post(f"{url}/decide", json={"decision": "keep", "reason": "No effect."}).json
    assert (decided["state"], decided["decision"], decided["shipped"]) == ("decided", "keep", None)
    listed = manager.get("/api/v1/experiments?flag=new-checkout").json["experiments"]
    assert [one["id"] for one in listed] == [made.json["id"]]
    assert manager.get("/api/v1/experiments?flag=other").json["experiments"] == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"name": None}, "name"),
        ({"flag": "no flag"}, "flag"),
        ({"variants": [{"name": "off", "weight": 1}]}, "variants"),
        ({"variants": [{"name": "off", "weight": 1}, {"name": "off", "weight": 1}]}, "variants"),
        ({"variants": [{"name": "off", "weight": 0}, {"name": "on", "weight": 1}]}, "variants.0.weight"),
        ({"variants": "off"}, "variants"),
        ({"control": "blue"}, "control"),
        ({"goal": "joy"}, "goal"),
        ({"guards": [{"metric": "conversion"}], "goal": "conversion"}, "guards"),
        ({"guards": [{"metric": "latency", "margin": -1}]}, "guards.0.margin"),
        ({"filters": {"shoe_size": ["44"]}}, "filters.shoe_size"),
        ({"filters": [1]}, "filters"),
        ({"expected_effect": 0}, "expected_effect"),
        ({"alpha": 0.5}, "alpha"),
        ({"margin": 1.5}, "margin"),
        ({"ends_at": "tomorrow"}, "ends_at"),
        ({"ends_at": "2026-01-01T00:00:00"}, "ends_at"),
        ({"adjusted": "yes"}, "adjusted"),
        ({"state": "decided"}, "state"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_and_not_stored(manager, plan, changed, field):
    answer = manager.post("/api/v1/experiments", json={**plan, **changed})
    contradicts = changed == {"control": "blue"} or field == "guards"
    assert answer.status_code == (409 if contradicts else 422)
    assert field in [error["field"] for error in answer.json["errors"]]
    assert manager.get("/api/v1/experiments").json["experiments"] == []


def test_a_draft_can_be_deleted_and_a_viewer_may_not(now, manager, signed_in, plan):
    url = f"/api/v1/experiments/{manager.post('/api/v1/experiments', json=plan).json['id']}"
    viewer = signed_in("viewer")
    assert viewer.delete(url).status_code == 403
    assert viewer.post("/api/v1/experiments", json=plan).status_code == 403
    assert manager.delete(f"{url}?revision=7").status_code == 409
    assert manager.delete(url).status_code == 204
    assert manager.get(url).status_code == 404


def test_the_page_and_evaluate_answer_the_same_for_the_same_moments(now, running, meets, count, manager):
    number = running(now - 2 * DAY, adjusted=False)
    for n in range(40):
        meets(f"on{n}", "on", now - DAY, buys=2_000 if n % 3 == 0 else None)
        meets(f"off{n}", "off", now - DAY, buys=2_000 if n % 4 == 0 else None)
    count(number, now)
    results = manager.get(f"/api/v1/experiments/{number}").json["results"]
    moments = results["moments"]
    body = {
        "metric": "proportion", "name": "conversion", "control": "off", "split": {"off": 50, "on": 50},
        "variants": {name: {"n": one["n"], "sum": one["sums"]["bought"]} for name, one in moments.items()},
        "shoppers_a_day": results["shoppers_a_day"],
    }  # fmt: skip
    answer = manager.post(EVALUATE, json=body).json
    for part in ("metrics", "verdict", "split"):
        assert answer[part] == results[part]
    assert answer["verdict"]["sentence"] in manager.get(f"/experiments/{number}").text

    lines = list(csv.DictReader(io.StringIO(manager.get(f"/api/v1/experiments/{number}/results.csv").text)))
    assert [line["variant"] for line in lines] == ["on"]
    assert float(lines[0]["effect"]) == answer["result"]["effect"]


def test_the_command_line_lists_shows_and_evaluates(
    control_app, running, meets, count, now, capsys, tmp_path
):
    number = running(now - HOUR)
    meets("a", "on", now - HOUR / 2)
    count(number, now)
    file = tmp_path / "numbers.json"
    file.write_text(json.dumps(ASKED))

    def told(*arguments):
        assert cli.run(control_app, ["experiments", *arguments]) == 0
        return capsys.readouterr().out

    assert "New checkout" in told("list")
    assert json.loads(told("list", "--flag", "other", "--json")) == []
    assert "too few shoppers" in told("show", str(number))
    assert json.loads(told("show", str(number), "--json"))["results"]["verdict"]["kind"] == "meaningless"
    assert "Too early" in told("evaluate", str(file))
    assert json.loads(told("evaluate", str(file), "--json"))["results"]["result"]["effect"] == pytest.approx(
        0.3
    )
    file.write_text("{")
    assert cli.run(control_app, ["experiments", "evaluate", str(file)]) == 1
    assert "is not JSON" in capsys.readouterr().err
    assert cli.run(control_app, ["experiments", "evaluate", str(tmp_path / "none")]) == 1
    assert cli.run(control_app, ["experiments", "show", "999"]) == 1
