"""What the statistics promise: few false alarms, no answer to meaningless questions, fair corrections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.experiments.moments import Adjusted, Ratio, Sample
from app.experiments.stats import (
    Comparison,
    Meaningless,
    Prior,
    benjamini_hochberg,
    chance_to_beat,
    compare,
    holm,
    is_mismatch,
    non_inferiority,
    sample_ratio_p,
)

LOOKS = 50
RUNS = 1_000


def test_an_experiment_about_nothing_read_fifty_times_rarely_raises_a_false_alarm():
    numpy = pytest.importorskip("numpy")
    draw = numpy.random.default_rng(20261126)
    totals = draw.binomial(100, 0.1, size=(RUNS, LOOKS, 2)).cumsum(axis=1)
    alarms = {"always_valid": 0, "welch": 0}
    for run in totals:
        looks = [
            (Sample(100 * look, float(c)), Sample(100 * look, float(t)))
            for look, (c, t) in enumerate(run, start=1)
        ]
        for test in alarms:
            alarms[test] += any(compare(c, t, test=test).is_significant for c, t in looks)
    assert alarms["always_valid"] / RUNS <= 0.05
    assert alarms["welch"] / RUNS > 0.2  # what reading a fixed test every day does


@pytest.mark.parametrize(
    ("control", "treatment", "error"),
    [
        (Sample(0, 0), Sample(10, 3), Meaningless.NO_VARIANCE),
        (Sample(1, 1), Sample(10, 3), Meaningless.NO_VARIANCE),
        (Sample(10, 3), Sample(10, 10), Meaningless.NO_VARIANCE),
        (Sample(1, 4, 16), Sample(10, 3, 9), Meaningless.NO_VARIANCE),
        (Sample(10, 0, 5), Sample(10, 3, 9), Meaningless.NO_VARIANCE),
        (
            Ratio(Sample(5, 0, 0), Sample(5, 0, 0), 0),
            Ratio(Sample(5, 1, 1), Sample(5, 2, 2), 1),
            Meaningless.NO_VARIANCE,
        ),
    ],
)
def test_a_question_without_a_meaning_has_no_answer(control, treatment, error):
    assert compare(control, treatment) == Comparison(error=error)
    belief = chance_to_beat(control, treatment)
    assert (belief.chance_to_beat, belief.ci, belief.error) == (None, None, error)


def test_a_control_of_zero_has_no_absolute_answer_either_and_says_so():
    found = compare(Sample(10, 0, 5), Sample(10, 3, 9), difference="absolute")
    assert found == Comparison(error=Meaningless.ZERO_CONTROL)


def test_a_past_that_foretells_nothing_is_left_out():
    nothing = Sample(40, 0, 0)
    control, treatment = Adjusted(Sample(40, 20, 46), nothing, 0), Adjusted(Sample(40, 33, 59), nothing, 0)
    assert compare(control, treatment) == compare(control.post, treatment.post)


def test_a_past_that_foretells_much_narrows_the_interval():
    control = Adjusted(Sample(400, 2795.0, 24817.0), Sample(400, 1531.8, 8760.3), 13331.1)
    treatment = Adjusted(Sample(413, 3451.4, 35788.0), Sample(413, 1692.7, 10266.7), 16848.8)
    adjusted, plain = compare(control, treatment), compare(control.post, treatment.post)
    assert adjusted.stddev < 0.8 * plain.stddev


@given(
    st.integers(2, 10**6),
    st.integers(2, 10**6),
    st.floats(0.01, 0.99),
    st.floats(0.01, 0.99),
    st.sampled_from(["relative", "absolute"]),
)
def test_the_interval_holds_the_effect_and_agrees_with_p(n_c, n_t, share_c, share_t, difference):
    control, treatment = Sample(n_c, n_c * share_c), Sample(n_t, n_t * share_t)
    for test in ("always_valid", "welch"):
        found = compare(control, treatment, test=test, difference=difference)
        low, high = found.ci
        assert low <= found.effect <= high
        assert 0 <= found.p_value <= 1
        if abs(found.p_value - 0.05) > 1e-6:
            assert found.is_significant == (found.p_value < 0.05)


def test_wrong_parameters_are_refused():
    group = Sample(10, 3)
    for how in ({"alpha": 0}, {"alpha": 1}, {"tuning": 0}, {"tuning": float("inf")}):
        with pytest.raises(ValueError, match="alpha"):
            compare(group, group, **how)
    with pytest.raises(ValueError, match="one kind"):
        compare(group, Ratio(group, group, 1))
    with pytest.raises(ValueError, match="prior"):
        chance_to_beat(group, group, prior=Prior(variance=0))
    assert compare(group, group, side="greater", alpha=0.5).error == Meaningless.LARGE_ALPHA


def test_a_prior_in_the_other_unit_is_the_same_belief():
    control, treatment = Sample(1000, 100), Sample(1000, 130)
    relative = Prior(0.1, 0.04, is_proper=True)
    absolute = Prior(0.01, 0.0004, is_proper=True, difference="absolute")
    one, other = (chance_to_beat(control, treatment, prior=prior) for prior in (relative, absolute))
    assert one.chance_to_beat == pytest.approx(other.chance_to_beat)
    assert one.effect == pytest.approx(other.effect)


def test_a_split_is_checked_against_what_was_configured():
    assert sample_ratio_p([], []) is None
    assert sample_ratio_p([0, 0], [0.5, 0.5]) is None
    assert sample_ratio_p([10], [1]) is None
    assert is_mismatch(sample_ratio_p([8000, 1000, 1200], [0.8, 0.1, 0.1]))
    assert not is_mismatch(sample_ratio_p([1000, 1100], [1, 1]))
    assert not is_mismatch(None)
    with pytest.raises(ValueError, match="weights"):
        sample_ratio_p([1, 2], [1])


def test_corrections_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert holm([None, 0.02]) == [None, 0.02]
    assert benjamini_hochberg([0.02, None, 0.9]) == [0.04, None, 0.9]
    assert holm([]) == benjamini_hochberg([]) == []


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
def test_a_correction_never_makes_a_p_smaller_and_keeps_the_order(p_values):
    for corrected in (holm(p_values), benjamini_hochberg(p_values)):
        pairs = [(p, q) for p, q in zip(p_values, corrected, strict=True) if p is not None]
        assert [q is None for q in corrected] == [p is None for p in p_values]
        assert all(p <= q + 1e-12 <= 1 + 1e-9 for p, q in pairs)
        in_order = [q for _, q in sorted(pairs)]
        assert in_order == sorted(in_order)


def test_a_guard_holds_is_broken_or_is_still_open():
    def interval(low: float, high: float) -> Comparison:
        return Comparison(effect=(low + high) / 2, ci=(low, high), p_value=0.5, stddev=0.1)

    assert non_inferiority(interval(-0.01, 0.05), 0.02) == "holds"
    assert non_inferiority(interval(-0.05, 0.05), 0.02) == "open"
    assert non_inferiority(interval(-0.08, -0.03), 0.02) == "broken"
    assert non_inferiority(interval(0.03, 0.08), 0.02, less_is_better=True) == "broken"
    assert non_inferiority(interval(-0.08, 0.01), 0.02, less_is_better=True) == "holds"
    assert non_inferiority(Comparison(error=Meaningless.NO_VARIANCE), 0.02) is None
    with pytest.raises(ValueError, match="margin"):
        non_inferiority(interval(0, 1), -0.1)
