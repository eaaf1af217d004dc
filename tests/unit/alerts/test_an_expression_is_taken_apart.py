from __future__ import annotations

import pytest

from app.alerts import durations
from app.alerts.rules.promql import (
    Threshold,
    asks_for_the_edges,
    longest_look_seconds,
    selectors,
    threshold,
)
from app.alerts.rules.starters import STARTERS


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("up", ["up"]),
        ("up == 0", ["up"]),
        ('up{job="a",b=~"x}y"} == 0', ['up{job="a",b=~"x}y"}']),
        ('{__name__=~"a|b"} > 1', ['{__name__=~"a|b"}']),
        (
            "sum by (job, instance) (rate(http_total[5m])) / ignoring(job) group_left(x) y",
            ["http_total", "y"],
        ),
        ("sum(rate(a[5m])) by (b)", ["a"]),
        ('absent(gone) or absent_over_time(lost{x="1"}[5m]) or here', ["here"]),
        ("absent(sum(gone)) and here", ["here"]),
        ("rate(a[5m] offset 1d) > bool 3 and on () b unless c", ["a", "b", "c"]),
        ("max_over_time(rate(a[5m])[1h:5m])", ["a"]),
        ("histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))", ["x_bucket"]),
        ('label_replace(a, "dst", "$1", "src", "(.*)") # up\n* b', ["a", "b"]),
        ("a:b:c > Inf", ["a:b:c"]),
        ("vector(1)", []),
        ("time() - a > 1e3", ["a"]),
        ("a @ end() > 0x1f", ["a"]),
        ("count_values('x', version)", ["version"]),
        ("topk(3, a) and a", ["a"]),
        ("sum", ["sum"]),
    ],
)
def test_selectors_are_found(expr, expected):
    assert selectors(expr) == expected


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("rate(a[5m]) > 3", Threshold("rate(a[5m])", ">", 3.0)),
        ("a / b < 0.5", Threshold("a / b", "<", 0.5)),
        ("a > -1", Threshold("a", ">", -1.0)),
        ("abs(a) >= 1e3", Threshold("abs(a)", ">=", 1000.0)),
        ("(a > 3)", None),
        ("a > b", None),
        ("a > 3 and b", None),
        ("up", None),
    ],
)
def test_a_threshold_is_found(expr, expected):
    assert threshold(expr) == expected


@pytest.mark.parametrize(
    ("expr", "seconds"),
    [("up", 0), ("rate(a[5m])", 300), ("a offset 7d", 604_800), ("avg_over_time(a[1y])", 31_536_000),
     ('a{b="[90d]"}', 0), ("rate(a[1h30m])", 5_400)],
)  # fmt: skip
def test_how_far_it_looks_back(expr, seconds):
    assert longest_look_seconds(expr) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300), ("1h30m", 5_400), ("0", 0), ("", 0), ("1d", 86_400), ("90s", 90)]
)
def test_durations_are_read(text, seconds):
    assert durations.read(text) == seconds
    assert durations.read(durations.write(seconds)) == seconds


@pytest.mark.parametrize("text", ["5", "m", "-5m", "5 m", "1m1h", "5mm", "١m", "9" * 12 + "s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        durations.read(text)


def test_every_starter_reads_something():
    assert all(selectors(starter.rule.expression) for starter in STARTERS.values())


def test_the_edges_of_a_range_are_noticed():
    assert asks_for_the_edges("rate(a[5m] @ end())")
    assert asks_for_the_edges("a @start()")
    assert not asks_for_the_edges('a{b="@ end()"} @ 1609746000')
