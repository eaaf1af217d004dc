"""The words on the shop's pages: one snapshot of the published catalogs from a page's first word to its last.

`install(app, config)` replaces Flask-Babel's domain and the template functions, once the Babel extension
is there. `start(config)` is called once in each process after it was forked; what it follows, and how, is
in `catalogs.py`.

A translation that cannot be formatted, or that brings tags which its source has not, is shown as the source
text and counted: a bad translation costs a word, never a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Response, current_app, g
from flask_babel import Domain, get_locale
from flask_babel.speaklater import LazyString
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from config import StorefrontConfig
from storefront import telemetry
from storefront.catalogs import DOMAIN, Catalog, Catalogs, Snapshot

TAG = re.compile(r"<[a-zA-Z/!?][^>]*>?")
ENTITY = re.compile(r"&amp;(#?\w+;)")


@dataclass
class _Pin:
    """What one request sees, whatever is published while it runs."""

    snapshot: Snapshot
    locale: object = None  # of the last lookup; comparing identities saves formatting a Locale
    catalog: Catalog | None = None


class PublishedDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's domain over the snapshot that the request was pinned to at its first lookup."""

    def __init__(self, catalogs: Catalogs) -> None:
        super().__init__(domain=DOMAIN)
        self.catalogs = catalogs

    def current(self) -> Catalog | None:
        """The catalog of the page's locale; None outside a page or for a locale that is not on offer."""
        if not g:
            return None
        pin: _Pin | None = g.get("catalogs_pin")
        if pin is None:
            pin = g.catalogs_pin = _Pin(self.catalogs.snapshot)
        locale = get_locale()
        if pin.locale is not locale:
            pin.locale, pin.catalog = locale, pin.snapshot.get(str(locale))
        return pin.catalog

    def get_translations(self) -> NullTranslations:
        catalog = self.current()
        return NullTranslations() if catalog is None else catalog.words

    def gettext(self, string: str, **variables: Any) -> str:
        return self.shown(str, (string,), self.get_translations().ugettext(string), variables)

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        text = self.get_translations().ungettext(singular, plural, num)
        sources = (singular,) if num == 1 else (plural, singular)
        return self.shown(str, sources, text, {"num": num, **variables})

    def pgettext(self, context: str, string: str, **variables: Any) -> str:
        return self.shown(str, (string,), self.get_translations().upgettext(context, string), variables)

    def npgettext(self, context: str, singular: str, plural: str, num: int, **variables: Any) -> str:
        text = self.get_translations().unpgettext(context, singular, plural, num)
        sources = (singular,) if num == 1 else (plural, singular)
        return self.shown(str, sources, text, {"num": num, **variables})

    def shown(
        self, form: Callable[[str], str], sources: tuple[str, ...], text: str, variables: Mapping[str, Any]
    ) -> str:
        """`text` with its variables; the first of `sources` where that fails.

        A text without variables is shown as it is, but for `%%`, which reads as one per cent sign
        everywhere, so that a translator need not know whether a message has variables.
        """
        source = sources[0]
        if text not in sources and "<" in text and not _tags(text) <= _tags("".join(sources)):
            self._failed()
            text = source
        if not variables:
            return form(text.replace("%%", "%"))
        try:
            return form(text) % variables
        except (KeyError, TypeError, ValueError):
            if text in sources:
                raise
            self._failed()
            return form(source) % variables

    def _failed(self) -> None:
        catalog = self.current()
        if catalog is not None:
            telemetry.translation_failure(catalog.locale)


def _tags(text: str) -> set[str]:
    return set(TAG.findall(text))


def _html(*sources: str) -> Callable[[str], str]:
    """How a checked translation enters a page: as markup only where its source is markup."""
    if any(TAG.search(source) for source in sources):
        return Markup
    if any("&" in source for source in sources):
        return lambda text: Markup(ENTITY.sub(r"&\1", str(escape(text))))  # noqa: S704 -- escaped before
    return escape


def _template_functions(domain: PublishedDomain) -> dict[str, Callable[..., str]]:
    """What `_()` and `{% trans %}` call: as Jinja's own, but safe in format and markup."""

    def form(context: Context, *sources: str) -> Callable[[str], str]:
        return _html(*sources) if context.eval_ctx.autoescape else str

    @pass_context
    def gettext(context: Context, string: str, **variables: Any) -> str:
        text = domain.get_translations().ugettext(string)
        return domain.shown(form(context, string), (string,), text, variables)

    @pass_context
    def ngettext(context: Context, singular: str, plural: str, num: int, **variables: Any) -> str:
        text = domain.get_translations().ungettext(singular, plural, num)
        sources = (singular,) if num == 1 else (plural, singular)
        return domain.shown(form(context, *sources), sources, text, {"num": num, **variables})

    @pass_context
    def pgettext(context: Context, about: str, string: str, **variables: Any) -> str:
        text = domain.get_translations().upgettext(about, string)
        return domain.shown(form(context, string), (string,), text, variables)

    @pass_context
    def npgettext(
        context: Context, about: str, singular: str, plural: str, num: int, **variables: Any
    ) -> str:
        text = domain.get_translations().unpgettext(about, singular, plural, num)
        sources = (singular,) if num == 1 else (plural, singular)
        return domain.shown(form(context, *sources), sources, text, {"num": num, **variables})

    return {"gettext": gettext, "ngettext": ngettext, "pgettext": pgettext, "npgettext": npgettext}


def _plain(value: Any) -> Any:
    """A lazy text calls itself HTML; make it an ordinary one, so that templates escape it."""
    return str(value) if isinstance(value, LazyString) else value


# --- one set of catalogs a process and configuration --------------------------------------------------


@cache
def catalogs(config: StorefrontConfig) -> Catalogs:
    return Catalogs(config)


def install(app: Flask, config: StorefrontConfig) -> None:
    """Put the published words into the app. Flask-Babel must be initialised; templates not yet compiled."""
    domain = PublishedDomain(catalogs(config))
    app.extensions["babel"].instance.domain_instance = domain
    app.jinja_env.globals.update(_template_functions(domain))
    app.jinja_env.finalize = _plain
    app.extensions["published_domain"] = domain
    app.after_request(_tell_release)


def release() -> int:
    """The release that this request shows, for cache keys; 0: what ships."""
    domain: PublishedDomain | None = current_app.extensions.get("published_domain")
    catalog = domain.current() if domain else None
    return catalog.release if catalog else 0


def _tell_release(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Catalog-Release"] = str(release())
    return response


def start(config: StorefrontConfig) -> None:
    """Follow what is published, in this process. Call it after the fork."""
    telemetry.watch_ages(catalogs=lambda: age_seconds(config))
    catalogs(config).start()


def stop(config: StorefrontConfig) -> None:
    catalogs(config).stop()


def age_seconds(config: StorefrontConfig) -> float | None:
    """Seconds since every locale was last known to be current; None: never in this process."""
    return catalogs(config).age_seconds()
