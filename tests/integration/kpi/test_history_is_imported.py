"""Orders of files: what counts, what is refused and why, and that the same again changes nothing."""

from __future__ import annotations

import csv
import json
import lzma
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app import cli
from app.audit.models import AuditEntry
from app.errors import Refused
from app.kpi import jobs, order_import, reading
from app.kpi.import_report import Report
from app.kpi.models import KpiOrder
from app.kpi.order_import import Wish
from local.machine import ROOT

WANTED = ("orders", "gross-sales", "net-sales", "refund-rate", "aov", "customers", "returning-customer-rate")
REAL = ROOT.parent / "shared" / "data" / "orders"
HEADER = "Invoice,InvoiceDate,Quantity,Price,Customer ID,Country,Category\n"
SMALL = HEADER + (
    "1,2011-01-05 10:00:00,2,1.255,7,United Kingdom,Mugs\n"
    "1,2011-01-05 10:00:00,1,10,7,United Kingdom,Plates\n"
    "2,2011-02-28 23:30:00,1,20,,France,Mugs\n"
    "3,2011-03-01 00:10:00,3,5,7,United Kingdom,Mugs\n"
    "C3,2011-03-02 09:00:00,-1,5,7,United Kingdom,Mugs\n"
    "A9,2011-03-02 09:00:00,1,99,,United Kingdom,\n"
    "4,2011-03-02 09:00:00,5,0,8,United Kingdom,Mugs\n"
)


@pytest.fixture
def take(control_session, tmp_path: Path, now: datetime) -> Callable[..., Report]:
    """`take("…csv…")` → the report, committed."""

    def run(content: str | bytes, name: str = "orders.csv", **wish: object) -> Report:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        wished = Wish(**{"chosen": {}, "zone": "Europe/London", "currency": "GBP", **wish})
        report = order_import.import_orders(control_session, path, wished, "pm@house.test", now)
        control_session.commit()
        return report

    return run


@pytest.fixture
def month(control_session) -> Callable[..., float | None]:
    """`month("orders", 2011, 1)` → the figure in London."""

    def read(kpi: str, year: int, number: int, zone: str = "Europe/London", **more: object) -> float | None:
        first = date(year, number, 1)
        found = reading.read(control_session, kpi, first, first, zone, "month", **more)
        return found.members[0].buckets[0].value if found.members else None

    return read


def test_a_file_becomes_figures_of_its_months(take, compute, month) -> None:
    report = take(SMALL)
    compute()
    assert dict(report.kinds) == {"sale": 4, "cancel": 1, "adjust": 1, "other": 1}
    assert month("gross-sales", 2011, 1) == 1_251  # 2 × 1.255 + 10: exact, and rounded once
    assert (month("orders", 2011, 2), month("orders", 2011, 3)) == (1, 1)
    assert month("net-sales", 2011, 3) == 1_000
    assert month("refund-rate", 2011, 3) == pytest.approx(1 / 3)
    assert (month("customers", 2011, 2), month("customers", 2011, 3)) == (0, 1)
    assert month("returning-customer-rate", 2011, 1) == 0
    assert month("returning-customer-rate", 2011, 3) == 1
    assert month("returning-customer-rate", 2011, 2) is None  # nobody to divide by


def test_groups_add_up_to_the_whole(take, compute, control_session) -> None:
    take(SMALL)
    compute()
    span = (date(2011, 1, 1), date(2011, 3, 31), "Europe/London")
    whole = reading.read(control_session, "gross-sales", *span).members[0].total.value
    for by in ("country", "category", "customer"):
        slices = reading.breakdown(control_session, "gross-sales", *span, by)
        assert sum(one.total.value for one in slices) == whole
    both = reading.read(control_session, "gross-sales", *span, "month", "category", {"country": "France"})
    assert [(one.name, one.total.value) for one in both.members] == [("Mugs", 2_000)]


def test_the_same_again_changes_nothing_and_a_correction_replaces(take, compute, month) -> None:
    assert take(SMALL).changed["orders"] == 3
    compute()
    assert sum(take(SMALL).changed.values()) == 0
    corrected = take(HEADER + "2,2011-02-28 23:30:00,1,30,,France,Mugs\n")
    assert corrected.changed["orders"] == 1
    compute()
    assert month("gross-sales", 2011, 2) == 3_000


