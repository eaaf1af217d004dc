"""Usage events by file and by API, in any order: each once, on its day, in any zone somebody asks for."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app import cli
from app.kpi import event_import, jobs, partitions, reading
from app.kpi.models import KpiZone

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def event(number: int, at: datetime, kind: str = "page_view", visitor: str = "v", **more: object) -> dict:
    return {
        "event_id": f"event-{number}",
        "at": at.isoformat(),
        "kind": kind,
        "visitor_id": visitor,
        "locale": "de",
        "device": "mobile",
        **more,
    }


@pytest.fixture
def send(control_session, now: datetime) -> Callable[..., dict[str, int]]:
    def run(*events: object) -> dict[str, int]:
        report = event_import.take_batch(control_session, list(events), now)
        control_session.commit()
        return {"taken": report.kinds["taken"], "known": report.kinds["known"], "refused": report.refused}

    return run


@pytest.fixture
def figure(control_session) -> Callable[..., float | None]:
    def read(kpi: str, day: date, zone: str = "UTC", grain: str = "day", **more: object) -> float | None:
        found = reading.read(control_session, kpi, day, day, zone, grain, **more)
        control_session.commit()
        return found.members[0].buckets[0].value if found.members else None

    return read


def cells(session) -> list[tuple]:
    rows = session.execute(text("SELECT * FROM kpi_cells ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"))
    return [tuple(row) for row in rows]


def test_an_event_counts_once_by_its_id(send, compute, figure) -> None:
    one = event(1, NOON)
    assert send(one, one) == {"taken": 1, "known": 1, "refused": 0}
    assert send(one, event(1, NOON + timedelta(days=1))) == {"taken": 0, "known": 2, "refused": 0}
    compute()
    assert figure("sessions", NOON.date()) == 1


def test_a_session_ends_with_thirty_minutes_without_an_event(send, compute, figure) -> None:
    send(*(event(n, NOON + timedelta(minutes=minute)) for n, minute in enumerate((0, 29, 58, 89, 119))))
    compute()
    assert figure("sessions", NOON.date()) == 2
    send(event(9, NOON + timedelta(minutes=75)))  # late, and it bridges the pause
    compute()
    assert figure("sessions", NOON.date()) == 1


def test_late_events_change_the_day_they_happened_on_however_old(send, compute, figure) -> None:
    send(event(1, NOON), event(2, NOON - timedelta(days=200), visitor="w"))
    compute()
    late = NOON - timedelta(days=100)
    assert figure("sessions", late.date()) is not None
    send(event(3, late, visitor="late"))
    assert compute().startswith("1 days computed")
    assert figure("sessions", late.date()) == 1
    assert figure("monthly-active-users", late.date() + timedelta(days=29)) == 1
    assert figure("monthly-active-users", late.date() + timedelta(days=30)) is not None


def test_computing_again_gives_the_same_cells(send, compute, control_session) -> None:
    rng = random.Random(5)
    events = [
        event(
            n,
            NOON + timedelta(minutes=rng.randrange(40_000)),
            rng.choice(("page_view", "cart_add")),
            f"v{n % 9}",
        )
        for n in range(300)
    ]
    send(*events[:150])
    compute()
    send(*events[150:])
    compute()
    before = cells(control_session)
    control_session.execute(text("UPDATE kpi_zones SET computed_at = NULL"))
    compute()
    assert cells(control_session) == before
    assert len(before) > 100


def test_the_funnel_is_closed(send, compute, control_session) -> None:
    def visit(number: int, *kinds: str) -> list[dict]:
        return [
            event(10 * number + n, NOON + timedelta(minutes=n), kind, f"v{number}")
            for n, kind in enumerate(kinds)
        ]

    send(
        *visit(1, "page_view", "cart_add", "checkout_start", "order_complete"),
        *visit(2, "page_view", "checkout_start", "cart_add"),  # the checkout was before the cart
        *visit(3, "order_complete"),  # completed, but past the funnel
        *visit(4, "cart_add", "checkout_start"),
    )
    compute()
    day = NOON.date()
    steps = reading.funnel(control_session, day, day, "UTC").members[""]
    assert [step.count for step in steps] == [4, 3, 2, 1]
    assert [step.of_former for step in steps] == [None, 0.75, pytest.approx(2 / 3), 0.5]
    assert reading.read(control_session, "conversion", day, day, "UTC").members[0].buckets[0].value == 0.5
    lost = reading.read(control_session, "cart-abandonment", day, day, "UTC").members[0].buckets[0].value
    assert lost == pytest.approx(2 / 3)


def test_a_day_is_that_of_the_zone_somebody_asks_for(
    send, compute, figure, control_session, control_sources, now
):
    send(event(1, datetime(2026, 3, 4, 20, 0, tzinfo=UTC)))  # in Kolkata it is the fifth, 1:30
    compute()
    assert figure("sessions", date(2026, 3, 4)) == 1
    asked = reading.read(control_session, "sessions", date(2026, 3, 5), date(2026, 3, 5), "Asia/Kolkata")
    assert (asked.is_computing, asked.members[0].buckets[0].value) == (True, None)
    control_session.commit()
    jobs.fill_zones(control_session, now, control_sources)
    control_session.commit()
    assert figure("sessions", date(2026, 3, 5), "Asia/Kolkata") == 1
    assert control_session.get(KpiZone, "Asia/Kolkata").computed_at == now


def test_active_people_are_exact_in_every_window(send, compute, control_session) -> None:
    rng = random.Random(7)
    seen = {(rng.randrange(90), rng.randrange(12)) for _ in range(220)}
    send(*(event(n, NOON + timedelta(days=d), visitor=f"v{p}") for n, (d, p) in enumerate(sorted(seen))))
    compute()
    first, last = NOON.date(), NOON.date() + timedelta(days=89)

    def by_day(kpi: str) -> list[float | None]:
        found = reading.read(control_session, kpi, first, last, "UTC")
        return [bucket.value for bucket in found.members[0].buckets]

    for kpi, length in (("active-users", 1), ("weekly-active-users", 7), ("monthly-active-users", 30)):
        truth = [len({p for d, p in seen if day - length < d <= day}) for day in range(90)]
        known = [value for value in by_day(kpi) if value is not None]
        assert known == truth[: len(known)]
        assert len(known) > 80
    mean = sum(len({p for d, p in seen if d == day}) for day in range(40, 70)) / 30
    month = len({p for d, p in seen if 40 <= d < 70})
    assert by_day("stickiness")[69] == pytest.approx(mean / month, abs=1e-4)
    march = reading.read(control_session, "active-users", date(2026, 4, 1), date(2026, 4, 30), "UTC", "month")
    assert march.members[0].buckets[0].value == len({p for d, p in seen if 28 <= d < 58})


def test_users_the_shop_does_not_know_are_people_too(send, compute, figure) -> None:
    send(
        event(1, NOON, visitor="phone", user_id="stranger"),
        event(2, NOON, visitor="desk", user_id="stranger"),  # one person, two browsers
        event(3, NOON, visitor="somebody"),  # nobody signed in
        {key: value for key, value in event(4, NOON, user_id="other").items() if key != "visitor_id"},
    )
    compute()
    assert figure("active-users", NOON.date()) == 3
    assert figure("sessions", NOON.date()) == 4


def test_adoption_is_of_the_people_who_were_active(send, compute, control_session) -> None:
    flags = {"flags": {"new-search": "on"}}
    send(
        *(event(n, NOON, visitor=f"v{n}") for n in range(4)),
        event(10, NOON + timedelta(minutes=2), "search", "v1", **flags),
        event(11, NOON + timedelta(days=2), "search", "v2", **flags),
    )
    compute()
    day = NOON.date()
    found = {one.feature: one for one in reading.adoption(control_session, day, day, "UTC", "month")}
    search = found["search"]
    assert (search.total.numerator, search.total.denominator, search.total.value) == (2, 4, 0.5)
    assert found["new-search:on"].total.value == 0.5
    whole = reading.adoption(control_session, day, day + timedelta(days=6), "UTC", "week", "search")[0]
    assert (whole.first_uses, whole.median_seconds) == (2, (120 + 2 * 86_400) / 2)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"at": "2999-01-01T00:00:00Z"}, "not a time of the past"),
        ({"at": "yesterday"}, "not a date"),
        ({"kind": "=cmd()"}, "small letters"),
        ({"kind": None}, "small letters"),
        ({"visitor_id": None}, "neither visitor_id nor user_id"),
        ({"visitor_id": "a\0b"}, "NUL"),
        ({"country": "D\x1fE"}, "control characters"),
        ({"user_id": "a\x7fb"}, "control characters"),
        ({"session_id": "half \ud800"}, "control characters"),
        ({"flags": {"new": "o\x1fn"}}, "control characters"),
        ({"locale": ["de"]}, "not a text"),
        ({"flags": {str(n): "on" for n in range(21)}}, "at most 20"),
        ({"path": "x" * 3_000}, "longer than"),
    ],
)
def test_a_wrong_event_is_refused_and_the_others_are_taken(signed_in, wrong: dict, reason: str) -> None:
    pm = signed_in("product_manager")
    body = {"events": [{**event(1, NOON), **wrong}, event(2, NOON), "nothing"]}
    answer = pm.post("/api/v1/usage-events", json=body, headers={"X-CSRF-Token": "x"})
    assert answer.status_code == 202, answer.text
    told = answer.json
    assert (told["accepted"], told["refused_count"]) == (1, 2)
    assert told["refused"][0]["index"] == 0
    assert reason in told["refused"][0]["reason"]


def test_a_batch_that_is_none_is_refused(signed_in) -> None:
    pm = signed_in("product_manager")
    for body in ({"events": {}}, {"events": [1] * 1_001}, []):
        assert pm.post("/api/v1/usage-events", json=body).status_code == 422
    assert signed_in("viewer").post("/api/v1/usage-events", json={"events": []}).status_code == 403


def test_a_file_goes_in_and_out_and_in_again(
    control_app, control_session, compute, figure, tmp_path: Path, capsys
):
    lines = [json.dumps(event(n, NOON + timedelta(hours=n))) for n in range(5)]
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join([*lines[3:], "{broken", *lines[:3]]) + "\n")
    assert cli.run(control_app, ["usage", "import", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["taken_lines"], told["refused"], told["reasons"][0]["line"]) == (5, 1, 3)
    compute()
    assert figure("sessions", NOON.date()) == 5
    assert cli.run(control_app, ["usage", "export"]) == 0
    out = tmp_path / "events.csv"
    out.write_text(capsys.readouterr().out)
    assert cli.run(control_app, ["usage", "import", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["known_lines"] == 5
    span = ["--from", "2026-03-04", "--to", "2026-03-04", "--by", "locale"]
    assert cli.run(control_app, ["kpi", "export", "sessions", *span]) == 0
    assert "2026-03-04,de,5,5,,1," in capsys.readouterr().out


def test_months_are_made_ahead_and_dropped_while_figures_stay(
    send, compute, figure, control_session, control_sources, now
) -> None:
    old = now - timedelta(days=500)
    send(event(1, old))
    jobs.keep_partitions(control_session, now, control_sources)
    assert control_session.scalar(text("SELECT count(*) FROM kpi_events")) == 1  # nobody has read it yet
    compute()
    control_session.execute(text("UPDATE kpi_loads SET read_until = clock_timestamp()"))
    jobs.keep_partitions(control_session, now, control_sources)
    control_session.commit()
    kept = partitions.names(control_session)
    assert f"kpi_events_y{now:%Y}m{now:%m}" in kept
    assert f"kpi_events_y{old:%Y}m{old:%m}" not in kept
    assert control_session.scalar(text("SELECT count(*) FROM kpi_events")) == 0
    compute()
    assert figure("sessions", old.date()) == 1
    assert jobs.keep_partitions(control_session, now, control_sources) == "0 months made, 0 dropped"


def test_a_report_reads_one_moment_while_a_run_goes_on(
    send, compute, control_session, control_sources
) -> None:
    send(event(1, NOON))
    compute()
    day = NOON.date()
    with control_sources.control.begin() as session, reading.consistent(session):
        before = reading.read(session, "sessions", day, day, "UTC")
        send(event(2, NOON, visitor="w"))
        compute()
        assert reading.read(session, "sessions", day, day, "UTC").members == before.members
    assert reading.read(control_session, "sessions", day, day, "UTC").members != before.members
