"""Writes of alert rules. What is saved is loaded: the row and Prometheus change together, or neither does."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import rule_files
from app.alerts.rules import house, queries, trial
from app.alerts.rules.document import loaded_as, text
from app.alerts.rules.models import RuleRow
from app.alerts.rules.rule import GROUP_PREFIX, Rule, as_dict
from app.audit.commands import record as audit
from app.errors import Conflict, Refused
from app.sources import Sources

FILE = "backroom-alerts.yml"
ABSENCE = re.compile(r"\babsent(?:_over_time)?\s*\(")
INSTALL_LOCK = 7_340_102  # any number that nothing else locks


def create(
    session: Session,
    rule: Rule,
    who: str,
    now: datetime,
    sources: Sources,
    *,
    accept_unmatched: bool = False,
) -> RuleRow:
    """Raises `Refused` beside the field for what cannot work; nothing is written then.

    A rule that reads what is not there would be silent for ever: it is refused, unless somebody says that it
    is meant so (`accept_unmatched`). A rule that asks for absence is meant so.
    """
    found = trial.try_out(sources.prometheus, rule, now)
    one_at_a_time(session)
    _refuse_clash(session, rule, sources)
    if session.scalar(select(RuleRow.id).where(RuleRow.key == rule.key)) is not None:
        raise Conflict(_NOT_SAVED, {"name": _l("There is a rule %(key)s already.", key=rule.key)})
    if not accept_unmatched:
        _refuse_unmatched(found, rule)
    row = RuleRow(
        key=rule.key,
        name=rule.name,
        revision=1,
        is_enabled=rule.is_enabled,
        body=as_dict(rule),
        created_at=now,
        updated_at=now,
        updated_by=who,
        unmatched=list(found.unmatched),
        checked_at=now,
    )
    session.add(row)
    audit(session, who, "alert_rule.create", f"alert-rule:{rule.key}", None, as_dict(rule), now)
    install(session, sources)
    return row


def change(
    session: Session,
    key: str,
    revision: int,
    rule: Rule,
    who: str,
    now: datetime,
    sources: Sources,
    *,
    accept_unmatched: bool = False,
) -> int:
    """The new revision. Raises `Conflict` where somebody else was first, and `Refused` as `create`."""
    if rule.key != key:
        raise Conflict(_NOT_SAVED, {"key": _l("The key of a rule stays as it is.")})
    found = trial.try_out(sources.prometheus, rule, now)
    one_at_a_time(session)
    _refuse_clash(session, rule, sources)
    known = queries.rule_of(queries.row(session, key))
    if not accept_unmatched and rule.expression != known.expression:
        _refuse_unmatched(found, rule)
    before = as_dict(known)
    _update(session, key, revision, rule, who, now, unmatched=list(found.unmatched), checked_at=now)
    audit(session, who, "alert_rule.change", f"alert-rule:{key}", before, as_dict(rule), now)
    install(session, sources)
    return revision + 1


def _refuse_unmatched(found: trial.Trial, rule: Rule) -> None:
    if not found.unmatched or ABSENCE.search(rule.expression):
        return
    why = _l(
        "Nothing matches %(selectors)s now: the rule would stay silent. Mend it, or say that it is meant so.",
        selectors=", ".join(found.unmatched),
    )
    raise Refused(_NOT_SAVED, {"expr": why})


def set_enabled(
    session: Session, key: str, revision: int, is_enabled: bool, who: str, now: datetime, sources: Sources
) -> int:
    rule = queries.rule_of(queries.row(session, key))
    if rule.is_enabled == is_enabled:
        return revision
    after = replace(rule, is_enabled=is_enabled)
    if is_enabled:
        trial.try_out(sources.prometheus, after, now)
    one_at_a_time(session)
    _update(session, key, revision, after, who, now)
    action = "alert_rule.enable" if is_enabled else "alert_rule.disable"
    audit(session, who, action, f"alert-rule:{key}", as_dict(rule), as_dict(after), now)
    install(session, sources)
    return revision + 1


def remove(session: Session, key: str, revision: int, who: str, now: datetime, sources: Sources) -> None:
    one_at_a_time(session)
    before = as_dict(queries.rule_of(queries.row(session, key)))
    gone = delete(RuleRow).where(RuleRow.key == key, RuleRow.revision == revision).returning(RuleRow.id)
    if session.scalar(gone) is None:
        raise Conflict(_CHANGED)
    audit(session, who, "alert_rule.delete", f"alert-rule:{key}", before, None, now)
    install(session, sources)


def install(session: Session, sources: Sources) -> str:
    """Give Prometheus the rules as they now are. Keeps the old ones where it does not take the new."""
    session.flush()
    folder, control_url = sources.config.rules_dir, sources.config.control_url
    if folder is None:
        return "RULES_DIR is empty: rules are not written"
    wanted = all_rules(session)

    def missing() -> list[str]:
        loaded = _loaded(sources)
        return [rule.name for rule, revision in wanted if loaded_as(rule, revision) not in loaded]

    new = text(wanted, control_url)
    done = rule_files.put(folder / FILE, new, sources.config.promtool, sources.prometheus, missing)
    return f"{len(wanted)} rules {done}"


def all_rules(session: Session) -> list[tuple[Rule, int]]:
    return [*((rule, house.HOUSE_REVISION) for rule in house.RULES), *queries.enabled(session)]


def _loaded(sources: Sources) -> set[tuple[str, str, tuple[tuple[str, str], ...], str]]:
    return {
        (
            group["name"],
            rule["name"],
            tuple(sorted(rule["labels"].items())),
            rule["annotations"].get("revision", ""),
        )
        for group in sources.prometheus.rules()
        for rule in group["rules"]
        if rule["type"] == "alerting"
    }


_NOT_SAVED = _l("The rule was not saved; Prometheus keeps the rules it has.")
_CHANGED = _l("Somebody changed this rule since you opened it. Reload the page and try again.")


def one_at_a_time(session: Session) -> None:
    """Until the end of the transaction nobody else writes rules: the file is made of all of them."""
    session.execute(select(func.pg_advisory_xact_lock(INSTALL_LOCK)))


def _refuse_clash(session: Session, rule: Rule, sources: Sources) -> None:
    """An alert's name says where it comes from: neither an objective's rule nor another of ours has it."""
    if rule.key.startswith(house.PREFIX) or rule.name in {one.name for one in house.RULES}:
        raise Conflict(_NOT_SAVED, {"name": _l("The house has a rule of this name already.")})
    others = {
        one["name"]
        for group in sources.prometheus.rules()
        for one in group["rules"]
        if one["type"] == "alerting" and not group["name"].startswith(GROUP_PREFIX)
    }
    if rule.name in others:
        why = _l("Prometheus has another rule of this name, such as an objective's; choose another name.")
        raise Conflict(_NOT_SAVED, {"name": why})
    for other in session.scalars(select(RuleRow).where(RuleRow.name == rule.name, RuleRow.key != rule.key)):
        why = _l("The rule %(key)s has this name already.", key=other.key)
        raise Conflict(_NOT_SAVED, {"name": why})


def _update(
    session: Session, key: str, revision: int, rule: Rule, who: str, now: datetime, **more: Any
) -> None:
    done = (
        update(RuleRow)
        .where(RuleRow.key == key, RuleRow.revision == revision)
        .values(
            name=rule.name,
            revision=revision + 1,
            is_enabled=rule.is_enabled,
            body=as_dict(rule),
            updated_at=now,
            updated_by=who,
            **more,
        )
        .returning(RuleRow.id)
    )
    if session.scalar(done) is None:
        raise Conflict(_CHANGED)
