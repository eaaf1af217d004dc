"""What the API says of series. Pure."""

from __future__ import annotations

from itertools import chain
from typing import get_args

from app.openapi.shapes import Named, Shape, either, many, moment, number, one_of, text, thing
from app.series.glossary import GLOSSARY, Better, Unit
from app.ui.shapes import RANGE

_ABOUT: dict[str, Shape] = {
    "key": text(most=200, example="slo.budget_left"),
    "name": text("In the language of the reader.", example="Error budget left"),
    "unit": one_of(*get_args(Unit), about="ratio: 1 is the whole; cents: of the currency's smallest unit."),
    "better": one_of(*get_args(Better), about="Which way is good."),
    "formula": text("In words.", example="1 − (bad events / all events) / (1 − objective)"),
    "labels": many(text(example="slo"), "What tells the members of the series apart."),
}
TERM = Named("SeriesTerm", thing(_ABOUT, about="What a series means."))
TERMS = thing({"series": many(TERM)})

_POINT: Shape = {
    **many(either(moment(), number()), "The moment and the value then.", least=2, most=2),
    "examples": [["2026-01-31T09:00:00+00:00", 0.62]],
}
POINTS = Named("SeriesPoints", thing({**_ABOUT, "points": many(_POINT, "Oldest first.")}))

KEY = one_of(*GLOSSARY, about="Of one series.")
LABELS = sorted(set(chain.from_iterable(term.labels for term in GLOSSARY.values())))
WANTED: dict[str, Shape] = {
    **RANGE,
    **{label: text("Where the series has this label: of which member.", most=200) for label in LABELS},
}
