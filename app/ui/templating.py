"""What templates may use, registered in one place: filters, what macros are made of, the page's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import Flask, current_app, request, url_for
from jinja2.bccache import Bucket, BytecodeCache
from markupsafe import Markup

from app.guards import PERMISSIONS, may, person, role_name
from app.ui import assets, formats, svg
from app.ui.diff import diff_rows, diff_words
from app.ui.formats import FILTERS
from app.ui.icons import icon
from app.ui.kinds import kind_icon, kind_name
from app.ui.rooms import ON_THE_BAR, ROOMS
from app.ui.scope import environments, scope
from app.ui.states import state
from app.ui.timerange import RANGES

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
UNITS: dict[str, Any] = {
    "count": formats.number,
    "ratio": lambda value: formats.percent(value, 2),
    "seconds": formats.seconds,
    "burn": lambda value: f"{formats.number(value)}×",
    "bytes": formats.compact,
    "score": formats.number,
}
TABLE_ROWS = 60
FIRST_PAINT_WIDTH = 960


def shown(value: float | None, unit: str, currency: str = "") -> str:
    """One value of a chart in words."""
    if value is None:
        return str(formats.NO_DATA)
    if unit == "cents":
        return formats.money(round(value), currency or "EUR")
    text: str = UNITS[unit](value)
    return text


def svg_chart(
    data: Mapping[str, Any], label: object, height: int = 220, width: int = FIRST_PAINT_WIDTH
) -> Markup:
    """The first paint of a zoomable chart, of the same data."""
    lines = [svg.Line(line["name"], line["values"]) for line in data["lines"]]
    span = data["to"] - data["from"]
    form = "HH:mm" if span <= 2 * 86400 else "d MMM"
    every = svg.label_every(len(data["x"]), width)
    labels = [
        formats.axis_time(datetime.fromtimestamp(x, UTC), form) if index % every == 0 else ""
        for index, x in enumerate(data["x"])
    ]
    return svg.line_chart(
        lines,
        labels,
        label,
        form=lambda value: shown(value, data["unit"], data["currency"]),
        target=data["target"],
        zero=data["zero"],
        height=height,
        width=width,
    )


def chart_rows(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The chart as a table, newest first; long ones show every n-th point."""
    every = max(1, -(-len(data["x"]) // TABLE_ROWS))
    for index in range(len(data["x"]) - 1, -1, -every):
        cells = [
            (line["name"], shown(line["values"][index], data["unit"], data["currency"]))
            for line in data["lines"]
        ]
        yield {"at": datetime.fromtimestamp(data["x"][index], UTC), "cells": cells}


def with_args(**changes: object) -> str:
    """This page's address with some arguments changed; None takes one away."""
    args: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False), **changes}
    kept = {name: value for name, value in args.items() if value is not None and _is_plain(name)}
    return url_for(request.endpoint or "ui.style_page", **kept)


def _is_plain(name: str) -> bool:
    """Not one of those that `url_for` would take for itself, which anybody may write into an address."""
    return name != "endpoint" and not name.startswith("_")


def theme() -> str:
    """light, dark, or nothing where the system decides: this browser's choice, then the person's."""
    someone = person()
    chosen = request.cookies.get(THEME_COOKIE) or (someone.theme if someone else None)
    return chosen if chosen in THEMES else ""


def permissions_held() -> set[str]:
    return {permission for permission in PERMISSIONS if may(permission)}


def bundle_url(name: str) -> str:
    bundle: assets.Bundle = current_app.extensions["bundles"][name]
    return url_for("ui.bundle", name=bundle.url_name)


def range_name(key: str) -> object:
    return RANGES[key][0]


class CompiledOnce(BytecodeCache):
    """Several apps of one process (tests, above all) compile each template once. Jinja checks the source."""

    _code: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


def init_app(app: Flask) -> None:
    """Call after i18n and csrf. Registers the blueprint of the style page and the bundles, too."""
    from app.ui.views import blueprint

    app.extensions["bundles"] = assets.build_all()
    app.jinja_env.bytecode_cache = CompiledOnce()
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.filters["from_unix"] = lambda seconds: datetime.fromtimestamp(seconds, UTC)
    app.jinja_env.globals.update(
        icon=icon,
        state_of=state,
        kind_icon=kind_icon,
        kind_name=kind_name,
        svg_sparkline=svg.sparkline,
        svg_chart=svg_chart,
        chart_rows=chart_rows,
        diff_rows=diff_rows,
        diff_words=diff_words,
        with_args=with_args,
        range_name=range_name,
        bundle_url=bundle_url,
        theme=theme,
        rooms=ROOMS,
        on_the_bar=ON_THE_BAR,
        permissions_held=permissions_held,
        role_name=role_name,
        scope=scope,
        rail_environments=environments,
        now=lambda: datetime.now(UTC),
    )
