"""What the document of the API promises, tried out with values that it allows and values that it does not.

An example or two of each operation as an admin, and of some as people who may less, with all checks of
schemathesis on real services. For many more: `WORD_EXAMPLES=50 pytest` with this file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

load_all_checks()
EXAMPLES = int(os.environ.get("WORD_EXAMPLES", "1"))
EACH_NTH = 8  # of the operations, for those who may less than an admin
# Bodies with a text that keeps rules which no schema can spell out: a language of its own that may not parse,
# an address that may lead inside. The refusal, 422, is none that the check of positive data knows.
UNSAYABLE = {
    "POST /api/v1/alert-rules": "PromQL",
    "PUT /api/v1/alert-rules/{key}": "PromQL",
    "POST /api/v1/alert-rules/backtest": "PromQL",
    "POST /api/v1/slos": "selectors of Prometheus",
    "PUT /api/v1/slos/{key}": "selectors of Prometheus",
    "PATCH /api/v1/slos/{key}": "selectors of Prometheus",
    "POST /api/v1/slos/check": "selectors of Prometheus",
    "POST /api/v1/slos/import": "OpenSLO",
    "POST /api/v1/locales/{code}/import": "PO and its like",
    "PUT /api/v1/locales/{code}/strings/{message_id}": "placeholders",
    "POST /api/v1/webhooks": "a public address",
    "PATCH /api/v1/webhooks/{endpoint_id}": "a public address",
}
SAY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def environments_put_back(services, control_app):
    """An admin of whom everything is asked changes what the migrations put there as well."""
    services.empty("backroom")
    yield
    services.put_back("backroom")


@pytest.fixture
def operations(control_app, program, environments_put_back):
    """Those of the document, and with which headers they are called as a role."""

    def as_role(role: str) -> tuple[list[APIOperation], dict[str, str]]:
        headers = {"Authorization": program(role).environ_base["HTTP_AUTHORIZATION"]}
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", control_app, headers=headers)
        control_app.testing = False  # an answer that is not declared is found by its check, not by ours
        return [found.ok() for found in schema.get_all_operations()], headers

    return as_role


def broken_words(
    operation: APIOperation, headers: dict[str, str], modes: tuple[GenerationMode, ...]
) -> Iterator[str]:
    """What the operation does otherwise than it says."""
    left_out = [positive_data_acceptance] if operation.label in UNSAYABLE else []
    for mode in modes:

        @SAY
        @given(case=operation.as_strategy(generation_mode=mode))
        def say(case: Case) -> None:
            case.call_and_validate(headers=headers, excluded_checks=left_out)

        try:
            say()
        except FailureGroup as group:
            for failure in group.exceptions:
                yield f"{operation.label} ({mode.value}): {failure.title}: {failure.message}"


def modes_of(operation: APIOperation) -> tuple[GenerationMode, ...]:
    """Both where there is a body that can be wrong."""
    return (
        (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if operation.body else (GenerationMode.POSITIVE,)
    )


@pytest.mark.timeout(600)
def test_every_operation_does_what_it_says(operations, house, prometheus, alertmanager):
    found, headers = operations("admin")
    broken = [word for operation in found for word in broken_words(operation, headers, modes_of(operation))]
    assert found
    assert broken == [], "\n".join(broken)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("role", "first"), [("viewer", 0), ("translator", 3)])
def test_it_does_so_for_those_who_may_less(operations, house, prometheus, alertmanager, role, first):
    found, headers = operations(role)
    sample = found[first::EACH_NTH]
    broken = [
        word for operation in sample for word in broken_words(operation, headers, (GenerationMode.POSITIVE,))
    ]
    assert sample
    assert broken == [], "\n".join(broken)
