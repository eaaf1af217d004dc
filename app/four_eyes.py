"""Four eyes: whether a change is one's own, under whatever name it was made.

A person is named by their address, in each browser and with each access token. A machine's token has a name
of its own, and yet whoever was shown its secret can act by it: what it asks for is theirs, and it agrees to
nothing of theirs. `app.accounts` knows who was shown which secret.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from flask import Flask, current_app
from sqlalchemy.orm import Session

TOKEN = "token:"  # noqa: S105 # nosec B105 # how the audit trail's name of a token begins
NamesOf = Callable[[Session, str], frozenset[str]]


def is_own(session: Session, authors: Collection[str], who: str) -> bool:
    """Whether `who`, or anybody who can act by that name, is among the authors by one name or another."""
    if who in authors:
        return True
    if not any(name.startswith(TOKEN) for name in (who, *authors)):
        return False
    return not _names_of(session, who).isdisjoint(authors)


def independent(session: Session, who: str, others: Iterable[str]) -> set[str]:
    """Of the others, in their order, those who are neither `who` nor anybody that was counted before."""
    heard, found = set(_names_of(session, who)), set()
    for other in others:
        if other not in heard:
            found.add(other)
            heard |= _names_of(session, other)
    return found


def _names_of(session: Session, who: str) -> frozenset[str]:
    known: NamesOf = current_app.extensions["names_of"]
    return known(session, who)


def init_app(app: Flask, names_of: NamesOf) -> None:
    """`names_of`: every name by which the trail may know the people behind one name."""
    app.extensions["names_of"] = names_of
