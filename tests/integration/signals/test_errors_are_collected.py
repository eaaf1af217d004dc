"""What breaks in either service stands on the errors page, once for all that are alike."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.error_reports import commands, jobs, queries
from app.error_reports.models import ErrorGroup, ErrorSample
from app.failures import Failure, Report
from app.guards import public
from app.timeline.models import TimelineEntry
from storefront import error_reports as shop_errors
from storefront.error_reports import SPOOL, ErrorReport


@pytest.fixture
def broken(control_app):
    """The control plane with a page that breaks."""

    @public
    def break_it() -> str:
        raise RuntimeError("no charge for 4242424242424242")

    control_app.add_url_rule("/break", "break", break_it)
    control_app.config["PROPAGATE_EXCEPTIONS"] = False
    return control_app


@pytest.fixture
def broken_shop(shop_app):
    def break_it() -> str:  # the locale is taken off before a view is called
        raise RuntimeError("the kettle with token=abcdefgh leaks")

    shop_app.add_url_rule("/<locale:locale>/break", "break", break_it)
    shop_app.config["PROPAGATE_EXCEPTIONS"] = False
    return shop_app


def report(
    name: str,
    at,
    *,
    release: str = "r1",
    event: int = 1,
    count: int = 1,
    source: str = "shop",
    **request: object,
) -> Report:
    failure = Failure(name, "KeyError", f"'{name}'", f"storefront.{name}", "Traceback …")
    event_id = f"00000000-0000-4000-8000-{abs(hash((name, event))) % 10**12:012}"
    return Report(
        event_id,
        failure,
        source,
        release,
        at,
        at,
        count,
        {"request_id": f"req-{event}", **request},
        ("somebody",),
    )


def test_a_broken_page_is_one_group_and_found_by_its_id(broken, signed_in, control_session):
    ops = signed_in("ops")
    for nth in range(3):
        answer = ops.get("/break", headers={"X-Request-ID": f"it-broke-{nth}"})
        assert answer.status_code == 500
    assert broken.extensions["errors"].write() == 3

    (group,) = control_session.scalars(sa.select(ErrorGroup)).all()
    assert (group.kind, group.count, group.source, group.state) == ("RuntimeError", 3, "control", "open")
    assert group.message == "no charge for ***4242"
    sample = control_session.scalars(sa.select(ErrorSample).limit(1)).one()
    assert sample.request["route"] == "/break"
    assert "break_it" in sample.traceback

    listed = ops.get("/errors/").text
    assert "no charge for ***4242" in listed
    found = ops.get("/errors/?q=it-broke-1")
    assert found.status_code == 303
    assert "it-broke-1" in ops.get(found.headers["Location"]).text
    assert "4242424242424242" not in listed


def test_the_shops_errors_come_over_by_its_facts_each_once(
    broken_shop, shop_session, control_session, control_sources, now
):
    client = broken_shop.test_client()
    client.get("/de/break", headers={"X-Request-ID": "shop-broke-1"})
    broken_shop.extensions["errors"].write()
    row = shop_session.scalars(sa.select(ErrorReport)).one()
    assert (row.source, row.count, row.request["locale"]) == ("shop", 1, "de")
    assert len(row.people) == 1
    assert "abcdefgh" not in row.message + row.traceback

    for _ in range(2):
        jobs.fold(control_session, now, control_sources)
        control_session.commit()
    group = control_session.scalars(sa.select(ErrorGroup)).one()
    assert group.count == 1
    assert queries.group_of_request(control_session, "shop-broke-1") == group.id


def test_reports_outlive_a_database_that_is_away(broken_shop, shop_session, redis):
    collector = broken_shop.extensions["errors"]
    broken_shop.test_client().get("/de/break")
    shop_session.execute(sa.text("ALTER TABLE error_reports RENAME TO away"))
    shop_session.commit()
    try:
        collector.write()
        assert redis.llen(SPOOL) == 1
        assert "abcdefgh" not in str(redis.lrange(SPOOL, 0, -1))
    finally:
        shop_session.execute(sa.text("ALTER TABLE away RENAME TO error_reports"))
        shop_session.commit()
    collector.write()
    assert shop_session.scalar(sa.select(sa.func.count()).select_from(ErrorReport)) == 1
    assert redis.llen(SPOOL) == 0


def test_an_error_of_a_job_or_a_thread_is_reported_by_its_log_line(control_app, control_session):
    try:
        raise ValueError("a job's own")
    except ValueError:
        logging.getLogger("app.jobs.runner").exception("job %s failed", "slo.gather")
    control_app.extensions["errors"].write()
    assert control_session.scalars(sa.select(ErrorGroup.message)).one() == "a job's own"


def test_what_was_resolved_comes_back_and_both_sights_are_on_the_timeline(control_session, now):
    commands.take(control_session, [report("a", now)], now)
    group = control_session.scalars(sa.select(ErrorGroup)).one()
    commands.set_state(control_session, group.id, "resolved", "ada@house.test", now + timedelta(minutes=1))
    taken = commands.take(control_session, [report("a", now + timedelta(minutes=5), event=2)], now)
    assert taken.regressed == [group.id]
    assert group.state == "open"
    titles = control_session.scalars(sa.select(TimelineEntry.title).order_by(TimelineEntry.at)).all()
    assert titles == ["KeyError: 'a'", "Back: KeyError: 'a'"]


def test_resolved_by_the_next_release_waits_for_that_release(control_session, now):
    commands.take(control_session, [report("a", now)], now)
    group = control_session.scalars(sa.select(ErrorGroup)).one()
    commands.set_state(control_session, group.id, "resolved", "ada", now, with_next_release=True)
    later = now + timedelta(minutes=5)
    commands.take(control_session, [report("a", later, event=2)], now)
    assert group.state == "resolved"
    commands.take(control_session, [report("a", later, event=3, release="r2")], now)
    assert (group.state, group.last_release, group.first_release) == ("open", "r2", "r1")


def test_browsers_are_no_news_until_three_people_met_it(control_session, now):
    for nth in range(3):
        one = report("b", now, event=nth, source="browser")
        commands.take(control_session, [Report(*[*list(vars(one).values())[:-1], (f"person {nth}",)])], now)
        count = control_session.scalar(sa.select(sa.func.count()).select_from(TimelineEntry))
        assert count == (1 if nth == 2 else 0)


def test_ops_resolve_and_a_viewer_only_looks(signed_in, control_session, now):
    commands.take(control_session, [report("a", now, flags={"new-checkout": "on"})], now)
    control_session.commit()
    group_id = control_session.scalars(sa.select(ErrorGroup.id)).one()
    viewer, ops = signed_in("viewer"), signed_in("ops")
    page = viewer.get(f"/errors/{group_id}").text
    assert "new-checkout" in page
    assert viewer.post(f"/errors/{group_id}/state", data={"state": "resolved"}).status_code == 403
    assert ops.post(f"/errors/{group_id}/state", data={"state": "resolved"}).status_code == 303
    assert ops.post(f"/errors/{group_id}/care", data={"assignee": "ada", "note": "known"}).status_code == 303
    assert "ada" in ops.get("/errors/?state=resolved").text
    assert ops.post(f"/errors/{group_id}/state", data={"state": "other"}).status_code == 422
    assert ops.get("/errors/999999").status_code == 404


def test_programs_do_the_same(signed_in, control_session, now):
    commands.take(control_session, [report("a", now), report("b", now, event=2)], now)
    control_session.commit()
    ops = signed_in("ops")
    found = ops.get("/api/v1/errors").json["errors"]
    assert {one["message"] for one in found} == {"'a'", "'b'"}
    one = found[0]
    assert ops.get(f"/api/v1/errors/{one['id']}").json["samples"][0]["request"]["request_id"]
    answer = ops.patch(f"/api/v1/errors/{one['id']}", json={"state": "ignored", "assignee": "ada"})
    assert (answer.status_code, answer.json["state"], answer.json["assignee"]) == (200, "ignored", "ada")
    assert len(ops.get("/api/v1/errors").json["errors"]) == 1


def test_old_errors_and_surplus_samples_are_forgotten(control_session, control_sources, now):
    old = now - timedelta(days=91)
    commands.take(control_session, [report("old", old)], old)
    an_hour_ago = now - timedelta(hours=1)
    commands.take(control_session, [report("a", an_hour_ago, event=nth) for nth in range(60)], now)
    jobs.prune(control_session, now, control_sources)
    assert control_session.scalars(sa.select(ErrorGroup.message)).all() == ["'a'"]
    assert control_session.scalar(sa.select(sa.func.count()).select_from(ErrorSample)) == jobs.KEEP_SAMPLES


@pytest.mark.parametrize("service", ["control_app", "shop_app"])
def test_a_browser_reports_its_errors(service, request):
    app = request.getfixturevalue(service)
    client, waiting = app.test_client(), app.extensions["errors"].waiting
    body = json.dumps(
        {"errors": [{"kind": "error", "name": "TypeError", "message": "x", "place": "/a.js", "stack": ""}]}
    )
    assert client.post("/browser-errors", data=body, content_type="text/plain").status_code == 204
    told = json.dumps({"csp-report": {"effective-directive": "script-src", "blocked-uri": "inline"}})
    assert (
        client.post("/policy-violations", data=told, content_type="application/csp-report").status_code == 204
    )
    assert client.post("/browser-errors", data="nonsense").status_code == 400
    assert client.post("/browser-errors", data="x" * 20_000).status_code == 413
    assert {one.source for one in waiting.take("r1")} <= {"browser"}
    codes = {client.post("/browser-errors", data="nonsense").status_code for _ in range(30)}
    assert codes == {400, 429}


def test_the_shops_housekeeping_forgets_after_a_week(shop_session, now):
    shop_errors.save(shop_session, [report("a", now)])
    shop_errors.forget_old(shop_session, now + timedelta(days=9))
    assert shop_session.scalar(sa.select(sa.func.count()).select_from(ErrorReport)) == 0
