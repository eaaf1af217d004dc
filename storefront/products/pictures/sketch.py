"""A sheet of 480 by 480 to draw on, with the paint of one product. Pure.

How much is drawn depends on how large the picture is shown: 0 shapes alone, 1 light and pattern as well,
2 also texture and fine lines. A shape asks `sketch.detail` and leaves out what nobody would see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

MIDDLE = 240.0


@dataclass(frozen=True)
class Palette:
    main: str
    dark: str
    light: str
    accent: str  # handles, lids, knobs
    accent_dark: str
    ground: str  # the wall behind
    table: str


@dataclass
class Sketch:
    palette: Palette
    detail: int  # 0, 1 or 2
    curve: float  # 0 angular to 1 round
    pattern: int  # 0 plain, 1 rim, 2 stripes, 3 dots
    parts: list[str] = field(default_factory=list)

    def add(self, tag: str, **attributes: object) -> None:
        """add("path", d="M0 0", stroke_width=2): underscores become hyphens, numbers lose needless digits."""
        words = " ".join(
            name.replace("_", "-") + f'="{escape(_short(value))}"'
            for name, value in attributes.items()
            if value is not None
        )
        self.parts.append(f"<{tag} {words}/>")

    def path(self, d: str, fill: str | None = None, **more: object) -> None:
        self.add("path", d=d, fill=fill or self.body, **more)

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, fill: str, **more: object) -> None:
        self.add("ellipse", cx=cx, cy=cy, rx=rx, ry=ry, fill=fill, **more)

    def rect(
        self, x: float, y: float, width: float, height: float, r: float, fill: str, **more: object
    ) -> None:
        self.add("rect", x=x, y=y, width=width, height=height, rx=r, fill=fill, **more)

    def line(self, d: str, colour: str, width: float, **more: object) -> None:
        self.add(
            "path",
            d=d,
            fill="none",
            stroke=colour,
            stroke_width=width,
            stroke_linecap="round",
            stroke_linejoin="round",
            **more,
        )

    @property
    def body(self) -> str:
        """The product's own colour, with light from the left where the picture is large enough."""
        return "url(#body)" if self.detail else self.palette.main

    @property
    def wood(self) -> str:
        return "url(#accent)" if self.detail else self.palette.accent

    def shadow(self, cy: float, rx: float, cx: float = MIDDLE) -> None:
        """What a thing throws on the table."""
        fill = "url(#shadow)" if self.detail else self.palette.table
        self.ellipse(cx, cy, rx * 1.12, max(9.0, rx * 0.11), fill)

    def shine(self, d: str, width: float = 7) -> None:
        if self.detail:
            self.line(d, "#ffffff", width, opacity=0.38)

    def seam(self, d: str, width: float = 2.5) -> None:
        if self.detail:
            self.line(d, self.palette.dark, width, opacity=0.55)

    def fine(self, d: str, width: float = 1.2) -> None:
        """Lines that only the large picture has."""
        if self.detail == 2:
            self.line(d, self.palette.dark, width, opacity=0.35)

    def vessel(
        self,
        top: float,
        bottom: float,
        top_half: float,
        bottom_half: float,
        bulge: float = 0,
        foot: float = 18,
    ) -> None:
        """A body that is the same left and right: half widths at top and bottom, sides bent by `bulge`."""
        left, right = MIDDLE - top_half, MIDDLE + top_half
        low_left, low_right = MIDDLE - bottom_half, MIDDLE + bottom_half
        middle = (top + bottom) / 2
        widest = max(top_half, bottom_half) + bulge
        self.path(
            f"M{left:.0f} {top:.0f} C{MIDDLE - widest:.0f} {middle:.0f} {low_left - bulge * 0.4:.0f} {bottom:.0f} "
            f"{low_left + foot:.0f} {bottom:.0f} L{low_right - foot:.0f} {bottom:.0f} "
            f"C{low_right + bulge * 0.4:.0f} {bottom:.0f} {MIDDLE + widest:.0f} {middle:.0f} {right:.0f} {top:.0f} Z"
        )
        self._decorate(top, bottom, min(top_half, bottom_half) + bulge * 0.3)

    def _decorate(self, top: float, bottom: float, half: float) -> None:
        if not self.detail or not self.pattern:
            return
        height = bottom - top
        left, right = MIDDLE - half * 0.94, MIDDLE + half * 0.94
        if self.pattern == 1:
            self.line(
                f"M{left:.0f} {top + height * 0.16:.0f} H{right:.0f}", self.palette.light, 5, opacity=0.7
            )
        elif self.pattern == 2:
            for step in range(3 + self.detail):
                y = top + height * (0.3 + 0.09 * step)
                self.line(f"M{left:.0f} {y:.0f} H{right:.0f}", self.palette.light, 3, opacity=0.5)
        else:
            self._dots(top, bottom, half)

    def _dots(self, top: float, bottom: float, half: float) -> None:
        columns, rows = 4 + 2 * self.detail, 2 + self.detail
        for row in range(rows):
            for column in range(columns):
                x = MIDDLE - half * 0.8 + 1.6 * half * (column + 0.5 * (row % 2)) / columns
                y = top + (bottom - top) * (0.3 + 0.4 * row / rows)
                self.add("circle", cx=x, cy=y, r=4, fill=self.palette.light, opacity=0.7)


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the other colour mixed into the first; both as #rrggbb."""
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _short(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
