"""What the document of the API promises, tried out with values that it allows and values that it does not.

An example or two of each operation as an admin, and of some as people who may less, with all checks of
schemathesis on real services. For many more: `WORD_EXAMPLES=50 pytest` with this file; docs/api.md says how
the whole of it is tried on a running house.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema

load_all_checks()
EXAMPLES = int(os.environ.get("WORD_EXAMPLES", "1"))
SHARES = 4  # of all operations, each feature in one of them: workers take a share each
EACH_NTH = 8  # of the operations, for those who may less than an admin
SAY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Headers = dict[str, str]
Found = tuple[list[APIOperation], Headers]


@pytest.fixture
def environments_put_back(services, control_app):
    """An admin of whom everything is asked changes what the migrations put there as well."""
    services.empty("backroom")
    yield
    services.put_back("backroom")


@pytest.fixture(scope="module")
def read_before() -> list[BaseSchema]:
    """The document is the same for every test, and takes long to read."""
    return []


@pytest.fixture
def operations(control_app, program, read_before, environments_put_back) -> Callable[[str], Found]:
    """Those of the document, and with which headers they are called as a role."""

    def as_role(role: str) -> Found:
        headers = {"Authorization": program(role).environ_base["HTTP_AUTHORIZATION"]}
        if not read_before:
            url = "/api/v1/openapi.json"
            read_before.append(schemathesis.openapi.from_wsgi(url, control_app, headers=headers))
        (schema,) = read_before
        schema.app = control_app
        control_app.testing = False  # an answer that is not declared is found by its check, not by ours
        return [found.ok() for found in schema.get_all_operations()], headers

    return as_role


def broken_words(
    operation: APIOperation, headers: Headers, modes: tuple[GenerationMode, ...]
) -> Iterator[str]:
    """What the operation does otherwise than it says."""
    for mode in modes:

        @SAY
        @given(case=operation.as_strategy(generation_mode=mode))
        def say(case: Case) -> None:
            case.call_and_validate(headers=headers)

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


def share_of(operation: APIOperation) -> int:
    return zlib.crc32(operation.tags[0].encode()) % SHARES


@pytest.mark.timeout(600)
@pytest.mark.no_cover
@pytest.mark.parametrize("share", range(SHARES))
def test_every_operation_does_what_it_says(operations, house, prometheus, alertmanager, share):
    every, headers = operations("admin")
    found = [operation for operation in every if share_of(operation) == share]
    broken = [word for operation in found for word in broken_words(operation, headers, modes_of(operation))]
    assert found
    assert broken == [], "\n".join(broken)


@pytest.mark.timeout(300)
@pytest.mark.no_cover
@pytest.mark.parametrize(("role", "first"), [("viewer", 0), ("translator", 3)])
def test_it_does_so_for_those_who_may_less(operations, house, prometheus, alertmanager, role, first):
    every, headers = operations(role)
    sample = every[first::EACH_NTH]
    broken = [
        word for operation in sample for word in broken_words(operation, headers, (GenerationMode.POSITIVE,))
    ]
    assert sample
    assert broken == [], "\n".join(broken)
