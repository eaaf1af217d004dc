"""When something fired, as bars on one axis of time: a lane for each alert or rule. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from app.ui.drawn import drawn

WIDTH = 960
LEFT = 44  # as the charts of app.ui.svg, so that both stand on one axis
RIGHT = 8
LANE = 16
LEAST_WIDTH = 3.0  # a minute in a month is still seen


@dataclass(frozen=True)
class Bar:
    start: datetime
    end: datetime
    title: str
    tone: str = "bad"


def strip(lanes: Sequence[Sequence[Bar]], start: datetime, end: datetime, label: object) -> Markup:
    """One row of bars a lane; each bar has its title on hover. `label` says in words what is shown."""
    height = LANE * max(1, len(lanes))
    parts = [
        f'<rect class="strip-lane" x="{LEFT}" y="{row * LANE + 2}" width="{WIDTH - LEFT - RIGHT}" '
        f'height="{LANE - 4}"/>' + "".join(_bar(bar, row, start, end) for bar in lane)
        for row, lane in enumerate(lanes)
    ]
    return drawn(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'preserveAspectRatio="none" role="img" aria-label="{escape(str(label))}">{"".join(parts)}</svg>'
    )


def _bar(bar: Bar, row: int, start: datetime, end: datetime) -> str:
    left, right = (_x(moment, start, end) for moment in (bar.start, bar.end))
    width = max(LEAST_WIDTH, right - left)
    return (
        f'<rect class="strip-bar tone-{bar.tone}" x="{left:.1f}" y="{row * LANE + 2}" width="{width:.1f}" '
        f'height="{LANE - 4}" rx="1"><title>{escape(bar.title)}</title></rect>'
    )


def _x(moment: datetime, start: datetime, end: datetime) -> float:
    length = (end - start).total_seconds() or 1.0
    share = (moment - start).total_seconds() / length
    return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, max(0.0, share))
