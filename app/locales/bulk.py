"""One action on many strings: what would change and what is refused, before it is done. Pure: no I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.errors import Refused
from app.locales.checking.source import NOTHING_ELSE
from app.locales.checks import About, Finding, Source, check
from app.locales.plurals import PluralRule
from app.locales.states import APPROVED, DRAFT, OWN_TEXT, REVIEW, UNTRANSLATED, may_approve

APPROVE, CLEAR, COPY_SOURCE, REPLACE = "approve", "clear", "copy_source", "replace"
LONGEST_FIND = 500
UNSTORABLE = ("characters", "length")

ACTIONS: dict[str, LazyString] = {
    APPROVE: _l("Approve"),
    REVIEW: _l("Send to review"),
    DRAFT: _l("Make a draft"),
    COPY_SOURCE: _l("Copy the source"),
    REPLACE: _l("Replace words"),
    CLEAR: _l("Clear the text"),
}
# What a batch was, in the list of changes.
KINDS: dict[str, LazyString] = {
    **ACTIONS,
    "import": _l("Import of a file"),
    "undo": _l("Undo"),
    "revert": _l("Changes taken back"),
}


@dataclass(frozen=True)
class Action:
    kind: str  # a key of ACTIONS
    find: str = ""
    replacement: str = ""

    @property
    def detail(self) -> str:
        return f"{self.find} → {self.replacement}" if self.kind == REPLACE else ""


def check_action(action: Action) -> None:
    """Refuses, with the field, what cannot be done to anything."""
    if action.kind not in ACTIONS:
        known = ", ".join(ACTIONS)
        raise Refused(_l("Choose what to do."), {"action": _l("Use one of: %(known)s.", known=known)})
    if action.kind == REPLACE and not action.find:
        why = _l("Write the words that are to be replaced.")
        raise Refused(why, {"find": why})
    if max(len(action.find), len(action.replacement)) > LONGEST_FIND:
        why = _l("Write at most %(most)s characters.", most=LONGEST_FIND)
        raise Refused(why, {"find": why})


@dataclass(frozen=True)
class Item:
    """A string as it stands."""

    message_id: int
    source: Source
    forms: tuple[str, ...]  # () where untranslated
    state: str
    revision: int
    writer: str
    approved_forms: tuple[str, ...] | None


@dataclass(frozen=True)
class Step:
    """What becomes of one string."""

    item: Item
    forms: tuple[str, ...]
    state: str
    writer: str
    findings: tuple[Finding, ...] = ()
    refusal: LazyString | None = None

    @property
    def changes(self) -> bool:
        now = (self.item.forms, self.item.state)
        return self.refusal is None and (self.forms, self.state) != now

    @property
    def approved_forms(self) -> tuple[str, ...] | None:
        """What the next release holds afterwards."""
        if self.state == APPROVED:
            return self.forms
        return None if self.state == UNTRANSLATED else self.item.approved_forms


@dataclass(frozen=True)
class Plan:
    steps: tuple[Step, ...]

    @cached_property
    def changed(self) -> list[Step]:
        return [step for step in self.steps if step.changes]

    @cached_property
    def refused(self) -> list[Step]:
        return [step for step in self.steps if step.refusal is not None]

    @property
    def unchanged(self) -> int:
        return len(self.steps) - len(self.changed) - len(self.refused)

    @cached_property
    def fingerprint(self) -> str:
        """Says whether what is to be done is still what somebody looked at."""
        told = [(step.item.message_id, step.item.revision, step.forms, step.state) for step in self.changed]
        return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Desk:
    """Whose strings they are: what holds for all of them."""

    rule: PluralRule
    asks_review: bool
    about: About = NOTHING_ELSE


def planned(
    items: Iterable[Item], action: Action, desk: Desk, who: str, others: Collection[str] = ()
) -> Plan:
    """`others`: of the items' writers those who are the same person by another name."""
    check_action(action)
    return Plan(tuple(_step(item, action, desk, who, others) for item in items))


def _step(item: Item, action: Action, desk: Desk, who: str, others: Collection[str]) -> Step:
    rule, asks_review = desk.rule, desk.asks_review
    forms, state, refusal = WAYS[action.kind](item, action, rule)
    writer = item.writer if forms == item.forms else who
    if state == APPROVED and forms != item.forms and asks_review:
        state = REVIEW
    findings = tuple(check(item.source, forms, rule, desk.about))
    changes = (forms, state) != (item.forms, item.state)
    if refusal is None and changes:
        refusal = _refusal(findings, state, may_approve(asks_review, writer, who, *others))
    return Step(item, forms, state, writer, findings, refusal)


def _refusal(findings: Iterable[Finding], state: str, is_reviewed: bool) -> LazyString | None:
    for finding in findings:
        if finding.blocks and (state == APPROVED or finding.check in UNSTORABLE):
            return finding.message
    if state == APPROVED and not is_reviewed:
        return OWN_TEXT
    return None


Outcome = tuple[tuple[str, ...], str, LazyString | None]  # forms, state, why not
NO_TEXT = _l("There is no text yet.")


def _set_state(state: str) -> Callable[[Item, Action, PluralRule], Outcome]:
    def set_state(item: Item, _action: Action, _rule: PluralRule) -> Outcome:
        return item.forms, state, None if item.forms else NO_TEXT

    return set_state


def _clear(_item: Item, _action: Action, _rule: PluralRule) -> Outcome:
    return (), UNTRANSLATED, None


def _copy_source(item: Item, _action: Action, rule: PluralRule) -> Outcome:
    why = _l("It has a text already. Clear it first.") if item.forms else None
    return source_forms(item.source, rule), DRAFT, why


def source_forms(source: Source, rule: PluralRule) -> tuple[str, ...]:
    """The source as a text: the singular where a form stands for the number one alone."""
    if source.plural_id is None:
        return (source.msgid,)
    return tuple(source.msgid if numbers == (1,) else source.plural_id for numbers in rule.numbers)


def _replace(item: Item, action: Action, _rule: PluralRule) -> Outcome:
    return tuple(text.replace(action.find, action.replacement) for text in item.forms), item.state, None


WAYS: dict[str, Callable[[Item, Action, PluralRule], Outcome]] = {
    APPROVE: _set_state(APPROVED),
    REVIEW: _set_state(REVIEW),
    DRAFT: _set_state(DRAFT),
    CLEAR: _clear,
    COPY_SOURCE: _copy_source,
    REPLACE: _replace,
}
