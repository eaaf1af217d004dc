"""Every metric that the shop emits, in one file.

All label values exist at 0 from the start: a series that is born at 50 has no increase in Prometheus.
With several web workers the launcher sets PROMETHEUS_MULTIPROC_DIR (an empty folder, before Python starts);
each worker then counts in a file of its own and a scrape of any worker answers for all of them.

    instrument(app)                       last in create_app: routes get their series, requests are counted
    with journey("checkout"): …           or @journey("checkout") on a view: good or bad, and how long
    cache_lookup("product", "hit")        payment("captured")        order_placed("de")

A journey is bad when it ends in a 5xx or in an unexpected exception, or when `.bad()` was called. What the
shopper can mend (a declined card, an invalid form, a page that is not there) is good.
"""

from __future__ import annotations

import hmac
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, has_request_context, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from werkzeug.exceptions import HTTPException

from storefront.errors import ShopError
from storefront.visits import Allowance

P = ParamSpec("P")
R = TypeVar("R")

JOURNEYS = ("browse", "search", "cart", "checkout", "pay")
OUTCOMES = ("good", "bad")
PAYMENT_OUTCOMES = ("captured", "declined", "timeout", "error", "refunded")
CACHE_RESULTS = ("hit", "miss", "error")
MAIL_OUTCOMES = ("sent", "failed")
DEVICES = ("desktop", "mobile", "tablet")
CODE_CLASSES = ("2xx", "3xx", "4xx", "5xx")
WIDGETS = ("recommendations",)
BUCKETS = ("stable", "candidate")
FLAWS = ("fallbacks", "failures")  # of a page's words
REFUSALS = ("checksum", "size", "format", "language", "plural", "manifest")
UNMATCHED = "unmatched"  # no route, or a method that the route does not serve
OTHER = "other"  # a locale or method that is none of the expected ones

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LCP_SECONDS = (0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 10)
INP_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.5)
CLS_SCORE = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1)

CONVERTER = re.compile(r"<[^<>]*:(\w+)>")

# They double the number of series and say nothing that a rate needs.
disable_created_metrics()  # type: ignore[no-untyped-call]
# The shop's own, so that a test or a second app in the process adds nothing to it.
REGISTRY = CollectorRegistry()


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(name, about, labels, registry=REGISTRY)


def _histogram(name: str, about: str, buckets: Iterable[float], *labels: str) -> Histogram:
    return Histogram(name, about, labels, buckets=tuple(buckets), registry=REGISTRY)


def _gauge(name: str, about: str, *labels: str, of_workers: str = "livemax") -> Gauge:
    return Gauge(name, about, labels, multiprocess_mode=of_workers, registry=REGISTRY)  # type: ignore[arg-type]


requests_total = _counter(
    "shop_requests_total", "Requests answered, by route template", "route", "method", "code_class"
)
request_seconds = _histogram(
    "shop_request_duration_seconds", "Time until the answer was ready", SECONDS, "route"
)
cpu_seconds_total = _counter(
    "shop_cpu_seconds_total", "Processor time that requests took, by route template", "route"
)
response_bytes_total = _counter(
    "shop_response_bytes_total", "Bytes of answers sent, by route template", "route"
)
journeys_total = _counter(
    "shop_journeys_total",
    "What shoppers set out to do, and whether the shop let them",
    *("journey", "outcome", "locale"),
)
journey_seconds = _histogram(
    "shop_journey_duration_seconds", "Time a journey's step took", SECONDS, "journey"
)
variant_journeys_total = _counter(
    "shop_variant_journeys_total",
    "Journeys by variant of a flag under rollout",
    "flag",
    "variant",
    "journey",
    "outcome",
)
variant_journey_seconds = _histogram(
    "shop_variant_journey_duration_seconds", "Journey time by variant of a flag under rollout", SECONDS,
    "flag", "variant", "journey",
)  # fmt: skip
# What is compared between variants: one broken browser that tries again and again must not look like many.
variant_troubles_total = _counter(
    "shop_variant_troubles_total",
    "Bad journeys by variant of a flag under rollout, one of a visit and ten minutes at most",
    *("flag", "variant", "journey"),
)
cache_lookups_total = _counter("shop_cache_lookups_total", "Questions to the cache", "cache", "result")
payments_total = _counter("shop_payments_total", "Payments by how they ended", "outcome")
orders_total = _counter("shop_orders_total", "Orders placed", "locale")
carts_emptied_total = _counter("shop_carts_emptied_total", "Carts emptied because they became an order")
mails_total = _counter("shop_mails_total", "Mails by how they ended", "outcome")
sign_ins_total = _counter("shop_sign_ins_total", "What happened at the doors of accounts", "kind")
widget_failures_total = _counter(
    "shop_widget_failures_total", "Parts of a page that were left out because they failed", "widget"
)
lcp_seconds = _histogram("shop_web_vitals_lcp_seconds", "Largest contentful paint", LCP_SECONDS, "device")
inp_seconds = _histogram("shop_web_vitals_inp_seconds", "Interaction to next paint", INP_SECONDS, "device")
cls_score = _histogram("shop_web_vitals_cls", "Cumulative layout shift", CLS_SCORE, "device")
usage_events_dropped_total = _counter(
    "shop_usage_events_dropped_total",
    "Usage events lost because the queue was full or the database stayed down",
)
error_reports_dropped_total = _counter(
    "shop_error_reports_dropped_total", "Reports of errors for which there was no room in memory"
)
exposures_dropped_total = _counter(
    "shop_exposures_dropped_total",
    "Shoppers of a variant that were not noted because the queue was full or the database stayed down",
)
translation_fallbacks_total = _counter(
    "shop_translation_fallbacks_total", "Messages shown in the source language", "locale"
)
translation_failures_total = _counter(
    "shop_translation_failures_total", "Translations shown as their source, and releases refused", "locale"
)
catalogs_refused_total = _counter(
    "shop_catalogs_refused_total", "Releases of words that were not shown, by what is wrong", "locale", "what"
)
impressions_dropped_total = _counter(
    "shop_impressions_dropped_total",
    "Messages seen that were not noted because there was no room or the database stayed down",
)
# Only while a candidate release is shown beside the stable one. `journey` is one of JOURNEYS, or a flaw of
# the words: then each page is a journey, bad when it had that flaw.
words_journeys_total = _counter(
    "shop_words_journeys_total",
    "Journeys by release of the words, while two are compared",
    *("locale", "bucket", "journey", "outcome"),
)
words_troubles_total = _counter(
    "shop_words_troubles_total",
    "Bad journeys by release of the words, one of a visit and ten minutes at most",
    *("locale", "bucket", "journey"),
)
catalog_release = _gauge(
    "shop_catalog_release",
    "Release of the catalog in use, the oldest of all workers; 0: what ships",
    "locale",
    of_workers="livemin",
)


