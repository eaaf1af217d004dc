"""Delta and streaming as an SDK sees them, event by event."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text, update

from app import clock
from app.accounts import queries as token_queries
from app.accounts import token_commands
from app.accounts.models import TokenRow
from app.db import begin
from app.flags import commands, lifecycle_commands, segment_commands, streams
from app.flags.segment import checked
from app.flags.serving import serving_of
from app.flags.writing import next_revision
from tests.serving import serve, token

DELTA = "/api/client/delta"
STREAM = "/api/client/streaming"
GERMANY = [{"contextName": "country", "operator": "IN", "values": ["DE"]}]
WHO = "pm@house.test"
BROKEN_SEGMENT = """
INSERT INTO segments
  (name, description, constraints, created_at, created_by, changed_at, changed_by, revision)
VALUES ('s', '', '"x"', now(), '', now(), '', 1)
"""


@pytest.fixture
def write(control_app):
    """`write(commands.kill, "f", "production")`, committed."""

    def change(command, *arguments):
        with control_app.app_context(), begin() as session:
            return command(session, *arguments, clock.now(), WHO)

    return change


@pytest.fixture
def delta(control_client, client_token):
    def ask(etag=None, path=DELTA):
        headers = {"Authorization": client_token} | ({"If-None-Match": etag} if etag else {})
        return control_client.get(path, headers=headers)

    return ask


def kinds(answer):
    return [event["type"] for event in answer.json["events"]]


def test_the_first_answer_is_everything_and_the_next_only_what_changed(flag, delta, write):
    flag("f", 10)
    flag("g", 10)
    first = delta()
    assert kinds(first) == ["hydration"]
    assert [feature["name"] for feature in first.json["events"][0]["features"]] == ["f", "g"]
    write(commands.kill, "g", "production")
    second = delta(first.headers["ETag"])
    [event] = second.json["events"]
    assert (event["type"], event["feature"]["name"]) == ("feature-updated", "g")
    assert second.headers["ETag"] == f'"{event["eventId"]}"'


def test_nothing_new_is_304_also_when_another_environment_changed(flag, delta, write):
    flag("f", 10)
    etag = delta().headers["ETag"]
    assert delta(etag).status_code == 304
    write(commands.set_enabled, "f", "development", True)
    answer = delta(etag)
    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "etag", ['"999999"', '"0"', '"x"', '"abc:3:v1"', 'W/"-1"', '""', '"' + "9" * 30 + '"']
)
def test_an_etag_that_was_never_given_out_brings_everything(flag, delta, etag):
    flag("f", 10)
    assert kinds(delta(etag)) == ["hydration"]


def test_archived_and_deleted_flags_are_removed(flag, delta, write):
    flag("f", 10)
    etag = delta().headers["ETag"]
    write(lifecycle_commands.archive, "f")
    [event] = delta(etag).json["events"]
    assert (event["type"], event["featureName"], event["project"]) == ("feature-removed", "f", "default")


def test_a_segment_comes_before_the_flag_that_uses_it_first_and_goes_after(control_app, flag, delta, write):
    flag("f", 10)
    with control_app.app_context(), begin() as session:
        draft = checked("Germany", "", None, GERMANY)
        segment = segment_commands.create(session, draft, clock.now(), WHO)
    number = getattr(segment, "id", segment)
    etag = delta().headers["ETag"]
    strategies = [{"name": "default", "parameters": {}, "constraints": [], "segments": [number]}]
    write(commands.set_targeting, "f", "production", strategies, [])
    assert kinds(delta(etag)) == ["segment-updated", "feature-updated"]


def test_the_question_narrows_what_is_told(flag, delta, write):
    flag("f", 10)
    flag("other", 10)
    etag = delta(path=f"{DELTA}?namePrefix=f").headers["ETag"]
    write(commands.kill, "other", "production")
    assert delta(etag, f"{DELTA}?namePrefix=f").status_code == 304


class Reader:
    """Messages of a stream, as they come."""

    def __init__(self, answer):
        self._lines = answer.iter_lines()

    def next(self):
        """The next message that is no comment."""
        found = {}
        for line in self._lines:
            if not line and found:
                return found
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
        return None

    def kinds(self):
        return [event["type"] for event in json.loads(self.next()["data"])["events"]]


@pytest.fixture
def stream(control_app, client_token):
    """`with stream() as (answer, reader)`: one open stream of a server in this process."""
    with serve(control_app) as url:

        @contextmanager
        def connect(path=STREAM, **headers):
            headers = {"Authorization": client_token, **headers}
            with httpx.stream("GET", url + path, headers=headers, timeout=60) as answer:
                yield answer, Reader(answer)

        yield connect
        serving_of(control_app).feed.close()


def test_a_stream_begins_with_everything_and_goes_on_with_changes(flag, stream, write):
    flag("f", 10)
    with stream() as (answer, reader):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        first = reader.next()
        assert first["event"] == "unleash-connected"
        [event] = json.loads(first["data"])["events"]
        assert (event["type"], str(event["eventId"])) == ("hydration", first["id"])
        write(commands.kill, "f", "production")
        second = reader.next()
        assert second["event"] == "unleash-updated"
        [event] = json.loads(second["data"])["events"]
        assert (event["type"], event["feature"]["enabled"]) == ("feature-updated", False)
        assert int(second["id"]) > int(first["id"])


def test_a_stream_that_is_opened_again_goes_on_after_the_last_event(flag, stream, write):
    flag("f", 10)
    with stream() as (_, reader):
        last = reader.next()["id"]
    write(commands.kill, "f", "production")
    with stream(**{"Last-Event-ID": last}) as (_, reader):
        assert reader.kinds() == ["feature-updated"]


@pytest.mark.parametrize("last", ["999999", "nonsense"])
def test_after_an_unknown_event_a_stream_begins_with_everything(flag, stream, last):
    flag("f", 10)
    with stream(**{"Last-Event-ID": last}) as (_, reader):
        assert reader.next()["event"] == "unleash-connected"


def test_a_stream_tells_only_what_its_question_asks_for(flag, stream, write):
    flag("f", 10)
    flag("other", 10)
    with stream(f"{STREAM}?namePrefix=f") as (_, reader):
        reader.next()
        write(commands.kill, "other", "production")
        write(commands.kill, "f", "production")
        [event] = json.loads(reader.next()["data"])["events"]
        assert event["feature"]["name"] == "f"


def test_a_quiet_stream_has_a_heartbeat(flag, stream, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    flag("f", 10)
    with stream() as (answer, _):
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == ": alive"


def test_who_opens_a_stream_again_and_again_is_told_to_poll(flag, stream):
    """A broken SDK has been seen to reconnect five hundred times a second."""
    flag("f", 10)
    statuses = []
    for _ in range(streams.MOST_OPENS + 1):
        with stream(**{"unleash-appname": "shop", "unleash-connection-id": "c"}) as (answer, _):
            statuses.append(answer.status_code)
    assert statuses == [200] * streams.MOST_OPENS + [429]
    with stream(**{"unleash-appname": "shop", "unleash-connection-id": "d"}) as (answer, _):
        assert answer.status_code == 200


def test_when_all_places_are_taken_the_next_is_told_to_come_again(flag, stream, monkeypatch):
    monkeypatch.setattr(streams, "MOST_STREAMS", 1)
    flag("f", 10)
    with stream() as (_, reader):
        reader.next()
        with stream() as (answer, _):
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]


def test_a_place_is_free_again_when_its_stream_was_left(control_app, flag, stream, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.02)
    flag("f", 10)
    with stream() as (_, reader):
        reader.next()
    left = threading.Event()
    for _ in range(500):
        if serving_of(control_app).streams._open == 0:
            left.set()
            break
        left.wait(0.02)
    assert left.is_set()


def test_a_process_that_stops_ends_its_streams_and_takes_no_more(control_app, flag, stream):
    flag("f", 10)
    with stream() as (_, reader):
        reader.next()
        serving_of(control_app).end_streams()
        assert reader.next() is None
    with stream() as (answer, _):
        assert answer.status_code == 503


def test_a_stream_needs_a_token_of_its_kind(flag, stream):
    with stream(Authorization="*:production.unknown") as (answer, _):
        assert answer.status_code == 401


def test_a_stream_ends_when_its_token_is_revoked_and_no_other_does(
    control_app, control_session, flag, stream
):
    flag("f", 10)
    other = token(control_app)
    with stream() as (_, revoked), stream(Authorization=other) as (_, kept):
        revoked.next(), kept.next()
        now = clock.now()
        [*_, mine] = token_queries.tokens(control_session, now)
        token_commands.revoke_token(control_session, mine.id, now, WHO)
        control_session.commit()
        assert revoked.next() is None
        flag("g")
        assert kept.next()["event"] == "unleash-updated"


def test_a_stream_ends_with_the_hour_of_its_token(control_session, flag, stream):
    flag("f", 10)
    ends = clock.now() + timedelta(seconds=2)
    control_session.execute(update(TokenRow).values(expires_at=ends))
    control_session.commit()
    with stream() as (_, reader):
        reader.next()
        assert reader.next() is None
    assert clock.now() >= ends


@pytest.mark.parametrize(
    ("mode", "header", "event"),
    [("", None, None), ("streaming", "streaming", None), ("polling", None, "polling")],
)
def test_sdks_that_heed_it_are_told_how_to_follow(control_config, client_token, flag, mode, header, event):
    from app.factory import create_app

    flag("f", 10)
    app = create_app(replace(control_config, flag_fetch_mode=mode))
    sdk = {"Authorization": client_token}
    for path in ("/api/client/features", DELTA):
        assert app.test_client().get(path, headers=sdk).headers.get("fetch-mode") == header
    with serve(app) as url, httpx.stream("GET", url + STREAM, headers=sdk, timeout=60) as answer:
        reader = Reader(answer)
        assert reader.next()["event"] == "unleash-connected"
        if event is not None:
            assert reader.next() == {"event": "fetch-mode", "data": event}
        serving_of(app).stop()
    app.extensions["sources"].close()


def test_what_is_broken_in_the_database_takes_nothing_else_down(control_app, flag, delta, stream, write):
    """Segments, parents and tags that were written past the checks; only that something changed is known."""
    for name in ("good", "broken"):
        flag(name, 100)
    with stream() as (_, reader):
        reader.next()
        with control_app.app_context(), begin() as session:
            session.execute(text("UPDATE flags SET dependencies = '[5]', tags = '{}' WHERE name = 'broken'"))
            session.execute(text(BROKEN_SEGMENT))
            next_revision(session)
        [event] = json.loads(reader.next()["data"])["events"]
        assert (event["feature"]["name"], event["feature"]["enabled"]) == ("broken", False)
        write(commands.set_percent, "good", "production", 50)
        assert reader.kinds() == ["feature-updated"]
    features = {feature["name"]: feature for feature in delta().json["events"][0]["features"]}
    assert features["good"]["strategies"][0]["parameters"]["rollout"] == "50"
    assert not features["broken"]["enabled"]