def test_an_order_that_moves_to_another_day_leaves_the_old_one(take, compute, month) -> None:
    take(SMALL + "0,2010-12-05 10:00:00,1,1,,Spain,\n")
    compute()
    take(HEADER + "1,2011-02-05 10:00:00,1,10,7,United Kingdom,Plates\n")
    compute()
    assert month("orders", 2011, 1) == 0
    assert month("gross-sales", 2011, 2) == 3_000
    assert month("returning-customer-rate", 2011, 2) == 0


def test_a_dry_run_says_what_would_happen_and_writes_nothing(take, control_session) -> None:
    assert take(SMALL, is_dry=True).rows == 7
    assert control_session.scalars(select(KpiOrder)).all() == []


GOOD = "9,2011-01-05 10:00:00,1,10,7,Spain,Mugs\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,2011-01-05,=1+1,10,7,Spain,Mugs\n", "quantity is not a number"),
        ("1,2011-01-05,1,1e5,7,Spain,Mugs\n", "price is not a number"),
        ("1,9999-12-31 10:00:00,1,10,7,Spain,Mugs\n", "not a time of the past"),
        ("1,2011-03-27 01:30:00,1,10,7,Spain,Mugs\n", "never showed"),
        ("1,31.12.2011,1,10,7,Spain,Mugs\n", "not a date"),
        (",2011-01-05,1,10,7,Spain,Mugs\n", "no order number"),
        ("1,2011-01-05,1,10,7\n", "5 cells, not 7"),
        ("1,2011-01-05,1,10,\0,Spain,Mugs\n", "NUL"),
        ("1,2011-01-05,1,10,7,Sp\x1fain,Mugs\n", "control characters"),
        ("1,2011-01-05,1,10,7,Spain,Mu\x85gs\n", "control characters"),
        (f"1,2011-01-05,1,10,{'7' * 201},Spain,Mugs\n", "longer than 200"),
        ("1,2011-01-05,1,10,7,Spain," + "x" * 1_100_000 + "\n", "longer than a line"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_taken(take, row: str, reason: str) -> None:
    report = take(HEADER + row + GOOD)
    assert (report.refused, report.changed["orders"]) == (1, 1)
    line, why = report.reasons[0]
    assert line == 2
    assert reason in why


def test_a_half_bad_file_names_its_first_hundred_rows(take) -> None:
    rows = "".join(f"{n},2011-01-05,{'x' if n % 2 else 1},10,7,Spain,Mugs\n" for n in range(600))
    report = take(HEADER + rows)
    assert (report.refused, len(report.reasons), report.changed["orders"]) == (300, 100, 300)


def test_encodings_may_be_mixed_and_marked(take, control_session) -> None:
    row = "1,2011-01-05 10:00:00,1,10,7,España,Mugs\n"
    other = row.replace("1,", "2,", 1).encode("cp1252")
    report = take("\ufeff".encode() + HEADER.encode() + row.encode() + other)
    assert (report.refused, report.other_encoding) == (0, 1)
    assert set(control_session.scalars(select(KpiOrder.country))) == {"España"}


def test_negative_prices_and_quantities_count_nowhere(take) -> None:
    report = take(HEADER + GOOD + "8,2011-01-05,1,-5,7,Spain,\n7,2011-01-05,-3,5,7,Spain,\n")
    assert (report.kinds["other"], report.changed["orders"]) == (2, 1)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (",".join(f"c{n}" for n in range(1_000_000)).encode() + b"\n", "wide.csv", "columns"),
        (lzma.compress(SMALL.encode() * 50)[:-40], "cut.csv.xz", "damaged or cut off"),
        (HEADER.encode() + b'1,"2011' + b"x\n" * 200_000, "open.csv", "quotation mark"),
        (b"a,b\n1,2\n", "other.csv", "not clear"),
        (b"", "empty.csv", "not clear"),
        (HEADER.encode("utf-16"), "wide.csv", "UTF-16"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(take, control_session, content, name, words) -> None:
    with pytest.raises(Refused, match=words):
        take(content, name)
    control_session.rollback()
    assert control_session.scalars(select(KpiOrder)).all() == []


def test_columns_are_chosen_where_their_names_are_unusual(take, compute, month) -> None:
    rows = "Nr,When,N,Each\n5,05/02/2011 10:00,1,10\n"
    chosen = {"order_id": "nr", "at": "when", "quantity": "n", "price": "each"}
    take(rows, chosen=chosen, date_format="%d/%m/%Y %H:%M")
    compute()
    assert month("orders", 2011, 2) == 1
    with pytest.raises(Refused) as refused:
        take(rows, chosen={**chosen, "price": "cost"})
    assert set(refused.value.fields) == {"price"}


def test_money_of_two_currencies_is_never_added_up(take, compute, control_session, month) -> None:
    head = "order_id,date,quantity,price,currency,customer\n"
    report = take(
        head + "1,2011-01-05,1,10,GBP,7\n2,2011-01-06,1,30,EUR,8\n3,2011-01-06,1,1,XXX,8\n"
        "4,2011-01-06,1,1,EUR,8\n4,2011-01-06,1,1,GBP,8\n"
    )
    compute()
    assert [why for _, why in report.reasons] == [
        "The currency XXX is not known.",
        *["Its order has lines in another currency."] * 2,
    ]
    first = date(2011, 1, 1)
    found = reading.read(control_session, "gross-sales", first, first, "Europe/London", "month")
    assert (found.currency, found.other_currencies) == ("EUR", ["GBP"])
    assert found.members[0].buckets[0].value == 3_000
    assert month("gross-sales", 2011, 1, currency="GBP") == 1_000
    assert month("aov", 2011, 1, currency="GBP") == 1_000
    assert month("orders", 2011, 1) == 2


def test_an_erased_customer_leaves_every_count(take, compute, month, control_session, now) -> None:
    take(SMALL)
    compute()
    before = (month("returning-customer-rate", 2011, 3), month("customers", 2011, 1))
    assert order_import.erase(control_session, "7", "erased-1", "pm@house.test", now) == 2
    control_session.execute(text("UPDATE kpi_zones SET computed_at = NULL"))
    control_session.commit()
    compute()
    assert (month("returning-customer-rate", 2011, 3), month("customers", 2011, 1)) == before
    assert "7" not in set(control_session.scalars(select(KpiOrder.customer)))


def test_the_command_reports_and_is_audited(control_app, control_session, tmp_path, capsys) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(SMALL + "x,yesterday,1,1,,,\n")
    arguments = ["orders", "import", str(file), "--zone", "Europe/London", "--currency", "GBP", "--json"]
    assert cli.run(control_app, arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sale_lines"], told["refused"], told["reasons"][0]["line"]) == (4, 1, 9)
    assert control_session.scalars(select(AuditEntry).where(AuditEntry.action == "orders.import")).one()
    assert cli.run(control_app, ["orders", "export"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert cli.run(control_app, ["orders", "import", str(file), "--zone", "Moon"]) == 1
    assert cli.run(control_app, ["orders", "import", str(tmp_path / "none.csv")]) == 1


def test_formulas_are_disarmed_on_the_way_out(take, control_app, capsys) -> None:
    take(HEADER + '5,2011-01-05,1,10,"=cmd()",Spain,Mugs\n')
    assert cli.run(control_app, ["orders", "export"]) == 0
    assert ",'=cmd()," in capsys.readouterr().out


class Counted:
    """The file of real orders, read and added up here, by nothing of the program."""

    def __init__(self, path: Path) -> None:
        self.orders: dict[str, set[str]] = defaultdict(set)
        self.gross: dict[str, Decimal] = defaultdict(Decimal)
        self.refunds: dict[str, Decimal] = defaultdict(Decimal)
        self.active: dict[str, set[str]] = defaultdict(set)
        self.first: dict[str, str] = {}  # customer → month of the first order
        self.spent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)  # by customer and month
        with lzma.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                self._add(row)
        self.months = sorted(self.orders)

    def _add(self, row: dict[str, str]) -> None:
        month, customer = row["invoice_date"][:7], row["customer_id"]
        quantity, price = int(row["quantity"]), Decimal(row["unit_price"])
        cents = quantity * price * 100
        if row["invoice"].startswith("C"):
            self.refunds[month] -= cents
        elif row["invoice"].startswith("A") or quantity <= 0 or price <= 0:
            return
        else:
            self.orders[month].add(row["invoice"])
            self.gross[month] += cents
            if customer:
                self.active[month].add(customer)
                self.first[customer] = min(self.first.get(customer, month), month)
        if customer:
            self.spent[customer, month] += cents

    def new(self, month: str) -> int:
        return sum(self.first[customer] == month for customer in self.active[month])

    def cohort(self, month: str) -> tuple[list[int], list[float]]:
        """How many of it ordered in each month since, and what each had brought in by then, in cents."""
        people = {customer for customer, first in self.first.items() if first == month}
        since = self.months[self.months.index(month) :]
        active = [len(people & self.active[at]) for at in since]
        net = [sum(self.spent.get((customer, at), Decimal(0)) for customer in people) for at in since]
        return active, [float(brought / len(people)) for brought in accumulate(net)]


@pytest.mark.no_cover
@pytest.mark.skipif(not REAL.exists(), reason="the real orders are not laid beside this checkout")
def test_two_real_years_come_out_to_the_cent(
    signed_in, control_app, control_session, control_sources, now, capsys
) -> None:
    """Import, job, API: every figure that is known of these orders."""
    expected = json.loads((REAL / "expected_some.json").read_text())
    file = str(REAL / "online_retail_ii.csv.xz")
    asked = ["orders", "import", file, "--zone", "Europe/London", "--currency", "GBP", "--json"]
    assert cli.run(control_app, asked) == 0
    told = json.loads(capsys.readouterr().out)
    for name in ("sale_lines", "cancel_lines", "adjust_lines"):
        assert told[name] == expected["rows"][name]
    assert (told["rows"], told["refused"]) == (expected["rows"]["lines"], 0)
    jobs.daily(control_session, now, control_sources)
    control_session.commit()

    client = signed_in("viewer")
    span = "from=2009-12-01&to=2011-12-09&zone=Europe/London"

    def values(kpi: str, grain: str = "month") -> dict[str, dict]:
        found = client.get(f"/api/v1/kpi/{kpi}?{span}&grain={grain}").json
        assert found["currency"] in (None, "GBP")
        return {one["start"][:7]: one for one in found["values"]} | {"total": found["total"]}

    got = {kpi: values(kpi) for kpi in WANTED}
    for at, figures in {**expected["monthly"], "total": expected["total"]}.items():
        assert got["orders"][at]["value"] == figures["orders"]
        assert got["gross-sales"][at]["value"] == round(figures["gross_revenue"] * 100)
        assert got["net-sales"][at]["value"] == round(figures["net_revenue"] * 100)
        assert round(got["refund-rate"][at]["numerator"]) == round(figures["refunds"] * 100)
        assert got["aov"][at]["value"] / 100 == pytest.approx(figures["aov_gross"], abs=5e-5)
        if at != "total":
            assert got["customers"][at]["value"] == figures["active_customers"]
            rate = got["returning-customer-rate"][at]["value"]
            assert rate == pytest.approx(figures["returning_customer_rate"], abs=5e-7)
    assert got["orders"]["2011-12"]["partial"] is True
    cohorts = {one["month"]: one for one in client.get(f"/api/v1/kpi/cohorts?{span}").json["cohorts"]}
    assert sum(one["size"] for one in cohorts.values()) == expected["total"]["customers"]
    for at, figures in expected["cohorts"].items():
        assert cohorts[at]["size"] == figures["size"]
        assert [month["active"] for month in cohorts[at]["months"]] == figures["active_by_offset"]
        assert cohorts[at]["months"][-1]["partial"] is True

    counted = Counted(REAL / "online_retail_ii.csv.xz")
    assert len(counted.months) == 25
    for at in counted.months:
        assert got["orders"][at]["value"] == len(counted.orders[at])
        assert got["gross-sales"][at]["value"] == pytest.approx(float(counted.gross[at]), abs=0.5001)
        net = float(counted.gross[at] - counted.refunds[at])
        assert got["net-sales"][at]["value"] == pytest.approx(net, abs=0.5001)
        assert got["refund-rate"][at]["numerator"] == pytest.approx(float(counted.refunds[at]), abs=0.01)
        assert got["customers"][at]["value"] == len(counted.active[at])
        returning = got["returning-customer-rate"][at]
        assert returning["denominator"] - returning["numerator"] == counted.new(at)
    assert sorted(cohorts) == [at for at in counted.months if counted.new(at)]
    worth = {one["month"]: one for one in client.get(f"/api/v1/kpi/ltv?{span}").json["cohorts"]}
    for at, cohort in cohorts.items():
        active, ltv_cents = counted.cohort(at)
        assert [month["active"] for month in cohort["months"]] == active
        assert worth[at]["ltv_cents"] == pytest.approx(ltv_cents, abs=0.01)
