"""SVG and chart data: a gap stays a gap, words are escaped, axes are round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from app.ui.chart import Annotation, chart
from app.ui.svg import Line, bar_chart, line_chart, nice_step, runs, sparkline, ticks

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def whole(value: float) -> str:
    return f"{value:g}"


def elements(svg: str, kind: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(svg).iter() if kind in (e.get("class") or "").split()]


def test_values_between_gaps_are_stretches():
    assert list(runs([1, 2, None, None, 3])) == [[(0, 1), (1, 2)], [(4, 3)]]
    assert list(runs([None])) == []


def test_a_sparkline_breaks_at_a_gap_and_dots_its_end():
    svg = sparkline([1, 2, None, 4, 5], "Orders <b>")
    assert len(elements(svg, "spark-line")) == 2
    assert len(elements(svg, "spark-dot")) == 1
    assert ElementTree.fromstring(svg).get("aria-label") == "Orders <b>"


def test_a_sparkline_that_ends_in_a_gap_has_no_dot_and_shows_its_target():
    svg = sparkline([1, 2, None], "x", target=1.5)
    assert not elements(svg, "spark-dot")
    assert len(elements(svg, "spark-target")) == 1


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_known_draws_nothing(values):
    assert sparkline(values, "x") == ""
    assert line_chart([Line("a", values)], ["1"] * len(values), "x", form=whole) == ""
    assert bar_chart(values, ["1"] * len(values), "x", form=whole) == ""


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 0.9, [0, 0.25, 0.5, 0.75, 1.0]),
        (-3, 5, [-4, -2, 0, 2, 4, 6]),
        (7, 7, [7, 8]),
    ],
)
def test_axes_have_round_numbers_that_span_the_values(low, high, expected):
    assert ticks(low, high) == expected


def test_a_step_is_one_of_few_round_ones():
    assert [nice_step(span) for span in (0, 4, 5, 9, 17, 30)] == [1.0, 1, 2, 2.5, 5, 10]


def test_lines_start_from_zero_unless_told_otherwise():
    from_zero = line_chart([Line("a", [90, 95])], ["1", "2"], "x", form=whole)
    assert [e.text for e in elements(from_zero, "axis")][:1] == ["0"]
    close = line_chart([Line("a", [90, 95])], ["1", "2"], "x", form=whole, zero=False)
    assert elements(close, "axis")[0].text == "90"


def test_lines_show_single_values_as_dots_and_the_target_as_a_line():
    svg = line_chart([Line("a", [1, None, 3]), Line("b", [1, 2, 3])], list("abc"), "x", form=whole, target=2)
    assert len(elements(svg, "dot")) == 2
    assert len(elements(svg, "series-2")) == 1
    assert len(elements(svg, "target")) == 1


def test_bars_name_their_value_and_a_missing_one_is_not_a_zero():
    svg = bar_chart([3, None, -1], ["<Mon>", "Tue", "Wed"], "x", form=whole, target=2)
    assert len(elements(svg, "bar")) == 3
    assert len(elements(svg, "bar--none")) == 1
    assert [e.text for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("title")] == [
        "<Mon>: 3",
        "Wed: -1",
    ]


def test_lines_of_a_chart_share_one_axis_with_gaps_as_none():
    made = chart(
        {
            "a": [(NOW, 1.0), (NOW + timedelta(minutes=10), 3.0)],
            "b": [(NOW + timedelta(minutes=5, seconds=9), 2.0), (NOW, None)],
        },
        start=NOW,
        end=NOW + timedelta(minutes=10),
        step_seconds=300,
    )
    assert made["x"] == [int(NOW.timestamp()) + offset for offset in (0, 300, 600)]
    assert [line["values"] for line in made["lines"]] == [[1.0, None, 3.0], [None, 2.0, None]]


def test_only_what_happened_in_the_range_is_drawn():
    notes = [
        Annotation(NOW - timedelta(days=1), "deploy", "before"),
        Annotation(NOW - timedelta(days=1), "incident", "reaches in", ends_at=NOW + timedelta(minutes=1)),
        Annotation(NOW + timedelta(minutes=2), "flag", "inside", "/flags/x"),
        Annotation(NOW + timedelta(days=1), "deploy", "after"),
    ]
    made = chart({}, start=NOW, end=NOW + timedelta(minutes=10), step_seconds=300, annotations=notes)
    assert [note["title"] for note in made["annotations"]] == ["reaches in", "inside"]
    assert made["annotations"][1] == {
        "at": int((NOW + timedelta(minutes=2)).timestamp()),
        "until": None,
        "kind": "flag",
        "title": "inside",
        "url": "/flags/x",
    }