@cache
def _age(what: str) -> Gauge:
    """Made when an age is first known: 0 would say "fresh" of what never came."""
    return _gauge(f"shop_{what}_age_seconds", f"Age of the {what} in use, the oldest of all workers")


class _Queues(NamedTuple):
    pending: Gauge
    oldest_age_seconds: Gauge
    dead_letters: Gauge
    depth: Gauge


@cache
def _queues() -> _Queues:
    """Gauges of the worker alone. Made on first use, or each web process would say 0 next to the truth."""
    return _Queues(
        _gauge("shop_outbox_pending", "Outbox entries not yet handled"),
        _gauge("shop_outbox_oldest_age_seconds", "Age of the oldest entry not yet handled"),
        _gauge("shop_dead_letters", "Outbox entries given up after the last try"),
        _gauge("shop_queue_depth", "Messages waiting in the queue", "queue"),
    )


for _labelled, _values in (
    (payments_total, PAYMENT_OUTCOMES),
    (mails_total, MAIL_OUTCOMES),
    (widget_failures_total, WIDGETS),
    (lcp_seconds, DEVICES),
    (inp_seconds, DEVICES),
    (cls_score, DEVICES),
    (journey_seconds, JOURNEYS),
):
    for _value in _values:
        _labelled.labels(_value)

TROUBLES_SPAN_SECONDS = 600
_troubles = Allowance(TROUBLES_SPAN_SECONDS)
_inside_journeys: list[Callable[[], None]] = []

_locales: set[str] = set()
_ages: dict[str, Callable[[], float | None]] = {}


def instrument(app: Flask) -> None:
    """Count every request of this app. Called after the last route was added."""
    expect_locales(app.extensions["config"].locales)
    _expect_routes(app)
    app.before_request_funcs.setdefault(None, []).insert(0, _begin_request)
    app.after_request(_count_response)
    app.teardown_request(_count_crash)


def expect_locales(locales: Iterable[str]) -> None:
    """Make the series of these locales. The worker calls this too: it counts payments, orders and mails."""
    for locale in (*locales, OTHER):
        _locales.add(locale)
        for counter in (orders_total, translation_fallbacks_total, translation_failures_total):
            counter.labels(locale)
        for what in REFUSALS:
            catalogs_refused_total.labels(locale, what)
        _expect_words(locale)
        for journey_name in JOURNEYS:
            for outcome in OUTCOMES:
                journeys_total.labels(journey_name, outcome, locale)


def _expect_words(locale: str) -> None:
    for bucket in BUCKETS:
        for name in (*JOURNEYS, *FLAWS):
            words_troubles_total.labels(locale, bucket, name)
            for outcome in OUTCOMES:
                words_journeys_total.labels(locale, bucket, name, outcome)


