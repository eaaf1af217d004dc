"""What happened around the onset of a burn, and which of it is blamed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.slo.suspects import likely, ranked
from app.timeline.entry import Entry

BEGAN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def entry(kind: str, minutes: float, ends: float | None = None) -> Entry:
    """So many minutes after the onset; negative: before."""
    at = BEGAN + timedelta(minutes=minutes)
    return Entry(
        at, kind, f"{kind} {minutes}", kind, ends_at=None if ends is None else BEGAN + timedelta(minutes=ends)
    )


def titles(entries: list[Entry]) -> list[str]:
    return [suspect.entry.title for suspect in ranked(entries, BEGAN)]


def test_the_nearest_change_before_the_onset_is_blamed():
    suspects = ranked(
        [entry("deploy", -50), entry("flag", -3), entry("release", 30), entry("alert", 4)], BEGAN
    )
    assert [s.entry.title for s in suspects] == ["flag -3", "deploy -50", "alert 4", "release 30"]
    assert likely(suspects).entry.title == "flag -3"
    assert likely(suspects).before == timedelta(minutes=3)


def test_a_change_within_the_first_five_minutes_may_have_been_it():
    assert likely(ranked([entry("flag", 4), entry("deploy", -60)], BEGAN)).entry.title == "flag 4"


def test_what_came_later_or_long_before_is_shown_and_not_blamed():
    suspects = ranked([entry("flag", 40), entry("deploy", -60 * 20)], BEGAN)
    assert [s.entry.title for s in suspects] == ["deploy -1200", "flag 40"]
    assert likely(suspects) is None


def test_an_alert_is_what_followed_and_never_the_cause():
    assert likely(ranked([entry("alert", -1), entry("incident", -2)], BEGAN)) is None


def test_a_long_maintenance_counts_by_its_end():
    assert likely(ranked([entry("maintenance", -600, ends=-10)], BEGAN)).entry.kind == "maintenance"


def test_a_note_is_left_out():
    assert titles([entry("note", -1)]) == []
