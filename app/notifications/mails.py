"""Mails of notifications: what just happened, or the digest of a day or week, in the person's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from app.guards import Person
from app.i18n import LOCALES
from app.mail import Mail
from app.notifications.queries import Line
from app.ui import formats
from app.ui.letters import writing
from app.webhooks import words

TEMPLATES = Path(__file__).parent / "templates"
MOST_LINES = 50

Group = tuple[object, Sequence[Line]]


def compose(lines: Sequence[Line], person: Person, home: str, *, is_digest: bool) -> Mail:
    """The worst first. `lines` is not empty; its last one makes the mail's name."""
    language = person.locale if person.locale in LOCALES else "en"
    home = home.rstrip("/")
    with writing(language, TEMPLATES):
        groups = grouped(lines)
        subject = _subject(lines, groups, is_digest)
        shown = {"groups": groups, "home": home, "words": words, "subject": subject, "language": language}
        return Mail(
            name=f"notifications-{person.id}-{max(line.row.id for line in lines)}",
            to=person.email,
            subject=subject,
            text="\n".join(_text(groups, home)) + "\n",
            html=render_template("notifications/mail/told.html", **shown, more=len(lines) - MOST_LINES),
            language=language,
        )


def grouped(lines: Sequence[Line]) -> list[Group]:
    """By type, the types that matter most on top, within one the newest first."""
    ordered = sorted(lines, key=lambda one: (-words.badness(one.event.type), one.event.type, -one.row.id))
    return [
        (type_, list(found)) for type_, found in groupby(ordered[:MOST_LINES], lambda one: one.event.type)
    ]


def _subject(lines: Sequence[Line], groups: Sequence[Group], is_digest: bool) -> str:
    first = groups[0][1][0]
    worst = f"{words.label(first.event.type)}: {first.event.title}"
    if is_digest:
        return str(
            ngettext(
                "%(num)s thing happened: %(worst)s",
                "%(num)s things happened: %(worst)s",
                len(lines),
                worst=worst,
            )
        )
    if len(lines) == 1:
        return worst
    # translators: the subject of a mail, such as "Alert fires: checkout, and 3 more"
    more = ngettext("%(worst)s, and %(num)s more", "%(worst)s, and %(num)s more", len(lines) - 1, worst=worst)
    return str(more)


def _text(groups: Sequence[Group], home: str) -> Iterator[str]:
    for type_, lines in groups:
        yield words.label(str(type_)).upper()
        for one in lines:
            who = f" ({one.event.who})" if words.person(one.event.who) else ""
            yield f"- {formats.moment(one.event.at, 'short')}  {one.event.title}{who}"
            if one.event.url:
                yield f"  {link(one.event.url, home)}"
        yield ""
    yield _("All of them: %(url)s", url=f"{home}/notifications/")
    yield _("What you are told of, and where: %(url)s", url=f"{home}/notifications/settings")


def link(url: str, home: str) -> str:
    return f"{home}{url}" if url.startswith("/") else url
