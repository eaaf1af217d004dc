"""Each kind of indicator on real services: what is counted, and what a gap, a group or a correction does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.errors import Refused
from app.slo import check, commands, corrections, facts, gaps, history, queries, sums
from app.slo.correction import Correction
from app.slo.jobs import gather_facts, gather_rows, member_key
from app.slo.models import SloBucket, SloStatus
from app.slo.reading import read
from app.timeline.models import TimelineEntry
from tests.reporting import order

OPS = "ops@house.test"
HOURS = 4
CONFIRMED = """
    SELECT date_bin('5 minutes', paid_at, 'epoch') AS bucket,
           count(*) FILTER (WHERE confirmed_at <= paid_at + interval '60 seconds') AS good,
           count(*) AS total
      FROM reporting.orders WHERE paid_at >= :start AND paid_at < :end GROUP BY 1 -- by five minutes
"""


@pytest.fixture(autouse=True)
def short_history(monkeypatch):
    """A day of rows is enough here."""
    monkeypatch.setattr(gaps, "LEAST_HISTORY", timedelta(days=1))


def samples(now, until=timedelta(0)):
    """Ten hits a scrape in en, four in de; in the second hour every second of en is bad; a lag that rises."""
    lines = {name: [] for name in ("en_good", "en_bad", "de_good", "lag")}
    en_good = en_bad = de_good = 0
    at = now - timedelta(hours=HOURS)
    while at <= now + until:
        faulty = timedelta(hours=1) < at - (now - timedelta(hours=HOURS)) <= timedelta(hours=2)
        en_good, en_bad, de_good = en_good + (5 if faulty else 10), en_bad + 5 * faulty, de_good + 4
        when = int(at.timestamp())
        lines["en_good"].append(f'hits_total{{locale="en",outcome="good"}} {en_good} {when}')
        lines["en_bad"].append(f'hits_total{{locale="en",outcome="bad"}} {en_bad} {when}')
        lines["de_good"].append(f'hits_total{{locale="de",outcome="good"}} {de_good} {when}')
        lines["lag"].append(f"lag_seconds {9 if faulty else 1} {when}")
        at += timedelta(seconds=30)
    counters = "\n".join(lines["en_good"] + lines["en_bad"] + lines["de_good"])
    return f"# TYPE hits counter\n{counters}\n# TYPE lag_seconds gauge\n" + "\n".join(lines["lag"])


def make(session, now, key, **values):
    values = {"key": key, "name": key, "objective": 0.99, "total": "hits_total", "window_days": 1, **values}
    return commands.create(session, read(values), OPS, now)


def counted(session, slo, now, hours=HOURS):
    start = now - timedelta(hours=hours)
    return sums.windows(session, [slo], {slo.id: start}, now)[slo.id].counts


def test_every_kind_is_counted_in_one_gathering(control_session, control_sources, prometheus, now):
    prometheus.load(samples(now))
    good, bad = 'hits_total{outcome="good"}', 'hits_total{outcome="bad"}'
    made = {
        "by-good": make(control_session, now, "by-good", good=good),
        "by-bad": make(control_session, now, "by-bad", bad=bad),
        "none-bad-yet": make(control_session, now, "none-bad-yet", bad='hits_total{outcome="500"}'),
        "no-good-yet": make(control_session, now, "no-good-yet", good='hits_total{outcome="200"}'),
        "expression": make(
            control_session, now, "expression", good=f"sum({good})", total=f"sum({good}) + sum({bad})"
        ),
        "with-rate": make(control_session, now, "with-rate", good=f"sum(rate({good}[1m]))"),
        "minutes": make(
            control_session, now, "minutes",
            good=good, method="timeslices", slice_target="90%", slice_seconds="1m",
        ),
        "half-hours": make(
            control_session, now, "half-hours", good=good, method="ratio_timeslices", slice_seconds=1800
        ),
        "probe": make(
            control_session, now, "probe", indicator="probe", query="lag_seconds", op="lt", threshold=5
        ),
        "nothing": make(control_session, now, "nothing", good="nowhere_total", total="nowhere_total"),
        "house": make(control_session, now, "house", indicator="composite", members="by-bad\nprobe"),
        "mixed": make(
            control_session, now, "mixed",
            indicator="composite", composition="weighted", members="by-bad 3\nnone-bad-yet 1",
        ),
    }  # fmt: skip
    gather_rows(control_session, now, control_sources)
    all_hits, bad_hits = 14 * 120 * HOURS, 5 * 120
    expected = {
        "by-good": (bad_hits, all_hits),
        "by-bad": (bad_hits, all_hits),
        "none-bad-yet": (0, all_hits),
        "no-good-yet": (all_hits, all_hits),
        "expression": (bad_hits, all_hits),
        "with-rate": (bad_hits, all_hits),
        "minutes": (60, 60 * HOURS),
        "half-hours": (2 * 5 / 14, 2 * HOURS - 1),  # the last one is not over yet
        "probe": (60 * 4, 60 * 4 * HOURS),
        "house": (13, 12 * HOURS),  # the fault reaches a scrape into the next five minutes
        "mixed": (12 * 5 / 14 * 3 / 4, 12 * HOURS),
    }
    for key, (bad_events, total) in expected.items():
        counts = counted(control_session, made[key], now)
        assert counts.total == pytest.approx(total, rel=0.03), key
        assert counts.bad == pytest.approx(bad_events, rel=0.06, abs=1e-6), key
    line = queries.line(control_session, "nothing", now)
    assert (line.state, line.status.budget_left) == ("nodata", None)


def test_a_group_has_a_member_for_each_value_and_a_new_value_becomes_one(
    control_session, control_sources, prometheus, now
):
    later = timedelta(minutes=20)
    fresh = [
        f'hits_total{{locale="ar",outcome="good"}} {n} {int((now + n * timedelta(seconds=30)).timestamp())}'
        for n in range(41)
    ]
    lines = samples(now, until=later).split("# TYPE lag")
    prometheus.load(lines[0] + "\n".join(fresh) + "\n# TYPE lag" + lines[1])
    group = make(control_session, now, "hits", good='hits_total{outcome="good"}', group_label="locale")
    gather_rows(control_session, now, control_sources)
    members = {slo.group_value: slo for slo in queries.members_of(control_session, group)}
    assert {value: slo.key for value, slo in members.items()} == {"de": "hits--de", "en": "hits--en"}
    assert counted(control_session, members["en"], now).bad == pytest.approx(600, rel=0.06)
    assert counted(control_session, members["de"], now).bad == 0
    assert counted(control_session, group, now).total == pytest.approx(14 * 120 * HOURS, rel=0.03)
    assert queries.line(control_session, "hits--de", now).status.budget_left == 1
    gather_rows(control_session, now + later, control_sources)
    assert {slo.group_value for slo in queries.members_of(control_session, group)} == {"ar", "de", "en"}


def test_keys_of_members_are_told_apart():
    assert member_key("hits", "de") == "hits--de"
    keys = {
        member_key("hits", value) for value in ("de-AT", "de_AT", "DE-AT", "/<locale>/pay", "x" * 200, "é")
    }
    assert len(keys) == 6
    assert all(len(key) <= 63 for key in keys)


def test_a_changed_query_is_counted_anew_and_never_mixed(control_session, control_sources, prometheus, now):
    prometheus.load(samples(now))
    slo = make(control_session, now, "hits", good='hits_total{outcome="good"}')
    gather_rows(control_session, now, control_sources)
    changed = read({"good": 'hits_total{locale="de"}', "total": 'hits_total{locale="de"}'}, slo)
    slo = commands.edit(control_session, "hits", 1, changed, OPS, now)
    gather_rows(control_session, now, control_sources)
    assert counted(control_session, slo, now).total == pytest.approx(4 * 120 * HOURS, rel=0.03)
    old = counted(control_session, replace(slo, revision=1), now)
    assert old.total == pytest.approx(14 * 120 * HOURS, rel=0.03)
    assert queries.line(control_session, "hits", now).status.budget_left == 1


def test_one_broken_query_stands_alone(control_session, control_sources, prometheus, now):
    prometheus.load(samples(now))
    sound = make(control_session, now, "sound", good="hits_total")
    make(control_session, now, "broken", good="hits_total", total="hits_total{")
    said = gather_rows(control_session, now, control_sources)
    assert "broken: Prometheus refuses the query" in said
    assert counted(control_session, sound, now).total > 0
    row = control_session.scalars(select(SloStatus).where(SloStatus.error != "")).one()
    assert "parse error" in row.error


def test_a_correction_leaves_a_span_out_and_undoing_takes_it_back(
    control_session, control_sources, prometheus, now
):
    prometheus.load(samples(now))
    slo = make(control_session, now, "hits", good='hits_total{outcome="good"}')
    made = make(control_session, now, "house", indicator="composite", members="hits")
    gather_rows(control_session, now, control_sources)
    burnt = queries.status(control_session, slo).budget_left
    assert burnt < 0
    fault = Correction(
        slo_id=slo.id,
        labels={},
        starts_at=now - timedelta(hours=3),
        ends_at=now - timedelta(hours=2),
        reason="A test of ours",
    )
    number = corrections.create(control_session, fault, OPS, now)
    gather_rows(control_session, now, control_sources)
    control_session.expire_all()
    row = control_session.get(SloStatus, slo.id)
    assert row.budget_left == pytest.approx(1, abs=0.2)
    assert row.budget_left_uncorrected == pytest.approx(burnt, abs=1e-6)
    states = select(SloBucket.state).where(SloBucket.slo_id == slo.id, SloBucket.state == "excluded")
    assert len(control_session.scalars(states).all()) == 12
    assert counted(control_session, made, now).bad <= 1
    told = control_session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "maintenance")).one()
    assert (told.title, told.at, told.ends_at) == ("A test of ours", fault.starts_at, fault.ends_at)

    corrections.undo(control_session, number, OPS, now)
    gather_rows(control_session, now, control_sources)
    control_session.expire_all()
    assert control_session.get(SloStatus, slo.id).budget_left == pytest.approx(burnt, abs=1e-6)
    assert counted(control_session, made, now).bad == 12


def test_maintenance_to_come_is_left_out_when_it_comes(control_session, control_sources, prometheus, now):
    prometheus.load(samples(now, until=timedelta(hours=1)))
    slo = make(control_session, now, "hits", good='hits_total{outcome="good"}', labels="team=shop")
    ahead = Correction(
        slo_id=None,
        labels={"team": "shop"},
        starts_at=now + timedelta(minutes=10),
        ends_at=now + timedelta(minutes=30),
        repeats="daily",
        reason="Nightly upgrade",
    )
    corrections.create(control_session, ahead, OPS, now)
    gather_rows(control_session, now + timedelta(minutes=50), control_sources)
    states = select(SloBucket.starts_at).where(SloBucket.slo_id == slo.id, SloBucket.state == "excluded")
    found = sorted(control_session.scalars(states))
    assert (found[0], len(found)) == (now + timedelta(minutes=10), 4)


def test_the_past_of_a_calendar_window_is_told(control_session, control_sources, prometheus, now):
    prometheus.load(samples(now))
    slo = make(control_session, now, "hits", good='hits_total{outcome="good"}', window_kind="week")
    later = now + timedelta(days=7)
    gather_rows(control_session, now, control_sources)
    past, *_ = history.past_windows(control_session, slo, later, 3)
    assert past.start <= now < past.end
    assert past.counts.total == pytest.approx(14 * 120 * HOURS, rel=0.03)


@pytest.fixture
def orders(shop_session, now):
    """Ten orders an hour, of which each fifth is confirmed late."""
    for number in range(10 * HOURS):
        at = now - timedelta(minutes=6 * number + 3)
        order_id = order(shop_session, at)
        confirmed = at + timedelta(seconds=2 + (300 if number % 5 == 0 else 20))
        shop_session.execute(
            text("UPDATE orders SET confirmed_at = :at WHERE id = :id"), {"at": confirmed, "id": order_id}
        )
    shop_session.commit()


def test_facts_of_the_shop_are_counted_by_sql(control_session, control_sources, orders, now):
    made = read(
        {
            "key": "confirmed",
            "name": "Confirmed",
            "objective": 0.7,
            "indicator": "sql",
            "query": CONFIRMED,
            "window_days": 1,
        }
    )
    completed = check.complete(control_sources, made, now)
    assert completed.warnings == {}
    slo = commands.create(control_session, completed.definition, OPS, now)
    gather_facts(control_session, now, control_sources)
    counts = counted(control_session, slo, now)
    assert (counts.bad, counts.total) == (8, 10 * HOURS)
    status = queries.status(control_session, slo)
    assert status.budget_left == pytest.approx(1 - 0.2 / 0.3)
    rows = control_session.scalars(select(SloBucket).where(SloBucket.slo_id == slo.id)).all()
    assert {row.state for row in rows} == {"ok", "no_traffic"}
    assert "0 rows" in gather_facts(control_session, now, control_sources)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "DELETE FROM orders",
        "SELECT 1; SELECT 2",
        "SELECT now() AS bucket, 1 AS good, 1 AS total",
        "SELECT :start AS bucket, :end AS good, :other AS total",
        "SELECT 1 AS bucket, 1 AS good, 1 AS total WHERE :start < :end",
        "SELECT CAST(:start AS timestamptz) AS bucket, 'x' AS good, 1 AS total, :end AS e",
        "SELECT CAST(:start AS timestamptz) AS bucket, 'NaN'::float8 AS good, 1 AS total, :end AS e",
        "SELECT CAST(:start AS timestamptz) AS bucket, -1 AS good, 1 AS total, :end AS e",
        "SELECT bucket, good FROM nowhere WHERE bucket BETWEEN :start AND :end",
        "SELECT now() AS bucket, 1 AS good, 1 AS total FROM public.orders WHERE :end > :start",
        "WITH gone AS (DELETE FROM reporting.orders RETURNING 1) SELECT :start, :end FROM gone",
        "SELECT now() AS bucket, 1 AS good, 1 AS total FROM pg_sleep(60) WHERE :end > :start",
    ],
)
def test_sql_that_cannot_be_a_count_is_refused_beside_the_field(control_sources, now, sql, monkeypatch):
    monkeypatch.setattr(facts, "STATEMENT_SECONDS", 1)
    with pytest.raises(Refused) as refused:
        facts.check(control_sources.reporting, sql, now - timedelta(hours=1), now)
    assert set(refused.value.fields) == {"query"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total": "hits_total{"}, "total"),
        ({"total": "sum(nowhere_total)"}, "total"),
        ({"good": "hit_total"}, "good"),
        ({"good": 'hits_total{outcome="splendid"}'}, "good"),
        ({"good": "", "bad": "mishaps_total"}, "bad"),
        ({"group_label": "shoe_size"}, "group_label"),
        ({"indicator": "latency", "durations": "nowhere_bucket", "threshold_seconds": 1}, "durations"),
        ({"indicator": "probe", "query": "lag_seconds[5m]", "threshold": 1}, "query"),
        ({"indicator": "probe", "query": "nowhere", "threshold": 1}, "query"),
    ],
)
def test_what_prometheus_cannot_answer_is_refused_beside_the_field(
    control_sources, prometheus, now, changes, field
):
    prometheus.load(samples(now))
    values = {"key": "a", "name": "a", "objective": 0.99, "good": "hits_total", "total": "hits_total"}
    with pytest.raises(Refused) as refused:
        check.complete(control_sources, read(values | changes), now)
    assert set(refused.value.fields) == {field}
    assert check.complete(control_sources, read(values), now).warnings == {}
    none_bad = read(values | {"good": "", "bad": 'hits_total{outcome="500"}'})
    assert set(check.complete(control_sources, none_bad, now).warnings) == {"bad"}


def test_a_query_that_costs_too_much_is_refused(control_sources, prometheus, now, monkeypatch):
    prometheus.load(samples(now))
    monkeypatch.setattr(check, "MOST_SAMPLES", 1_000)
    assert check.checked_query(control_sources.prometheus, "hits_total", now).series == 3
    with pytest.raises(Refused) as refused:
        check.checked_query(control_sources.prometheus, "sum_over_time(hits_total[4h])", now, "total")
    assert "samples" in str(refused.value.fields["total"])


def test_a_threshold_is_spelled_as_its_bucket_is(control_sources, prometheus, checkout, steady, now):
    prometheus.load(steady(now, hours=1).text())
    values = {"key": "a", "name": "a", "objective": 0.95, "indicator": "latency"}
    values["durations"] = 'shop_journey_duration_seconds{journey="checkout"}'
    found = check.complete(control_sources, read(values | {"threshold_seconds": 0.5}), now).definition
    assert found.good == 'shop_journey_duration_seconds_bucket{journey="checkout",le="0.5"}'
    assert found.total == 'shop_journey_duration_seconds_count{journey="checkout"}'
    with pytest.raises(Refused) as refused:
        check.complete(control_sources, read(values | {"threshold_seconds": 0.3}), now)
    assert "0.5, 1" in str(refused.value.fields["threshold_seconds"])
