"""The two things that a WSGI server can start. Each image holds only one of the two packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def control_plane() -> Flask:
    from app.factory import create_app
    from config import control_plane_config

    return create_app(control_plane_config())


def storefront() -> Flask:
    from config import storefront_config
    from storefront.factory import create_app

    return create_app(storefront_config())
