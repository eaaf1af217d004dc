"""The forest plot: each interval as a line on one common axis, with 0 and a guard's margin marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from app.experiments.analysis import Analysis
from app.experiments.stats import Comparison
from app.ui.drawn import drawn

WIDTH, HEIGHT, EDGE = 220, 24, 6
WIDEST = 1.0  # a relative effect beyond ±100 % runs off the edge: the figures stand beside
ROOM = 1.1


def reach(analysis: Analysis) -> float:
    """Half the width of the axis: the same for every row, so that lengths can be compared."""
    ends = [abs(end) for row in _comparisons(analysis) for end in row.ci or () if abs(end) != float("inf")]
    return min(max(ends, default=0.1) * ROOM, WIDEST)


def forest(comparison: Comparison, reach: float, label: str, margin: float | None = None) -> Markup:
    """One row. `margin`: where a guard breaks, signed."""
    if comparison.ci is None or comparison.effect is None:
        return Markup("")

    def x(value: float) -> str:
        inside = max(-reach, min(reach, value))
        return f"{EDGE + (inside + reach) / (2 * reach) * (WIDTH - 2 * EDGE):.1f}"

    low, high = comparison.ci
    middle = HEIGHT / 2
    parts = [f'<path class="forest-zero" d="M{x(0)} 2V{HEIGHT - 2}"/>']
    if margin is not None:
        parts.append(f'<path class="forest-margin" d="M{x(margin)} 2V{HEIGHT - 2}"/>')
    parts.append(f'<path class="forest-line" d="M{x(low)} {middle}H{x(high)}"/>')
    parts += [f'<path class="forest-end" d="M{x(end)} {middle - 4}V{middle + 4}"/>' for end in comparison.ci]
    parts.append(f'<circle class="forest-dot" cx="{x(comparison.effect)}" cy="{middle}" r="3.5"/>')
    return drawn(
        f'<svg class="forest" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _comparisons(analysis: Analysis) -> Iterable[Comparison]:
    return (row.comparison for finding in analysis.findings for row in finding.rows)
