"""Is the shop all right, what changed, what is degraded: from what the jobs recorded, in every state."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.audit.commands import record as audit
from app.series import store
from app.series.glossary import SLO_STATES
from app.timeline import commands as timeline

EYES = ("prometheus", "scrape", "evaluation", "alertmanager")


@pytest.fixture
def recorded(control_session, now):
    """A shop that does well, as a week of jobs would have recorded it."""

    def record(state="ok", burn=0.4, at=now - timedelta(seconds=40), down=()):
        slo = {"slo": "checkout-availability"}
        store.record(control_session, "slo.state", [(at, SLO_STATES.index(state))], slo)
        budget = [(at - timedelta(hours=h), 0.8 - h / 100) for h in (0, 1, 2, 5)]
        store.record(control_session, "slo.budget_left", budget, slo)
        store.record(control_session, "slo.burn_1h", [(at, burn)], slo)
        store.record(control_session, "slo.latency_p95", [(at, 0.3), (at - timedelta(days=1), 0.2)], slo)
        for part in (*EYES, "postgres", "redis"):
            store.record(control_session, "health.up", [(at, float(part not in down))], {"part": part})
            seen = at - timedelta(minutes=9) if part in down else at
            store.record(control_session, "health.last_ok", [(at, seen.timestamp())], {"part": part})
        for key, value in (("visitors", 12), ("orders_today", 31), ("revenue_today_cents", 123400)):
            store.record(control_session, f"live.{key}", [(at, value)])
        midnight = now.replace(hour=0)
        days = [midnight - timedelta(days=n) for n in range(1, 8)]
        store.record(control_session, "kpi.orders", [(day, 40 + n) for n, day in enumerate(days)])
        store.record(control_session, "kpi.revenue_cents", [(day, 300000.0) for day in days])
        store.record(control_session, "kpi.conversion", [(day, 0.031) for day in days])
        store.record(control_session, "cost.per_active_user_cents", [(at, 42.0)], {"month": "2026-03"})
        control_session.commit()

    return record


def test_a_new_installation_says_that_nothing_is_measured_yet(signed_in):
    page = signed_in("viewer").get("/")
    assert page.status_code == 200
    assert "Nothing is measured yet" in page.text or "monitoring is blind" in page.text
    assert "no data" in page.text
    assert "€0" not in page.text
    assert "demo data" not in page.text


def test_a_shop_that_does_well_says_so_with_figures(signed_in, recorded):
    recorded()
    page = signed_in("viewer").get("/").text
    for words in (
        "The shop is all right",
        "6 of 6 parts answer",
        "nothing is degraded",
        "Checkout availability",
        "80%",
        "€1,234",
        "yesterday 40",
        "3.1%",
        "€0.42",
    ):
        assert words in page, words


def test_a_burning_objective_is_the_first_thing_seen(signed_in, recorded):
    recorded("burning", burn=22.0)
    page = signed_in("viewer").get("/").text
    assert page.index("Shoppers are hurt right now: Checkout availability") < page.index("Visitors now")
    assert "burns at 22×" in page
    assert 'href="/slo/checkout-availability"' in page


def test_of_many_objectives_the_worst_are_shown_and_the_rest_is_one_click_away(
    signed_in, recorded, control_session, now
):
    recorded()
    for number in range(20):
        at, labels = now - timedelta(seconds=40), {"slo": f"promise-{number:02d}"}
        state = "burning" if number >= 14 else "ok"
        store.record(control_session, "slo.state", [(at, SLO_STATES.index(state))], labels)
        store.record(control_session, "slo.budget_left", [(at, 0.9 - number / 100)], labels)
    control_session.commit()
    page = signed_in("viewer").get("/").text
    shown = [number for number in range(20) if f'href="/slo/promise-{number:02d}"' in page]
    assert set(range(14, 20)) <= set(shown)
    assert len(shown) < 20
    assert "All 21 SLOs" in page
    assert "Promise 19, Promise 18, Promise 17, Promise 16 and 2 more" in page


def test_with_prometheus_down_the_page_is_grey_and_says_since_when(signed_in, recorded):
    recorded(down=("prometheus", "scrape"))
    page = signed_in("viewer").get("/").text
    assert "Nobody can tell: monitoring is blind" in page
    assert "10 minutes ago" in page
    assert "4 of 6 parts answer" in page


def test_old_figures_are_stale_and_show_their_age(signed_in, recorded, now):
    recorded(at=now - timedelta(hours=2))
    page = signed_in("viewer").get("/").text
    assert "The shop is all right" not in page
    assert "2 hours ago" in page
    assert "Live counters" in page


def test_what_changed_and_what_fires_are_listed(signed_in, recorded, control_session, now):
    recorded()
    timeline.record(
        control_session,
        now - timedelta(hours=1),
        "flag",
        "new-checkout: 10 % → 25 %",
        "flag:x",
        url="/flags/x",
    )
    timeline.record(
        control_session, now - timedelta(minutes=5), "alert", "Checkout burns", "slo:x", url="/alerts/7"
    )
    timeline.record(control_session, now - timedelta(days=2), "incident", "Old trouble", "x", is_demo=True)
    control_session.commit()
    page = signed_in("viewer").get("/").text
    assert page.index("1 thing is degraded") < page.index('<a href="/alerts/7">Checkout burns</a>')
    assert '<a href="/flags/x">new-checkout: 10 % → 25 %</a>' in page
    assert "demo data" in page
    assert page.count("Old trouble") >= 1


def test_the_trail_is_shown_to_those_who_may_see_it(signed_in, control_session, now):
    audit(control_session, "ada@example.org", "flag.rollout", "flag:new-checkout", {}, {}, now)
    control_session.commit()
    assert "flag.rollout" in signed_in("ops").get("/").text
    assert "flag.rollout" not in signed_in("viewer").get("/").text


def test_the_live_part_answers_alone(signed_in, recorded):
    recorded()
    part = signed_in("viewer").get("/overview/now", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div id="overview-now"')
    assert "<html" not in part.text


def test_the_chart_has_gaps_where_nothing_was_measured(signed_in, recorded, now):
    recorded()
    data = signed_in("viewer").get("/api/v1/overview/latency?range=7d").json
    (line,) = data["lines"]
    assert line["name"] == "checkout-availability"
    assert [value for value in line["values"] if value is not None] == [0.2, 0.3]
    assert len(line["values"]) == len(data["x"]) > 100


def test_objectives_on_one_measurement_share_a_line(signed_in, control_session, now):
    for slo in ("a", "b"):
        store.record(control_session, "slo.latency_p95", [(now - timedelta(hours=1), 0.2)], {"slo": slo})
    store.record(control_session, "slo.latency_p95", [(now - timedelta(hours=1), 0.9)], {"slo": "c"})
    control_session.commit()
    lines = signed_in("viewer").get("/api/v1/overview/latency").json["lines"]
    assert [line["name"] for line in lines] == ["a", "c"]
