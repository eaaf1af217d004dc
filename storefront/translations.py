"""The words on the shop's pages: one snapshot of the published catalogs from a page's first word to its last.

`install(app, config)` replaces Flask-Babel's domain and the template functions, once the Babel extension
is there. `start(config)` is called once in each process after it was forked; what it follows, and how, is
in `catalogs.py`.

A page says which release it shows (header `Catalog-Release`, and a meta element of the same name). A script
that asks for a part of a page sends that number back and gets words of the same release, as long as this
process has it; else the answer is empty and asks for the whole page anew (`HX-Refresh`). So no page ever
mixes two releases.

A translation that cannot be formatted, or that brings tags which its source has not, is shown as the source
text and counted: a bad translation costs a word, never a page. Every lookup of a page is noted, see
`impressions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Response, current_app, g, has_app_context, has_request_context, request
from flask_babel import Domain, get_locale
from flask_babel.speaklater import LazyString
from jinja2 import pass_context
from jinja2.runtime import Context

from config import StorefrontConfig
from storefront import impressions, outline, telemetry
from storefront.catalogs import Catalogs
from storefront.impressions import Seen
from storefront.markup import as_html, brings_markup, filled, is_overlong
from storefront.shopper import Shopper
from storefront.wording import CONTEXT, DOMAIN, Catalog, Snapshot, babel_code

HEADER = "Catalog-Release"
BABEL = "_flask_babel"  # what Flask-Babel calls its notes on the request; where it is not there, it is asked


class Looking:
    """The words that one request reads in one locale, and the notes of what it read."""

    __slots__ = ("behind", "catalog", "note", "outlined", "plurals", "seen", "texts")

    def __init__(self, catalog: Catalog, bucket: str, behind: tuple[Catalog, ...], outlined: str) -> None:
        self.catalog, self.behind, self.outlined = catalog, behind, outlined
        self.texts, self.plurals = catalog.texts, catalog.plurals
        self.seen = Seen(catalog.locale, catalog.release, bucket)
        self.note = self.seen.shown.append

    def text(self, key: str, source: str) -> str:
        self.note(key)
        found = self.texts.get(key)
        return self._from_behind(key, source) if found is None else found

    def plural(self, key: str, singular: str, plural: str, number: int) -> str:
        self.note(key)
        found = self.plurals.get(key)
        if found is None:
            return self._plural_from_behind(key, singular, plural, number)
        text = found.text(number)
        if text is None:
            self.failed(key)
            return singular if number == 1 else plural
        return text

    def failed(self, key: str) -> None:
        self.seen.failed.append(key)
        telemetry.translation_failure(self.catalog.locale)

    def _fell_back(self, key: str) -> None:
        """No text of its own. In the source language that is no lack."""
        if not self.catalog.is_source:
            self.seen.fell_back.append(key)
            telemetry.translation_fallback(self.catalog.locale)

    def _from_behind(self, key: str, source: str) -> str:
        if self.catalog.turned is not None:
            return self.catalog.turned(source)
        self._fell_back(key)
        found = (each.texts[key] for each in self.behind if key in each.texts)
        return next(found, source)

    def _plural_from_behind(self, key: str, singular: str, plural: str, number: int) -> str:
        source = singular if number == 1 else plural
        if self.catalog.turned is not None:
            return self.catalog.turned(source)
        self._fell_back(key)
        found = (each.plurals[key].text(number) for each in self.behind if key in each.plurals)
        return next(found, None) or source


@dataclass
class _Pin:
    """What one request sees, whatever is published while it runs."""

    snapshot: Snapshot
    visitor_id: str | None
    asked: int | None  # the release of the page that asks for a part of itself
    locale: object = None  # of the last lookup; comparing identities saves formatting a Locale
    looking: Looking | None = None
    all: dict[str, Looking | None] = field(default_factory=dict)  # by Babel's code
    needs_refresh: bool = False  # the release that was asked for is gone

    def look(self, code: str) -> Looking | None:
        if code not in self.all:
            self.all[code] = self._choose(code)
        return self.all[code]

    def _choose(self, code: str) -> Looking | None:
        outlined = g.get("outlined")
        found, bucket = outline.previewed(outlined, self.snapshot, code), ""
        if found is None:
            found, bucket = self._of_release(code)
        if found is None:
            return None
        key = outlined.key if outlined is not None else ""
        return Looking(found, bucket, self.snapshot.behind(code), key)

    def _of_release(self, code: str) -> tuple[Catalog | None, str]:
        found, bucket = self.snapshot.for_visitor(code, self.visitor_id)
        if self.asked is None or found is None or found.release == self.asked:
            return found, bucket
        earlier = self.snapshot.find(code, self.asked)
        if earlier is None:
            self.needs_refresh = True
            return found, bucket
        return earlier, "stable" if earlier is self.snapshot.stable.get(code) else ""


class PublishedDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's domain over the snapshot that the request was pinned to at its first lookup."""

    def __init__(self, catalogs: Catalogs) -> None:
        super().__init__(domain=DOMAIN)
        self.catalogs = catalogs

    def pin(self) -> _Pin | None:
        """None outside a page."""
        if not g:
            return None
        pin: _Pin | None = g.get("catalogs_pin")
        if pin is None:
            shopper = g.get("shopper")
            visitor_id = shopper.visitor_id if isinstance(shopper, Shopper) else None
            pin = g.catalogs_pin = _Pin(self.catalogs.snapshot, visitor_id, _asked_release())
        return pin

    def looking(self) -> Looking | None:
        """For the language of the moment; None outside a page or for a locale that is not on offer.

        Every word on a page passes here. Flask's globals are looked through once for each and not at each
        use: that is most of what a lookup costs.
        """
        if not has_app_context():
            return None
        here = vars(g._get_current_object())
        pin: _Pin | None = here.get("catalogs_pin") or self.pin()
        if pin is None:
            return None
        locale = getattr(here.get(BABEL), "babel_locale", None) or get_locale()
        if pin.locale is not locale:
            pin.locale, pin.looking = locale, pin.look(str(locale))
        return pin.looking

    def current(self) -> Catalog | None:
        looking = self.looking()
        return None if looking is None else looking.catalog

    def get_translations(self) -> NullTranslations:
        catalog = self.current()
        return NullTranslations() if catalog is None else catalog.words

    def gettext(self, string: str, **variables: Any) -> str:
        return self.one(str, string, string, variables)

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        return self.many(str, singular, singular, plural, num, variables)

    def pgettext(self, context: str, string: str, **variables: Any) -> str:
        return self.one(str, context + CONTEXT + string, string, variables)

    def npgettext(self, context: str, singular: str, plural: str, num: int, **variables: Any) -> str:
        return self.many(str, context + CONTEXT + singular, singular, plural, num, variables)

    def one(self, form: Callable[[str], str], key: str, source: str, variables: Mapping[str, Any]) -> str:
        looking = self.looking()
        text = source if looking is None else looking.text(key, source)
        return shown(looking, form, key, (source,), text, variables)

    def many(
        self,
        form: Callable[[str], str],
        key: str,
        singular: str,
        plural: str,
        num: int,
        variables: Mapping[str, Any],
    ) -> str:
        looking = self.looking()
        sources = (singular,) if num == 1 else (plural, singular)
        text = sources[0] if looking is None else looking.plural(key, singular, plural, num)
        return shown(looking, form, key, sources, text, {"num": num, **variables})


