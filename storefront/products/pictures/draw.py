"""A product's picture as SVG, in three sizes with really different detail. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storefront.products.pictures import tools, vessels
from storefront.products.pictures.sketch import Palette, Sketch, mix

# Width in pixels → how much is drawn.
DETAIL = {160: 0, 480: 1, 960: 2}
WOODEN = "#b98a58"
DARK_WOOD = "#7c573a"
SPECKLED = frozenset({"stoneware", "enamel", "iron"})

SHAPES: Mapping[str, Callable[[Sketch], None]] = {
    name: getattr(module, name)
    for module, names in (
        (
            vessels,
            "kettle teapot press dripper mill caddy pan saucepan casserole stockpot wok griddle bowl dish jug mug "
            "tumbler wineglass carafe jar bottle crock",
        ),
        (
            tools,
            "knife breadknife paring board paddle shears caketin loaftin pin whisk plate deepplate mills cutlery "
            "towel apron glove napkin tablecloth lamp candle breadbin ladle spoon",
        ),
    )
    for name in names.split()
}


@dataclass(frozen=True)
class Picture:
    shape: str
    paint: str  # "#rrggbb"
    curve: float
    pattern: int
    material: str


def draw(picture: Picture, width: int) -> str:
    """The picture `width` pixels wide, one of DETAIL. KeyError for a width or shape that there is not."""
    detail = DETAIL[width]
    palette = _palette(picture.paint)
    sketch = Sketch(palette, detail, picture.curve, picture.pattern)
    SHAPES[picture.shape](sketch)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{width}" viewBox="0 0 480 480">'
        f"{_definitions(palette) if detail else ''}{_room(palette, detail)}"
        f"{''.join(sketch.parts)}{_grain(palette, picture.material) if detail == 2 else ''}</svg>"
    )


def _palette(paint: str) -> Palette:
    is_wooden = paint in ("#c79a63", "#7a5238", "#a9854a")
    accent = DARK_WOOD if is_wooden else WOODEN
    return Palette(
        main=paint,
        dark=mix(paint, "#2a211b", 0.34),
        light=mix(paint, "#fffaf0", 0.62),
        accent=paint if is_wooden else accent,
        accent_dark=mix(accent, "#2a211b", 0.3),
        ground=mix("#f4ebdd", paint, 0.14),
        table=mix("#e3d5c0", paint, 0.18),
    )


def _definitions(palette: Palette) -> str:
    def across(name: str, first: str, middle: str, last: str) -> str:
        return (
            f'<linearGradient id="{name}" x1="0" x2="1" y1="0" y2=".25"><stop stop-color="{first}"/>'
            f'<stop offset=".42" stop-color="{middle}"/><stop offset="1" stop-color="{last}"/></linearGradient>'
        )

    body = across(
        "body", mix(palette.main, "#ffffff", 0.22), palette.main, mix(palette.main, palette.dark, 0.75)
    )
    accent = across(
        "accent", mix(palette.accent, "#ffffff", 0.2), palette.accent, mix(palette.accent, "#2a211b", 0.25)
    )
    shadow = (
        '<radialGradient id="shadow"><stop stop-color="#3b2c20" stop-opacity=".38"/>'
        '<stop offset="1" stop-color="#3b2c20" stop-opacity="0"/></radialGradient>'
    )
    return f"<defs>{body}{accent}{shadow}</defs>"


def _room(palette: Palette, detail: int) -> str:
    wall = f'<path d="M0 0H480V480H0Z" fill="{palette.ground}"/>'
    if not detail:
        return wall
    table = f'<path d="M0 372H480V480H0Z" fill="{palette.table}" opacity=".55"/>'
    if detail == 1:
        return wall + table
    edge = f'<path d="M0 372H480" stroke="{palette.accent}" stroke-width="1.500" opacity=".25"/>'
    light = '<path d="M0 0H170L40 372H0Z" fill="#fff" opacity=".13"/><path d="M210 0H250L120 372H80Z" fill="#fff" opacity=".1"/>'
    return wall + table + edge + light


def _grain(palette: Palette, material: str) -> str:
    """Specks of the clay or the enamel, always at the same places."""
    if material not in SPECKLED:
        return ""
    specks = "".join(
        f'<circle cx="{150 + (step * 73) % 180}" cy="{230 + (step * 47) % 150}" r="{0.8 + step % 3 * 0.4:.1f}"/>'
        for step in range(46)
    )
    return f'<g fill="{palette.dark}" opacity=".35">{specks}</g>'
