from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.errors import Refused
from app.slo.burn import Measured, windows
from app.slo.objective import read_percent, shown_state, state_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WINDOWS = windows(30, Decimal("0.995"))


@pytest.mark.parametrize(
    ("text", "share"),
    [("99.5", "0.995"), (" 99,9 % ", "0.999"), ("99.999", "0.99999"), ("50", "0.5"), ("95%", "0.95")],
)
def test_people_type_percentages_in_several_ways(text, share):
    assert read_percent(text) == Decimal(share)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "NaN", "inf", "-1", "0", "49.9", "100", "100.1", "1e9", "99.9999", "9" * 400, "99.5.5"],
)
def test_what_cannot_be_a_target_is_refused_beside_the_field(text, babel_context):
    with pytest.raises(Refused) as refused:
        read_percent(text)
    assert str(refused.value.fields["objective"])


def burns(long=0.0, short=0.0, bad=100.0, window=0):
    return {
        WINDOWS[window].long_seconds: Measured(long, bad),
        WINDOWS[window].short_seconds: Measured(short, bad),
    }


@pytest.mark.parametrize(
    ("left", "exhausts_in", "burning", "state"),
    [
        (0.9, None, {}, "ok"),
        (0.9, timedelta(days=20), {}, "ok"),
        (0.9, timedelta(hours=5), {}, "risk"),
        (0.1, None, {}, "risk"),
        (0.9, None, burns(50, 50), "burning"),
        (0.9, None, burns(4, 4, window=2), "risk"),
        (-0.2, None, burns(50, 50), "exhausted"),
        (0.0, None, {}, "exhausted"),
        (None, None, {}, "nodata"),
    ],
)
def test_the_state_is_the_worst_that_is_true(left, exhausts_in, burning, state):
    assert state_of(left, exhausts_in, WINDOWS, burning, 5) == state


def test_a_figure_that_nobody_refreshes_is_stale_whatever_it_said():
    assert shown_state("ok", NOW, NOW + timedelta(seconds=40)) == "ok"
    assert shown_state("ok", NOW, NOW + timedelta(minutes=4)) == "stale"
    assert shown_state("burning", NOW, NOW + timedelta(minutes=4)) == "stale"
    assert shown_state("ok", None, NOW) == "nodata"
