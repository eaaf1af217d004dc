"""The frontend API and OFREP: whoever cannot or will not evaluate itself asks us, and hears what SDKs say."""

from __future__ import annotations

import pytest
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, TargetingKeyMissingError

from app import clock
from app.db import begin
from app.flags import commands
from app.flags.models import FlagClient, FlagMetric
from tests import serving

FRONTEND = "/api/frontend"
BULK = "/ofrep/v1/evaluate/flags"
RED = {"name": "red", "weight": 1000, "payload": {"type": "json", "value": '{"hex": "#f00"}'}}
GOLD = {
    "name": "default",
    "parameters": {},
    "constraints": [{"contextName": "plan", "operator": "IN", "values": ["gold"]}],
}


@pytest.fixture
def browser_token(control_app):
    return serving.token(control_app, "frontend")


@pytest.fixture
def flags(control_app, flag):
    """on: for all; gold: for a plan; colour: with a payload; off: for nobody."""
    for name in ("on", "gold", "colour", "off"):
        flag(name)
    with control_app.app_context(), begin() as session:
        now = clock.now()
        commands.set_targeting(session, "gold", "production", [GOLD], [], now, "pm@house.test")
        commands.set_targeting(session, "colour", "production", [], [RED], now, "pm@house.test")
        for name in ("on", "gold", "colour"):
            commands.set_enabled(session, name, "production", True, now, "pm@house.test")


@pytest.fixture
def send(control_client, browser_token, flags):
    def ask(method, path, **more):
        headers = {"Authorization": browser_token} | more.pop("headers", {})
        return control_client.open(path, method=method, headers=headers, **more)

    return ask


def test_a_browser_gets_what_is_on_for_its_visitor(send):
    found = {toggle["name"]: toggle for toggle in send("GET", f"{FRONTEND}?userId=7").json["toggles"]}
    assert sorted(found) == ["colour", "on"]
    assert found["on"] == {
        "name": "on",
        "enabled": True,
        "impressionData": False,
        "variant": {"name": "disabled", "enabled": False, "feature_enabled": True},
    }
    assert found["colour"]["variant"]["payload"] == RED["payload"]


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "GET", "path": f"{FRONTEND}?properties[plan]=gold"},
        {"method": "GET", "path": f"{FRONTEND}?plan=gold"},
        {"method": "POST", "path": FRONTEND, "json": {"context": {"properties": {"plan": "gold"}}}},
        {"method": "POST", "path": FRONTEND, "json": {"plan": "gold"}},
    ],
)
def test_properties_may_stand_in_the_query_or_the_body(send, asked):
    assert "gold" in {toggle["name"] for toggle in send(**asked).json["toggles"]}


def test_the_environment_is_that_of_the_token_whatever_a_browser_says(send):
    names = [one["name"] for one in send("GET", f"{FRONTEND}?environment=development").json["toggles"]]
    assert "on" in names


