"""Several grants of one role read as one line with all their places."""

from __future__ import annotations

from datetime import UTC, datetime

from app.accounts.ways import Through, Ways, merged

SOON = datetime(2026, 12, 31, tzinfo=UTC)


def way(role="translator", environment=None, locale=None, ends_at=None, is_main=False):
    return Through("locales.write", role, is_main, environment, locale, ends_at)


def test_places_of_one_role_are_one_line():
    assert merged([way(locale="fr"), way(locale="de"), way(environment="staging")]) == [
        Ways("translator", False, None, ("staging",), ("de", "fr"))
    ]


def test_who_holds_it_everywhere_holds_it_in_each_place():
    assert merged([way(locale="fr"), way()]) == [Ways("translator", False, None)]


def test_another_role_end_or_the_main_role_is_a_line_of_its_own():
    found = merged([way(is_main=True), way(locale="de"), way(locale="fr", ends_at=SOON), way("ops")])
    assert [(one.role, one.is_main, one.ends_at, one.locales) for one in found] == [
        ("translator", True, None, ()),
        ("translator", False, None, ("de",)),
        ("translator", False, SOON, ("fr",)),
        ("ops", False, None, ()),
    ]
