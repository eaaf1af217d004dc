"""Matchers, routes and the configuration that Alertmanager gets."""

from __future__ import annotations

import pytest
import yaml

from app.alerts import matcher
from app.alerts.delivery import document, edits, stored
from app.alerts.delivery.delivery import (
    Delivery,
    MuteTime,
    read_escalation,
    read_mute_time,
    read_route,
    with_escalation,
    with_mute_time,
    with_receiver,
    with_routes,
    without_mute_time,
    without_receiver,
)
from app.alerts.delivery.document import House
from app.alerts.delivery.receiver import HIDDEN, KINDS, OURS
from app.alerts.delivery.receiver import read as read_receiver
from app.errors import Conflict, NotFound, Refused

HOUSE = House("https://house.example/api/v1/alerts/webhook", "webhook-secret")
PAGER = {"name": "pager", "kind": "pagerduty", "routing_key": "key-secret"}


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ('a="b"', {"a": "b"}, True),
        ("a=b", {"a": "b"}, True),
        ('a="b"', {}, False),
        ('a=""', {}, True),
        ('a!="b"', {}, True),
        ('a=~"b|c"', {"a": "c"}, True),
        ('a=~"b"', {"a": "bb"}, False),  # anchored
        ('a!~"b.*"', {"a": "bb"}, False),
        ('a=~".+"', {}, False),
        (' a = "b c" ', {"a": "b c"}, True),
        ('a="\\"x\\""', {"a": '"x"'}, True),
    ],
)
def test_a_matcher_matches_as_alertmanagers_do(text, labels, expected):
    assert matcher.read(text).matches(labels) == expected
    assert matcher.read(str(matcher.read(text))) == matcher.read(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", '="b"', "1a=b", 'a="b', 'a=~"("', 'a=~"(?=x)"', 'a=~"(x+)+"', r'a=~"(x)\\1"', "a=b,c=d",
     "a=[1]x\n{"],
)  # fmt: skip
def test_what_is_no_matcher_is_refused(text):
    with pytest.raises(ValueError):
        matcher.read(text)


def delivery() -> Delivery:
    made = with_receiver(Delivery(), read_receiver(PAGER))
    made = with_receiver(
        made, read_receiver({"name": "chat", "kind": "discord", "webhook_url": "https://d/x"})
    )
    made = with_mute_time(made, MuteTime("night", ("friday",), "22:00", "06:00", "Europe/Berlin"))
    routes = [
        {"matchers": ['severity="page"'], "receiver": "pager", "continue": True},
        {
            "matchers": ['team=~"checkout|pay"'],
            "receiver": "chat",
            "group_wait": "1m",
            "mute_times": ["night"],
        },
        {"matchers": [], "receiver": "chat"},
    ]
    made = with_routes(made, [read_route(one) for one in routes])
    return with_escalation(
        made, read_escalation({"name": "loud", "matchers": [], "after_minutes": 5, "receiver": "pager"})
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"severity": "page"}, [OURS, "pager", "chat"]),
        ({"severity": "ticket", "team": "pay"}, [OURS, "chat"]),
        ({"alertname": "Watchdog"}, [OURS]),
        ({"alertname": "X", "backroom_receiver": "pager"}, ["pager"]),
        ({}, [OURS, "chat"]),
    ],
)
def test_an_alert_goes_where_the_routes_say(labels, expected):
    assert document.where(delivery(), labels) == expected


def test_the_configuration_is_one_document_and_the_same_each_time():
    made = document.text(delivery(), HOUSE)
    assert made == document.text(delivery(), HOUSE)
    (config,) = yaml.safe_load_all(made)
    assert config["route"]["receiver"] == OURS
    assert [one["name"] for one in config["receivers"]][:3] == [OURS, "chat", "pager"]
    assert document.loaded(made, document.mark(delivery(), HOUSE))
    assert not document.loaded(made, document.mark(Delivery(), HOUSE))


def test_a_night_past_midnight_is_two_stretches_the_second_a_day_later():
    (config,) = yaml.safe_load_all(document.text(delivery(), HOUSE))
    (night,) = config["time_intervals"]
    assert [(one["weekdays"], one["times"][0]) for one in night["time_intervals"]] == [
        (["friday"], {"start_time": "22:00", "end_time": "24:00"}),
        (["saturday"], {"start_time": "00:00", "end_time": "06:00"}),
    ]


