"""A review is made once, keeps its figures, is annotated, closed with decisions, and mailed."""

from __future__ import annotations

from datetime import UTC, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import update

from app.kpi.models import KpiZone
from app.reports import jobs
from app.reports.period import last_settled
from app.series import store
from app.timeline import commands as timeline
from tests import figures


@pytest.fixture
def pm(signed_in, now):
    return signed_in("product_manager")


@pytest.fixture
def week(control_session, now):
    """The last week with figures of everything that a review asks for."""
    period = last_settled("week", now)
    days = [period.start - timedelta(days=back) for back in range(-6, 90)]
    counted = {
        "orders": {at.date(): 50 + at.day % 3 for at in days},
        "active_users": {at.date(): 700 for at in days},
        "active_users_30d": {at.date(): 700 for at in days},
    }
    figures.keep(control_session, counted, now)
    store.record(control_session, "slo.budget_left", [(period.start, -0.2)], {"slo": "checkout"})
    store.record(control_session, "cost.total_cents", [(period.start, 4_500)], {"month": period.months[-1]})
    timeline.record(
        control_session, period.start + timedelta(hours=3), "incident", "Shop was slow", "shop", key="i"
    )
    control_session.commit()
    return period


@pytest.fixture
def made(control_session, control_sources, week, now):
    said = jobs.make(control_session, now, control_sources)
    control_session.commit()
    assert week.name in said
    return week


def shown(pm, period) -> dict[str, dict]:
    body = pm.get(f"/api/v1/reports/{period.name}").json
    return {f"{one['key']}:{one['member']}": one for part in body["sections"] for one in part["figures"]}


def test_a_review_holds_every_section_and_says_what_is_missing(pm, made) -> None:
    found = shown(pm, made)
    assert 350 <= found["kpi:orders"]["value"] <= 364
    assert found["slo.budget_left:checkout"]["value"] == -0.2
    assert found["events.incident:"]["value"] == 1
    assert found["growth.phase:"]["value"] == 1
    assert found["cost.total_cents:" + made.months[-1]]["value"] == 4_500
    missing = found["cost.per_order_cents:" + made.months[-1]]
    assert (missing["value"], missing["reason"]) == (None, "no prices")
    page = pm.get(f"/reports/{made.name}").text
    assert "no cost was recorded for these months" in page
    assert "Shop was slow" in page
    assert page.count("missed") >= 1


def test_twice_makes_nothing_new(control_session, control_sources, made, now) -> None:
    again = jobs.make(control_session, now + timedelta(minutes=15), control_sources)
    assert made.name not in again


def test_figures_stay_and_what_they_come_to_now_stands_beside(pm, control_session, made, now) -> None:
    before = shown(pm, made)["kpi:orders"]["value"]
    figures.keep(control_session, {"orders": {made.first: 500}}, now)
    control_session.commit()
    body = pm.get(f"/api/v1/reports/{made.name}").json
    changed = {one["member"]: one for one in body["now"] if one["key"] == "kpi"}
    assert changed["orders"]["value"] == before
    assert changed["orders"]["now"] > before
    assert "computed again now" in pm.get(f"/reports/{made.name}").text


def test_it_is_annotated_closed_with_actions_and_opened_again(pm, made) -> None:
    url = f"/reports/{made.name}"
    assert pm.post(f"{url}/notes", data={"section": "kpis", "text": "A sale ended."}).status_code == 303
    assert pm.post(f"{url}/notes", data={"section": "nope", "text": "x"}).status_code == 422
    assert pm.post(f"{url}/notes", data={"section": "kpis", "text": " "}).status_code == 422
    action = {"action": "Look at the checkout", "owner": "Ada", "due_on": "2030-01-01"}
    assert pm.post(f"{url}/actions", data=action).status_code == 303
    assert pm.post(f"{url}/actions", data={"action": "", "owner": "", "due_on": "soon"}).status_code == 422
    assert pm.post(f"{url}/close", data={"decision": "We keep the course."}).status_code == 303
    assert pm.post(f"{url}/close", data={"decision": "Twice."}).status_code == 409
    assert pm.post(f"{url}/actions", data=action).status_code == 409
    page = pm.get(url).text
    for words in ("A sale ended.", "Look at the checkout", "We keep the course.", "Closed by"):
        assert words in page
    body = pm.get(f"/api/v1/reports/{made.name}").json
    done = f"/api/v1/reports/{made.name}/actions/{body['actions'][0]['id']}/done"
    assert pm.post(done).status_code == 204
    assert pm.post(done).status_code == 409
    assert pm.post(f"{url}/reopen").status_code == 303
    assert pm.get(f"/api/v1/reports/{made.name}").json["closed_at"] is None


