"""A report as a mail, with the figures in the text and in the HTML: nobody has to open anything to know."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from flask import render_template
from flask_babel import gettext as _

from app.mail import Mail
from app.slo.report import Line, Report
from app.ui import formats
from app.ui.letters import writing

TEMPLATES = Path(__file__).parent / "templates"
MOST_EVENTS = 20


def compose(made: Report, to: str, language: str, control_url: str) -> Mail:
    """The same mail, by name, for the same period and person: a mail program knows it when it comes twice."""
    address = hashlib.sha256(to.encode()).hexdigest()[:16]
    with writing(language, TEMPLATES):
        return Mail(
            name=f"slo-report-{made.period.name}-{address}",
            to=to,
            subject=_subject(made),
            text=text(made, control_url),
            html=render_template(
                "slo/mail/report.html",
                report=made,
                subject=_subject(made),
                verdict=verdict(made),
                url=_url(made, control_url),
                control_url=control_url.rstrip("/"),
                language=language,
                most_events=MOST_EVENTS,
            ),
            language=language,
        )


def verdict(made: Report) -> str:
    """The report in a sentence."""
    judged = made.met + made.missed
    if not judged:
        return str(_("No objective had any traffic."))
    if not made.missed:
        return str(_("All %(count)s objectives were kept.", count=judged))
    return str(_("%(missed)s of %(count)s objectives were missed.", missed=made.missed, count=judged))


def _subject(made: Report) -> str:
    return f"{title(made)}: {verdict(made)}"


def title(made: Report) -> str:
    if made.period.kind == "month":
        month = formats.axis_time(made.period.start, "LLLL y")
        return str(_("SLOs in %(month)s", month=month))
    return str(_("SLOs in week %(week)s", week=made.period.name))


def _url(made: Report, control_url: str) -> str:
    return f"{control_url.rstrip('/')}/slo/-/reports/{made.period.name}"


def text(made: Report, control_url: str) -> str:
    """For mails and terminals, in the language that is spoken."""
    return "\n".join(_paragraphs(made, control_url)) + "\n"


def _paragraphs(made: Report, control_url: str) -> Iterator[str]:
    yield title(made)
    yield verdict(made)
    yield ""
    for line in made.lines:
        yield from _lines(line)
    yield from _events(made)
    yield _("The whole report: %(url)s", url=_url(made, control_url))


def _lines(line: Line) -> Iterator[str]:
    yield f"{state_word(line)}: {line.subject.name}"
    if line.reached is None:
        yield "  " + _("no traffic, so nothing is known")
    else:
        yield "  " + _(
            "%(reached)s of %(objective)s reached, %(change)s to the period before",
            reached=formats.percent(line.reached, 3),
            objective=formats.percent(line.subject.objective, 3),
            change=formats.points(line.change, 3),
        )
        yield "  " + _(
            "%(bad)s bad of %(total)s; %(spent)s of what the period allows",
            bad=formats.number(round(line.now.counts.bad)),
            total=formats.number(round(line.now.counts.total)),
            spent=formats.percent(line.spent, 0),
        )
    yield ""


def state_word(line: Line) -> str:
    if line.is_met is None:
        return str(_("NO DATA"))
    return str(_("KEPT") if line.is_met else _("MISSED"))


def _events(made: Report) -> Iterator[str]:
    if not made.events:
        return
    yield _("What happened")
    for event in made.events[-MOST_EVENTS:]:
        yield f"  {formats.moment(event.at)}  {event.title}"
    if len(made.events) > MOST_EVENTS:
        yield "  " + _("and %(count)s more", count=len(made.events) - MOST_EVENTS)
    yield ""
