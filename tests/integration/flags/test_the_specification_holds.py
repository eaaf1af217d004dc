"""All cases of the client specification, by our import, tables and JSON, in the engine of stock SDKs.

Every file gets an environment of its own, so one database holds all of them at once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from yggdrasil_engine.engine import UnleashEngine

from app import clock
from app.db import begin
from app.flags import commands, environment_commands, import_commands, queries, unleash_import
from app.flags.explain import explain
from local.browser_libraries import TEST_LIBRARIES
from tests import serving

FOLDER = TEST_LIBRARIES / "@unleash" / "client-specification" / "specifications"
FILES = sorted(FOLDER.glob("[0-9]*.json"))
CASES = 279
OUTCOMES = {"created", "changed", "unchanged"}
WHO = "pm@house.test"


@pytest.fixture(scope="module")
def specification():
    return {path.stem: json.loads(path.read_text()) for path in FILES}


def place(stem):
    return f"spec-{stem[:2]}"


@pytest.fixture
def taken(control_app, more_environments, specification):
    """All states, taken over."""
    with control_app.test_request_context(), begin() as session:
        commands.ensure_environments(session)
        for stem in specification:
            environment_commands.create(session, place(stem), "test", clock.now(), WHO)
        for stem, found in specification.items():
            assert {line.outcome for line in take_over(session, stem, found)} <= OUTCOMES
    return specification


def take_over(session, stem, found):
    file = unleash_import.read(found["state"])
    return import_commands.take_over(session, file, place(stem), clock.now(), WHO).lines


def cases(found):
    for case in found.get("tests", ()):
        yield case["toggleName"], case["context"], case["expectedResult"], None
    for case in found.get("variantTests", ()):
        wanted = dict(case["expectedResult"])
        yield case["toggleName"], case["context"], wanted.pop("feature_enabled"), wanted


def test_every_case_holds_in_the_stock_engine_and_the_explainer_and_is_taken_over_once(
    control_app, control_client, taken
):
    held = 0
    for stem, found in taken.items():
        token = serving.token(control_app, "client", place(stem))
        headers = {"Authorization": token, "Unleash-Client-Spec": "6.1.0"}
        body = control_client.get("/api/client/features", headers=headers)
        engine = UnleashEngine()
        engine.take_state(body.text)
        flags = {one["name"]: one for one in body.json["features"]}
        segments = {one["id"]: one for one in body.json["segments"]}
        for name, context, enabled, variant in cases(found):
            told = explain(name, flags, segments, context, datetime.now(UTC))
            assert engine.is_enabled(name, context).is_enabled == enabled, (stem, name, context)
            assert told.is_enabled == enabled, (stem, name, context)
            if variant is not None:
                answer = engine.get_variant(name, context).variant
                assert (answer.name, answer.enabled, answer.payload) == (
                    variant["name"],
                    variant["enabled"],
                    variant.get("payload"),
                )
                assert (told.variant.name if told.variant else "disabled") == variant["name"]
            held += 1
    assert held == CASES

    with control_app.test_request_context(), begin() as session:
        for stem, found in taken.items():
            take_over(session, stem, found)  # files give the same flag other words
            before = queries.revision(session)
            assert {line.outcome for line in take_over(session, stem, found)} == {"unchanged"}
            assert queries.revision(session) == before
