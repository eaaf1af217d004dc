"""Our one engine of statistics beside answers of GrowthBook's gbstats and of scipy."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from app.experiments.moments import Adjusted, Ratio, Sample, Statistic
from app.experiments.stats import Prior, chance_to_beat, compare, is_mismatch, sample_ratio_p

ROOT = Path(__file__).parents[3]
OWN = json.loads(Path(__file__).with_name("answers_of_gbstats.json").read_text())
SHARED = ROOT.parent / "shared" / "data" / "experiments"
NEAR = 1e-9

BELIEFS: dict[str, dict[str, Any]] = {
    "bayesian": {},
    "bayesian_inverse": {"less_is_better": True},
    "bayesian_prior": {"prior": Prior(0, 0.09, is_proper=True)},
}
TESTS: dict[str, dict[str, Any]] = {
    "welch_two_sided": {"test": "welch"},
    "welch_two_sided_alpha01": {"test": "welch"},
    "welch_greater": {"test": "welch", "side": "greater"},
    "welch_lesser": {"test": "welch", "side": "lesser"},
    "always_valid_5000": {},
    "sequential_two_sided_n5000": {},
    "always_valid_50000": {"tuning": 50_000},
    "always_valid_greater": {"side": "greater"},
    "always_valid_lesser": {"side": "lesser"},
}


def sample(n: int, said: dict[str, float]) -> Sample:
    return Sample(n, said["sum"], said.get("sum_squares"))


def statistic(metric: str, said: dict[str, Any]) -> Statistic:
    n = said["n"]
    if metric == "ratio":
        return Ratio(sample(n, said["numerator"]), sample(n, said["denominator"]), said["sum_of_products"])
    if metric == "mean_cuped":
        return Adjusted(sample(n, said["post"]), sample(n, said["pre"]), said["post_pre_sum_of_products"])
    return sample(n, said)


def both(case: dict[str, Any]) -> tuple[Statistic, Statistic]:
    control, treatment = (statistic(case["metric"], case["input"][side]) for side in ("control", "treatment"))
    return control, treatment


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def close(wanted: float | None) -> Any:
    return wanted if wanted is None else pytest.approx(wanted, rel=NEAR, abs=NEAR)


def ident(case: dict[str, Any]) -> str:
    return f"{case['metric']}-{case['input']['control']['n']}-{case['test']}-{case['difference']}"


def test_our_own_cases_hold_every_kind_of_question():
    assert {case["test"] for case in OWN} >= set(BELIEFS) | (set(TESTS) - {"welch_two_sided_alpha01"}) - {
        "sequential_two_sided_n5000"
    }
    assert {case["metric"] for case in OWN} == {"proportion", "mean", "ratio", "mean_cuped"}


@pytest.mark.parametrize("case", [case for case in OWN if case["test"] in TESTS], ids=ident)
def test_a_comparison_agrees(case):
    check_comparison(case)


@pytest.mark.parametrize("case", [case for case in OWN if case["test"] in BELIEFS], ids=ident)
def test_the_second_reading_agrees(case):
    how = {"difference": case["difference"], "alpha": case["alpha"], **BELIEFS[case["test"]]}
    belief = chance_to_beat(*both(case), **how)
    assert belief.error is None
    assert belief.chance_to_beat == close(case["chance"])
    assert [belief.effect, *(belief.ci or ())] == [close(case["effect"]), *map(close, case["ci"])]
    assert belief.stddev == close(case["stddev"])
    assert [belief.risk_of_control, belief.risk_of_treatment] == list(map(close, case["risk"]))


def check_comparison(case: dict[str, Any]) -> None:
    how = {"difference": case["difference"], "alpha": case["alpha"], **TESTS[case["test"]]}
    found = compare(*both(case), **how)
    assert found.error == case["error"]
    if case["error"]:
        assert (found.effect, found.ci, found.p_value, found.stddev) == (None, None, None, None)
        return
    assert found.ci is not None
    assert found.effect == close(case["effect"])
    assert list(map(finite, found.ci)) == list(map(close, case["ci"]))
    assert found.p_value == close(case["p_value"])
    assert found.stddev == close(case["stddev"])


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} does not lie beside the checkout")
    return path


def test_every_reference_case_beside_the_checkout_agrees():
    cases = json.loads(shared("reference_cases_some.json").read_text())
    for case in cases["cases"]:
        check_comparison(case)
    for case in cases["srm"]:
        p = sample_ratio_p(case["users"], case["weights"])
        assert p == close(case["p_value"])
        assert is_mismatch(p) == case["mismatch_at_0_001"]
    assert len(cases["cases"]) == 63


def test_every_usable_checkpoint_of_real_experiments_agrees_with_scipy_and_with_the_formula():
    """ASOS: 24,153 checkpoints; usable are those with two shoppers and some variance on both sides."""
    parquet = pytest.importorskip("pyarrow.parquet")
    scipy_stats = pytest.importorskip("scipy.stats")
    numpy = pytest.importorskip("numpy")
    rows = parquet.read_table(shared("asos_digital_experiments_dataset.parquet")).to_pydict()
    columns = [
        numpy.array(rows[name], dtype=float)
        for name in ("count_c", "mean_c", "variance_c", "count_t", "mean_t", "variance_t")
    ]
    usable = (columns[0] >= 2) & (columns[3] >= 2) & (columns[2] > 0) & (columns[5] > 0) & (columns[1] != 0)
    n_c, mean_c, var_c, n_t, mean_t, var_t = (column[usable] for column in columns)
    assert len(n_c) > 23_000

    welch_p = scipy_stats.ttest_ind_from_stats(
        mean_t, numpy.sqrt(var_t), n_t, mean_c, numpy.sqrt(var_c), n_c, equal_var=False
    ).pvalue
    stddev = numpy.sqrt(var_c / n_c + var_t / n_t)
    rho2 = (-2 * math.log(0.05) + math.log(-2 * math.log(0.05) + 1)) / 5_000
    n = n_c + n_t
    width = stddev * numpy.sqrt(2 * (n * rho2 + 1) * numpy.log(numpy.sqrt(n * rho2 + 1) / 0.05) / (n * rho2))
    for at in range(len(n)):
        control = from_variance(n_c[at], mean_c[at], var_c[at])
        treatment = from_variance(n_t[at], mean_t[at], var_t[at])
        once = compare(control, treatment, test="welch", difference="absolute")
        always = compare(control, treatment, difference="absolute")
        assert once.p_value == close(welch_p[at])
        assert always.ci == (
            close(mean_t[at] - mean_c[at] - width[at]),
            close(mean_t[at] - mean_c[at] + width[at]),
        )


def from_variance(n: float, mean: float, variance: float) -> Sample:
    return Sample(int(n), n * mean, variance * (n - 1) + n * mean**2)
