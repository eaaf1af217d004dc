"""Flags: what stock Unleash SDKs need of /api/client, and what the shop does when it is gone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from yggdrasil_engine.engine import UnleashEngine

from app import clock
from app.db import begin
from app.flags import commands
from storefront import faults, flags
from storefront.shopper import Shopper
from tests.serving import serve, token

SHOPPER = Shopper("visitor", "visit", None, "en", "DE", "mobile")
FEATURE = {
    "name",
    "type",
    "description",
    "enabled",
    "project",
    "stale",
    "impressionData",
    "strategies",
    "variants",
    "dependencies",
}


@pytest.fixture
def client_token(control_app) -> str:
    with control_app.app_context(), begin() as session:
        commands.ensure_defaults(session, clock.now())
        commands.set_percent(session, "new-checkout", "production", 100, clock.now(), "pm@house.test")
    return token(control_app)


@pytest.fixture
def state(control_client, client_token):
    return control_client.get("/api/client/features", headers={"Authorization": client_token})


@pytest.fixture(autouse=True)
def _stopped():
    yield
    flags.stop()


def test_the_token_names_its_environment_where_sdks_look_for_it(client_token):
    assert client_token.startswith("*:production.")


def test_the_body_has_the_shape_of_version_2(state):
    assert set(state.json) == {"version", "features", "segments", "query", "meta"}
    assert state.json["version"] == 2
    assert set(state.json["meta"]) == {"revisionId", "etag", "queryHash"}
    assert all(set(feature) == FEATURE for feature in state.json["features"])


def test_every_parameter_and_value_is_text(state):
    for feature in state.json["features"]:
        for strategy in feature["strategies"]:
            assert all(isinstance(value, str) for value in strategy["parameters"].values())


def test_the_etag_is_strong_quoted_and_made_of_hash_revision_and_version(state):
    digest, revision, version = state.headers["ETag"].strip('"').split(":")
    meta = state.json["meta"]
    assert (digest, int(revision), version) == (meta["queryHash"], meta["revisionId"], "v1")


def test_the_engine_of_every_sdk_takes_all_of_it(state):
    engine = UnleashEngine()
    assert engine.take_state(state.text) is None
    known = {toggle.name for toggle in engine.list_known_toggles()}
    assert known == {feature["name"] for feature in state.json["features"]}


def test_the_shop_asks_for_no_drill_that_a_new_installation_lacks(state):
    offered = {feature["name"] for feature in state.json["features"]}
    assert set(faults.NAMES) <= offered
    assert all(name.startswith("fault-") for name in faults.NAMES)


def test_the_shop_goes_on_with_what_it_had_when_the_control_plane_is_gone(
    control_app, shop_config, client_token
):
    with serve(control_app) as url:
        config = replace(shop_config, flags_url=f"{url}/api", flags_token=client_token)
        flags.start(config)
        assert flags.is_enabled("new-checkout", SHOPPER)
    flags.start(config)
    assert flags.is_enabled("new-checkout", SHOPPER)
    kept = json.loads((config.data_dir / flags.FILE_NAME).read_text())
    assert kept["version"] == 2