def shown(
    looking: Looking | None,
    form: Callable[[str], str],
    key: str,
    sources: tuple[str, ...],
    text: str,
    variables: Mapping[str, Any],
) -> str:
    """`text` with its variables; the first of `sources` where that fails.

    A text without variables is shown as it is, but for `%%`, which reads as one per cent sign
    everywhere, so that a translator need not know whether a message has variables.
    """
    said = _said(looking, form, key, sources, text, variables)
    if looking is not None and looking.outlined and impressions.message_key(key) == looking.outlined:
        return outline.marked(said)
    return said


def _said(
    looking: Looking | None,
    form: Callable[[str], str],
    key: str,
    sources: tuple[str, ...],
    text: str,
    variables: Mapping[str, Any],
) -> str:
    source = sources[0]
    if text in sources:
        return filled(form(text), variables) if variables else form(text.replace("%%", "%"))
    try:
        if brings_markup(text, sources) or is_overlong(text):
            raise ValueError("not as its source")
        return filled(form(text), variables) if variables else form(text.replace("%%", "%"))
    except Exception:  # whatever a translation makes a formatter raise, the source is shown and it is counted
        if looking is not None:
            looking.failed(key)
    return filled(form(source), variables) if variables else form(source.replace("%%", "%"))


def _template_functions(domain: PublishedDomain) -> dict[str, Callable[..., str]]:
    """What `_()` and `{% trans %}` call: as Jinja's own, but safe in format and markup."""

    def form(context: Context, *sources: str) -> Callable[[str], str]:
        return as_html(*sources) if context.eval_ctx.autoescape else str

    @pass_context
    def gettext(context: Context, string: str, **variables: Any) -> str:
        return domain.one(form(context, string), string, string, variables)

    @pass_context
    def ngettext(context: Context, singular: str, plural: str, num: int, **variables: Any) -> str:
        return domain.many(form(context, singular, plural), singular, singular, plural, num, variables)

    @pass_context
    def pgettext(context: Context, about: str, string: str, **variables: Any) -> str:
        return domain.one(form(context, string), about + CONTEXT + string, string, variables)

    @pass_context
    def npgettext(
        context: Context, about: str, singular: str, plural: str, num: int, **variables: Any
    ) -> str:
        key = about + CONTEXT + singular
        return domain.many(form(context, singular, plural), key, singular, plural, num, variables)

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
    app.jinja_env.globals.update(_template_functions(domain), catalog_release=release)
    app.jinja_env.finalize = _plain
    app.extensions["published_domain"] = domain
    app.before_request(_page_begins)
    app.after_request(_page_ends)


