"""What the API takes and answers of reviews. Pure: shapes alone."""

from __future__ import annotations

from app.i18n import LOCALES
from app.openapi.shapes import (
    Named,
    day,
    day_of_ours,
    many,
    maybe,
    moment,
    number,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
)
from app.reports.period import KINDS
from app.reports.report import LONGEST_OWNER, LONGEST_TEXT, SECTIONS

PERIOD = text(
    "A week of ISO 8601, a month, a quarter or a year, of UTC.",
    least=4,
    most=8,
    pattern=r"^(20[0-9]{2}|2[1-9][0-9]{2}|[3-8][0-9]{3}|9000)(-W(0[1-9]|[1-4][0-9]|5[0-3])|-(0[1-9]|1[0-2])|-Q[1-4])?$",
    example="2026-W48",
)
KIND = one_of(*KINDS)
SECTION = one_of(*SECTIONS, about="A part of every review.")
LANGUAGE = one_of(*LOCALES, about="In which the mail is written.")
EMAIL = text(
    "A mail address; capitals do not tell addresses apart.",
    least=5,
    most=254,
    pattern=r"^[^\s\u0000-\u001f\u0085@,;<>\"]+@[^\s\u0000-\u001f\u0085@,;<>\"]+\.[^\s\u0000-\u001f\u0085@,;<>\".]+$",
    example="ada@example.org",
)

REPORT_HEAD = {
    "period": PERIOD,
    "kind": KIND,
    "from": day("Its first day."),
    "to": day("Its last day."),
    "made_at": moment("When its figures were computed."),
    "closed_at": maybe(moment("Null: it is open.")),
    "closed_by": maybe(text("An e-mail address, or token:name.")),
    "decision": text('What was decided; "": nothing yet.', example="Keep the new checkout."),
}
REPORT = Named("Report", thing(REPORT_HEAD, about="The review of a period."))

FIGURE = Named(
    "ReportFigure",
    thing(
        {
            "key": text("What is measured.", example="kpi"),
            "member": text('Of which objective, KPI or month; "" where there is one.', example="orders"),
            "unit": text("As in the glossary.", example="count"),
            "better": one_of("up", "down", "none", about="Which way is good."),
            "value": maybe(number("Null: no data; `reason` says why.", example=412)),
            "before": maybe(number("The same of the period before.", example=398)),
            "target": maybe(number("What is aimed at, in the same unit.", example=400)),
            "verdict": one_of("", "more", "within", about="Against chance: more than noise, or within it."),
            "reason": one_of("", "no data", "part", "no prices", "before", about="Why there is no value."),
            "currency": text("Of money that is not in the shop's own.", most=3, example="EUR"),
        }
    ),
)
SECTION_KEPT = thing(
    {
        "key": SECTION,
        "figures": many(FIGURE),
        "events": many(
            thing(
                {
                    "at": moment(),
                    "kind": text("As on the timeline.", example="deploy"),
                    "title": text(example="storefront 1.42"),
                    "url": text("Where more is told.", example="/timeline"),
                }
            )
        ),
    }
)
NOTE = thing(
    {
        "id": whole(least=1, example=7),
        "section": SECTION,
        "text": words(most=LONGEST_TEXT, example="A sale ended on Tuesday."),
        "who": text("An e-mail address, or token:name.", example="ada@example.org"),
        "at": moment(),
    }
)
ACTION = {
    "id": whole(least=1, example=3),
    "action": words(most=LONGEST_TEXT, example="Look at the checkout on small phones."),
    "owner": words("Who does it.", most=LONGEST_OWNER, example="Ada"),
    "due_on": maybe(day("Until when.")),
    "done_at": maybe(moment("Null: it is still to be done.")),
    "done_by": maybe(text("An e-mail address, or token:name.")),
}
REPORT_IN_FULL = thing(
    {
        **REPORT_HEAD,
        "sections": many(SECTION_KEPT, "Figures as they were computed then."),
        "now": many(
            thing(
                {
                    "key": text(example="kpi"),
                    "member": text(example="orders"),
                    "value": maybe(number("As it was computed then.", example=412)),
                    "now": maybe(number("What it comes to today.", example=413)),
                }
            ),
            "Figures that come to something else today: late events, refunds, corrected costs.",
        ),
        "notes": many(NOTE),
        "actions": many(thing(ACTION)),
    }
)
REPORTS = page_of(
    "reports", REPORT, {"missing": many(PERIOD, "Periods that are over and have no review yet.")}
)
ACTIONS = page_of("actions", thing({"period": PERIOD, **ACTION}))
MADE = thing({"id": whole(least=1, example=7)})

RECIPIENT = Named("ReviewRecipient", thing({"kind": KIND, "email": EMAIL, "language": LANGUAGE}))
RECIPIENTS = page_of("recipients", RECIPIENT)

DRAFT = thing({"period": PERIOD})
NOTE_DRAFT = thing({"section": SECTION, "text": NOTE["properties"]["text"]})
ACTION_DRAFT = thing(
    {"action": ACTION["action"], "owner": ACTION["owner"]}, {"due_on": maybe(day_of_ours("Until when."))}
)
DECISION = thing(
    {"decision": words("What was decided.", most=LONGEST_TEXT, example="Keep the new checkout.")}
)
RECIPIENT_DRAFT = thing({"kind": KIND, "email": EMAIL}, {"language": LANGUAGE})
