"""What several features take and answer alike: a range of time, and the data of a chart. Pure."""

from __future__ import annotations

from app.openapi.shapes import (
    Named,
    Shape,
    either,
    many,
    maybe,
    moment_of_ours,
    number,
    one_of,
    text,
    thing,
    whole,
    yes_or_no,
)
from app.ui.timerange import RANGES

_UNIX_SECONDS = text(most=20, pattern=r"^[0-9]{1,10}(\.[0-9]{1,6})?$", example="1769853600")


def when(about: str = "") -> Shape:
    """A moment that a list or a chart is asked for."""
    return either(moment_of_ours(), _UNIX_SECONDS, about=about)


# Of `from` and `to` both are needed; without them, or where they make no range, `range` counts.
RANGE: dict[str, Shape] = {
    "range": one_of(*RANGES, about="Up to now."),
    "from": when("The first moment, inclusive."),
    "to": when("The last moment, exclusive."),
}

CHART = Named(
    "Chart",
    thing(
        {
            "unit": one_of("count", "ratio", "seconds", "cents", "burn", "bytes", "score"),
            "currency": text("Of cents; empty of all else.", most=3, example=""),
            "zero": yes_or_no("Whether the axis begins at 0."),
            "target": maybe(number("A line to hold the values against.", example=0.999)),
            "from": whole("Unix seconds.", example=1_769_850_000),
            "to": whole("Unix seconds.", example=1_769_853_600),
            "step": whole("Seconds from one place on the axis to the next.", least=1, example=60),
            "x": many(whole(example=1_769_850_000), "The axis of all lines: unix seconds."),
            "lines": many(
                thing(
                    {
                        "name": text(example="checkout-availability"),
                        "values": many(maybe(number(example=0.2)), "One for each of `x`; null: no data."),
                    }
                )
            ),
            "annotations": many(
                thing(
                    {
                        "at": whole("Unix seconds.", example=1_769_851_000),
                        "until": maybe(whole("Where it lasted.", example=1_769_852_000)),
                        "kind": text("Of what happened: flag, deploy, alert …", example="deploy"),
                        "title": text(example="Shop 1.4.0"),
                        "url": text("The page of it, where it has one.", example="/timeline/17"),
                    }
                ),
                "What happened meanwhile.",
            ),
        },
        about="Lines on one axis of time; a gap is null, never 0.",
    ),
)
