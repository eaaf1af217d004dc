"""How an objective is spoken of."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _

from app.slo.definition import Definition
from app.slo.listing import Listing
from app.slo.window import WINDOW_NAMES
from app.ui.formats import span
from app.ui.states import STATES

Choices = list[tuple[str, object]]


def window_words(slo: Definition) -> str:
    """30 days, calendar month."""
    if slo.window_kind == "rolling":
        return span(timedelta(days=slo.window_days)) if slo.window_days < 14 else _days(slo.window_days)
    return str(WINDOW_NAMES[slo.window_kind])


def _days(count: int) -> str:
    return str(_("%(count)s days", count=count))


def choices(listing: Listing) -> list[tuple[str, object, str, Choices]]:
    """The filters of the list: (argument, what it is called, what is chosen, what may be)."""
    wanted = listing.wanted
    states: Choices = [(name, STATES[name].word) for name, _count in listing.tally]
    groupings: Choices = [
        (name, _("Owner") if name == "owner" else name) for name in ("owner", *listing.label_names)
    ]
    return [
        ("state", _("State"), wanted.state, states),
        ("owner", _("Owner"), wanted.owner, [(name, name) for name in listing.owners]),
        ("label", _("Label"), wanted.label, [(pair, pair) for pair in listing.labels]),
        ("by", _("Group by"), wanted.by, groupings if listing.label_names or len(listing.owners) > 1 else []),
    ]