def expect_caches(names: Iterable[str]) -> None:
    for name in names:
        for result in CACHE_RESULTS:
            cache_lookups_total.labels(name, result)


def expect_variants(flag: str, variants: Iterable[str]) -> None:
    """Make the series of a flag under rollout before the first shopper meets it."""
    for variant in variants:
        for name in JOURNEYS:
            variant_journey_seconds.labels(flag, variant, name)
            variant_troubles_total.labels(flag, variant, name)
            for outcome in OUTCOMES:
                variant_journeys_total.labels(flag, variant, name, outcome)


def _expect_routes(app: Flask) -> None:
    for route, methods in [(UNMATCHED, {"GET", "POST", OTHER}), *_routes(app)]:
        for by_route in (request_seconds, cpu_seconds_total, response_bytes_total):
            by_route.labels(route)
        for method in methods:
            for code_class in CODE_CLASSES:
                requests_total.labels(route, method, code_class)


def _routes(app: Flask) -> list[tuple[str, set[str]]]:
    return [
        (template(rule.rule), (rule.methods or set()) - {"HEAD", "OPTIONS"})
        for rule in app.url_map.iter_rules()
    ]


@cache
def template(rule: str) -> str:
    """`/<locale:locale>/products/<slug>` → `/<locale>/products/<slug>`"""
    return CONVERTER.sub(r"<\1>", rule)


def _begin_request() -> None:
    g.began = time.perf_counter()
    g.cpu_began = time.thread_time()


def _count_response(response: Response) -> Response:
    route = _count(response.status_code)
    response_bytes_total.labels(route).inc(response.content_length or 0)
    _tell_ages()
    return response


def _count_crash(error: BaseException | None) -> None:
    if error is not None and not g.get("counted"):
        _count(500)


def _count(status: int) -> str:
    """The route that was counted."""
    g.counted = True
    rule, method = request.url_rule, "GET" if request.method == "HEAD" else request.method
    if rule is None or method == "OPTIONS":
        route, method = UNMATCHED, method if method in ("GET", "POST") else OTHER
    else:
        route = template(rule.rule)
    requests_total.labels(route, method, f"{status // 100}xx").inc()
    if "began" in g:
        request_seconds.labels(route).observe(time.perf_counter() - g.began)
        cpu_seconds_total.labels(route).inc(max(0.0, time.thread_time() - g.cpu_began))
    return route


class Journey:
    """One step of a shopper, measured from `__enter__` to `__exit__`."""

    def __init__(self, name: str, locale: str | None) -> None:
        if name not in JOURNEYS:
            raise ValueError(f"unknown journey {name!r}")
        self.name, self.locale = name, locale
        self.outcome = "good"

    def bad(self) -> None:
        """The shop failed although it answers politely, such as a gateway that could not be reached."""
        self.outcome = "bad"

    def __enter__(self) -> Journey:
        self.began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and _is_our_fault(error):
            self.bad()
        seconds = time.perf_counter() - self.began
        journeys_total.labels(self.name, self.outcome, _known_locale(self.locale)).inc()
        journey_seconds.labels(self.name).observe(seconds)
        if (words := g.get("words_bucket") if has_request_context() else None) is not None:
            _count_words(words, self.name, is_bad=self.outcome == "bad")
        for flag, variant in _variants_seen().items():
            variant_journeys_total.labels(flag, variant, self.name, self.outcome).inc()
            variant_journey_seconds.labels(flag, variant, self.name).observe(seconds)
            if self.outcome == "bad" and _troubles.take(f"{flag} {_visit()}", time.monotonic()):
                variant_troubles_total.labels(flag, variant, self.name).inc()

    def __call__(self, view: Callable[P, R]) -> Callable[P, R]:
        """As a decorator of a view: an answer of 5xx is bad too."""

        @wraps(view)
        def measured(*args: P.args, **kwargs: P.kwargs) -> R:
            with Journey(self.name, self.locale) as step:
                for ask in _inside_journeys:
                    ask()
                answer = view(*args, **kwargs)
                if _status_of(answer) >= 500:
                    step.bad()
                return answer

        return measured


def journey(name: str, locale: str | None = None) -> Journey:
    """Measure one step; outside of a request name the order's locale."""
    return Journey(name, locale)


def inside_journeys(ask: Callable[[], None]) -> None:
    """Called within each journey of a view, before the view is: what it raises makes the journey bad."""
    if ask not in _inside_journeys:
        _inside_journeys.append(ask)


def _is_our_fault(error: BaseException) -> bool:
    if isinstance(error, ShopError):
        return error.status >= 500
    if isinstance(error, HTTPException):
        return (error.code or 500) >= 500
    return True


def _status_of(answer: Any) -> int:
    status = answer[1] if isinstance(answer, tuple) and len(answer) > 1 else answer
    return int(getattr(status, "status_code", status if isinstance(status, int) else 200))


