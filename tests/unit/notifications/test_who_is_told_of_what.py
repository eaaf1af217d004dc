"""Kinds, what each role is told unasked, quiet hours and digests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.errors import Refused
from app.guards import Grant, Person
from app.notifications.kind import (
    KIND_OF,
    KINDS,
    Setting,
    channels,
    check,
    digest_due,
    is_news,
    is_quiet,
    offered,
)
from app.webhooks.event import TYPES, Event

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NEVER_TOLD = {"webhook.test", "alert.acknowledged"}


def person(role, *grants):
    return Person(1, f"{role}@house.test", role, role, None, None, grants=grants)


def told(type_, role="ops", choices=None, who="", grants=(), **more):
    someone = person(role, *grants)
    return channels(Event(type_, NOW, who, "x", "x", **more), someone, someone.email, choices or {})


def test_every_type_is_of_one_kind():
    assert {type_ for kind in KINDS.values() for type_ in kind.types} == set(KIND_OF)
    assert set(KIND_OF) | NEVER_TOLD == set(TYPES)
    assert sum(len(kind.types) for kind in KINDS.values()) == len(KIND_OF)


@pytest.mark.parametrize(
    ("type_", "roles"),
    [
        ("alert.fired", {"ops", "admin"}),
        ("rollout.rolled_back", {"ops", "product_manager", "admin"}),
        ("rollout.advanced", {"product_manager", "admin"}),
        ("experiment.ready", {"product_manager", "admin"}),
        ("kpi.target_missed", {"product_manager", "admin"}),
        ("translation.review_waiting", {"translator", "admin"}),
        ("change_request.waiting", {"ops", "product_manager", "admin"}),
        ("webhook.disabled", {"ops", "admin"}),
        ("backup.failed", {"admin"}),
        ("token.ends_soon", {"admin"}),
        ("deploy.finished", set()),
    ],
)
def test_what_each_role_is_told_unasked(type_, roles):
    everybody = ("viewer", "product_manager", "ops", "translator", "admin")
    assert {role for role in everybody if told(type_, role)} == roles


def test_nobody_is_told_of_what_they_did():
    assert told("alert.fired", who="OPS@house.test") == ()


def test_a_choice_counts_more_than_the_role_but_opens_nothing_private():
    assert told("alert.fired", choices={"alerts": ()}) == ()
    assert told("deploy.finished", "viewer", {"deploys": ("webhook", "page")}) == ("page", "webhook")
    assert told("backup.failed", "viewer", {"safety": ("page",)}) == ()
    assert "safety" not in offered(person("viewer"))


def test_unasked_it_is_theirs_to_act_on():
    german = Grant("translator", frozenset({"locales.write"}), locale="de")
    assert told("release.published", "viewer", grants=(german,), locale="de") == ("page",)
    assert told("release.published", "viewer", grants=(german,), locale="fr") == ()


@pytest.mark.parametrize(
    ("start", "end", "hour", "quiet"),
    [
        (None, None, 3, False),
        (22, 7, 23, True),
        (22, 7, 6, True),
        (22, 7, 7, False),
        (9, 17, 12, True),
        (9, 17, 17, False),
        (8, 8, 8, False),
    ],
)
def test_quiet_hours_may_go_over_midnight(start, end, hour, quiet):
    at = NOW.replace(hour=hour)
    assert is_quiet(Setting("UTC", start, end), at) is quiet


def test_hours_are_of_their_own_zone_also_in_summer():
    tokyo = Setting("Asia/Tokyo", 22, 7)
    assert is_quiet(tokyo, NOW.replace(hour=14))  # 23:00 there
    berlin = Setting("Europe/Berlin", digest="daily", digest_hour=8)
    assert digest_due(berlin, datetime(2026, 7, 1, 5, 59, tzinfo=UTC)) is None
    assert digest_due(berlin, datetime(2026, 7, 1, 6, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert digest_due(berlin, datetime(2026, 1, 2, 6, 59, tzinfo=UTC)) is None


def test_a_digest_comes_once_a_day_or_on_mondays():
    daily = Setting(digest="daily", digested_on=date(2026, 1, 31))
    assert digest_due(daily, NOW) is None
    weekly = Setting(digest="weekly")
    assert digest_due(weekly, NOW) is None  # a Saturday
    assert digest_due(weekly, datetime(2026, 2, 2, 9, tzinfo=UTC)) == date(2026, 2, 2)
    assert digest_due(Setting(), NOW) is None


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        (Setting("Mars/Olympus"), "time_zone"),
        (Setting(quiet_from=22), "quiet_to"),
        (Setting(quiet_from=24, quiet_to=7), "quiet_from"),
        (Setting(digest="hourly"), "digest"),
        (Setting(digest_hour=-1), "digest_hour"),
    ],
)
def test_what_is_no_setting_is_refused_beside_its_field(setting, field):
    with pytest.raises(Refused) as refused:
        check(setting)
    assert field in refused.value.fields


def test_what_came_before_them_and_what_setting_up_did_is_no_news():
    def news(hours, who=""):
        return is_news(Event("person.added", NOW + timedelta(hours=hours), who, "x", "x"), NOW)

    assert [news(-1), news(0), news(1)] == [False, False, True]
    assert [news(1, who) for who in ("local", "job:demo", "cli:ada")] == [False, False, True]
