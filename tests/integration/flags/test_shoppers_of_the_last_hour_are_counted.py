"""The number that a percentage is of, and what is forgotten."""

from __future__ import annotations

from datetime import timedelta

from app.flags import jobs, reports, sightings
from app.series import store
from tests.usage import event


def test_each_shopper_of_the_last_hour_counts_once(control_sources, shop_session, now):
    for visitor, minutes in (("a", 5), ("a", 10), ("b", 59), ("c", 61)):
        event(shop_session, visitor, now - timedelta(minutes=minutes))
    shop_session.commit()
    with control_sources.control.begin() as session:
        assert jobs.audience(session, now, control_sources) == "2 shoppers in the last hour"
        assert jobs.audience(session, now, control_sources) == "2 shoppers in the last hour"
        assert store.latest(session, jobs.AUDIENCE_KEY).value == 2


def test_sdks_that_are_gone_are_forgotten(control_sources, now):
    gone = reports.Instance("shop", "i", "c", "x:1", 15)
    with control_sources.control.begin() as session:
        sightings.saw(session, "production", gone, now - timedelta(days=8))
        assert jobs.prune(session, now, control_sources) == "1 old counts and SDK instances forgotten"
