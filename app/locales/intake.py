"""What taking in a file would do, string by string, before anything is done. Pure.

Three texts are looked at for each message: what the file says, what stands here, and what both were made from
(the file that was taken in last, else what ships). A text that only the file changed is taken; one that only
people here changed is kept; where both changed it, that is a conflict, and nothing is lost: both are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.locales.checks import Finding, Source, check, source_of
from app.locales.exchange import Text
from app.locales.plurals import PluralRule
from app.locales.states import APPROVED, DRAFT, REVIEW

Outcome = Literal["new", "changed", "unchanged", "kept", "conflict", "unknown", "added", "empty", "refused"]
WRITES: tuple[Outcome, ...] = ("new", "changed", "added")

OUTCOMES: dict[Outcome, LazyString] = {
    "conflict": _l("changed here and in the file"),
    "refused": _l("cannot be stored"),
    "unknown": _l("the shop does not say this"),
    "changed": _l("changed"),
    "new": _l("new"),
    "added": _l("message added"),
    "kept": _l("changed here; kept"),
    "unchanged": _l("unchanged"),
    "empty": _l("without a text"),
}
UNSTORABLE = ("characters", "length")


@dataclass(frozen=True)
class Known:
    """A message as it stands here."""

    message_id: int
    source: Source
    forms: tuple[str, ...]  # () where untranslated
    base: tuple[str, ...] | None  # what both sides were made from; None: not known
    state: str
    revision: int
    is_ours: bool  # a person here wrote it, not a file and not the package


@dataclass(frozen=True)
class Line:
    """What becomes of one text of the file."""

    text: Text
    outcome: Outcome
    known: Known | None
    state: str  # what it is saved in, of those that are written
    findings: tuple[Finding, ...] = ()

    @property
    def is_written(self) -> bool:
        return self.outcome in WRITES

    @property
    def blocks(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.blocks)


@dataclass(frozen=True)
class Report:
    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.outcome for line in self.lines)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    @property
    def held_back(self) -> int:
        """Written, but not approved, because a shopper must not see them yet."""
        return sum(line.is_written and bool(line.blocks) for line in self.lines)

    @property
    def notable(self) -> list[Line]:
        """What somebody should look at, the worst first."""
        order = list(OUTCOMES)
        shown = [line for line in self.lines if line.outcome not in ("unchanged", "empty") or line.blocks]
        return sorted(shown, key=lambda line: (order.index(line.outcome), not line.blocks))


def planned(
    texts: Iterable[Text],
    known: Mapping[str, Known],
    rule: PluralRule,
    *,
    approve: bool,
    take_theirs: bool,
    add: bool,
) -> Report:
    """What becomes of each text.

    `approve`: save as approved what no check blocks, else as needing review. `take_theirs`: the file wins a
    conflict. `add`: messages that are not known are made.
    """
    decide = _decider(known, rule, approve, take_theirs, add)
    return Report(tuple(decide(text) for text in texts))


def _decider(
    known: Mapping[str, Known], rule: PluralRule, approve: bool, take_theirs: bool, add: bool
) -> Callable[[Text], Line]:
    def decide(text: Text) -> Line:
        here = known.get(text.key)
        source = here.source if here else source_of(text.msgid, text.plural_id, text.flags, text.comments)
        findings = tuple(check(source, text.forms, rule))
        most = 1 if source.plural_id is None else rule.forms
        is_storable = len(text.forms) <= most and not any(one.check in UNSTORABLE for one in findings)
        outcome = _outcome(text, here, is_storable, take_theirs, add)
        return Line(text, outcome, here, _state(text, findings, approve), findings)

    return decide


def _outcome(text: Text, here: Known | None, is_storable: bool, take_theirs: bool, add: bool) -> Outcome:
    if here is None and not add:
        return "unknown"
    if not any(text.forms):
        return "empty" if here else "added"
    if not is_storable:
        return "refused"
    if here is None:
        return "added"
    if text.forms == here.forms:
        return "unchanged"
    if not any(here.forms):
        return "new"
    if text.forms == here.base:
        return "kept"
    if take_theirs or not here.is_ours or here.forms == here.base:
        return "changed"
    return "conflict"


def _state(text: Text, findings: Sequence[Finding], approve: bool) -> str:
    if text.is_fuzzy:
        return DRAFT
    return APPROVED if approve and not any(finding.blocks for finding in findings) else REVIEW
