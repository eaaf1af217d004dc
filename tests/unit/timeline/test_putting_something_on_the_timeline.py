from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Refused
from app.timeline.entry import KINDS, Entry, check, nearest

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DEPLOY = Entry(AT, "deploy", "Storefront 1.2.3", "storefront")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken(kind):
    check(replace(DEPLOY, kind=kind))


@pytest.mark.parametrize("url", ["", "/flags/new-checkout", "https://ci.example/run/7", "http://ci.example/"])
def test_links_to_this_server_and_the_web_are_taken(url):
    check(replace(DEPLOY, url=url))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "party"),
        ("kind", ""),
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 201),
        ("detail", "x" * 4001),
        ("at", AT.replace(tzinfo=None)),
        ("ends_at", AT - timedelta(seconds=1)),
        ("url", "javascript:alert(1)"),
        ("url", "//evil.example"),
        ("url", "data:text/html,x"),
        ("url", "https://"),
    ],
)
def test_what_a_chart_could_not_show_safely_is_refused_beside_its_field(field, value, babel_context):
    with pytest.raises(Refused) as refused:
        check(replace(DEPLOY, **{field: value}))
    assert list(refused.value.fields) == [field]
    assert str(refused.value.fields[field])


def minutes(number, kind="flag"):
    return Entry(AT + timedelta(minutes=number), kind, f"{number:+} min", "x")


def test_the_nearest_change_before_comes_first_and_later_ones_last():
    entries = [minutes(-60), minutes(-2), minutes(1), minutes(-10), minutes(30)]
    found = [entry.title for entry in nearest(entries, AT)]
    assert found == ["-2 min", "-10 min", "-60 min", "+1 min", "+30 min"]


def test_a_beginning_seen_in_steps_may_lie_a_step_later():
    entries = [minutes(-7), minutes(1), minutes(3), minutes(6)]
    found = [entry.title for entry in nearest(entries, AT, known_to=timedelta(minutes=5))]
    assert found == ["+1 min", "+3 min", "-7 min", "+6 min"]


def test_what_befalls_a_system_is_no_change():
    assert nearest([minutes(-1, "alert"), minutes(-2, "incident")], AT) == []
