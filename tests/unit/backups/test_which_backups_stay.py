from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.backups.retention import Keep, due_since, kept

NOON = datetime(2026, 6, 17, 12, tzinfo=UTC)  # a Wednesday


def daily(days: int) -> list[datetime]:
    return [NOON - timedelta(days=back) for back in range(days)]


def test_a_year_of_daily_backups_leaves_days_weeks_and_months():
    stay = kept(daily(400), Keep(7, 4, 12))
    assert set(daily(7)) <= stay
    assert datetime(2026, 5, 31, 12, tzinfo=UTC) in stay  # the newest of May, and of its week
    assert datetime(2025, 7, 31, 12, tzinfo=UTC) in stay
    assert datetime(2025, 6, 30, 12, tzinfo=UTC) not in stay
    assert len(stay) == 7 + 2 + 10


def test_of_one_day_the_newest_stays():
    assert kept([NOON, NOON - timedelta(hours=3)], Keep(7, 0, 0)) == {NOON}


def test_after_a_pause_the_old_ones_are_still_there():
    old = [NOON - timedelta(days=300 + back) for back in range(3)]
    assert kept(old, Keep(7, 4, 12)) == set(old)


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=40, unique=True))
def test_the_newest_always_stays(made):
    assert max(made) in kept(made, Keep(1, 0, 0))


def test_a_backup_is_due_at_its_hour_and_until_it_is_made():
    assert due_since(NOON, 3) == NOON.replace(hour=3)
    assert due_since(NOON, 12) == NOON
    assert due_since(NOON, 13) == NOON.replace(hour=13) - timedelta(days=1)
