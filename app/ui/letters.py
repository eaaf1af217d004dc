"""Words and templates outside of a request: mails that a job writes, in the language of who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from app import i18n
from app.ui.formats import FILTERS

TRANSLATIONS = Path(__file__).parents[2] / "translations"


@contextmanager
def writing(language: str, templates: Path) -> Iterator[None]:
    """Within it gettext, the formats and `render_template` speak that language.

    An app of its own, so that neither a request's language nor another letter's is touched.
    """
    desk = Flask("letters", template_folder=str(templates))
    i18n.init_app(desk, str(TRANSLATIONS))
    desk.jinja_env.filters.update(FILTERS)
    with desk.app_context(), force_locale(language):
        yield
