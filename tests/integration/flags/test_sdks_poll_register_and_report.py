"""The Unleash client API as an SDK sees it, byte by byte."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock
from app.db import begin
from app.flags import commands, queries, sightings
from app.flags.feed import MOST_ANSWERS
from app.flags.models import FlagClient, FlagImpact, FlagImpactBucket, FlagMetric, FlagVariantMetric
from app.flags.serving import serving_of
from tests import serving

FEATURES = "/api/client/features"


@pytest.fixture
def poll(control_client, client_token):
    def ask(path=FEATURES, **headers):
        return control_client.get(path, headers={"Authorization": client_token, **headers})

    return ask


@pytest.fixture
def post(control_client, client_token):
    def send(path, body, **more):
        headers = {"Authorization": client_token}
        return control_client.post(f"/api/client/{path}", json=body, headers=headers, **more)

    return send


def stored(app, table):
    with app.app_context(), begin() as session:
        return list(session.scalars(select(table)))


@pytest.mark.parametrize("header", [{}, {"Authorization": "*:production.unknown"}, {"Authorization": "x"}])
def test_without_a_known_token_the_answer_is_401_with_a_message(control_client, header):
    answer = control_client.get(FEATURES, headers=header)
    assert answer.status_code == 401
    assert answer.json["message"]


@pytest.mark.parametrize("kind", ["frontend", "api"])
def test_a_token_of_another_kind_is_403_with_a_message(control_app, control_client, kind):
    answer = control_client.get(FEATURES, headers={"Authorization": serving.token(control_app, kind)})
    assert answer.status_code == 403
    assert answer.json["message"]


def test_a_passing_fault_is_503_so_that_sdks_go_on_polling(control_app, control_client, client_token):
    sources = control_app.extensions["sources"]
    url = str(sources.control.kw["bind"].url.set(port=9))
    broken = type(sources)(**{**vars(sources), "control": _connect(url)})
    control_app.extensions["sources"] = broken
    answer = control_client.get(FEATURES, headers={"Authorization": client_token})
    control_app.extensions["sources"] = sources
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json["message"]


def _connect(url):
    from app.db import connect

    return connect(url)


def test_a_poll_downloads_the_flags_of_the_tokens_environment(flag, poll):
    flag("f", 25)
    answer = poll()
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json["version"] == 2
    [feature] = answer.json["features"]
    assert (feature["name"], feature["enabled"]) == ("f", True)
    assert feature["strategies"][0]["parameters"]["rollout"] == "25"
    assert answer.headers["ETag"] == answer.json["meta"]["etag"]


def test_another_environment_has_its_own_state(control_app, control_client, flag):
    flag("f", 25)
    token = serving.token(control_app, environment="development")
    [feature] = control_client.get(FEATURES, headers={"Authorization": token}).json["features"]
    assert not feature["enabled"]


def test_an_unchanged_state_is_304_without_a_body(flag, poll):
    flag("f")
    etag = poll().headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = poll(**{"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)


def test_a_write_makes_a_new_revision_for_every_worker(control_config, flag, poll, client_token):
    """Two workers share nothing but the database; each keeps finished bytes of its own."""
    from app.factory import create_app

    flag("f", 10)
    other = create_app(control_config)
    header = {"Authorization": client_token}
    etag = poll().headers["ETag"]
    assert other.test_client().get(FEATURES, headers=header).headers["ETag"] == etag
    with other.app_context(), begin() as session:
        commands.kill(session, "f", "production", clock.now(), "ops@house.test")
    answer = poll(**{"If-None-Match": etag})
    other.extensions["sources"].close()
    assert answer.status_code == 200
    assert not answer.json["features"][0]["enabled"]


def test_zipped_bytes_are_sent_where_they_are_welcome(flag, poll):
    flag("f", 10)
    plain, zipped = poll(), poll(**{"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert "Content-Encoding" not in poll(**{"Accept-Encoding": "gzip;q=0"}).headers
    assert "Accept-Encoding" in zipped.headers["Vary"]


def test_project_prefix_and_tag_narrow_what_is_sent(flag, poll):
    flag("shop-a")
    flag("other")

    def names(query):
        return [feature["name"] for feature in poll(f"{FEATURES}?{query}").json["features"]]

    assert names("namePrefix=shop") == ["shop-a"]
    assert names("project=default&project=x") == ["other", "shop-a"]
    assert names("project=nowhere") == []
    assert names("tag=area:none") == []
    assert poll(f"{FEATURES}?namePrefix=shop").headers["ETag"] != poll().headers["ETag"]


def test_many_different_questions_do_not_fill_the_memory(control_app, flag, poll):
    flag("f")
    for n in range(80):
        poll(f"{FEATURES}?namePrefix=x{n}")
    assert len(serving_of(control_app).feed.answers) == MOST_ANSWERS


def test_one_broken_row_does_not_take_the_others_down(control_app, flag, poll):
    flag("good", 100)
    flag("broken", 100)
    with control_app.app_context(), begin() as session:
        session.execute(
            text("UPDATE flag_states SET strategies = '{\"no\": \"list\"}' WHERE flag = 'broken'")
        )
        commands.next_revision(session)
    states = {feature["name"]: feature for feature in poll().json["features"]}
    assert states["good"]["enabled"]
    assert not states["broken"]["enabled"]
    assert states["broken"]["strategies"] == []


def test_a_poll_leaves_a_trace_of_the_instance_but_not_each_time(control_app, flag, poll):
    flag("f")
    headers = {
        "unleash-appname": "shop",
        "unleash-instanceid": "i1",
        "unleash-connection-id": "c1",
        "unleash-sdk": "unleash-node-sdk:6",
        "unleash-interval": "undefined",
    }
    poll(**headers)
    [client] = stored(control_app, FlagClient)
    assert (client.app_name, client.sdk, client.interval_seconds) == ("shop", "unleash-node-sdk:6", None)
    poll(**headers)
    assert stored(control_app, FlagClient)[0].seen_at == client.seen_at


def test_a_registration_is_accepted(control_app, post):
    body = {"appName": "shop", "instanceId": "i1", "sdkVersion": "x:1", "strategies": [], "interval": 15000}
    assert post("register", body).status_code == 202
    [client] = stored(control_app, FlagClient)
    assert (client.app_name, client.instance_id, client.sdk) == ("shop", "i1", "x:1")


def test_reports_of_one_hour_are_added_up(control_app, post):
    start = clock.now().isoformat()
    toggles = {"f": {"yes": 3, "no": 1, "variants": {"red": 2}}, "g": {"yes": 1, "no": 0}}
    body = {
        "appName": "shop",
        "instanceId": "i1",
        "bucket": {"start": start, "stop": start, "toggles": toggles},
    }
    assert post("metrics", body).status_code == 202
    assert post("metrics", body).status_code == 202
    counted = {row.flag: (row.yes, row.no) for row in stored(control_app, FlagMetric)}
    assert counted == {"f": (6, 2), "g": (2, 0)}
    [variant] = stored(control_app, FlagVariantMetric)
    assert (variant.variant, variant.count) == ("red", 4)


def test_a_report_without_a_bucket_is_accepted(control_app, post):
    assert post("metrics", {"appName": "shop", "bucket": None}).status_code == 202
    assert stored(control_app, FlagMetric) == []


@pytest.mark.parametrize("path", ["register", "metrics"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_report_is_refused_with_a_message(control_client, client_token, path, body):
    answer = control_client.post(
        f"/api/client/{path}",
        data=body,
        headers={"Authorization": client_token},
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert answer.json["message"]


def test_a_huge_body_is_refused_before_it_is_read(control_client, client_token):
    answer = control_client.post(
        "/api/client/metrics", data=b"x" * 2_000_001, headers={"Authorization": client_token}
    )
    assert answer.status_code == 413


def test_what_is_old_is_forgotten(control_app, post, control_session):
    post("register", {"appName": "shop"})
    post("metrics", {"appName": "shop", "bucket": {"toggles": {"f": {"yes": 1, "variants": {"a": 1}}}}})
    soon, later = clock.now() + timedelta(days=8), clock.now() + timedelta(days=401)
    assert sightings.prune(control_session, clock.now()) == 0
    assert sightings.prune(control_session, soon) == 1
    assert sightings.prune(control_session, later) == 2


def test_flags_that_nobody_defined_are_listed(control_app, flag, post, control_session):
    flag("known")
    toggles = {"known": {"yes": 1}, "gone": {"no": 5}}
    post("metrics", {"appName": "shop", "bucket": {"toggles": toggles}})
    [unknown] = queries.unknown(control_session, clock.now())
    assert (unknown.name, unknown.apps, unknown.asked) == ("gone", ("shop",), 5)
    assert json.dumps(unknown.apps)


def test_what_is_counted_beside_a_flag_is_kept_by_variant(control_app, post):
    def report(orders, waiting, seconds):
        def sample(**values):
            return [{"labels": {"appName": "shop", "environment": "x", "f": "red"}, **values}]

        return {
            "appName": "shop",
            "bucket": None,
            "impactMetrics": [
                {"name": "orders", "type": "counter", "samples": sample(value=orders)},
                {"name": "waiting", "type": "gauge", "samples": sample(value=waiting)},
                {
                    "name": "seconds",
                    "type": "histogram",
                    "samples": sample(count=1, sum=seconds, buckets=[{"le": "+Inf", "count": 1}]),
                },
            ],
        }

    assert post("metrics", report(2, 7, 0.5)).status_code == 202
    assert post("metrics", report(3, 4, 1.5)).status_code == 202
    kept = {row.metric: row for row in stored(control_app, FlagImpact)}
    assert {row.environment for row in kept.values()} == {"production"}
    assert {(row.flag, row.variant) for row in kept.values()} == {("f", "red")}
    assert {name: (row.samples, row.total) for name, row in kept.items()} == {
        "orders": (2, 5.0),
        "waiting": (2, 4.0),
        "seconds": (2, 2.0),
    }
    [bucket] = stored(control_app, FlagImpactBucket)
    assert (bucket.up_to, bucket.count) == (float("inf"), 2)
