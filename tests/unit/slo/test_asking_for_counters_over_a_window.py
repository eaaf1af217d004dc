from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.slo.expressions import buckets_of, latency_parts, parts
from app.slo.promql import is_selector, plain, summed, tokens


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ('hits{code="200"}', 'sum(increase(hits{code="200"}[5m]))'),
        ("{__name__=~'a|b'}", "sum(increase({__name__=~'a|b'}[5m]))"),
        ("a + b", "sum(increase(a[5m]) + increase(b[5m]))"),
        ("sum(a) - sum(b{x='}'})", "sum(sum(increase(a[5m])) - sum(increase(b{x='}'}[5m])))"),
        ("sum by (x, y) (a)", "sum(sum by (x, y) (increase(a[5m])))"),
        ("sum(a) by (x)", "sum(sum(increase(a[5m])) by (x))"),
        ("a * on (x) group_left (y) b", "sum(increase(a[5m]) * on (x) group_left (y) increase(b[5m]))"),
        ("a offset 1h or vector(0)", "sum(increase(a[5m] offset 1h) or vector(0))"),
        ("sum(rate(a[1m]))", "sum(sum(increase(a[5m])))"),
        ("sum(irate(a[30s])) / 2", "sum(sum(increase(a[5m])) / 2)"),
        ("sum(increase(a[{{.window}}]))", "sum(sum(increase(a[5m])))"),
        ("sum(rate(a[$__window])) * 300", "sum(sum(rate(a[5m])) * 300)"),
        ("a # all of them\n+ b", "sum(increase(a[5m])   + increase(b[5m]))"),
    ],
)
def test_each_counter_is_increased_before_anything_is_summed(written, asked):
    assert summed(written, "5m") == asked


def test_a_group_is_asked_for_by_its_label():
    assert summed("hits", "1h", by="locale") == "sum by (locale) (increase(hits[1h]))"


@pytest.mark.parametrize(
    ("expr", "is_one"),
    [
        ("hits", True),
        ('hits{a="b"}', True),
        ("{a='b'}", True),
        ("a + b", False),
        ("sum(a)", False),
        ("", False),
    ],
)
def test_a_plain_counter_is_known(expr, is_one):
    assert is_selector(expr) is is_one


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_end_in_sight(text):
    assert summed(text, "5m")
    assert "".join(token.text for token in tokens(text)).count("\n") <= text.count("\n")
    assert "\n" not in plain(text) or '"' in text or "'" in text or "`" in text


@pytest.mark.parametrize("name", ["d_seconds", "d_seconds_bucket", "d_seconds_count", "d_seconds_sum"])
def test_a_threshold_is_asked_for_at_its_buckets_boundary(name):
    assert buckets_of(f'{name}{{a="b"}}') == 'd_seconds_bucket{a="b"}'
    assert latency_parts(buckets_of(f'{name}{{a="b"}}'), "0.5") == (
        'd_seconds_bucket{a="b",le="0.5"}',
        'd_seconds_count{a="b"}',
    )
    assert latency_parts(buckets_of(name), "1.0") == ('d_seconds_bucket{le="1.0"}', "d_seconds_count")


def test_a_probe_counts_samples_that_keep_the_limit(slo):
    probe = slo(indicator="probe", query="avg(lag_seconds)", op="lt", threshold=2.5)
    assert parts(probe, 300) == {
        "good": "sum(sum_over_time(((avg(lag_seconds)) < bool 2.5)[299s:15s]))",
        "total": "sum(count_over_time((avg(lag_seconds))[299s:15s]))",
    }
