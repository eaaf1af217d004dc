"""A search of strings as conditions on `messages` joined with the `translations` of one locale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, false, func, not_, or_, select, true

from app.locales import search
from app.locales.insight.models import MessageSighting
from app.locales.models import Message, Translation, TranslationComment
from app.locales.search import All, Changed, Node, Not, Term
from app.locales.states import APPROVED, UNTRANSLATED

Condition = ColumnElement[bool]
shown_state = func.coalesce(Translation.state, UNTRANSLATED)
ANY = "any"


def joined(statement: Select[Any], code: str, wanted: Node) -> Select[Any]:
    """`statement` selects from Message; strings that the shop still says, and that are wanted."""
    mine = (Translation.message_id == Message.id) & (Translation.locale == code)
    found = statement.outerjoin(Translation, mine).where(Message.obsolete_at.is_(None))
    return found.where(condition(wanted, code))


def condition(wanted: Node, code: str) -> Condition:
    match wanted:
        case Term():
            return TERMS[wanted.field](wanted.value, code)
        case Changed():
            return _changed(wanted)
        case Not():
            return not_(condition(wanted.of, code))
        case All():
            return and_(true(), *(condition(each, code) for each in wanted.of))
        case search.Any():
            return or_(false(), *(condition(each, code) for each in wanted.of))


def _like(words: str) -> str:
    plain = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def _folded(words: str) -> ColumnElement[str]:
    return func.fold_text(_like(words))


def _sure(unsure: Condition) -> Condition:
    """A string without a translation has no columns of one: not so, in place of unknown."""
    return func.coalesce(unsure, false())


def _anywhere(words: str, code: str) -> Condition:
    """Two searches by their own index; one condition over both tables could use neither."""
    in_source = select(Message.id).where(Message.search_text.like(_folded(words)))
    in_text = select(Translation.message_id).where(
        Translation.locale == code, Translation.search_text.like(_folded(words))
    )
    return or_(Message.id.in_(in_source.union(in_text)), Message.context.ilike(_like(words)))


def _source(words: str, _code: str) -> Condition:
    return Message.search_text.like(_folded(words))


def _text(words: str, _code: str) -> Condition:
    return _sure(Translation.search_text.like(_folded(words)))


def _state(name: str, _code: str) -> Condition:
    return shown_state != APPROVED if name == search.UNFINISHED else shown_state == name


def _check(name: str, _code: str) -> Condition:
    if name == ANY:
        return _sure(func.cardinality(Translation.failed_checks) > 0)
    return _sure(Translation.failed_checks.contains([name]))


def _key(part: str, _code: str) -> Condition:
    like = _like(part)
    return or_(
        Message.context.ilike(like), Message.msgid.ilike(like), Message.key.startswith(part, autoescape=True)
    )


def _context(words: str, _code: str) -> Condition:
    return Message.context.ilike(_like(words))


def _author(part: str, _code: str) -> Condition:
    return _sure(Translation.author.ilike(_like(part)))


def _location(part: str, _code: str) -> Condition:
    return cast(Message.locations, Text).ilike(_like(part))


def _seen(path: str, code: str) -> Condition:
    """On a page of the shop where shoppers saw it; below a language's prefix or without one."""
    return exists().where(
        MessageSighting.message_key == Message.key,
        MessageSighting.locale == code,
        or_(MessageSighting.path.ilike(_like(path)), MessageSighting.endpoint.ilike(_like(path))),
    )


def _comments(code: str, *more: Condition) -> Condition:
    return exists().where(
        TranslationComment.message_id == Message.id, TranslationComment.locale == code, *more
    )


def _has(what: str, code: str) -> Condition:
    return HAS[what](code)


OPEN = TranslationComment.reply_to.is_(None) & TranslationComment.resolved_at.is_(None)
HAS: dict[str, Callable[[str], Condition]] = {
    "comment": lambda code: _comments(code),
    "open": lambda code: _comments(code, OPEN),
    "plural": lambda code: Message.plural_id.is_not(None),
    "context": lambda code: Message.context != "",
    "note": lambda code: func.jsonb_array_length(Message.comments) > 0,
    "text": lambda code: shown_state != UNTRANSLATED,
    "problem": lambda code: _check(ANY, code),
}
TERMS: dict[str, Callable[[str, str], Condition]] = {
    search.ANYWHERE: _anywhere,
    "state": _state,
    "check": _check,
    "key": _key,
    "source": _source,
    "text": _text,
    "context": _context,
    "author": _author,
    "location": _location,
    "seen": _seen,
    "has": _has,
}


def _changed(wanted: Changed) -> Condition:
    limits = [Translation.revision > 0]
    if wanted.start is not None:
        limits.append(Translation.updated_at >= wanted.start)
    if wanted.end is not None:
        limits.append(Translation.updated_at < wanted.end)
    return _sure(and_(*limits))