def test_an_answer_that_did_not_change_is_not_sent_again(send):
    etag = send("GET", FRONTEND).headers["ETag"]
    again = send("GET", FRONTEND, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_browser_of_another_origin_may_ask(control_client, send):
    preflight = control_client.options(
        FRONTEND,
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization, if-none-match",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization, if-none-match"
    answer = send("GET", FRONTEND, headers={"Origin": "https://shop.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert control_client.get(FRONTEND).headers["Access-Control-Allow-Origin"] == "*"  # of a 401 too


def test_origins_can_be_limited(control_config, flags, browser_token):
    from dataclasses import replace

    from app.factory import create_app

    app = create_app(replace(control_config, flag_origins=("https://shop.example",)))
    client = app.test_client()

    def allowed(origin):
        headers = {"Authorization": browser_token, "Origin": origin}
        preflight = client.options(FRONTEND, headers={"Origin": origin}).headers
        answer = client.get(FRONTEND, headers=headers).headers
        name = "Access-Control-Allow-Origin"
        assert preflight.get(name) == answer.get(name)
        return answer.get(name)

    assert allowed("https://shop.example") == "https://shop.example"
    assert allowed("https://evil.example") is None
    app.extensions["sources"].close()


def test_a_client_token_is_refused_and_a_missing_one_too(control_app, control_client, flags):
    token = serving.token(control_app, "client")
    assert control_client.get(FRONTEND, headers={"Authorization": token}).status_code == 403
    assert control_client.get(FRONTEND).status_code == 401


def test_a_browser_registers_and_reports(control_app, send):
    body = {"appName": "site", "bucket": {"toggles": {"on": {"yes": 3, "no": 0}}}}
    assert send("POST", f"{FRONTEND}/client/register", json=body).status_code == 200
    assert send("POST", f"{FRONTEND}/client/metrics", json=body).status_code == 200
    with control_app.app_context(), begin() as session:
        assert session.query(FlagMetric).one().yes == 3
        assert session.query(FlagClient).one().app_name == "site"


def test_the_openfeature_provider_gets_values_of_each_kind(control_app, browser_token, flags):
    with serving.serve(control_app) as url:
        provider = OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {browser_token}"})
        anna = EvaluationContext("anna")
        on = provider.resolve_boolean_details("on", False, anna)
        assert (on.value, on.reason, on.variant) == (True, "STATIC", "on")
        off = provider.resolve_boolean_details("off", True, anna)
        assert (off.value, off.reason) == (False, "DISABLED")
        gold = EvaluationContext("anna", {"plan": "gold"})
        assert provider.resolve_boolean_details("gold", False, gold).reason == "TARGETING_MATCH"
        colour = provider.resolve_object_details("colour", {}, anna)
        assert (colour.value, colour.variant) == ({"hex": "#f00"}, "red")
        assert colour.flag_metadata["project"] == "default"
        with pytest.raises(FlagNotFoundError):
            provider.resolve_boolean_details("nowhere", False, anna)
        with pytest.raises(TargetingKeyMissingError):
            provider.resolve_boolean_details("on", False, EvaluationContext(attributes={"plan": "gold"}))


def test_a_flag_with_payloads_that_gives_none_leaves_the_default_to_the_code(control_app, send):
    with control_app.app_context(), begin() as session:
        commands.kill(session, "colour", "production", clock.now(), "pm@house.test")
    told = send("POST", f"{BULK}/colour", json={"context": {"targetingKey": "anna"}}).json
    assert "value" not in told
    assert (told["reason"], told["variant"]) == ("DISABLED", "off")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "PARSE_ERROR"),
        (b"[]", "INVALID_CONTEXT"),
        (b"{}", "INVALID_CONTEXT"),
        (b'{"context": 1}', "INVALID_CONTEXT"),
        (b'{"context": {}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"targetingKey": 1}}', "INVALID_CONTEXT"),
    ],
)
def test_a_request_that_cannot_be_evaluated_says_why_in_openfeatures_words(send, body, code):
    for path in (BULK, f"{BULK}/on"):
        answer = send("POST", path, data=body, content_type="application/json")
        assert (answer.status_code, answer.json["errorCode"]) == (400, code)
        assert answer.json["errorDetails"]


def test_all_flags_come_at_once_and_not_again_until_one_changes(control_app, send):
    body = {"context": {"targetingKey": "anna", "plan": "gold"}}
    answer = send("POST", BULK, json=body)
    values = {told["key"]: told.get("value") for told in answer.json["flags"]}
    assert values == {"colour": {"hex": "#f00"}, "gold": True, "off": False, "on": True}
    same = {"If-None-Match": answer.headers["ETag"]}
    assert send("POST", BULK, json=body, headers=same).status_code == 304
    with control_app.app_context(), begin() as session:
        commands.kill(session, "on", "production", clock.now(), "pm@house.test")
    assert send("POST", BULK, json=body, headers=same).status_code == 200


def test_a_key_may_come_as_openfeature_names_it(control_client, browser_token, flags):
    body = {"context": {"targetingKey": "anna"}}
    assert control_client.post(BULK, json=body, headers={"X-API-Key": browser_token}).status_code == 200
    refused = control_client.post(f"{BULK}/on", json=body)
    assert (refused.status_code, refused.json["errorCode"]) == (401, "GENERAL")
