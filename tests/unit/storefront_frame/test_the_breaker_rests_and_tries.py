from __future__ import annotations

from storefront.breaker import LEAST_CALLS, REST_SECONDS, WINDOW_SECONDS, Breaker


def failing(calls: int, at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(calls):
        breaker.record(False, at)
    return breaker


def test_few_failures_say_nothing():
    assert failing(LEAST_CALLS - 1).allows(0.0)


def test_many_failures_open_it():
    assert not failing(LEAST_CALLS).allows(1.0)


def test_less_than_half_failed_keeps_it_closed():
    breaker = Breaker()
    for _ in range(LEAST_CALLS):
        breaker.record(True, 0.0)
    for _ in range(LEAST_CALLS - 1):
        breaker.record(False, 0.0)
    assert breaker.allows(0.0)


def test_old_failures_are_forgotten():
    breaker = failing(LEAST_CALLS - 1)
    breaker.record(False, WINDOW_SECONDS + 1)
    assert breaker.allows(WINDOW_SECONDS + 1)


def test_after_a_rest_one_trial_goes_out():
    breaker = failing(LEAST_CALLS)
    assert breaker.allows(REST_SECONDS)
    assert not breaker.allows(REST_SECONDS + 0.1)


def test_a_trial_that_works_closes_it():
    breaker = failing(LEAST_CALLS)
    breaker.allows(REST_SECONDS)
    breaker.record(True, REST_SECONDS)
    assert breaker.allows(REST_SECONDS)


def test_a_trial_that_fails_starts_another_rest():
    breaker = failing(LEAST_CALLS)
    breaker.allows(REST_SECONDS)
    breaker.record(False, REST_SECONDS)
    assert not breaker.allows(2 * REST_SECONDS - 0.1)
    assert breaker.allows(2 * REST_SECONDS)
