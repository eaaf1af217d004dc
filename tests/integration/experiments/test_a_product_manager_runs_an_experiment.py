"""From the form over the results to the decision, on pages."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.errors import Conflict
from app.experiments import commands, jobs, queries
from app.experiments.definition import read
from app.timeline.models import TimelineEntry
from tests.reporting import visit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FORM = {
    "name": "New checkout",
    "flag": "new-checkout",
    "environment": "production",
    "hypothesis": "Fewer fields, more orders.",
    "goal": "conversion",
    "guard_latency": "1",
    "margin_latency": "12,5",
    "variants": "off 50\non 50",
    "control": "off",
    "expected_effect": "5",
    "power": "80",
    "alpha": "5",
    "margin": "35",
    "correction": "holm",
    "adjusted": "1",
    "locales": "de, en",
}


@pytest.fixture
def manager(signed_in):
    return signed_in("product_manager")


@pytest.fixture
def one(control_sources):
    def read(path):
        with control_sources.control() as session:
            return queries.get(session, int(path.rsplit("/", 1)[1]))

    return read


@pytest.fixture
def written(manager):
    """Sends the form; answers the new page's address."""

    def write(**changed):
        answer = manager.post("/experiments/new", data={**FORM, **changed})
        assert answer.status_code == 303
        return answer.headers["Location"]

    return write


def test_the_empty_page_says_how_to_begin(manager):
    page = manager.get("/experiments/").text
    assert "No experiment yet" in page
    assert "/experiments/new" in page