def test_it_is_mailed_once_with_the_figures_in_it(
    pm, control_session, control_sources, control_config, made, now
) -> None:
    for language in ("en", "de"):
        email = f"{language}@house.test"
        asked = {"kind": "week", "email": email, "language": language}
        assert pm.post("/reports/-/recipients", data=asked).status_code == 303
    assert pm.post("/reports/-/recipients", data=asked).status_code == 409
    assert pm.post("/reports/-/recipients", data={"kind": "hour", "email": "x"}).status_code == 422
    assert jobs.mail(control_session, now, control_sources) == "reviews sent: 0"  # the week ended before
    later = now + timedelta(days=7)
    after = {made.last + timedelta(days=day): 70 for day in range(1, 8)}
    figures.keep(control_session, {"orders": after}, now)
    control_session.execute(update(KpiZone).values(computed_at=later))
    control_session.commit()
    jobs.make(control_session, later, control_sources)
    control_session.commit()
    assert jobs.mail(control_session, later, control_sources) == "reviews sent: 2"
    assert jobs.mail(control_session, later, control_sources) == "reviews sent: 0"
    mails = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in control_config.mail_dir.glob("*.eml")
    ]
    assert len(mails) == 2
    english = next(mail for mail in mails if mail["To"].startswith("en"))
    text, html = (english.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Orders: 490" in text
    assert "490" in html
    assert "no data" in text


def test_any_period_that_is_over_can_be_reviewed(pm, signed_in, now) -> None:
    assert pm.post("/reports/", data={"period": "2025-Q1"}).status_code == 303
    assert pm.post("/api/v1/reports", json={"period": "2025-Q1"}).status_code == 200
    assert pm.post("/api/v1/reports", json={"period": "2025-Q2"}).status_code == 201
    assert pm.post("/reports/", data={"period": f"{now.astimezone(UTC):%Y-%m}"}).status_code == 409
    assert pm.post("/reports/", data={"period": "yesterday"}).status_code == 404
    assert pm.get("/reports/2024-Q1").status_code == 404
    assert "Nothing was recorded" in pm.get("/reports/2025-Q1").text
    assert signed_in("viewer").post("/reports/", data={"period": "2025-Q3"}).status_code == 403
    assert "Quarter 1 of 2025" in pm.get("/reports/?kind=quarter").text
    assert "section,figure" in pm.get("/reports/2025-Q1.csv").text


def test_all_of_it_can_be_done_by_the_api(pm, made) -> None:
    url = f"/api/v1/reports/{made.name}"
    noted = pm.post(f"{url}/notes", json={"section": "cost", "text": "Cheaper than it was."})
    assert (noted.status_code, noted.headers["Location"]) == (201, url)
    assert pm.post(f"{url}/notes", json={"section": "cost", "text": " "}).status_code == 422
    asked = {"action": "Look at the cart", "owner": "Ada", "due_on": None}
    assert pm.post(f"{url}/actions", json=asked).status_code == 201
    assert [one["action"] for one in pm.get("/api/v1/reports/-/open-actions").json["actions"]] == [
        "Look at the cart"
    ]
    assert pm.post(f"{url}/close", json={"decision": "Go on."}).status_code == 204
    assert pm.post(f"{url}/actions", json=asked).status_code == 409
    assert pm.post(f"{url}/reopen").status_code == 204
    listed = pm.get("/api/v1/reports?kind=week&limit=1").json
    assert [one["period"] for one in listed["reports"]] == [made.name]
    assert pm.post("/api/v1/reports", json={"period": "2026-W54"}).status_code == 422


def test_recipients_can_be_kept_by_the_api(pm) -> None:
    asked = {"kind": "month", "email": "Ada@house.test", "language": "de"}
    made = pm.post("/api/v1/reports/-/recipients", json=asked)
    assert made.status_code == 201
    assert pm.get(made.headers["Location"]).json == {**asked, "email": "ada@house.test"}
    assert pm.get("/api/v1/reports/-/recipients").json["recipients"] == [made.json]
    assert pm.delete(made.headers["Location"]).status_code == 204
    assert pm.get(made.headers["Location"]).status_code == 404
