"""Bills of providers come in by file: exact, once, corrected, and told about row by row."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import cli
from app.cost.bills import commands, queries
from app.cost.bills.commands import Wishes
from app.cost.bills.models import CostBillDay, CostCharge, CostImport
from app.cost.bills.report import Report
from app.errors import Refused
from local.machine import ROOT

FOCUS = ROOT.parent / "shared" / "data" / "focus"
SAMPLE = FOCUS / "focus_1.0_sample_1000.csv"
WHO = "pm@house.test"
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,ChargeClass,CommitmentDiscountId,"
    "CommitmentDiscountStatus,Id\n"
)
PERIOD = "EUR,2026-01-01,2026-02-01"


def row(billed: str, effective: str, more: str = "Usage,2026-01-05,2026-01-06,Servers,Cloud,,,,1") -> str:
    return f"{billed},{effective},{PERIOD},{more}\n"


@pytest.fixture
def take_in(control_session, now) -> Callable[..., Report]:
    def bytes_(data: bytes, name: str = "january.csv", **wishes) -> Report:
        report = commands.take_in(control_session, name, io.BytesIO(data), Wishes(**wishes), WHO, now)
        control_session.commit()
        return report

    return bytes_


def total(session, column=CostCharge.billed) -> Decimal:
    return session.scalar(select(func.coalesce(func.sum(column), 0)))


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of real bills is not beside the checkout")
def test_a_real_bill_is_exact_in_every_digit(take_in, control_session) -> None:
    with SAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    report = take_in(SAMPLE.read_bytes(), SAMPLE.name)
    assert (report.rows, report.added, report.refused) == (1_000, 1_000, 0)
    assert report.categories == {"Usage": 997, "Adjustment": 2, "Credit": 1}
    assert "Id" in report.unknown_columns
    for column, name in (
        (CostCharge.billed, "BilledCost"),
        (CostCharge.effective, "EffectiveCost"),
        (CostCharge.list_cost, "ListCost"),
        (CostCharge.contracted, "ContractedCost"),
    ):
        exact = sum((Decimal(cells[name]) for cells in rows if cells[name] != "NULL"), Decimal())
        assert total(control_session, column) == exact
    sums = report.sums["USD"]
    assert float(sums.billed) == pytest.approx(20.520226728990, abs=1e-9)
    assert float(sums.effective) == pytest.approx(14.976514185860, abs=1e-9)
    assert total(control_session, CostBillDay.billed) == sums.billed
    assert total(control_session, CostBillDay.effective) == sums.effective


def test_the_same_file_twice_changes_nothing_however_packed(take_in, control_session) -> None:
    plain = (HEAD + row("1.5", "1") + row("1.5", "1") + row("-0.25", "-0.25")).encode()
    assert take_in(plain).added == 3
    for again in (plain, gzip.compress(plain), lzma.compress(plain)):
        report = take_in(again)
        assert report.is_known
        assert (report.added, report.unchanged, report.gone) == (0, 3, 0)
    assert total(control_session) == Decimal("2.75")
    assert len(control_session.scalars(select(CostImport)).all()) == 1


def test_a_corrected_file_takes_the_place_of_the_former(take_in, control_session) -> None:
    take_in((HEAD + row("1", "1") + row("2", "2")).encode())
    report = take_in((HEAD + row("2", "2") + row("3", "3")).encode(), "again.csv")
    assert (report.added, report.unchanged, report.gone) == (1, 1, 1)
    assert total(control_session) == total(control_session, CostBillDay.effective) == 5


def test_a_bill_in_parts_is_added_up_and_a_trial_says_what_would_go(take_in, control_session) -> None:
    first, second = ((HEAD + row(one, one)).encode() for one in ("1", "2"))
    take_in(first)
    (bill,) = take_in(second, dry_run=True).bills
    assert (bill["gone"], Decimal(bill["gone_billed"])) == (1, 1)
    take_in(second, adds=True)
    assert total(control_session) == 3
    assert take_in(second, adds=True).is_known
    assert take_in(second).gone == 1
    assert total(control_session) == 2


def test_a_former_file_takes_its_place_again(take_in, control_session) -> None:
    first, second = ((HEAD + row(one, one)).encode() for one in ("1", "2"))
    for data in (first, second, first):
        assert take_in(data).added == 1
    assert total(control_session) == 1


FEBRUARY = row("10", "10").replace("2026-01-01,2026-02-01", "2026-02-01,2026-03-01")


def test_a_file_is_read_again_where_one_of_its_bills_was_corrected_or_removed_since(
    take_in, control_session, now
) -> None:
    both = (HEAD + row("1", "1") + FEBRUARY).encode()
    take_in(both)
    take_in((HEAD + row("2", "2")).encode(), "correction.csv")
    assert total(control_session) == 12
    report = take_in(both)
    assert (report.is_known, report.added, report.unchanged, report.gone) == (True, 1, 1, 1)
    assert total(control_session) == total(control_session, CostBillDay.effective) == 11
    bill = next(one for one in queries.bills(control_session) if one.billed == 10)
    commands.remove_bill(control_session, bill.id, WHO, now)
    control_session.commit()
    assert take_in(both).added == 1
    assert total(control_session) == total(control_session, CostBillDay.effective) == 11
    assert (take_in(both).added, total(control_session)) == (0, 11)


def test_a_file_is_read_again_where_it_is_to_be_taken_in_another_way(take_in, control_session) -> None:
    data = (HEAD + row("1", "1") + row("one", "1")).encode()
    take_in(data)
    with pytest.raises(Refused):
        take_in(data, strict=True)
    control_session.rollback()
    take_in((HEAD + row("2", "2")).encode(), adds=True)
    assert take_in(data, adds=True).gone == 0
    assert total(control_session) == 3
    assert take_in(data).gone == 1
    assert total(control_session) == 1


def test_a_currency_is_never_assumed(take_in, control_session) -> None:
    bare = (HEAD + row("1", "1")).replace("BillingCurrency,", "").replace("EUR,", "").encode()
    with pytest.raises(Refused) as refused:
        take_in(bare)
    assert "currency" in refused.value.fields
    control_session.rollback()
    assert take_in(bare, currency="usd").without_currency == "USD"
    assert control_session.scalars(select(CostCharge.currency)).all() == ["USD"]


def test_a_dry_run_tells_all_and_changes_nothing(take_in, control_session) -> None:
    report = take_in((HEAD + row("1", "1")).encode(), dry_run=True)
    assert report.added == 1
    assert control_session.scalars(select(CostCharge)).all() == []


def test_wrong_rows_are_refused_and_told_and_the_others_taken(take_in, control_session) -> None:
    data = b"\xef\xbb\xbf" + (HEAD + row("1", "1") + row("one", "1") + "1,2\n" + row("2", "2")).encode()
    data += row("4", "4", "Usage,2026-01-05,2026-01-06,Caf\xe9,Cloud,,,,=2+2").encode("cp1252")
    report = take_in(data)
    assert [line for line, _ in report.reasons] == [3, 4]
    assert report.stray_lines == 1
    assert total(control_session) == 7
    with pytest.raises(Refused):
        take_in(data, strict=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD.encode(),
        b"a,b\n1,2\n",
        b",".join(b"c%d" % n for n in range(10**6)),
        gzip.compress(HEAD.encode() * 500)[:200],
        lzma.compress(HEAD.encode() * 500)[:-20],
        b'"' + b"x" * (2 * 1024 * 1024),
    ],
    ids=["empty", "header alone", "another kind", "a million columns", "cut gz", "cut xz", "endless line"],
)
def test_a_file_that_cannot_be_used_changes_nothing(take_in, control_session, data: bytes) -> None:
    take_in((HEAD + row("1", "1")).encode())
    with pytest.raises(Refused):
        take_in(data)
    control_session.rollback()
    assert total(control_session) == 1


def test_a_year_paid_at_once_is_used_up_day_by_day_in_every_digit(take_in, control_session) -> None:
    year = "Purchase,2026-01-01,2027-01-01,Support,Cloud,,,,1"
    take_in((HEAD + row("1000", "1000", year)).encode())
    days = control_session.scalars(select(CostBillDay).order_by(CostBillDay.day)).all()
    assert len(days) == 365
    assert sum(day.effective for day in days) == 1000
    assert [day.day.isoformat() for day in days if day.billed] == ["2026-01-01"]


def test_a_commitment_is_settled_when_all_of_it_is_used_up_or_idle(take_in, control_session) -> None:
    bought = row("3", "0", "Purchase,2026-01-01,2026-01-04,Servers,Cloud,,c-1,,1")
    used = row("0", "1", "Usage,2026-01-01,2026-01-02,Servers,Cloud,,c-1,Used,1")
    take_in((HEAD + bought + used + used).encode())
    assert [(found.paid, found.used, found.left) for found in queries.commitments(control_session)] == [
        (3, 2, 1)
    ]
    idle = row("0", "1", "Usage,2026-01-03,2026-01-04,Servers,Cloud,,c-1,Unused,1")
    take_in((HEAD + bought + used + used + idle).encode())
    (found,) = queries.commitments(control_session)
    assert (found.unused, found.is_settled) == (1, True)


EXAMPLES = FOCUS / "spec_examples"
SETTLED = [
    "saas_examples/spend_agreements/saas_spend_agreements_a1.csv",
    "saas_examples/spend_agreements/saas_spend_agreements_b1.csv",
    "commitment_discount_flexibility/"
    "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources.csv",
    "commitment_discount_flexibility/zero_percent_utilization_without_commitment_discount_flexibility.csv",
]


@pytest.mark.skipif(
    not EXAMPLES.exists(), reason="the examples of the specification are not beside the checkout"
)
def test_every_example_of_the_specification_is_read_and_whole_terms_are_settled(
    take_in, control_session
) -> None:
    for path in sorted(EXAMPLES.rglob("*.csv")):
        report = take_in(path.read_bytes(), path.name, dry_run=True, currency="USD")
        assert (report.refused, report.added) == (0, report.rows), path.name
        (sums,) = report.sums.values()
        if str(path.relative_to(EXAMPLES)) in SETTLED:
            assert sums.billed == sums.effective, path.name


def test_the_command_line_takes_in_a_bill_and_says_what_it_did(control_app, capsys, tmp_path: Path) -> None:
    file = tmp_path / "january.csv"
    file.write_text(HEAD + row("1", "1") + row("x", "1"))
    assert cli.run(control_app, ["costs", "import", str(file)]) == 0
    told = capsys.readouterr()
    assert "1 rows added, 0 unchanged, 0 gone, 1 refused" in told.out
    assert "line 3 refused: BilledCost is not an amount: x" in told.err
    assert cli.run(control_app, ["costs", "bills"]) == 0
    assert "Cloud" in capsys.readouterr().out
    assert cli.run(control_app, ["costs", "import", str(tmp_path / "none.csv")]) == 1
