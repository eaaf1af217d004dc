"""What the API answers of the days ahead and of unusual ones. Pure: shapes alone."""

from __future__ import annotations

from typing import get_args

from app.kpi.api_shapes import KPI_KEY, UNIT
from app.kpi.definitions import DIMENSIONS
from app.openapi.shapes import day, either, many, maybe, number, one_of, text, thing, whole
from app.series.forecast import Method, Reason

_AHEAD = many(number(example=40), "One for each day from `first` on.")
FORECAST = thing(
    {
        "method": one_of(*get_args(Method)),
        "mid": _AHEAD,
        "bands": many(
            thing(
                {
                    "share": number("How probably the true value lies inside.", least=0, most=1, example=0.8),
                    "low": _AHEAD,
                    "high": _AHEAD,
                }
            ),
            "Those that can be told, the narrowest first.",
        ),
        "mase": number("Mean absolute scaled error of the method in its back-test.", least=0, example=0.8),
        "naive_mase": number("The same of last week's values.", least=0, example=1.0),
        "origins": whole("Of the back-test.", least=0, example=12),
    }
)
OUTLOOK = thing(
    {
        "key": KPI_KEY,
        "unit": UNIT,
        "zone": text(example="Europe/Berlin"),
        "first": day("The first day ahead."),
        "forecast": either(
            FORECAST, thing({"reason": one_of(*get_args(Reason), about="Why there is none.")})
        ),
        "unusual": many(
            thing(
                {
                    "day": day(),
                    "value": number(example=90),
                    "usual": number("Of the same weekday.", example=40),
                    "z": number("How far off, in usual deviations.", example=4.2),
                    "by": maybe(one_of(*DIMENSIONS, about="What tells the parts apart.")),
                    "parts": many(
                        thing(
                            {
                                "member": text(example="de"),
                                "now": maybe(number(example=70)),
                                "usual": maybe(number(example=20)),
                                "difference": number("They add up to that of the day.", example=50),
                                "share": number("Of the day's difference.", example=1),
                            }
                        )
                    ),
                }
            )
        ),
    }
)
