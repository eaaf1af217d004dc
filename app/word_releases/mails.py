"""The mail that tells of a decision, in the language of who showed the candidate."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from app.mail import Mail
from app.word_releases import words
from app.word_releases.models import WordDecision, WordRollout


def mail(control_url: str, row: WordRollout, entry: WordDecision) -> Mail:
    with force_locale(row.language):
        said = words.reason(entry.action, entry.code, entry.about, entry.percent)
        lines = [
            said,
            "",
            *map(_line, entry.verdicts),
            "",
            f"{control_url}/locales/{row.locale}/candidate",
        ]
        return Mail(
            name=f"word-decision-{entry.id}",
            to=entry.mail_to,
            subject=f"{_('Release %(number)s', number=row.candidate)} ({row.locale}): {said}",
            text="\n".join(lines) + "\n",
            language=row.language,
        )


def _line(verdict: dict[str, object]) -> str:
    said: str = _(
        "%(guard)s: %(candidate)s in the candidate, %(stable)s in the live release (%(state)s)",
        guard=words.guard_name(str(verdict["key"])),
        candidate=words.figure(verdict["treated"]),  # type: ignore[arg-type]
        stable=words.figure(verdict["control"]),  # type: ignore[arg-type]
        state=words.STATES[str(verdict["state"])][0],
    )
    return said