def _domain() -> PublishedDomain | None:
    return current_app.extensions.get("published_domain")


def release() -> int:
    """The release that this request shows, for cache keys; 0: what ships."""
    return seen_by_shopper()[0]


def seen_by_shopper() -> tuple[int, str]:
    """Release and bucket of this request: stable, candidate, or empty where it is neither of these now."""
    domain = _domain() if has_request_context() else None
    looking = domain.looking() if domain else None
    return (looking.seen.release, looking.seen.bucket) if looking else (0, "")


def _asked_release() -> int | None:
    """Of the page that a part is asked for."""
    if not has_request_context() or "HX-Request" not in request.headers:
        return None
    told = request.headers.get(HEADER, "")
    return int(told) if told.isdecimal() and len(told) < 10 else None


def _page_begins() -> None:
    """Pinned before anything is looked up, so that a page that fails at once is counted for its release."""
    domain, locale = _domain(), g.get("locale")
    if domain is None or not locale:
        return
    code = babel_code(locale)
    pin = domain.pin()
    looking = pin.look(code) if pin else None
    if pin is not None and looking is not None and looking.seen.bucket and code in pin.snapshot.candidates:
        g.words_bucket = (looking.catalog.locale, looking.seen.bucket)


def _page_ends(response: Response) -> Response:
    pin: _Pin | None = g.get("catalogs_pin")
    if response.mimetype != "text/html" or pin is None:
        return response
    if pin.needs_refresh:
        return _refreshed(response)
    response.headers[HEADER] = str(release())
    if g.get("outlined") is not None:
        return outline.dressed(response, g.outlined)  # nobody shopped: it is not counted
    if request.method != "HEAD" and response.status_code // 100 != 3 and response.status_code != 204:
        _note(pin)
    return response


def _refreshed(response: Response) -> Response:
    """Words of another release than the page's: it asks for the whole page anew."""
    response.set_data(b"")
    response.status_code = 200
    response.headers["HX-Refresh"] = "true"
    response.headers["Cache-Control"] = "no-store"
    return response


def _note(pin: _Pin) -> None:
    looked = [each for each in pin.all.values() if each is not None]
    seen = tuple(each.seen for each in looked if each.seen.shown)
    if seen:
        impressions.note(impressions.Page(datetime.now(UTC), request.endpoint or "", request.path, seen))
    if "words_bucket" in g:
        for each in looked:
            if each.catalog.locale == g.words_bucket[0]:
                telemetry.words_page(g.words_bucket, _flaws(pin.snapshot, each.seen))


def _flaws(snapshot: Snapshot, seen: Seen) -> dict[str, bool]:
    """What this page had of each flaw. A text that neither release has is no fault of one of them."""
    code = babel_code(seen.locale)
    candidate = snapshot.candidates[code].catalog
    other = candidate if seen.bucket == "stable" else snapshot.stable[code]
    lacking = any(key in other.texts or key in other.plurals for key in seen.fell_back)
    return {"fallbacks": lacking, "failures": bool(seen.failed)}


def start(config: StorefrontConfig) -> None:
    """Follow what is published, in this process. Call it after the fork."""
    telemetry.watch_ages(catalogs=lambda: age_seconds(config))
    catalogs(config).start()


def stop(config: StorefrontConfig) -> None:
    catalogs(config).stop()


def age_seconds(config: StorefrontConfig) -> float | None:
    """Seconds since every locale was last known to be current; None: never in this process."""
    return catalogs(config).age_seconds()
