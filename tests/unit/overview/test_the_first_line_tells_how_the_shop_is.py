"""The verdict: the worst that is known, and never "all right" when nobody can see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.overview.verdict import Part, Slo, blind_since, troubles, verdict

pytestmark = pytest.mark.usefixtures("babel_context")
NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
LATELY = NOW - timedelta(seconds=30)


def slo(
    state: str = "ok", burn: float | None = 0.2, at: datetime | None = LATELY, key: str = "checkout-latency"
) -> Slo:
    return Slo(key, state, at, 0.5, burn)


def part(name: str, is_up: bool = True, at: datetime = LATELY, last_ok: datetime | None = LATELY) -> Part:
    return Part(name, at, is_up, last_ok)


def parts(*some: Part) -> dict[str, Part]:
    found = {name: part(name) for name in ("postgres", "prometheus", "alertmanager", "scrape", "evaluation")}
    return found | {one.name: one for one in some}


@pytest.mark.parametrize(
    ("slos", "state", "words"),
    [
        ([slo()], "ok", "The shop is all right"),
        ([slo(key="a"), slo("risk")], "risk", "The shop sells, with little budget left: Checkout latency"),
        (
            [slo("risk"), slo("burning", key="checkout-availability")],
            "burning",
            "Shoppers are hurt right now: Checkout availability",
        ),
        (
            [slo("exhausted", burn=0)],
            "exhausted",
            "The shop sells, but its error budget is spent: Checkout latency",
        ),
        (
            [slo("exhausted", burn=None)],
            "exhausted",
            "The shop sells, but its error budget is spent: Checkout latency",
        ),
        (
            [slo("exhausted", burn=20)],
            "exhausted",
            "The error budget is gone and shoppers are hurt: Checkout latency",
        ),
        ([slo(at=NOW - timedelta(hours=1))], "stale", "Nobody can tell: the figures are old"),
        ([slo(at=None)], "nodata", "Nothing is measured yet"),
        ([], "nodata", "Nothing is measured yet"),
    ],
)
def test_the_worst_objective_makes_the_line(slos, state, words):
    found = verdict(slos, parts(), NOW)
    assert (found.state, str(found.title)) == (state, words)


@pytest.mark.parametrize("eye", ["prometheus", "alertmanager", "scrape", "evaluation"])
def test_monitoring_that_does_not_see_is_not_all_right(eye):
    away_since = NOW - timedelta(minutes=7)
    found = verdict([slo()], parts(part(eye, is_up=False, last_ok=away_since)), NOW)
    assert (found.state, found.since) == ("stale", away_since)


def test_a_part_that_only_we_need_does_not_blind():
    assert blind_since(parts(part("postgres", is_up=False)), NOW) == (False, None)


def test_nobody_who_looks_is_blindness_too():
    assert blind_since({}, NOW) == (True, None)
    old = NOW - timedelta(minutes=10)
    assert blind_since({"prometheus": part("prometheus", at=old)}, NOW) == (True, old)


def test_a_burning_objective_is_told_even_when_blind():
    assert verdict([slo("burning")], {}, NOW).state == "burning"


def test_everything_degraded_is_listed_worst_first():
    found = troubles(
        [slo("risk"), slo("ok"), slo("nodata"), slo(at=NOW - timedelta(hours=1), key="old")],
        parts(part("redis", is_up=False, last_ok=None), part("strange", is_up=False)),
        [(LATELY, "Checkout burns", "/alerts/1"), (LATELY, "No page", "")],
        NOW - timedelta(minutes=20),
        NOW,
    )
    assert [(trouble.state, str(trouble.title)) for trouble in found] == [
        ("burning", "Checkout burns"),
        ("burning", "No page"),
        ("failed", "Redis"),
        ("failed", "strange"),
        ("risk", "Checkout latency"),
        ("stale", "Old"),
        ("stale", "Live counters"),
    ]
    assert [trouble.href for trouble in found][:2] == ["/alerts/1", "/alerts/"]


def test_with_all_well_nothing_is_listed():
    assert troubles([slo()], parts(), [], LATELY, NOW) == []
    assert troubles([], {}, [], None, NOW) == []
