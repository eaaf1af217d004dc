from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.alerts import commands
from app.alerts.models import Alert


def test_the_page_says_what_is_kept_how_long_and_by_which_job(signed_in):
    page = signed_in("viewer").get("/jobs/-/retention").text
    assert "audit_entries" in page
    assert "accounts.prune" in page
    assert "the shop’s worker" in page
    told = signed_in("viewer").get("/api/v1/retention").get_json()["retention"]
    (runs,) = [line for line in told if line["tables"] == ["job_runs"]]
    assert (runs["job"], runs["how_long"]) == ("jobs.prune", "7 days")


def test_alerts_that_ended_long_ago_are_forgotten_and_firing_ones_stay(control_session, now):
    for number, ended in ((1, now - timedelta(days=401)), (2, now - timedelta(days=399)), (3, None)):
        control_session.add(
            Alert(
                fingerprint=f"f{number}",
                starts_at=now - timedelta(days=500),
                ends_at=ended,
                name=f"Alert{number}",
                severity="ticket",
                labels={},
                annotations={},
                silenced_by=[],
                inhibited_by=[],
                seen_at=now,
            )
        )
    control_session.flush()
    assert commands.prune(control_session, now) == 1
    assert sorted(control_session.scalars(select(Alert.name))) == ["Alert2", "Alert3"]
    control_session.rollback()