def test_an_experiment_is_written_down_started_stopped_and_decided(manager, written, one, control_session):
    assert manager.get("/experiments/new?flag=new-checkout").status_code == 200
    page = written()
    definition = one(page).definition
    assert definition["guards"] == [{"metric": "latency", "margin": 0.125}]
    assert definition["filters"] == {"locale": ["de", "en"]}
    assert definition["expected_effect"] == pytest.approx(0.05)
    assert "A draft" in manager.get(page).text

    for action, state in (("start", "running"), ("stop", "stopped")):
        assert manager.post(f"{page}/{action}", data={"revision": one(page).revision}).status_code == 303
        assert one(page).state == state
    decision = {"decision": "ship", "variant": "on", "reason": "It sells.", "revision": one(page).revision}
    assert manager.post(f"{page}/decide", data=decision).status_code == 303
    shown = manager.get(page).text
    assert "Decided: ship on." in shown
    assert "It sells." in shown

    subject = f"experiment:{page.rsplit('/', 1)[1]}"
    told = control_session.scalars(select(AuditEntry.action).where(AuditEntry.subject == subject)).all()
    assert told == ["experiment.create", "experiment.start", "experiment.stop", "experiment.decide"]
    marks = control_session.scalars(
        select(TimelineEntry.kind).where(TimelineEntry.subject == "flag:new-checkout")
    )
    assert marks.all() == ["experiment"] * 3


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_stored(manager):
    wrong = {**FORM, "name": "", "flag": "no such flag", "variants": "off", "alpha": "90", "control": "blue"}
    answer = manager.post("/experiments/new", data=wrong, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    for field in ("name", "flag", "variants", "alpha"):
        assert f'id="error-{field}"' in answer.text
    assert "No experiment yet" in manager.get("/experiments/").text


def test_an_edit_of_an_old_revision_is_refused(manager, written, one):
    page = written()
    assert manager.get(f"{page}/edit").status_code == 200
    first = manager.post(f"{page}/edit", data={**FORM, "name": "First", "revision": 1})
    second = manager.post(f"{page}/edit", data={**FORM, "name": "Second", "revision": 1})
    assert (first.status_code, second.status_code) == (303, 409)
    assert (one(page).name, one(page).revision) == ("First", 2)


def test_once_it_runs_the_plan_is_fixed_but_the_words_are_not(manager, written, one):
    page = written()
    manager.post(f"{page}/start")
    assert "The plan is fixed." in manager.get(f"{page}/edit").text
    assert manager.post(f"{page}/edit", data={**FORM, "goal": "revenue"}).status_code == 422
    assert manager.post(f"{page}/edit", data={**FORM, "name": "Other words"}).status_code == 303
    assert one(page).name == "Other words"


def test_a_second_experiment_on_the_flag_waits_for_the_first(manager, written, one):
    first, second = written(), written()
    assert manager.post(f"{first}/start").status_code == 303
    assert manager.post(f"{second}/start").status_code == 409
    assert one(second).state == "draft"
    assert manager.post(f"{first}/start").status_code == 409


def test_two_people_who_start_at_once_start_one(control_sources, plan, now):
    """The look before the start cannot see the other transaction; the index settles it."""
    with control_sources.control.begin() as session:
        numbers = [commands.create(session, read(plan), now, "pm@house.test").id for _ in range(2)]
    refused: list[Conflict] = []

    def start_the_other() -> None:
        try:
            with control_sources.control.begin() as session:
                commands.start(session, numbers[1], None, now, "other@house.test")
        except Conflict as conflict:
            refused.append(conflict)

    other = threading.Thread(target=start_the_other)
    with control_sources.control.begin() as session:
        commands.start(session, numbers[0], None, now, "pm@house.test")
        other.start()
        other.join(0.5)  # it waits for this transaction
        assert other.is_alive()
    other.join(10)
    assert len(refused) == 1


def test_only_a_draft_can_be_deleted(manager, written):
    draft = written()
    assert manager.post(f"{draft}/delete").status_code == 303
    assert manager.get(draft).status_code == 404
    runs = written()
    manager.post(f"{runs}/start")
    assert manager.post(f"{runs}/delete").status_code == 409


def test_a_viewer_reads_and_changes_nothing(written, signed_in):
    page = written()
    viewer = signed_in("viewer")
    assert viewer.get(page).status_code == 200
    assert "New experiment" not in viewer.get("/experiments/").text
    assert viewer.get("/experiments/new").status_code == 403
    assert viewer.post(f"{page}/start").status_code == 403


def test_the_form_previews_how_long_it_takes_from_real_traffic(
    manager, control_sources, shop_session, meets, now
):
    assert "is shown here once" in manager.get("/experiments/-/preview", query_string=FORM).text
    for n in range(200):
        visit(shop_session, now - DAY, f"v{n}", pages=1)
    for n in range(140):
        meets(f"m{n}", "on", now - DAY, buys=1_000 if n % 4 == 0 else None)
    shop_session.commit()
    with control_sources.control.begin() as session:
        jobs.baselines(session, now, control_sources)
    page = manager.get("/experiments/-/preview", query_string={**FORM, "expected_effect": "50"}).text
    assert "At 10 shoppers a day, +50% needs" in page
    assert manager.get("/experiments/new?flag=new-checkout").text.count("needs") == 1


def test_the_page_says_first_what_it_comes_to_and_then_why(running, meets, count, manager, now):
    number = running(now - 2 * DAY, guards=[{"metric": "errors"}], margin=0.4)
    for n in range(150):
        meets(f"on{n}", "on", now - DAY, buys=2_000 + n if n % 10 < 8 else None, failed_pages=n % 9 == 0)
        meets(f"off{n}", "off", now - DAY, buys=2_000 + n if n % 10 < 3 else None, failed_pages=n % 9 == 0)
    count(number, now)
    page = manager.get(f"/experiments/{number}").text
    assert "Variant on sells more: Conversion +" in page
    assert "Not safe to ship yet, these guards are not proven: Error share." in page
    assert page.count('class="forest"') == 2
    assert "between +" in page
    assert "loses money" not in page
    assert "never as an answer" in page
    assert "reporting.exposures" in page  # the working
    assert manager.get(f"/experiments/{number}/-/results").status_code == 200
    for by in ("locale", "country", "device", "nonsense"):
        assert manager.get(f"/experiments/{number}/-/breakdown?by={by}").status_code == 200
    lines = manager.get(f"/experiments/{number}/chart.json").json["lines"]
    assert [line["name"] for line in lines] == ["on: effect", "on: lower end", "on: upper end"]


def test_a_mismatch_hides_every_comparison(running, meets, count, manager, now):
    number = running(now - DAY)
    for n in range(60):
        meets(f"on{n}", "on", now - HOUR)
    count(number, now)
    page = manager.get(f"/experiments/{number}").text
    assert "Do not trust this: the groups are not as large as they should be." in page
    assert "not compared" in page
    assert 'class="forest"' not in page
    assert "Does it pay?" not in page


def test_what_is_not_counted_or_met_by_nobody_or_stale_says_so(running, count, manager, control_sources, now):
    number = running(now - HOUR)
    assert "Nothing is counted yet." in manager.get(f"/experiments/{number}").text
    count(number, now - HOUR + timedelta(minutes=5))
    page = manager.get(f"/experiments/{number}").text
    assert "Nobody has met the flag yet." in page
    assert "has been silent" in page


def test_the_flag_page_can_show_its_experiments(manager, running, now):
    assert "No experiment on this flag yet." in manager.get("/experiments/of-flag/new-checkout").text
    running(now - HOUR)
    page = manager.get("/experiments/of-flag/new-checkout").text
    assert "New checkout" in page
    assert "/experiments/new" not in page  # one runs already
    assert "No experiment" in manager.get("/experiments/of-flag/other").text


def test_decisions_need_a_reason_and_a_variant(now, manager, control_sources, running):
    number = running(now - HOUR)
    with control_sources.control.begin() as session:
        commands.stop(session, number, None, now, "pm@house.test")
    answer = manager.post(f"/experiments/{number}/decide", data={"decision": "ship", "variant": "off"})
    assert answer.status_code == 422
    assert manager.post(f"/experiments/{number}/decide", data={"decision": "perhaps"}).status_code == 422
