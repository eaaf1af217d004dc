"""The shop's side of flags, on the real SDK without a network."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace

import pytest
from flask import Flask
from UnleashClient.constants import ETAG, FEATURES_URL

from storefront import flags
from storefront.flag_state import LastGood, is_split
from storefront.shopper import Shopper

SHOPPER = Shopper("visitor", "visit", None, "en", "DE", "mobile")
SHOPPERS = [replace(SHOPPER, visitor_id=f"v{n}", session_id=f"s{n}") for n in range(400)]
TWO = [
    {"name": "red", "weight": 500, "weightType": "variable", "stickiness": "default"},
    {"name": "blue", "weight": 500, "weightType": "variable", "stickiness": "default"},
]


@pytest.fixture(autouse=True)
def _stopped():
    yield
    flags.stop()


def test_everything_is_off_before_the_start():
    assert not flags.is_enabled("anything", SHOPPER)
    assert flags.variant("anything", SHOPPER) == "off"
    assert flags.age_seconds() is None
    assert flags.seen() == {}


def test_a_percentage_reaches_about_so_many_and_always_the_same():
    flags.fix({"half": 50, "all": 100, "none": 0})
    first = [flags.is_enabled("half", shopper) for shopper in SHOPPERS]
    assert 150 < sum(first) < 250
    assert first == [flags.is_enabled("half", shopper) for shopper in SHOPPERS]
    assert flags.is_enabled("all", None)
    assert not flags.is_enabled("none", SHOPPER)
    assert not flags.is_enabled("unheard-of", SHOPPER)


def test_signing_in_does_not_move_a_shopper_to_the_other_side():
    flags.fix({"half": 50})
    for shopper in SHOPPERS[:50]:
        signed_in = replace(shopper, user_id=7, session_id="another")
        assert flags.is_enabled("half", signed_in) == flags.is_enabled("half", shopper)


def test_a_constraint_on_the_country_is_held_against_the_shopper():
    germans = {"contextName": "country", "operator": "IN", "values": ["DE"]}
    strategy = {"name": "flexibleRollout", "parameters": {"rollout": "100", "stickiness": "default"}}
    flags.fix({"f": {"strategies": [strategy | {"constraints": [germans]}]}})
    assert flags.is_enabled("f", SHOPPER)
    assert not flags.is_enabled("f", replace(SHOPPER, country="FR"))


def test_a_variant_is_named_and_a_plain_flag_says_on_or_off():
    flags.fix({"colour": {"variants": TWO}, "plain": 100, "none": 0})
    assert {flags.variant("colour", shopper) for shopper in SHOPPERS} == {"red", "blue"}
    assert flags.variant("plain", SHOPPER) == "on"
    assert flags.variant("none", SHOPPER) == "off"


def test_a_request_keeps_its_answer_and_remembers_flags_under_rollout():
    flags.fix({"half": 50, "all": 100, "colour": {"variants": TWO}})
    with Flask(__name__).test_request_context():
        answer = flags.is_enabled("half", SHOPPER)
        flags.is_enabled("all", SHOPPER)
        assert flags.is_enabled("colour", SHOPPER)
        colour = flags.variant("colour", SHOPPER)
        flags.fix({"half": 0 if answer else 100})
        assert flags.is_enabled("half", SHOPPER) == answer
        assert flags.seen() == {"half": "on" if answer else "off", "colour": colour}
        assert flags.is_enabled("colour", SHOPPER)
        assert flags.seen()["colour"] == colour
    assert flags.seen() == {}


GOOD = json.dumps({"version": 2, "features": [{"name": "f", "enabled": True, "strategies": []}]})


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "<html>",
        "[]",
        "{}",
        '{"features": "x"}',
        '{"features": [{"name": "f", "enabled": "maybe", "strategies": []}]}',
        '{"features": [5]}',
    ],
)
def test_rubbish_changes_neither_memory_nor_file(tmp_path, rubbish):
    state = LastGood(tmp_path / "flags.json")
    state.set(FEATURES_URL, GOOD)
    state.set(ETAG, "good")
    state.set(FEATURES_URL, rubbish)
    state.set(ETAG, "bad")
    assert state.get(FEATURES_URL) == GOOD
    assert state.get(ETAG) == "good"
    assert (tmp_path / "flags.json").read_text() == GOOD


def test_a_new_process_begins_with_the_last_good_state_and_its_age(tmp_path):
    file = tmp_path / "deep" / "flags.json"
    LastGood(file).set(FEATURES_URL, GOOD)
    os.utime(file, (time.time() - 600, time.time() - 600))
    again = LastGood(file)
    assert again.bootstrapped
    assert again.get(FEATURES_URL) == GOOD
    assert again.exists(FEATURES_URL)
    assert time.time() - again.confirmed_at == pytest.approx(600, abs=5)


def test_a_folder_that_cannot_be_written_costs_the_file_alone(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    state = LastGood(blocked / "flags.json")
    state.set(FEATURES_URL, GOOD)
    state.set(ETAG, "e")
    assert state.get(FEATURES_URL) == GOOD


def test_a_broken_file_is_as_good_as_none(tmp_path):
    for content in (b"\xff\xfe", b"{half"):
        (tmp_path / "flags.json").write_bytes(content)
        assert not LastGood(tmp_path / "flags.json").bootstrapped


@pytest.mark.parametrize(
    ("feature", "split"),
    [
        ({"enabled": True, "strategies": [{"parameters": {"rollout": "50"}}]}, True),
        ({"enabled": True, "strategies": [{"parameters": {"rollout": "100"}}]}, False),
        ({"enabled": True, "strategies": []}, False),
        ({"enabled": True, "strategies": [], "variants": TWO}, True),
        ({"enabled": True, "strategies": [{"variants": TWO}]}, True),
        ({"enabled": False, "strategies": [{"parameters": {"rollout": "50"}}]}, False),
    ],
)
def test_only_flags_that_divide_shoppers_are_under_rollout(feature, split):
    assert is_split(feature) == split


def test_a_payload_is_read_only_of_a_flag_that_is_there():
    carried = {"name": "notice", "weight": 1000, "payload": {"type": "json", "value": '{"notice": "slow"}'}}
    flags.fix({"shop-notice": {"variants": [carried]}, "plain": 100})
    try:
        assert flags.payload("shop-notice", None) == '{"notice": "slow"}'
        assert flags.payload("plain", None) is None
        assert flags.payload("nowhere", None) is None
        assert flags.under_rollout() == frozenset()  # everybody gets the one variant
    finally:
        flags.stop()
    assert flags.payload("shop-notice", None) is None