def test_secrets_are_masked_and_kept_when_they_are_sent_back_masked():
    made = delivery()
    assert "secret" not in document.masked(made, HOUSE)
    assert "https://d/x" not in document.masked(made, HOUSE)
    assert "secret" not in repr(made)
    assert "secret" not in str(stored.as_dict(made))
    before = made.receiver("pager")
    assert read_receiver({**PAGER, "routing_key": HIDDEN}, before).secrets == {"routing_key": "key-secret"}
    assert read_receiver({**PAGER, "routing_key": ""}, before).secrets == {"routing_key": "key-secret"}
    assert read_receiver({**PAGER, "routing_key": "new"}, before).secrets == {"routing_key": "new"}


def test_what_was_written_down_is_read_again():
    made = delivery()
    assert stored.delivery_of(stored.as_dict(made), stored.secrets_of(made)) == made


def test_teams_is_a_plain_webhook_where_alertmanager_does_not_know_it():
    teams = read_receiver({"name": "t", "kind": "teams", "webhook_url": "https://t/x"})
    made = with_receiver(Delivery(), teams)
    assert "msteams" not in document.text(made, HOUSE)
    assert "msteams_configs" in document.text(made, House("https://h/x", "s", version=(0, 28)))


def test_nothing_can_point_into_the_void():
    made = delivery()
    with pytest.raises(Conflict):
        without_receiver(made, "pager")
    with pytest.raises(Conflict):
        without_mute_time(made, "night")
    with pytest.raises(Refused):
        without_receiver(made, OURS)
    with pytest.raises(NotFound):
        without_receiver(made, "nobody")
    with pytest.raises(Conflict):
        with_routes(made, [read_route({"receiver": "nobody"})])
    with pytest.raises(Conflict):
        with_routes(made, [read_route({"receiver": "chat", "mute_times": ["lunch"]})])


def test_routes_move_and_stay_within_the_list():
    made = delivery()
    first, second, third = made.routes
    assert edits.move_route(made, 2, -1).routes == (first, third, second)
    assert edits.move_route(made, 0, -1).routes == made.routes
    assert edits.remove_route(made, 1).routes == (first, third)
    assert edits.change_route(made, 0, third).routes == (third, second, third)
    with pytest.raises(NotFound):
        edits.remove_route(made, 3)


@pytest.mark.parametrize(
    ("read", "raw", "field"),
    [
        (read_receiver, {**PAGER, "name": "Big"}, "name"),
        (read_receiver, {**PAGER, "name": "backroom"}, "name"),
        (read_receiver, {**PAGER, "kind": "pigeon"}, "kind"),
        (read_receiver, {**PAGER, "routing_key": ""}, "routing_key"),
        (read_receiver, {"name": "w", "kind": "webhook", "url": "ftp://x"}, "url"),
        (read_receiver, {"name": "w", "kind": "webhook", "url": "http://x:99999/"}, "url"),
        (read_receiver, {"name": "w", "kind": "webhook", "url": "http://169.254.169.254/latest"}, "url"),
        (read_receiver, {"name": "w", "kind": "webhook", "url": "http://2852039166/"}, "url"),
        (read_receiver, {"name": "w", "kind": "webhook", "url": "http://x", "token": "a\nb"}, "token"),
        (read_receiver, {"name": "t", "kind": "telegram", "bot_token": "x", "chat_id": "1e9"}, "chat_id"),
        (read_receiver, {"name": "m", "kind": "email", "to": "nobody"}, "to"),
        (read_route, {"receiver": "x", "matchers": "nonsense"}, "matchers"),
        (read_route, {"receiver": "x", "group_by": "a b"}, "group_by"),
        (read_route, {"receiver": "x", "group_wait": "soon"}, "group_wait"),
        (read_mute_time, {"name": "n", "start": "25:00"}, "start"),
        (read_mute_time, {"name": "n", "start": "10:00", "end": "10:00"}, "end"),
        (read_mute_time, {"name": "n", "zone": "Mars/Olympus"}, "zone"),
        (read_mute_time, {"name": "n", "weekdays": "caturday"}, "weekdays"),
        (read_escalation, {"name": "e", "after_minutes": "0", "receiver": "x"}, "after_minutes"),
        (read_escalation, {"name": "e", "after_minutes": "1.5", "receiver": "x"}, "after_minutes"),
    ],
)
def test_what_cannot_work_is_refused_beside_its_field(read, raw, field, babel_context):
    with pytest.raises(Refused) as refused:
        read(raw)
    assert list(refused.value.fields) == [field]
    assert str(refused.value.fields[field])


def test_every_kind_has_words(babel_context):
    for kind in KINDS.values():
        assert str(kind.name)
        assert all(str(field.label) for field in kind.fields)
