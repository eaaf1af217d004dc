"""Costs are entered on a page; the job divides each month by its people and orders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.cost import commands, jobs, queries
from app.cost.models import CostLine, CostMonth
from app.cost.month import first_of, shifted
from app.errors import Conflict, NotFound, Refused
from app.series import store
from tests import reporting

WHO = "pm@house.test"


@pytest.fixture
def pm(signed_in, now):
    return signed_in("product_manager")


@pytest.fixture
def this_month(now) -> date:
    return first_of(now.date())


@pytest.fixture
def last_month(this_month) -> date:
    return shifted(this_month, -1)


@pytest.fixture
def form(last_month) -> dict[str, str]:
    return {
        "name": "Two servers",
        "component": "hosting",
        "vendor": "Example Cloud",
        "amount": "40.00",
        "currency": "EUR",
        "from_month": f"{last_month:%Y-%m}",
        "to_month": "",
    }


@pytest.fixture
def add(control_session, last_month, now):
    def line(cents: int = 4_000, since: date = last_month, **more) -> CostLine:
        row = commands.add_line(
            control_session, "Two servers", "hosting", "X", cents, since, WHO, now, **more
        )
        control_session.commit()
        return row

    return line


@pytest.fixture
def people(shop_session, last_month, now):
    """Four people and two paid orders in the last month, one of each in this one."""
    reporting.prepare(shop_session, now - timedelta(days=62), now)
    then = datetime(last_month.year, last_month.month, 1, 9, tzinfo=UTC)
    for number in range(4):
        reporting.visit(shop_session, then, f"then {number}")
        reporting.visit(
            shop_session, then + timedelta(days=1), f"again {number}", visitor=f"of then {number}"
        )
    reporting.order(shop_session, then)
    reporting.order(shop_session, then)
    reporting.order(shop_session, then, paid=False)
    reporting.visit(shop_session, now - timedelta(hours=2), "now")
    reporting.order(shop_session, now - timedelta(hours=1))
    shop_session.commit()


@pytest.fixture
def run(control_session, control_sources, now):
    def job(at: datetime = now) -> str:
        said = jobs.monthly(control_session, at, control_sources)
        control_session.commit()
        return said

    return job


def point(session, key: str, month: date) -> float | None:
    found = store.latest(session, key, {"month": f"{month:%Y-%m}"})
    return found.value if found else None


def test_without_a_line_the_page_says_how_to_enter_one(pm, run) -> None:
    page = pm.get("/cost/").text
    assert "No cost is entered yet" in page
    assert run() == "no cost line is entered yet"
    assert pm.get("/api/v1/cost").json == {"currency": "EUR", "months": []}


def test_a_line_is_entered_shown_and_audited(pm, form, control_session) -> None:
    assert pm.get("/cost/lines/new").status_code == 200
    assert pm.post("/cost/lines", data=form).status_code == 303
    page = pm.get("/cost/").text
    assert "Two servers" in page
    assert "€40.00" in page
    assert "to the cent" in page
    entry = control_session.scalars(select(AuditEntry).where(AuditEntry.action == "cost.add")).one()
    assert entry.after["amount_cents"] == 4_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("amount", text) for text in ("-1", "NaN", "1000000000000", "0", "ten")],
        ("currency", "XYZ"),
        ("from_month", "never"),
        ("name", ""),
    ],
)
def test_bad_input_is_answered_beside_the_field(pm, form, control_session, field: str, value: str) -> None:
    answer = pm.post("/cost/lines", data={**form, field: value}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert answer.text.count('class="error"') == 1
    assert control_session.scalars(select(CostLine)).all() == []


def test_a_month_is_divided_by_its_people_and_orders(
    add, people, run, control_session, last_month, this_month
) -> None:
    add(4_000)
    assert run() == "2 months, 2 of them counted"
    assert point(control_session, "cost.total_cents", last_month) == 4_000
    assert point(control_session, "cost.active_users", last_month) == 4
    assert point(control_session, "cost.per_active_user_cents", last_month) == 1_000
    assert point(control_session, "cost.per_order_cents", last_month) == 2_000
    assert point(control_session, "cost.active_users", this_month) == 1
    by_month = store.latest_by(control_session, "cost.per_active_user_cents", "month")
    assert list(by_month) == [f"{last_month:%Y-%m}", f"{this_month:%Y-%m}"]


def test_the_page_shows_the_last_whole_month(pm, add, people, run) -> None:
    add(4_000)
    run()
    page = pm.get("/cost/").text
    assert "€10.00" in page  # a person, last month
    assert "€20.00" in page  # an order, last month
    assert "goes on" in page
    told = pm.get("/api/v1/cost").json["months"]
    assert [(month["whole"], month["per_active_user_cents"]) for month in told] == [
        (True, 1_000),
        (False, 4_000),
    ]
    assert told[0]["components"] == {"hosting": 4_000}
    assert pm.get("/api/v1/cost/lines").json["lines"][0]["amount_cents"] == 4_000
    assert pm.get("/cost/_months").status_code == 200


def test_small_sums_are_shown_with_a_tenth_of_a_cent(pm, add, people, run) -> None:
    add(37)
    run()
    assert "€0.092" in pm.get("/cost/").text


def test_a_month_without_anybody_has_no_data(pm, add, run, control_session, shop_session, last_month) -> None:
    add()
    run()
    assert point(control_session, "cost.total_cents", last_month) == 4_000
    assert point(control_session, "cost.per_active_user_cents", last_month) is None
    assert "no data" in pm.get("/cost/").text


def test_what_was_before_the_shops_first_fact_is_no_data(
    pm, add, run, control_session, shop_session, last_month, now
) -> None:
    add(since=shifted(last_month, -1))
    reporting.prepare(shop_session, now - timedelta(days=62), now)
    reporting.visit(shop_session, datetime(last_month.year, last_month.month, 20, 9, tzinfo=UTC), "first")
    shop_session.commit()
    run()
    assert point(control_session, "cost.active_users", shifted(last_month, -1)) is None
    assert point(control_session, "cost.active_users", last_month) == 1
    assert "from day 20 on" in pm.get("/cost/").text
    told = pm.get("/api/v1/cost").json["months"]
    assert [month["whole"] for month in told] == [False, False, False]
    assert [month["active_users"] for month in told][:2] == [None, 1]


def test_a_settled_month_is_counted_once(add, people, run, control_session, last_month, now) -> None:
    add()
    run(at=now)
    settled = datetime.combine(shifted(last_month, 1), datetime.min.time(), UTC) + timedelta(days=4)
    later = max(now, settled)
    run(at=later)
    said = run(at=later + timedelta(days=1))
    assert said.endswith("1 of them counted") or said.endswith("2 of them counted")
    row = control_session.get(CostMonth, last_month)
    assert row.counted_at <= later


def test_running_twice_changes_nothing(add, people, run, control_session, last_month) -> None:
    add()
    run()
    before = point(control_session, "cost.per_active_user_cents", last_month)
    run()
    assert point(control_session, "cost.per_active_user_cents", last_month) == before


def test_a_changed_amount_moves_every_month_at_once(
    pm, form, add, people, run, control_session, last_month
) -> None:
    row = add(4_000)
    run()
    page = pm.get(f"/cost/lines/{row.id}").text
    assert 'value="40.00"' in page
    changed = {**form, "amount": "80.00", "revision": "1"}
    assert pm.post(f"/cost/lines/{row.id}", data=changed).status_code == 303
    control_session.rollback()
    assert point(control_session, "cost.per_active_user_cents", last_month) == 2_000
    entry = control_session.scalars(select(AuditEntry).where(AuditEntry.action == "cost.change")).one()
    assert (entry.before["amount_cents"], entry.after["amount_cents"]) == (4_000, 8_000)
    assert pm.post(f"/cost/lines/{row.id}", data=changed).status_code == 409
    assert pm.post(f"/cost/lines/{row.id}", data=form).status_code == 422
    assert pm.post("/cost/lines/999999", data=changed).status_code == 404


def test_an_ended_line_is_not_paid_next_month(pm, add, control_session, this_month) -> None:
    row = add()
    assert pm.post(f"/cost/lines/{row.id}/end").status_code == 303
    control_session.expire_all()
    line = queries.line_of(queries.one_line(control_session, row.id))
    assert line.to_month == this_month
    assert not line.covers(shifted(this_month, 1))


def test_what_has_not_begun_cannot_end(add, control_session, this_month, now) -> None:
    row = add(since=shifted(this_month, 2))
    with pytest.raises(Refused):
        commands.end(control_session, row.id, this_month, WHO, now)


def test_a_removed_line_leaves_every_month(pm, add, control_session) -> None:
    row = add()
    assert pm.post(f"/cost/lines/{row.id}/remove").status_code == 303
    assert "No cost is entered yet" in pm.get("/cost/").text
    assert control_session.scalars(select(AuditEntry).where(AuditEntry.action == "cost.remove")).one()
    assert pm.post(f"/cost/lines/{row.id}/remove").status_code == 404


def test_made_up_lines_are_marked_and_removable(pm, add, control_session) -> None:
    add(is_demo=True)
    assert "demo data" in pm.get("/cost/").text
    assert commands.remove_demo(control_session) == 1
    control_session.commit()
    assert "No cost is entered yet" in pm.get("/cost/").text


def test_a_line_must_obey_the_rules_wherever_it_comes_from(control_session, last_month, now) -> None:
    with pytest.raises(Refused):
        commands.add_line(control_session, "x", "hosting", "", -1, last_month, WHO, now)
    with pytest.raises(NotFound):
        queries.one_line(control_session, 999_999)


def test_of_two_changes_at_once_the_later_is_told(add, control_session, now) -> None:
    row = add()
    line = queries.line_of(row)
    commands.change(control_session, row.id, line, 1, WHO, now)
    with pytest.raises(Conflict):
        commands.change(control_session, row.id, line, 1, WHO, now)


def test_who_only_looks_enters_nothing(signed_in, form, add) -> None:
    row = add()
    viewer = signed_in("viewer")
    page = viewer.get("/cost/").text
    assert "Two servers" in page
    assert "Enter a cost" not in page
    assert viewer.post("/cost/lines", data=form).status_code == 403
    assert viewer.get(f"/cost/lines/{row.id}").status_code == 403
