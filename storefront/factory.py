"""The shop on one screen: what is read at start, which features there are, what happens around each page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config import StorefrontConfig
from storefront import (
    cache,
    db,
    error_reports,
    exposures,
    faults,
    flags,
    health,
    i18n,
    impressions,
    live,
    logs,
    notice,
    outline,
    problems,
    rates,
    security,
    shopper,
    telemetry,
    translations,
    usage,
)
from storefront.cart import views as cart
from storefront.cart import words as cart_words
from storefront.orders import views as orders
from storefront.preferences import views as preferences
from storefront.privacy import views as privacy
from storefront.products import files, remembered, words
from storefront.products import views as products
from storefront.products.shelves import shelves
from storefront.ui import looks, troubles, vitals
from storefront.users import password_views as passwords
from storefront.users import session_views as open_sessions
from storefront.users import sessions, trail
from storefront.users import views as users

# Under /<locale>/…; each feature adds its line.
PAGES: tuple[Blueprint, ...] = (
    products.blueprint,
    users.blueprint,
    passwords.blueprint,
    open_sessions.blueprint,
    cart.blueprint,
    orders.checkout,
    orders.blueprint,
    preferences.blueprint,
    privacy.blueprint,
)
# Without a locale: files, machines.
PLAIN: tuple[Blueprint, ...] = (
    looks.blueprint,
    files.blueprint,
    health.blueprint,
    vitals.blueprint,
    troubles.blueprint,
    security.blueprint,
)


def create_app(config: StorefrontConfig, service: str = "shop") -> Flask:
    logs.configure(config, service)
    app = Flask("storefront", static_folder=None, root_path=str(looks.STATIC.parents[1]))
    app.secret_key = config.secret_key
    app.config.update(
        SHOP_URL=config.shop_url,
        CURRENCY=config.currency,
        METRICS_TOKEN=config.metrics_token,
        SECURITY_CONTACT=config.security_contact,
    )
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.extensions["config"] = config
    app.extensions["sessions"] = db.connect(config.shop_database_url)
    app.extensions["cache"] = cache.connect(config.redis_url)
    i18n.localise(app, config.locales)
    security.protect(app, secure_cookies=config.secure_cookies)
    looks.dress(app)
    rates.dress(app)
    problems.handle(app)
    health.watch(app)
    app.extensions["health"].pretends_unready = faults.not_ready
    app.extensions["health"].ages["flags"] = flags.age_seconds
    app.extensions["health"].ages["catalogs"] = lambda: translations.age_seconds(config)
    usage.install(app)
    telemetry.expect_caches([*remembered.FRESH_SECONDS, "session"])
    telemetry.expect_sign_ins(trail.KINDS)
    words.dress(app)
    app.jinja_env.globals.update(shelves=shelves, shop_notice=notice.current)
    app.extensions["at_sign_in"] = [cart.bring_along]
    cart_words.dress(app)
    preferences.install(app)
    _add_hooks(app)
    _add_routes(app)
    impressions.install(app)
    outline.install(app)
    translations.install(app, config)
    telemetry.watch_ages(flags=flags.age_seconds)
    telemetry.instrument(app)
    errors = error_reports.Collector(
        app.extensions["sessions"], app.extensions["cache"].redis, service, config.release
    )
    error_reports.install(errors)
    app.extensions["errors"] = errors
    logs.install(app, _about_the_request)
    return app


def _about_the_request() -> dict[str, object]:
    """For the log: the rule in place of the path, and an account's number in place of its address."""
    known: dict[str, object] = {
        "route": telemetry.template(request.url_rule.rule) if request.url_rule else telemetry.UNMATCHED
    }
    who = g.get("shopper")
    if isinstance(who, shopper.Shopper):
        known["locale"] = who.locale
        if who.user_id is not None:
            known["person"] = who.user_id
    return known


def _add_routes(app: Flask) -> None:
    app.add_url_rule("/", "front_door", i18n.front_door)
    app.add_url_rule("/metrics", "metrics", telemetry.metrics_page)
    for blueprint in PLAIN:
        app.register_blueprint(blueprint)
    for blueprint in PAGES:
        app.register_blueprint(blueprint, url_prefix=f"/<locale:locale>{blueprint.url_prefix or ''}")


def _add_hooks(app: Flask) -> None:
    """In the order in which they run before a page; after it the order is reversed."""
    exposures.install(app)
    app.before_request(_know_the_shopper)
    app.before_request(faults.before_request)
    telemetry.inside_journeys(faults.in_journey)
    app.after_request(shopper.remember)


def _know_the_shopper() -> None:
    if g.get("locale") or request.endpoint is None:
        shopper.arrive(i18n.current_locale())
        sessions.recognise()
        live.visitor_seen(cache.current_cache(), shopper.current_shopper().visitor_id, datetime.now(UTC))
