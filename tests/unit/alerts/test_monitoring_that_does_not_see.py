from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.alerts.health import (
    EYES,
    NOBODY_LOOKS,
    Probe,
    blind,
    is_delivered,
    is_evaluated,
    is_scraped,
    skews,
)

NOW = datetime(2026, 3, 1, 14, 2, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=20)


def probes(**down):
    """All eyes open but those named, which last saw at the given moment."""
    return {part: Probe(NOW, part not in down, down.get(part, NOW)) for part in (*EYES, "redis", "postgres")}


def test_it_sees_while_every_part_answers():
    assert blind(probes(), NOW) is None


def test_a_part_that_no_alert_needs_does_not_blind():
    assert blind(probes(redis=EARLIER), NOW) is None


@pytest.mark.parametrize("part", sorted(EYES))
def test_it_is_blind_without_any_of_its_eyes(part):
    found = blind(probes(**{part: EARLIER}), NOW)
    assert found.since == EARLIER
    assert found.why == (EYES[part],)


def test_it_is_blind_since_the_first_that_failed():
    found = blind(probes(prometheus=EARLIER, scrape=EARLIER - timedelta(minutes=1)), NOW)
    assert found.since == EARLIER - timedelta(minutes=1)
    assert len(found.why) == 2


def test_what_has_never_answered_has_no_since():
    assert blind(probes(prometheus=None), NOW).since is None


def test_it_is_blind_when_nobody_probes_any_more():
    found = blind(probes(), NOW + timedelta(minutes=3))
    assert found.since == NOW
    assert found.why == (NOBODY_LOOKS,)
    assert blind({}, NOW).since is None


@pytest.mark.parametrize(
    ("targets", "seen"),
    [
        ([("shop", "up")], True),
        ([("shop", "up"), ("control", "down")], True),
        ([("shop", "down")], False),
        ([("shop", "up"), ("shop", "down")], False),
        ([("control", "up")], False),
        ([], False),
    ],
)
def test_the_shop_is_scraped_when_each_of_its_targets_is_up(targets, seen):
    assert is_scraped([{"labels": {"job": job}, "health": health} for job, health in targets]) is seen


@pytest.mark.parametrize(
    ("moments", "seen"),
    [
        (["2026-03-01T14:01:50.5Z"], True),
        (["2026-03-01T14:01:50Z", "2026-03-01T13:50:00Z"], False),
        (["2026-03-01T14:01:50Z", "0001-01-01T00:00:00Z"], True),  # just loaded, waits for its turn
        (["0001-01-01T00:00:00Z"], False),
        ([], False),
    ],
)
def test_rules_are_evaluated_when_no_group_lags(moments, seen):
    groups = [{"rules": [{}], "lastEvaluation": moment} for moment in moments]
    assert is_evaluated([*groups, {"rules": [], "lastEvaluation": "0001-01-01T00:00:00Z"}], NOW) is seen


def test_a_group_that_is_due_once_an_hour_is_not_late_after_half_of_it():
    hourly = {"rules": [{}], "interval": 3600, "lastEvaluation": (NOW - timedelta(minutes=30)).isoformat()}
    assert is_evaluated([hourly], NOW)
    assert not is_evaluated([{**hourly, "interval": 60}], NOW)
    assert not is_evaluated([hourly], NOW + timedelta(hours=2))


def test_the_watchdog_is_missed_only_when_it_has_been_on_its_way_for_long_enough():
    def rules(minutes):
        began = (NOW - timedelta(minutes=minutes)).isoformat()
        return [{"rules": [{"name": "Watchdog", "alerts": [{"activeAt": began}]}, {"name": "Other"}]}]

    assert is_delivered(None, [], NOW) is None
    assert is_delivered(None, rules(1), NOW) is None
    assert is_delivered(None, rules(10), NOW) is False
    assert is_delivered(NOW - timedelta(minutes=1), rules(10), NOW) is True
    assert is_delivered(EARLIER, [], NOW) is False


def test_a_second_of_difference_between_clocks_is_no_news():
    assert [skews(seconds) for seconds in (None, 0.0, 1.5, -3.0, 7_200.0)] == [
        False,
        False,
        False,
        True,
        True,
    ]
