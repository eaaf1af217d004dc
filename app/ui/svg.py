"""Charts that nobody zooms, drawn as SVG on the server. Pure: numbers in, markup out.

Colours come from the style sheet by class; a None in the values is a gap in the line, never a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup, escape

from app.ui.drawn import drawn

LABEL_WIDTH = 64
Values = Sequence[float | None]
Format = Callable[[float], str]


@dataclass(frozen=True)
class Line:
    name: str
    values: Values


def runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    """The stretches without a gap, as (index, value)."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((index, value))
    if run:
        yield run


def nice_step(span: float, steps: int = 4) -> float:
    """The next of 1, 2, 2.5, 5 × 10ⁿ at or above span / steps."""
    if span <= 0:
        return 1.0
    raw = span / steps
    base: float = 10.0 ** floor(log10(raw))
    return next(base * m for m in (1, 2, 2.5, 5, 10) if base * m >= raw * 0.999999)


def ticks(low: float, high: float, steps: int = 4) -> list[float]:
    """Round numbers that span low … high, both ends covered."""
    step = nice_step(high - low, steps)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return [round(step * i, 12) for i in range(first, max(last, first + 1) + 1)]


def _path(run: list[tuple[int, float]], x: Callable[[int], float], y: Callable[[float], float]) -> str:
    return "M" + "L".join(f"{x(i):.1f} {y(v):.1f}" for i, v in run)


def sparkline(
    values: Values, label: object, *, width: int = 120, height: int = 28, target: float | None = None
) -> Markup:
    """A line without axes; the last value has a dot. `label` says in words what the line shows."""
    known = [v for v in values if v is not None] + ([target] if target is not None else [])
    if not known:
        return Markup("")
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    gap = width / max(1, len(values) - 1)

    def x(index: int) -> float:
        return min(width - 3.0, max(1.0, index * gap))

    def y(value: float) -> float:
        return height - 3 - (value - low) / spread * (height - 6)

    parts = []
    if target is not None:
        parts.append(f'<path class="spark-target" d="M0 {y(target):.1f}H{width}"/>')
    parts += [f'<path class="spark-line" d="{_path(run, x, y)}"/>' for run in runs(values)]
    if values[-1] is not None:
        last = values[-1]
        parts.append(f'<circle class="spark-dot" cx="{x(len(values) - 1):.1f}" cy="{y(last):.1f}" r="2.2"/>')
    return _svg("spark", width, height, label, parts)


@dataclass(frozen=True)
class Frame:
    """The plot inside its margins, in pixels, and the values that its edges stand for."""

    width: int
    height: int
    low: float
    high: float
    slots: int
    left: int = 44
    top: int = 8
    right: int = 8
    bottom: int = 22

    def x(self, index: float) -> float:
        inner = self.width - self.left - self.right
        return self.left + inner * (index / max(1, self.slots))

    def y(self, value: float) -> float:
        inner = self.height - self.top - self.bottom
        return self.top + inner * (1 - (value - self.low) / ((self.high - self.low) or 1.0))


def _frame(values: list[float], slots: int, width: int, height: int, zero: bool) -> tuple[Frame, list[float]]:
    low = min([0.0, *values]) if zero else min(values, default=0.0)
    marks = ticks(low, max([*values, low + 1e-9]))
    return Frame(width, height, marks[0], marks[-1], slots), marks


def label_every(count: int, width: int) -> int:
    """Every how many slots a label has room."""
    return max(1, -(-count * LABEL_WIDTH // max(1, width - Frame.left)))


def _axis(frame: Frame, marks: list[float], form: Format, labels: Sequence[str], centred: bool) -> list[str]:
    parts = [
        f'<path class="grid" d="M{frame.left} {frame.y(m):.1f}H{frame.width - frame.right}"/>'
        f'<text class="axis" x="{frame.left - 6}" y="{frame.y(m) + 4:.1f}" text-anchor="end">'
        f"{escape(form(m))}</text>"
        for m in marks
    ]
    every = label_every(len(labels), frame.width)
    shift = 0.5 if centred else 0.0
    parts += [
        f'<text class="axis" x="{frame.x(i + shift):.1f}" y="{frame.height - 6}" '
        f'text-anchor="{"middle" if centred or 0 < i < len(labels) - 1 else "start" if i == 0 else "end"}">'
        f"{escape(label)}</text>"
        for i, label in enumerate(labels)
        if i % every == 0
    ]
    return parts


def line_chart(
    lines: Sequence[Line],
    labels: Sequence[str],
    label: object,
    *,
    form: Format,
    target: float | None = None,
    zero: bool = True,
    width: int = 720,
    height: int = 200,
) -> Markup:
    """Lines over evenly spaced slots named by `labels`, with a dashed line at `target`."""
    known = [v for line in lines for v in line.values if v is not None]
    if not known:
        return Markup("")
    frame, marks = _frame(
        known + ([target] if target is not None else []), max(1, len(labels) - 1), width, height, zero
    )
    parts = _axis(frame, marks, form, labels, centred=False)
    if target is not None:
        parts.append(f'<path class="target" d="M{frame.left} {frame.y(target):.1f}H{width - frame.right}"/>')
    for number, line in enumerate(lines):
        parts += [
            f'<path class="line series-{number % 6 + 1}" d="{_path(run, frame.x, frame.y)}"/>'
            if len(run) > 1
            else f'<circle class="dot series-{number % 6 + 1}" cx="{frame.x(run[0][0]):.1f}" '
            f'cy="{frame.y(run[0][1]):.1f}" r="2.5"/>'
            for run in runs(line.values)
        ]
    return _svg("chart-svg", width, height, label, parts)


def bar_chart(
    values: Values,
    labels: Sequence[str],
    label: object,
    *,
    form: Format,
    target: float | None = None,
    width: int = 720,
    height: int = 200,
) -> Markup:
    """Bars from zero, each with its value as a title; a missing bar is a hatched foot, not a zero."""
    known = [v for v in values if v is not None]
    if not known:
        return Markup("")
    frame, marks = _frame(
        known + ([target] if target is not None else []), max(1, len(values)), width, height, zero=True
    )
    slot = frame.x(1) - frame.x(0)
    wide = max(1.0, slot * 0.7)
    parts = _axis(frame, marks, form, labels, centred=True)
    for index, (value, name) in enumerate(zip(values, labels, strict=True)):
        left = frame.x(index) + (slot - wide) / 2
        if value is None:
            foot = frame.y(frame.low) - 4
            parts.append(
                f'<rect class="bar bar--none" x="{left:.1f}" y="{foot:.1f}" width="{wide:.1f}" height="4"/>'
            )
            continue
        top, base = sorted((frame.y(value), frame.y(0.0)))
        parts.append(
            f'<rect class="bar" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" '
            f'height="{max(1.0, base - top):.1f}" rx="1">'
            f"<title>{escape(name)}: {escape(form(value))}</title></rect>"
        )
    if target is not None:
        parts.append(f'<path class="target" d="M{frame.left} {frame.y(target):.1f}H{width - frame.right}"/>')
    return _svg("chart-svg", width, height, label, parts)


def _svg(kind: str, width: int, height: int, label: object, parts: Sequence[str]) -> Markup:
    body = "".join(parts)
    return drawn(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'preserveAspectRatio="xMinYMid meet" role="img" aria-label="{escape(str(label))}">{body}</svg>'
    )
