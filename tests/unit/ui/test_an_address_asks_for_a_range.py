"""What stands in an address: ranges of time, ways back, rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.ui.paths import local_path
from app.ui.rooms import ROOMS
from app.ui.timerange import read_range

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def test_a_named_range_ends_now():
    span = read_range({"range": "7d"}, NOW)
    assert (span.key, span.start, span.end) == ("7d", NOW - timedelta(days=7), NOW)
    assert span.length == timedelta(days=7)


@pytest.mark.parametrize("start", ["1772582400", "2026-03-04T00:00:00Z", "2026-03-04T00:00:00"])
def test_a_chosen_range_is_taken_from_seconds_or_a_date(start):
    span = read_range({"from": start, "to": "2026-03-05T00:00:00+00:00"}, NOW)
    assert (span.key, span.start) == ("custom", datetime(2026, 3, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    "args",
    [
        {"range": "1y"},
        {"from": "nonsense", "to": "1"},
        {"from": "1772582400", "to": "1772582400"},
        {"from": "2", "to": "1"},
        {"from": "0", "to": "1772582400"},
        {"from": "nan", "to": "inf"},
        {"from": "9" * 400, "to": "1"},
        {"from": "9999-12-31T23:59:59+00:00", "to": "9999-12-31T23:59:59-23:00"},
    ],
)
def test_what_makes_no_sense_is_the_usual_range(args):
    assert read_range(args, NOW, "24h").key == "24h"


@pytest.mark.parametrize(("key", "step"), [("1h", 60), ("24h", 300), ("7d", 3600), ("90d", 21600)])
def test_a_longer_range_has_longer_steps(key, step):
    assert read_range({"range": key}, NOW).step_seconds() == step


@pytest.mark.parametrize("path", ["/", "/flags/new-checkout?environment=production", "/a#b"])
def test_a_way_back_on_this_site_is_taken(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "flags",
        "//evil.test",
        "/\\evil.test",
        "https://evil.test",
        "javascript:x",
        "/a\nb",
        "/a\\b",
        "/ a",
        "/\t/evil.test",
    ],
)
def test_any_other_way_back_is_not(path):
    assert local_path(path, "/home") == "/home"


def test_a_room_knows_its_pages_and_every_room_its_own_letter():
    held = {
        path: [str(room.path) for room in ROOMS if room.holds(path)]
        for path in ("/", "/slo/x", "/accounts/tokens/", "/accounts/me")
    }
    assert held == {"/": ["/"], "/slo/x": ["/slo/"], "/accounts/tokens/": ["/accounts/"], "/accounts/me": []}
    assert len({room.key for room in ROOMS}) == len(ROOMS)
