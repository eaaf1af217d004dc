"""Bodies whose reading would cost more than the answer is worth."""

from __future__ import annotations

import json

import pytest

from app.bodies import MOST_FIELDS, MOST_VALUES
from app.openapi.checking import MOST_ERRORS, MOST_LOOKED_AT
from tests.people import sign_in

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("field", ["a=", "", "csrf_token=x"])
def test_a_form_of_a_great_many_fields_is_refused(control_app, field):
    body = "&".join([field] * (MOST_FIELDS + 1))
    answer = sign_in(control_app, "ops").post("/jobs/jobs.prune/run", data=body, headers=FORM)
    assert answer.status_code == 413


def test_a_form_of_as_many_fields_as_any_page_has_is_read(control_app):
    body = "&".join(f"a{number}=" for number in range(MOST_FIELDS))
    answer = sign_in(control_app, "ops").post("/jobs/nothing/run", data=body, headers=FORM)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        '{"tags": [' + "1," * MOST_VALUES + "1]}",
        "{" + ",".join(f'"{number:x}":1' for number in range(MOST_VALUES + 1)) + "}",
        "[" + ",".join(["[]"] * (MOST_VALUES + 1)) + "]",
    ],
    ids=["values", "names", "lists"],
)
def test_json_of_a_great_many_values_is_refused(signed_in, body):
    answer = signed_in("ops").post("/api/v1/flags", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "values" in answer.json["detail"]


def test_of_a_great_many_mistakes_the_first_is_told_and_of_some_many(signed_in):
    def wrong(count: int) -> dict[str, str]:
        body = json.dumps({"name": "wanted", "tags": [1] * count})
        answer = signed_in("ops").post("/api/v1/flags", data=body, content_type="application/json")
        assert answer.status_code == 422
        return answer.json["errors"]

    assert len(wrong(MOST_LOOKED_AT * 50)) == 1
    assert 1 < len(wrong(MOST_ERRORS * 2)) <= MOST_ERRORS
