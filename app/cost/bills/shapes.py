"""What the API takes and answers of bills, rates and how all is told. Pure: shapes alone."""

from __future__ import annotations

from app.cost.bills.report import MOST_SHOWN
from app.cost.rates.rate import BASES, LONGEST_SOURCE
from app.cost.shapes import CURRENCY_TOLD, DAY, EXACT, ID
from app.openapi.shapes import (
    Named,
    Shape,
    day,
    either,
    many,
    moment,
    number,
    one_of,
    page_of,
    table,
    text,
    thing,
    whole,
    yes_or_no,
)

BASE_CURRENCY = one_of(*BASES, about="What everything is told in.")
BASIS = one_of("effective", "billed", about="effective: what is used up; billed: what is asked for.")
CURRENCY_WRITTEN = text(
    "As in ISO 4217, or a virtual one such as Token.",
    least=2,
    most=20,
    pattern=r"^[A-Za-z][A-Za-z0-9 _.-]{0,18}[A-Za-z0-9_.-]$",
    example="USD",
)
YES = one_of("1", "0")
_ROW = "12.50,12.50,USD,2026-01-01,2026-02-01,Usage,2026-01-02,2026-01-13,Nodes,Cloud,Compute"
_HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName,ServiceCategory"
)
FOCUS = text(
    "CSV as of FOCUS 1.0 to 1.2. Columns may stand in any order, and there may be more of them; as here:",
    pattern=rf"^{_HEADER}\n([1-9][0-9]{{0,3}}\.[0-9]{{2}},[1-9][0-9]{{0,3}}\.[0-9]{{2}},(USD|EUR),2026-01-01,"
    r"2026-02-01,Usage,2026-01-0[1-9],2026-01-1[0-9],[A-Za-z]{1,20},[A-Za-z]{1,20},Compute\n){1,9}$",
    example=f"{_HEADER}\n{_ROW}\n",
)
PACKED = (
    "application/gzip",
    "application/x-gzip",
    "application/x-xz",
    "application/octet-stream",
    "text/plain",
)
TAKING_IN: dict[str, Shape] = {
    "name": text("The file's name; a bill without a provider is known by it.", least=1, most=200),
    "provider": text("Where the file names none.", most=200),
    "currency": {**CURRENCY_WRITTEN, "description": "Where the file has no column of it."},
    "dry_run": YES,
    "add": {**YES, "description": "1: rows of the bills' former files stay."},
    "strict": {**YES, "description": "1: one wrong row refuses the file."},
}

_ROWS = whole(least=0, example=1_200)
IMPORT = Named(
    "BillImport",
    thing(
        {
            "rows": _ROWS,
            "refused": whole("Rows that cannot be used.", least=0, example=0),
            "reasons": many(
                thing({"line": whole(least=1), "why": text(example="BilledCost is not an amount: x")}),
                "The first of them.",
                most=MOST_SHOWN,
            ),
            "added": _ROWS,
            "unchanged": _ROWS,
            "gone": whole("Rows of the bills' former files that this one has no longer.", least=0, example=0),
            "bills": many(
                thing(
                    {
                        "provider": text(example="AWS"),
                        "account": text(example="1234"),
                        "from": day(),
                        "until": day("The day after the last."),
                        "gone": whole(least=0, example=0),
                        "gone_billed": EXACT,
                    }
                )
            ),
            "sums": table(
                thing(
                    {
                        "rows": _ROWS,
                        "billed": EXACT,
                        "effective": EXACT,
                        "list_cost": EXACT,
                        "contracted": EXACT,
                    }
                ),
                "By currency, exact.",
            ),
            "categories": table(_ROWS, "Rows by category.", example={"Usage": 1_200}),
            "unknown_columns": many(text(), "Columns that were left aside."),
            "stray_lines": whole("Lines that are not in UTF-8.", least=0, example=0),
            "without_currency": text("What was said to be the currency.", most=20, example=""),
            "asked": thing(
                {"adds": yes_or_no(), "provider": text(example=""), "currency": text(example="")},
                about="How the file was to be taken.",
            ),
            "is_known": yes_or_no("The very same content was taken in before."),
            "is_dry_run": yes_or_no("Nothing was changed."),
        },
        about="What became of the rows of a file.",
    ),
)
IMPORTS = page_of(
    "imports",
    thing(
        {
            "id": ID,
            "name": text("Of the file.", example="2026-01.csv.gz"),
            "at": moment(),
            "by": text(example="ada@example.org"),
            "report": IMPORT,
        }
    ),
)
BILL = Named(
    "Bill",
    thing(
        {
            "id": ID,
            "provider": text("Or the name of the file.", example="AWS"),
            "account": text(example="1234"),
            "from": day(),
            "until": day("The day after the last."),
            "currency": CURRENCY_TOLD,
            "rows": _ROWS,
            "billed": EXACT,
            "effective": EXACT,
            "credits": EXACT,
            "corrections": whole("Rows that correct earlier bills.", least=0, example=0),
            "file": text("That it came in.", example="2026-01.csv.gz"),
            "imported_at": moment(),
        },
        about="A bill in one of its currencies.",
    ),
)
BILLS = page_of("bills", BILL)
COMMITMENTS = page_of(
    "commitments",
    thing(
        {
            "id": text(example="savings-plan-1"),
            "currency": CURRENCY_TOLD,
            "paid": EXACT,
            "used": EXACT,
            "unused": EXACT,
            "left": {**EXACT, "description": "0: its term is settled."},
            "settled": yes_or_no(),
            "until": moment("The end of its term."),
        }
    ),
)

RATE = thing(
    {
        "currency": CURRENCY_TOLD,
        "base": BASE_CURRENCY,
        "from_day": DAY,
        "rate": {**EXACT, "description": "Units of the base currency for one."},
        "source": text(example="ECB"),
    }
)
RATES = page_of("rates", RATE, {"base": BASE_CURRENCY})
RATE_DRAFT = thing(
    {
        "currency": CURRENCY_WRITTEN,
        "from_day": DAY,
        "rate": either(
            text(
                most=20,
                pattern=r"^([1-9][0-9]{0,8}(\.[0-9]{1,9})?|0\.[0-9]{0,5}[1-9][0-9]{0,5})$",
                example="0.92",
            ),
            number(least=0.000001, most=10**9, example=0.92),
            about="Units of the base currency for one.",
        ),
    },
    {"source": text(most=LONGEST_SOURCE, example="ECB")},
)
RATE_TABLE = text(
    "A table with the columns currency, from_day, rate and perhaps source, in any order; as here:",
    pattern=r"^currency,from_day,rate\n((USD|GBP|CHF|SEK|PLN),20[0-9]{2}-0[1-9]-(0[1-9]|1[0-9]|2[0-8]),"
    r"[1-9][0-9]{0,3}(\.[0-9]{1,4})?\n){0,20}$",
    example="currency,from_day,rate\nUSD,2026-01-28,1.08\n",
)
SAVED = thing({"saved": whole("How many rates.", least=0, example=1)})
SETTINGS = thing({"base_currency": BASE_CURRENCY, "basis": BASIS})