def _known_locale(locale: str | None) -> str:
    if locale is None and has_request_context():
        locale = g.get("locale")
    return locale if locale in _locales else OTHER


def _variants_seen() -> Mapping[str, str]:
    """What storefront.flags noted on this request: flags under rollout and the variant of this shopper."""
    return g.get("flags_seen", {}) if has_request_context() else {}


def _visit() -> str:
    return str(getattr(g.get("shopper"), "session_id", ""))


def cache_lookup(name: str, result: str) -> None:
    cache_lookups_total.labels(name, result).inc()


def payment(outcome: str) -> None:
    payments_total.labels(outcome).inc()


def order_placed(locale: str) -> None:
    orders_total.labels(_known_locale(locale)).inc()


def cart_emptied() -> None:
    carts_emptied_total.inc()


def mail(outcome: str) -> None:
    mails_total.labels(outcome).inc()


def expect_sign_ins(kinds: Iterable[str]) -> None:
    for kind in kinds:
        sign_ins_total.labels(kind)


def sign_in(kind: str) -> None:
    sign_ins_total.labels(kind).inc()


def widget_failed(widget: str) -> None:
    widget_failures_total.labels(widget).inc()


def web_vitals(device: str, lcp: float | None, inp: float | None, cls: float | None) -> None:
    """Seconds, seconds and a score; None where the browser could not say."""
    for histogram, value in ((lcp_seconds, lcp), (inp_seconds, inp), (cls_score, cls)):
        if value is not None:
            histogram.labels(device if device in DEVICES else "desktop").observe(value)


def usage_events_dropped(count: int = 1) -> None:
    usage_events_dropped_total.inc(count)


def error_reports_dropped(count: int) -> None:
    error_reports_dropped_total.inc(count)


def exposures_dropped(count: int = 1) -> None:
    exposures_dropped_total.inc(count)


def translation_fallback(locale: str) -> None:
    translation_fallbacks_total.labels(_known_locale(locale)).inc()


def translation_failure(locale: str) -> None:
    translation_failures_total.labels(_known_locale(locale)).inc()


def catalog_refused(locale: str, what: str) -> None:
    """`locale`: empty where the manifest itself is refused."""
    catalogs_refused_total.labels(_known_locale(locale), what).inc()
    translation_failures_total.labels(_known_locale(locale)).inc()


def impressions_dropped(count: int = 1) -> None:
    impressions_dropped_total.inc(count)


def words_page(words: tuple[str, str], flaws: Mapping[str, bool]) -> None:
    """A page of a locale with a candidate (locale and bucket), and which flaws its words had."""
    for flaw, is_bad in flaws.items():
        _count_words(words, flaw, is_bad=is_bad)


def _count_words(words: tuple[str, str], journey_name: str, *, is_bad: bool) -> None:
    known, bucket = _known_locale(words[0]), words[1]
    words_journeys_total.labels(known, bucket, journey_name, "bad" if is_bad else "good").inc()
    if is_bad and _troubles.take(f"words {journey_name} {bucket} {_visit()}", time.monotonic()):
        words_troubles_total.labels(known, bucket, journey_name).inc()


def catalog_in_use(locale: str, release: int) -> None:
    catalog_release.labels(_known_locale(locale)).set(release)


def watch_ages(**ages: Callable[[], float | None]) -> None:
    """watch_ages(flags=flags.age_seconds, catalogs=…): asked at each request, None is not told."""
    _ages.update(ages)


def _tell_ages() -> None:
    for what, age_seconds in _ages.items():
        seconds = age_seconds()
        if seconds is not None:
            _age(what).set(seconds)


def outbox(pending: int, oldest_age_seconds: float, dead: int) -> None:
    queues = _queues()
    queues.pending.set(pending)
    queues.oldest_age_seconds.set(oldest_age_seconds)
    queues.dead_letters.set(dead)


def queue_depth(queue: str, waiting: int) -> None:
    _queues().depth.labels(queue).set(waiting)


def exposition() -> tuple[bytes, str]:
    """What Prometheus scrapes, and its content type."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def may_read() -> bool:
    """Whether who asks shows METRICS_TOKEN; where none is set, everybody who reaches us may."""
    wanted: str = current_app.config.get("METRICS_TOKEN", "")
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return not wanted or hmac.compare_digest(sent.encode("utf-8", "replace"), wanted.encode())


def metrics_page() -> Response:
    """The answer to GET /metrics."""
    if not may_read():
        return Response("METRICS_TOKEN is needed as a bearer token.\n", 401, {"WWW-Authenticate": "Bearer"})
    body, content_type = exposition()
    return Response(body, content_type=content_type)


def forget_process(pid: int) -> None:
    """A worker died: its gauges end with it, its counts stay. For gunicorn's `child_exit`."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
