"""A shop ends with its test: what its writers still hold lands neither in the next one nor at the exit."""

from __future__ import annotations

from flask import Flask

WRITERS = ("usage", "exposures", "impressions", "errors")


def end_shop(app: Flask) -> None:
    for writer in WRITERS:
        app.extensions[writer].stop()
    app.extensions["sessions"].kw["bind"].dispose()
