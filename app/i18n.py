"""The control plane's own language: the person's choice, then a cookie, then what the browser asks for."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import Babel, LazyString, get_locale

from app.guards import person

LOCALES = {"en": "English", "de": "Deutsch", "fr": "Français"}
COOKIE = "control_locale"


def choose() -> str:
    someone = person()
    for wanted in (someone.locale if someone else None, request.cookies.get(COOKIE)):
        if wanted in LOCALES:
            return wanted
    return _asked() or "en"


def _asked() -> str | None:
    """What the browser likes best of what there is; who reads Canadian French reads French."""
    languages = (tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in languages if language in LOCALES), None)


def _plain(value: object) -> object:
    """A lazy string claims to be safe HTML, yet may hold what somebody typed: make it text, to be escaped."""
    return str(value) if isinstance(value, LazyString) else value


def init_app(app: Flask, translations: str) -> None:
    """`translations`: the folder that holds `<locale>/LC_MESSAGES/control.mo`."""
    Babel(
        app,
        default_domain="control",
        default_translation_directories=translations,
        locale_selector=choose,
    )
    app.jinja_env.finalize = _plain
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.globals["locales_on_offer"] = LOCALES
