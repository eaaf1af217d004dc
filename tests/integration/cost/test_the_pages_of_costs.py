"""Every page and API of costs, from an empty house to budgets, rules, scenarios and promises."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from app import cli
from app.cost import commands, jobs
from app.cost.budgets import jobs as budget_jobs
from app.cost.month import first_of, shifted
from app.series import store

WHO = "pm@house.test"
PAGES = ("", "bills/", "allocation/", "budgets/", "what-if/", "promises/")
API = "/api/v1/costs"
BILL = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,ServiceCategory\n"
)


@pytest.fixture
def pm(signed_in, now):
    return signed_in("product_manager")


@pytest.fixture
def month(now):
    return first_of(now.date())


@pytest.fixture
def line(control_session, month, now):
    row = commands.add_line(
        control_session, "Two servers", "hosting", "X", 30_000, shifted(month, -2), WHO, now
    )
    control_session.commit()
    return row


def test_every_page_is_right_while_nothing_is_there(pm) -> None:
    for page in PAGES:
        assert pm.get(f"/cost/{page}").status_code == 200, page
    for path in ("months", "lines", "drivers", "units", "bills", "rates", "rules", "runs", "budgets"):
        assert pm.get(f"{API}/{path}").status_code == 200, path
    for path in ("unusual", "savings", "quotas", "phases", "scenarios", "promises", "commitments", "imports"):
        assert pm.get(f"{API}/{path}").status_code == 200, path
    assert pm.get(f"{API}/units?month=9999-99").status_code == 422


def test_a_bill_comes_in_by_the_page_and_by_the_api(pm, month, control_session) -> None:
    period = f"USD,{month},{shifted(month, 1)},Usage,{month},{month + timedelta(days=1)},Café,Cloud,Compute\n"
    data = (BILL + "12.5,12.5," + period + "x,1," + period).encode()
    form = {"file": (io.BytesIO(data), "a.csv"), "dry_run": "1"}
    tried = pm.post("/cost/bills/", data=form).text
    assert "BilledCost is not an amount: x" in tried
    assert "No bill was taken in yet" in tried
    answer = pm.post(f"{API}/imports?name=a.csv", data=data)
    assert (answer.status_code, answer.json["added"], answer.json["refused"]) == (201, 1, 1)
    assert pm.post(f"{API}/imports?name=a.csv", data=data).status_code == 200
    assert pm.post("/cost/bills/", data={}).status_code == 422
    assert "There is no rate for USD" in pm.get("/cost/").text
    assert pm.get(f"{API}/months").json["months"][-1]["no_rate_for"] == ["USD"]
    rate = {"currency": "usd", "from_day": "2020-01-01", "rate": "0.5"}
    assert pm.post("/cost/bills/rates", data=rate).status_code == 303
    assert pm.get(f"{API}/months").json["months"][-1]["total_cents"] == 625
    assert "Café" in pm.get("/cost/allocation/").text or "Shared" in pm.get("/cost/allocation/").text
    assert pm.post("/cost/bills/rates", data={**rate, "rate": "-1"}).status_code == 422
    (bill,) = pm.get(f"{API}/bills").json["bills"]
    assert bill["billed"] == "12.5"
    assert pm.delete(f"{API}/bills/{bill['id']}").status_code == 204
    assert pm.post(
        f"{API}/rates", data="currency,from_day,rate\nGBP,2026-01-01,1.1", content_type="text/csv"
    ).json == {"saved": 1}


def test_a_rule_is_tried_saved_moved_and_run(pm, line, month) -> None:
    page = pm.get("/cost/allocation/").text
    assert "to the cent" in page
    rule = {"name": "All", "method": "even", "component": "host*", "version": "0"}
    tried = pm.post("/cost/allocation/rules/2", data={**rule, "preview": "1"}).text
    assert "€60.00" in tried
    assert pm.get(f"{API}/rules").json["version"] == 0
    assert pm.post("/cost/allocation/rules/6", data=rule).status_code == 303
    assert pm.post("/cost/allocation/rules/6", data=rule).status_code == 409
    assert pm.post("/cost/allocation/rules/0", data={**rule, "method": "x"}).status_code == 422
    assert pm.get("/cost/allocation/rules/99").status_code == 404
    for _up in range(5):
        version = pm.get(f"{API}/rules").json["version"]
        names = [one["name"] for one in pm.get(f"{API}/rules").json["rules"]]
        pm.post(f"/cost/allocation/rules/{names.index('All')}/move", data={"version": version, "act": "up"})
    first = pm.post(f"{API}/runs", json={})
    assert (first.status_code, first.json["even_cents"], first.json["conserved"]) == (201, 30_000, True)
    assert pm.get(f"{API}/runs/{first.json['id']}").json["reproduced"]
    rules = pm.get(f"{API}/rules").json
    assert pm.put(f"{API}/rules", json={**rules, "rules": []}).status_code == 200
    second = pm.post(f"{API}/runs", json={}).json
    assert second["shared_cents"] == 30_000
    compared = pm.get(f"{API}/runs/compare?before={first.json['id']}&after={second['id']}").json["targets"]
    assert sum(row["change"] for row in compared) == 0
    assert "What differs" in pm.get(f"/cost/allocation/?before={first.json['id']}&after={second['id']}").text
    assert pm.get(f"/cost/allocation/runs/{second['id']}").status_code == 200
    assert "key,name" in pm.get(f"{API}/runs/{second['id']}?format=csv").text


def test_a_budget_tells_its_owner_once_when_it_is_passed(
    pm, line, month, control_session, control_sources, control_config, now
) -> None:
    form = {"name": "Servers", "scope": "component", "member": "hosting", "period": "month"}
    form |= {"amount": "100.00", "triggers": "50, 80, 100", "on_forecast": "1", "owner": "pm@house.test"}
    form["language"] = "de"
    assert pm.get("/cost/budgets/new").status_code == 200
    assert pm.post("/cost/budgets/", data=form).status_code == 303
    assert pm.post("/cost/budgets/", data=form).status_code == 409
    assert pm.post("/cost/budgets/", data={**form, "amount": "x"}).status_code == 422
    (budget,) = pm.get(f"{API}/budgets").json["budgets"]
    assert budget["outlook"]["expected_cents"] == 30_000
    assert budget["outlook"]["breach"] is not None
    said = [budget_jobs.watch(control_session, now, control_sources) for _twice in range(2)]
    control_session.commit()
    assert said[1] == "0 triggers reached, 0 mails"
    mails = list(control_config.mail_dir.glob("cost-budget-*.eml"))
    (forecast,) = [mail.read_text() for mail in mails if "forecast" in mail.name]
    assert "Content-Language: de" in forecast
    assert "100,00" in forecast  # as Germans write it
    assert "Die Vorhersage" in forecast
    point = store.latest(control_session, "cost.budget_forecast", {"budget": "Servers"})
    assert point
    assert point.value == 3
    assert "Passed on" in pm.get("/cost/budgets/").text
    assert pm.get(f"/cost/budgets/{budget['id']}").status_code == 200
    changed = {**form, "amount": "1000.00", "revision": "1"}
    assert pm.post(f"/cost/budgets/{budget['id']}", data=changed).status_code == 303
    assert pm.post(f"/cost/budgets/{budget['id']}", data=changed).status_code == 409
    quota = {"name": "Orders", "driver": "orders", "period": "day", "most": "10"}
    assert pm.post("/cost/budgets/quotas", data=quota).status_code == 303
    assert pm.get(f"{API}/quotas").json["quotas"][0]["used"] is None
    assert pm.post("/cost/budgets/quotas", data={**quota, "most": "0"}).status_code == 422
    assert pm.delete(f"{API}/budgets/{budget['id']}").status_code == 204


def test_scenarios_are_tried_saved_and_set_beside_each_other(pm) -> None:
    assert "no data" in pm.get("/cost/what-if/").text
    form = {"users": "10000", "requests_per_user": "60", "orders_per_user": "0", "name": "Spring"}
    assert "1,000 to 10,000" in pm.get("/cost/what-if/", query_string={**form, "users": "5000"}).text
    assert pm.post("/cost/what-if/", data=form).status_code == 303
    assert pm.post("/cost/what-if/", data=form).status_code == 409
    assert "Spring" in pm.get("/cost/what-if/").text
    assert pm.get("/cost/what-if/?users=-1").status_code == 422
    row = {
        "name": "Hosting",
        "fixed_cents": "12.50",
        "step_size": "1000",
        "step_cents": "2",
        "unit_cents": "0.003",
    }
    row |= {"low": "90", "high": "120", "step_driver": "users", "unit_driver": "requests"}
    rows = {f"part_{name}": [value, "" if name == "name" else value] for name, value in row.items()}
    number = pm.get(f"{API}/scenarios").json["scenarios"][0]["id"]
    opened = pm.get(f"/cost/what-if/?scenario={number}").text
    assert 'name="revision" value="1"' in opened
    assert 'value="Payment fees"' in opened
    assert pm.post("/cost/what-if/", data={**form, **rows, "revision": "1"}).status_code == 303
    (made,) = pm.get(f"{API}/scenarios").json["scenarios"][0]["components"]
    assert (made["fixed_cents"], made["step_size"], made["unit_cents"]) == (1250, 1000, 0.3)
    assert (made["low"], made["high"], made["unit_driver"]) == (0.9, 1.2, "requests")
    assert pm.post("/cost/what-if/", data={**form, **rows, "part_low": ["x", ""]}).status_code == 422
    (scenario,) = pm.get(f"{API}/scenarios").json["scenarios"]
    assert scenario["outcome"]["users"] == 10_000
    tried = pm.post(
        f"{API}/whatif", json={"name": "x", "users": 0, "requests_per_user": 1, "orders_per_user": 1}
    )
    assert tried.json["per_user_cents"] is None
    assert pm.delete(f"{API}/scenarios/{scenario['id']}").status_code == 204


def test_a_promise_is_held_against_what_was_measured_and_closed(pm, month) -> None:
    form = {"name": "Backroom", "from_month": f"{month:%Y-%m}"}
    form |= {"investments": "Build 280000\nServers 50000\nTraining 30000"}
    form |= {"savings": "Incidents 200000\nTools 100000\nTime of people 150000"}
    assert pm.post("/cost/promises/", data=form).status_code == 303
    assert pm.post("/cost/promises/", data={**form, "name": "y", "savings": "x y"}).status_code == 422
    found = pm.get(f"{API}/promises").json
    (promise,) = found["promises"]
    for told in (promise["promised"], found["example"]["promised"]):
        assert (told["investment_cents"], told["savings_cents"], told["net_cents"]) == (
            36_000_000,
            45_000_000,
            9_000_000,
        )
        assert (told["roi"], round(told["payback_months"], 3)) == (0.25, 9.6)
    assert promise["kept"] is None
    saving = {"month": f"{month:%Y-%m}", "name": "Tools", "amount": "40000", "evidence": "invoices"}
    path = f"/cost/promises/{promise['id']}"
    assert pm.post(f"{path}/savings", data=saving).status_code == 303
    assert pm.post(f"{path}/savings", data={**saving, "name": "Luck"}).status_code == 422
    assert pm.get(f"{API}/promises").json["promises"][0]["kept"] is True
    assert "on course" in pm.get("/cost/promises/").text
    assert "Time of people 150000" in pm.get(path).text
    changed = {**form, "savings": "Incidents 200000.50\nTools 90000", "revision": "1"}
    assert pm.post(path, data={**changed, "savings": "Luck 1"}).status_code == 422  # tools are measured
    assert pm.post(path, data=changed).status_code == 303
    assert pm.post(path, data=changed).status_code == 409
    (promise,) = pm.get(f"{API}/promises").json["promises"]
    assert promise["savings"] == {"Incidents": 20_000_050, "Tools": 9_000_000}
    assert pm.post(f"{path}/close", data={"verdict": "kept"}).status_code == 303
    assert pm.post(f"{path}/savings", data=saving).status_code == 409
    assert pm.post(path, data={**changed, "revision": "3"}).status_code == 409


def test_a_metered_line_is_entered_on_the_page(pm, month, control_session, control_sources, now) -> None:
    form = {"name": "Fees", "component": "payments", "kind": "metered", "currency": "EUR", "driver": "orders"}
    form |= {"from_month": f"{month:%Y-%m}", "unit_price": "0.30", "percent": "2.9", "amount": ""}
    assert pm.post("/cost/lines", data=form).status_code == 303
    assert pm.post("/cost/lines", data={**form, "driver": "luck"}).status_code == 422
    assert pm.post("/cost/lines", data={**form, "driver": "requests"}).status_code == 422
    (line,) = pm.get(f"{API}/lines").json["lines"]
    assert (line["percent"], line["unit_price"]) == ("2.9", "0.30")
    assert 'value="2.9"' in pm.get(f"/cost/lines/{line['id']}").text
    jobs.drivers(control_session, now, control_sources)
    control_session.commit()
    assert pm.get(f"{API}/months").json["months"][-1]["total_cents"] == 0


def test_the_command_line_exports_divides_and_lists(line, control_app, capsys, tmp_path) -> None:
    assert cli.run(control_app, ["costs", "export"]) == 0
    assert "Two servers,X,hosting" in capsys.readouterr().out
    rules = tmp_path / "rules.json"
    rules.write_text('[{"name": "All", "method": "direct", "target": "cart"}]')
    assert cli.run(control_app, ["costs", "rules", str(rules)]) == 0
    assert cli.run(control_app, ["costs", "rules"]) == 0
    assert "cart" in capsys.readouterr().out
    assert cli.run(control_app, ["costs", "run", "--json"]) == 0
    assert '"direct": 30000' in capsys.readouterr().out
    assert cli.run(control_app, ["costs", "run", "--month", "1999-01"]) == 1
    assert cli.run(control_app, ["costs", "budgets"]) == 0
    rules.write_text("{")
    assert cli.run(control_app, ["costs", "rules", str(rules)]) == 1
