"""A review as a mail, with the figures in the text and in the HTML: nobody has to open anything to know."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from flask import render_template
from flask_babel import gettext as _

from app.mail import Mail
from app.reports import words
from app.reports.queries import Report
from app.reports.report import Figure
from app.ui import formats
from app.ui.letters import writing

TEMPLATES = Path(__file__).parent / "templates"


def compose(made: Report, to: str, language: str, control_url: str) -> Mail:
    """The same mail, by name, for the same period and person: a mail program knows it when it comes twice."""
    address = hashlib.sha256(to.encode()).hexdigest()[:16]
    url = f"{control_url.rstrip('/')}/reports/{made.period.name}"
    with writing(language, TEMPLATES):
        subject = (
            f"{words.KINDS[made.period.kind]}, {words.title(made.period)}: {words.verdict(made.sections)}"
        )
        return Mail(
            name=f"report-{made.period.name}-{address}",
            to=to,
            subject=subject,
            text=text(made, url),
            html=render_template(
                "reports/mail/report.html",
                report=made,
                subject=subject,
                url=url,
                words=words,
                language=language,
            ),
            language=language,
        )


def text(made: Report, url: str) -> str:
    """For mails and terminals, in the language that is spoken."""
    return "\n".join(_paragraphs(made, url)) + "\n"


def _paragraphs(made: Report, url: str) -> Iterator[str]:
    yield f"{words.KINDS[made.period.kind]}: {words.title(made.period)}"
    yield f"{formats.day(made.period.first)} – {formats.day(made.period.last)}, UTC"
    yield words.verdict(made.sections)
    for section in made.sections:
        yield ""
        yield str(words.SECTIONS[section.key]).upper()
        yield from (line(figure) for figure in section.figures)
        yield from (f"  „{note.text}“ – {note.who}" for note in made.notes_of(section.key))
    if made.row.decision:
        yield from ("", str(_("DECIDED")), made.row.decision)
    yield ""
    yield _("The whole review: %(url)s", url=url)


def line(figure: Figure) -> str:
    """Orders: 1,204 (before 1,100, +9.5%, more than noise)"""
    if figure.value is None:
        return f"- {words.name(figure)}: {words.shown(figure, None)} ({words.REASONS[figure.reason]})"
    parts = []
    if figure.before is not None:
        parts.append(str(_("before: %(value)s", value=words.shown(figure, figure.before))))
    if figure.target is not None:
        parts.append(str(_("target: %(value)s", value=words.shown(figure, figure.target))))
    parts += [part for part in (words.change(figure), words.chance(figure)) if part]
    about = f" ({', '.join(parts)})" if parts else ""
    mark = "! " if figure.state == "risk" else "- "
    return f"{mark}{words.name(figure)}: {words.shown(figure, figure.value)}{about}"
