"""The history's metrics as text."""

from __future__ import annotations

from itertools import pairwise

from local.history.blocks import BLOCK_HOURS, edges, shared
from local.history.samples import Family, Span, Text

START = 1_770_000_000


def test_a_counter_grows_at_the_step_that_first_knows_of_it() -> None:
    family = Family("shop_orders_total", "counter", Span(START, START + 240, 60), ("locale",))
    family.count(START + 10, "de")
    family.count(START + 130, "de")
    family.expect("ar")

    assert "".join(Text([family]).between(START, START + 1000)).splitlines() == [
        "# TYPE shop_orders counter",
        f'shop_orders_total{{locale="de",instance="shop",job="shop"}} 1 {START + 60}',
        f'shop_orders_total{{locale="de",instance="shop",job="shop"}} 1 {START + 120}',
        f'shop_orders_total{{locale="de",instance="shop",job="shop"}} 2 {START + 180}',
        f'shop_orders_total{{locale="de",instance="shop",job="shop"}} 2 {START + 240}',
        f'shop_orders_total{{locale="ar",instance="shop",job="shop"}} 0 {START + 60}',
        f'shop_orders_total{{locale="ar",instance="shop",job="shop"}} 0 {START + 120}',
        f'shop_orders_total{{locale="ar",instance="shop",job="shop"}} 0 {START + 180}',
        f'shop_orders_total{{locale="ar",instance="shop",job="shop"}} 0 {START + 240}',
        "# EOF",
    ]


def test_what_happens_after_the_last_step_is_left_out() -> None:
    family = Family("shop_orders_total", "counter", Span(START, START + 100, 60), ())
    family.expect()
    family.count(START + 70)

    assert list(dict(family.series()).values()) == [[0]]


def test_buckets_of_a_histogram_hold_all_below_them() -> None:
    family = Family("seconds", "histogram", Span(START, START + 60, 60), (), buckets=(0.1, 1.0))
    for value in (0.1, 0.5, 3.0):
        family.observe(START + 1, value)
    family.observe(START + 99, 1.0)

    written = "".join(Text([family]).between(START, START + 100))
    values = [line.split()[1] for line in written.splitlines() if not line.startswith("#")]
    assert values == ["1", "2", "3", "3", "3.6"]


def test_parts_of_the_time_are_written_without_gap_or_overlap() -> None:
    family = Family("up", "gauge", Span(START, START + 600, 60), ())
    family.expect()[0] = [1] * 10
    text = Text([family])

    middle = START + 333
    parts = [
        line
        for at in ((0, middle), (middle, START + 999))
        for line in "".join(text.between(*at)).splitlines()
    ]
    times = [int(line.split()[2]) for line in parts if line.startswith("up{")]
    assert times == [START + 60 * n for n in range(1, 11)]


def test_blocks_begin_where_promtool_lets_them_begin() -> None:
    length = BLOCK_HOURS * 3600
    spans = edges(START, START + 30 * 86_400)

    assert spans[0][0] == START
    assert spans[-1][1] == START + 30 * 86_400
    assert all(later[0] == earlier[1] and later[0] % length == 0 for earlier, later in pairwise(spans))


def test_two_processes_get_about_the_same_amount_of_time() -> None:
    spans = edges(START, START + 30 * 86_400)
    one, other = shared(spans)

    assert sorted(one + other) == spans
    amounts = [sum(end - start for start, end in share) for share in (one, other)]
    assert max(amounts) - min(amounts) <= BLOCK_HOURS * 3600
