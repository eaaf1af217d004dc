"""What the list shows for what the address asks."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.slo.bucket import Counts
from app.slo.burn import Measured
from app.slo.ladder import ladder
from app.slo.listing import Wanted, arrange, read
from app.slo.objective import Objective
from app.slo.queries import Line, Status

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
BURNING = {3600: Measured(50.0, 900), 300: Measured(60.0, 90)}


def line(key: str, state: str = "ok", left: float | None = 0.5, *, burns=None, parent="", **more) -> Line:
    slo = Objective(
        id=1, revision=1, version=1, key=key, name=key.replace("-", " ").title(), objective=Decimal("0.99"),
        parent_key=parent, **more,
    )  # fmt: skip
    status = Status(NOW, state, Counts(1, 1000), left, burns or {}, None, [1.0, left])
    return Line(slo, None if state == "nodata" else status, state)


def keys(lines: list[Line], **wanted) -> list[str]:
    made = arrange(lines, read(wanted))
    return [row.line.slo.key for section in made.sections for row in section.rows]


def test_what_burns_now_stands_before_what_was_spent_long_ago():
    lines = [
        line("fine"),
        line("spent", "exhausted", -0.5),
        line("burning", "burning", 0.4, burns=BURNING),
        line("unknown", "nodata"),
        line("low", "risk", 0.1),
    ]
    assert keys(lines) == ["burning", "spent", "low", "unknown", "fine"]
    assert [row.line.slo.key for row in arrange(lines, Wanted()).first] == ["burning"]


def test_where_nothing_burns_the_worst_is_named_and_where_all_is_well_nothing():
    assert [row.line.slo.key for row in arrange([line("a"), line("b", "risk", 0.1)], Wanted()).first] == ["b"]
    assert arrange([line("a"), line("b", "stale")], Wanted()).first == ()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"q": "check OPS"}, ["checkout"]),
        ({"q": "team=money"}, ["payments"]),
        ({"q": "nothing like it"}, []),
        ({"owner": "ops"}, ["checkout"]),
        ({"label": "team=money"}, ["payments"]),
        ({"state": "risk"}, ["payments"]),
        ({"state": "no such state"}, ["payments", "checkout"]),
    ],
)
def test_words_owner_label_and_state_narrow_the_list(wanted, found):
    lines = [
        line("checkout", owner="ops"),
        line("payments", "risk", 0.1, owner="finance", labels={"team": "money"}),
    ]
    assert keys(lines, **wanted) == found


def test_a_group_is_one_row_that_speaks_for_its_worst_member():
    lines = [
        line("pages", "nodata", group_label="locale"),
        line("pages-en", parent="pages", group_value="en"),
        line("pages-ar", "exhausted", -0.2, parent="pages", group_value="ar"),
        line("checkout", "risk", 0.1),
    ]
    made = arrange(lines, Wanted())
    group = made.sections[0].rows[0]
    assert keys(lines) == ["pages", "checkout"]
    assert (group.state, group.speaks.slo.key, group.tally) == (
        "exhausted",
        "pages-ar",
        [("exhausted", 1), ("ok", 1)],
    )
    assert made.total == 2
    assert keys(lines, q="ar") == ["pages", "checkout"][:1]
    assert keys(lines, state="ok") == ["pages"]


def test_a_value_that_nothing_was_counted_for_does_not_hide_the_others():
    lines = [
        line("pages", "ok", group_label="locale"),
        line("pages-en", "ok", 0.6, parent="pages", group_value="en"),
        line("pages-other", "nodata", None, parent="pages", group_value="other"),
    ]
    (group,) = arrange(lines, Wanted()).sections[0].rows
    assert (group.state, group.speaks.slo.key) == ("ok", "pages-en")
    assert dict(group.tally) == {"nodata": 1, "ok": 1}
    (silent,) = arrange([lines[0], lines[2]], Wanted()).sections[0].rows
    assert silent.state == "nodata"


def test_groups_are_opened_and_closed_in_the_address():
    closed = read({"q": "shop", "by": "owner"})
    opened = closed.toggled("pages")
    assert opened.args() == {"q": "shop", "by": "owner", "open": "pages"}
    assert read(opened.args()) == opened
    assert opened.toggled("pages") == closed


def test_sections_come_by_owner_or_by_any_label_with_the_worst_first():
    lines = [line("a", owner="ops", labels={"team": "x"}), line("b", "risk", 0.1, owner="shop")]
    by_owner = arrange(lines, read({"by": "owner"})).sections
    assert [(section.name, section.state) for section in by_owner] == [("shop", "risk"), ("ops", "ok")]
    assert [section.name for section in arrange(lines, read({"by": "team"})).sections] == ["", "x"]


def test_an_empty_house_is_told_from_a_search_that_finds_nothing():
    assert arrange([], read({})).is_empty
    nothing = arrange([line("a")], read({"q": "zzz"}))
    assert (nothing.is_empty, nothing.sections) == (False, ())


def test_a_window_above_its_factor_that_does_not_fire_is_not_shown_as_well():
    few_bad = {3600: Measured(50.0, 2), 300: Measured(60.0, 1), 21_600: Measured(2.0, 2)}
    first, second, *rest = ladder(line("pages").slo, few_bad)
    assert (first.fires, first.state, second.state) == (False, "risk", "ok")
    assert {rung.state for rung in rest} == {"nodata"}
    assert ladder(line("pages").slo, BURNING)[0].state == "burning"
