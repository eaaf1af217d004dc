"""The declaration beside a view: what it takes and what it answers.

@blueprint.post("")
@requires("slo.write")
@operation(body=shapes.OBJECTIVE_DRAFT, answers={201: shapes.OBJECTIVE})
def create() -> ...:
    "The first line of the docstring is the summary, the others the description."
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.openapi.shapes import Shape

JSON = "application/json"

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Operation:
    """`body`: JSON that is taken, None: none. `takes`: other kinds of content by media type;
    `or_takes`: kinds that no shape can say anything of, such as packed files; the docstring names them.

    `answers`: status → shape; None where there is no body. `gives`: media type of answers that are not JSON,
    by status; `or_as`: what an answer of 200 can be instead of JSON. `query`, `headers`, `path`: parameters
    by name, one of the query that is an object: all that have no name here; `required` names those of the
    query that must be there. `problems`: statuses of problems besides
    those that follow from the route and its guard.
    """

    body: Shape | None = None
    body_may_be_left_out: bool = False
    takes: Mapping[str, Shape] = field(default_factory=dict)
    or_takes: tuple[str, ...] = ()
    answers: Mapping[int, Shape | None] = field(default_factory=dict)
    gives: Mapping[int, str] = field(default_factory=dict)
    or_as: tuple[str, ...] = ()
    query: Mapping[str, Shape] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    path: Mapping[str, Shape] = field(default_factory=dict)
    headers: Mapping[str, Shape] = field(default_factory=dict)
    problems: tuple[int, ...] = ()


def operation(
    *,
    body: Shape | None = None,
    body_may_be_left_out: bool = False,
    takes: Mapping[str, Shape] | None = None,
    or_takes: tuple[str, ...] = (),
    answers: Mapping[int, Shape | None],
    gives: Mapping[int, str] | None = None,
    or_as: tuple[str, ...] = (),
    query: Mapping[str, Shape] | None = None,
    required: tuple[str, ...] = (),
    path: Mapping[str, Shape] | None = None,
    headers: Mapping[str, Shape] | None = None,
    problems: tuple[int, ...] = (),
    method: str = "",
) -> Callable[[View], View]:
    """Declares what a view takes and answers. `method`: where one view serves several, each has its own."""
    declared = Operation(
        body,
        body_may_be_left_out,
        takes or {},
        or_takes,
        answers,
        gives or {},
        or_as,
        query or {},
        required,
        path or {},
        headers or {},
        problems,
    )

    def mark(view: View) -> View:
        operations: dict[str, Operation] = getattr(view, "operations", {})
        view.operations = {**operations, method: declared}  # type: ignore[attr-defined]
        return view

    return mark


def operation_of(view: object, method: str) -> Operation | None:
    """What was declared of a view for a method; HEAD is as GET."""
    operations: dict[str, Operation] = getattr(view, "operations", {})
    method = "GET" if method == "HEAD" else method
    return operations.get(method) or operations.get("")
