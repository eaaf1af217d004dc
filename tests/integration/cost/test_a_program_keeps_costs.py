"""All that the pages of costs do, by the API: lines, rates, rules, budgets, quotas, scenarios, promises."""

from __future__ import annotations

import pytest

API = "/api/v1/costs"
LINE = {
    "name": "Two servers",
    "component": "hosting",
    "amount": "300.00",
    "currency": "EUR",
    "from_month": "2026-01",
}


@pytest.fixture
def pm(signed_in):
    return signed_in("product_manager")


def fields(answer) -> set[str]:
    return {one["field"] for one in answer.json["errors"]}


def test_a_line_is_entered_read_corrected_ended_and_removed(pm) -> None:
    made = pm.post(f"{API}/lines", json=LINE)
    assert made.status_code == 201
    at = made.headers["Location"]
    assert pm.get(at).json == made.json
    changed = pm.put(at, json={**LINE, "amount": "310", "revision": 1})
    assert (changed.json["amount_cents"], changed.json["revision"]) == (31_000, 2)
    assert pm.put(at, json={**LINE, "revision": 1}).status_code == 409
    assert pm.post(f"{at}/end").json["to_month"] is not None
    assert pm.delete(at).status_code == 204
    assert pm.get(at).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"amount": "1,000"}, 422, "amount"),
        ({"amount": "0.00"}, 422, "amount"),
        ({"amount": None}, 422, "amount"),
        ({"name": " "}, 422, "name"),
        ({"currency": "eur"}, 422, "currency"),
        ({"currency": "XXX"}, 404, "currency"),
        ({"from_month": "2026-13"}, 422, "from_month"),
        ({"kind": "metered"}, 422, "driver"),
        ({"kind": "amortised"}, 422, "to_month"),
        ({"nmae": "x"}, 422, "nmae"),
        ({"to_month": "2025-12"}, 409, "to_month"),
        ({"kind": "amortised", "to_month": "2099-01"}, 409, "to_month"),
    ],
)
def test_a_wrong_line_is_refused_beside_its_field(pm, wrong: dict, status: int, field: str) -> None:
    answer = pm.post(f"{API}/lines", json=LINE | wrong)
    assert (answer.status_code, field in fields(answer)) == (status, True), answer.json


def test_a_metered_line_has_a_price_or_a_share(pm) -> None:
    metered = {name: value for name, value in LINE.items() if name != "amount"} | {"kind": "metered"}
    priced = {**metered, "driver": "requests", "unit_price": "0.30", "unit_size": "1000000"}
    assert pm.post(f"{API}/lines", json=priced).json["unit_price"] == "0.30"
    shared = {**metered, "driver": "orders", "percent": "2.9"}
    assert pm.post(f"{API}/lines", json=shared).json["percent"] == "2.9"
    assert pm.post(f"{API}/lines", json={**shared, "driver": "requests"}).status_code == 422


def test_lists_are_read_page_by_page(pm) -> None:
    for number in range(3):
        pm.post(f"{API}/lines", json={**LINE, "name": f"Server {number}"})
    names, cursor = [], ""
    while cursor is not None:
        page = pm.get(f"{API}/lines?limit=2{cursor and '&cursor=' + cursor}").json
        names += [one["name"] for one in page["lines"]]
        cursor = page["next_cursor"]
    assert names == ["Server 0", "Server 1", "Server 2"]
    assert len(pm.get(f"{API}/lines?format=csv").text.splitlines()) == 4
    assert pm.get("/api/v1/cost/lines?limit=1").json["lines"][0]["name"] == "Server 0"


def test_how_all_is_told_can_be_chosen(pm) -> None:
    assert pm.get(f"{API}/settings").json == {"base_currency": "EUR", "basis": "effective"}
    wanted = {"base_currency": "USD", "basis": "billed"}
    assert pm.put(f"{API}/settings", json=wanted).json == wanted
    assert pm.get(f"{API}/settings").json == wanted
    rate = {"currency": "EUR", "from_day": "2026-01-31", "rate": 1.08}
    assert pm.post(f"{API}/rates", json=rate).json == {"saved": 1}
    assert pm.get(f"{API}/rates").json["rates"][0]["rate"] == "1.08"
    assert pm.post(f"{API}/rates", json={**rate, "currency": "USD"}).status_code == 409
    assert pm.delete(f"{API}/rates/EUR/2026-01-31").status_code == 204


def test_rules_have_versions_and_fit_their_method(pm) -> None:
    rules = [{"name": "Fees", "method": "direct", "target": "payments", "component": "payments"}]
    assert pm.put(f"{API}/rules", json={"rules": rules, "version": 0, "note": "first"}).status_code == 200
    saved = pm.get(f"{API}/rules").json
    assert pm.put(f"{API}/rules", json=saved).json["version"] == 2
    assert [one["version"] for one in pm.get(f"{API}/rules/versions").json["versions"]] == [2, 1]
    for wrong in ({"target": "nobody"}, {"method": "driver"}, {"idle_driver": "requests"}):
        answer = pm.post(f"{API}/rules/preview", json={"rules": [rules[0] | wrong]})
        assert answer.status_code == 422
    assert pm.post(f"{API}/runs").status_code == 409  # nothing is known of the month's cost


def test_budgets_quotas_scenarios_and_promises_are_kept(pm) -> None:
    budget = {"name": "Servers", "scope": "component", "member": "hosting", "amount_cents": 50_000}
    quota = {"name": "Orders", "driver": "orders", "period": "day", "most": 10}
    scenario = {"name": "Spring", "users": 10_000, "requests_per_user": 60, "orders_per_user": 0.1}
    promise = {
        "name": "Backroom",
        "from_month": "2026-01",
        "investments": {"Build": 28_000_000},
        "savings": {"Tools": 10_000_000},
    }
    for name, draft in (
        ("budgets", budget),
        ("quotas", quota),
        ("scenarios", scenario),
        ("promises", promise),
    ):
        made = pm.post(f"{API}/{name}", json=draft)
        assert made.status_code == 201, made.json
        read = pm.get(made.headers["Location"]).json
        assert read["name"] == draft["name"]
        assert pm.post(f"{API}/{name}", json={**draft, "name": " "}).status_code == 422
    assert pm.post(f"{API}/budgets", json={**budget, "member": ""}).status_code == 422
    saving = {"month": "2026-01", "name": "Luck", "cents": 1, "evidence": "Invoices"}
    assert pm.post(f"{made.headers['Location']}/savings", json=saving).status_code == 409
    measured = pm.post(f"{made.headers['Location']}/savings", json={**saving, "name": "Tools"})
    assert measured.json["saved_cents"] == 1
    seen = pm.get(made.headers["Location"])
    change = {**promise, "owner": "Ada", "revision": seen.json["revision"]}
    for savings, status in (({"Luck": 1}, 409), ({"Tools": 1, "Luck": 1}, 200), ({"Tools": 2}, 412)):
        answer = pm.put(
            made.headers["Location"],
            json={**change, "savings": savings},
            headers={"If-Match": seen.headers["ETag"]},
        )
        assert answer.status_code == status, answer.json
    assert pm.get(made.headers["Location"]).json["owner"] == "Ada"
    assert pm.post(f"{made.headers['Location']}/close", json={"verdict": "kept"}).json["verdict"] == "kept"
