"""Old, foreign and broken SDKs are understood as far as they can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.flags.reports import (
    MAX_FLAGS,
    Count,
    Instance,
    instance_of_headers,
    instance_of_registration,
    interval_seconds,
    report_of,
)

NOON = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)
THIS_HOUR = NOON.replace(minute=0)


def report(toggles, start="2026-03-01T12:20:00Z"):
    return report_of({"appName": "shop", "bucket": {"start": start, "toggles": toggles}}, NOON)


def test_an_sdk_says_who_it_is_in_its_headers():
    headers = {
        "unleash-appname": "shop",
        "unleash-instanceid": "i1",
        "unleash-connection-id": "c1",
        "unleash-sdk": "unleash-python-sdk:6.9.1",
        "unleash-interval": "15000",
    }
    assert instance_of_headers(headers.get) == Instance("shop", "i1", "c1", "unleash-python-sdk:6.9.1", 15)
    assert instance_of_headers({}.get) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15000", 15),
        ("500", 1),
        ("5000.0", 5),
        ("undefined", None),
        (None, None),
        ("-1", None),
        ("NaN", None),
        ("1e99", None),
    ],
)
def test_the_interval_is_read_leniently(text, seconds):
    assert interval_seconds(text) == seconds


def test_a_registration_tells_the_sdk_in_its_body():
    body = {
        "appName": "shop",
        "instanceId": "i1",
        "connectionId": "c1",
        "sdkVersion": "x:1",
        "strategies": [],
    }
    assert instance_of_registration(body, {}.get) == Instance("shop", "i1", "c1", "x:1", None)


@pytest.mark.parametrize("body", [None, [], "shop", {}, {"appName": ""}, {"appName": 5}])
def test_a_body_without_an_app_is_no_report_and_no_registration(body):
    with pytest.raises(Refused):
        instance_of_registration(body, {}.get)
    with pytest.raises(Refused):
        report_of(body, NOON)


def test_counts_are_put_into_the_hour_in_which_they_began():
    found = report({"b": {"yes": 1, "no": 2, "variants": {"red": 1, "blue": 0}}, "a": {"yes": 3}})
    assert found.hour == THIS_HOUR
    assert found.counts == (Count("a", 3, 0, {}), Count("b", 1, 2, {"red": 1}))


@pytest.mark.parametrize("bucket", [None, "x", {}, {"toggles": None}, {"toggles": []}])
def test_an_empty_bucket_counts_nothing(bucket):
    assert report_of({"appName": "shop", "bucket": bucket}, NOON).counts == ()


@pytest.mark.parametrize(
    "told",
    [None, 5, {"yes": -1}, {"yes": "7"}, {"yes": True}, {"no": 10**13}, {"yes": 1.5}, {"variants": {"": 1}}],
)
def test_counts_that_make_no_sense_are_left_out(told):
    assert report({"f": told, "no such name!": {"yes": 1}}).counts == ()


@pytest.mark.parametrize(
    ("start", "hour"),
    [
        ("2026-03-01T11:59:00Z", THIS_HOUR - timedelta(hours=1)),
        ("2026-03-01T13:30:00+02:00", THIS_HOUR - timedelta(hours=1)),
        ("2026-03-01T11:10:00", THIS_HOUR - timedelta(hours=1)),
        (int(NOON.timestamp() * 1000) - 3_600_000, THIS_HOUR - timedelta(hours=1)),
        ("2026-03-01T12:59:00Z", THIS_HOUR),  # a clock that is ahead
        ("2019-01-01T00:00:00Z", THIS_HOUR),  # a clock that is wrong
        ("yesterday", THIS_HOUR),
        (None, THIS_HOUR),
        (True, THIS_HOUR),
        (10**30, THIS_HOUR),
    ],
)
def test_a_wrong_clock_counts_for_now(start, hour):
    assert report({"f": {"yes": 1}}, start).hour == hour


def test_a_report_of_too_many_flags_is_refused():
    with pytest.raises(Refused):
        report({f"f{n}": {"yes": 1} for n in range(MAX_FLAGS + 1)})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_no_body_breaks_the_reader(value):
    found = report_of({"appName": "shop\x00\ud800", "bucket": value}, NOON)
    assert found.app_name == "shop"
    assert report({"f": value}).hour == THIS_HOUR
