"""What Prometheus would have scraped in those thirty days: counters of the same hits and orders. Pure.

Names and labels are those of storefront/telemetry.py (a test compares them). A series is a list of counts,
one per step; text is written series by series, so that a month of 300 of them is made in seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, product
from random import Random

from local.history import shape
from local.history.life import PAGES, Hit, Life

# The checkout is asked for in windows of five minutes, the rest in longer ones: fewer samples, faster start.
# After 300 seconds without a sample Prometheus takes a series for gone.
FINE_SECONDS, COARSE_SECONDS, ROUGH_SECONDS = 60, 120, 288
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LCP_SECONDS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)

JOURNEYS = ("browse", "search", "cart", "checkout", "pay")
OUTCOMES = ("good", "bad")
CACHES = ("listing", "product", "search")
CACHE_HITS = {"listing": 0.94, "product": 0.9, "search": 0.61}
PAYMENT_OUTCOMES = ("captured", "declined", "timeout", "error", "refunded")
MEASURED_ROUTES = ("/<locale>/products/<slug>", "/<locale>/checkout")
VITALS_SHARE = 0.6  # of page views whose browser reports
# Median of the largest contentful paint, in seconds.
FELT = {"desktop": 1.05, "mobile": 1.7}

Labels = tuple[str, ...]


@dataclass
class Span:
    """Steps of one length from start to end (unix seconds)."""

    start: int
    end: int
    step: int

    def __post_init__(self) -> None:
        self.count = (self.end - self.start) // self.step
        self.times = [f" {self.start + self.step * (n + 1)}\n" for n in range(self.count)]

    def part(self, start: int, end: int) -> slice:
        """The steps whose samples lie in start ≤ time < end."""
        first, last = (max(0, -((self.start - edge) // self.step) - 1) for edge in (start, end))
        return slice(first, last)

    def index(self, at: float) -> int:
        """Of the step whose sample is the first to know of `at`; past the end: −1."""
        found = int(at - self.start) // self.step
        return found if found < self.count else -1


@dataclass
class Family:
    """One metric with all its series. `labels` are names; values come with each count."""

    name: str
    kind: str  # counter, histogram or gauge
    span: Span
    labels: Labels
    job: str = "shop"
    buckets: tuple[float, ...] = ()
    rows: dict[Labels, list[list[float]]] = field(default_factory=dict)

    def expect(self, *values: str) -> list[list[float]]:
        """The increments of one labelled set: one row, for histograms one per bucket, sum and count."""
        found = self.rows.get(values)
        if found is None:
            width = len(self.buckets) + 2 if self.buckets else 1
            found = self.rows[values] = [[0] * self.span.count for _ in range(width)]
        return found

    def count(self, at: float, *values: str) -> None:
        index = self.span.index(at)
        if index >= 0:
            self.expect(*values)[0][index] += 1

    def observe(self, at: float, value: float, *values: str) -> None:
        index = self.span.index(at)
        if index < 0:
            return
        rows = self.expect(*values)
        rows[bisect_left(self.buckets, value)][index] += 1
        rows[-1][index] += value

    def series(self) -> Iterator[tuple[str, list[float]]]:
        """Each as what stands before the value in a line, and the value at each step."""
        for values, rows in self.rows.items():
            labels = dict(zip(self.labels, values, strict=True)) | {"instance": self.job, "job": self.job}
            if self.buckets:
                yield from self._histogram(labels, rows)
            else:
                yield (
                    _prefix(self.name, labels),
                    rows[0] if self.kind == "gauge" else list(accumulate(rows[0])),
                )

    def _histogram(
        self, labels: Mapping[str, str], rows: list[list[float]]
    ) -> Iterator[tuple[str, list[float]]]:
        up_to: list[float] = [0] * self.span.count
        for bound, row in zip([*map(str, self.buckets), "+Inf"], rows, strict=False):
            up_to = [below + here for below, here in zip(up_to, row, strict=True)]
            yield _prefix(f"{self.name}_bucket", {**labels, "le": bound}), list(accumulate(up_to))
        yield _prefix(f"{self.name}_count", labels), list(accumulate(up_to))
        yield _prefix(f"{self.name}_sum", labels), [round(value, 3) for value in accumulate(rows[-1])]


def _prefix(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{inside}}} "


def families(life: Life, start: int, end: int) -> list[Family]:
    fine, coarse, rough = (Span(start, end, step) for step in (FINE_SECONDS, COARSE_SECONDS, ROUGH_SECONDS))
    return [
        *_journeys(life.hits, fine, coarse, rough),
        *_requests(life.hits, rough),
        *_money(life, coarse, rough),
        *_variants(life.hits, rough, end),
        _lookups(life.hits, rough),
        _vitals(life.hits, rough),
        *_constant(rough),
    ]


def steps_of(hit: Hit) -> tuple[str, ...]:
    """Paying is a step of the checkout and one of its own."""
    journey = PAGES[hit.page].journey
    return (journey, "pay") if hit.page == "buy" else (journey,) if journey else ()


def _outcome(hit: Hit) -> str:
    return "good" if hit.is_good else "bad"


def _journeys(hits: list[Hit], fine: Span, coarse: Span, rough: Span) -> list[Family]:
    name = "shop_journey_duration_seconds"
    total, seconds = {}, {}
    for journey in JOURNEYS:
        counted = {"checkout": fine, "pay": coarse}.get(journey, rough)
        timed = fine if journey == "checkout" else rough
        total[journey] = Family("shop_journeys_total", "counter", counted, ("journey", "outcome", "locale"))
        seconds[journey] = Family(name, "histogram", timed, ("journey",), "shop", SECONDS)
        for outcome, locale in product(OUTCOMES, shape.LOCALE):
            total[journey].expect(journey, outcome, locale)
    for hit in hits:
        for journey in steps_of(hit):
            total[journey].count(hit.at, journey, _outcome(hit), hit.visit.visitor.locale)
            seconds[journey].observe(hit.at, hit.seconds, journey)
    return [*total.values(), *seconds.values()]


def _requests(hits: list[Hit], span: Span) -> list[Family]:
    total = Family("shop_requests_total", "counter", span, ("route", "method", "code_class"))
    seconds = Family("shop_request_duration_seconds", "histogram", span, ("route",), "shop", SECONDS)
    for page in PAGES.values():
        for code_class in ("2xx", "3xx", "5xx") if page.method == "POST" else ("2xx", "5xx"):
            total.expect(page.route, page.method, code_class)
    for hit in hits:
        page = PAGES[hit.page]
        fine = "3xx" if page.method == "POST" else "2xx"
        total.count(hit.at, page.route, page.method, fine if hit.is_good else "5xx")
        if page.route in MEASURED_ROUTES:
            seconds.observe(hit.at, hit.seconds, page.route)
    return [total, seconds]


def _money(life: Life, coarse: Span, rough: Span) -> list[Family]:
    payments = Family("shop_payments_total", "counter", coarse, ("outcome",))
    orders = Family("shop_orders_total", "counter", rough, ("locale",))
    emptied = Family("shop_carts_emptied_total", "counter", rough, ())
    mails = Family("shop_mails_total", "counter", rough, ("outcome",), "shop-worker")
    for outcome in PAYMENT_OUTCOMES:
        payments.expect(outcome)
    for outcome in ("sent", "failed"):
        mails.expect(outcome)
    for purchase in life.purchases:
        orders.count(purchase.at, purchase.visit.visitor.locale)
        for outcome in ("timeout", "error") if purchase.outcome == "error" else (purchase.outcome,):
            payments.count(purchase.at, outcome)
        if purchase.outcome in ("captured", "refunded"):
            emptied.count(purchase.at)
            mails.count(purchase.at, "sent")
    return [payments, orders, emptied, mails]


def _variants(hits: list[Hit], span: Span, end: int) -> list[Family]:
    """From the first hit that met the flag on; before, nobody had asked for it."""
    met = [hit for hit in hits if hit.variant]
    if not met:
        return []
    since = span.start + span.step * (int(met[0].at - span.start) // span.step)
    late = Span(since, end, span.step)
    labels = ("flag", "variant", "journey")
    total = Family("shop_variant_journeys_total", "counter", late, (*labels, "outcome"))
    seconds = Family("shop_variant_journey_duration_seconds", "histogram", late, labels, "shop", SECONDS)
    for variant in ("on", "off"):
        for journey in ("checkout", "pay"):
            for outcome in OUTCOMES:
                total.expect(shape.FLAG, variant, journey, outcome)
    for hit in met:
        for journey in steps_of(hit):
            total.count(hit.at, shape.FLAG, hit.variant, journey, _outcome(hit))
            seconds.observe(hit.at, hit.seconds, shape.FLAG, hit.variant, journey)
    return [total, seconds]


def _lookups(hits: list[Hit], span: Span) -> Family:
    family = Family("shop_cache_lookups_total", "counter", span, ("cache", "result"))
    random = Random(shape.SEED)  # nosec B311 # no secret
    for cache in CACHES:
        for result in ("hit", "miss", "error"):
            family.expect(cache, result)
    for hit in hits:
        cache = PAGES[hit.page].cache
        if cache:
            family.count(hit.at, cache, "hit" if random.random() < CACHE_HITS[cache] else "miss")  # nosec B311 # no secret
    return family


def _vitals(hits: list[Hit], span: Span) -> Family:
    family = Family("shop_web_vitals_lcp_seconds", "histogram", span, ("device",), "shop", LCP_SECONDS)
    random = Random(shape.SEED)  # nosec B311 # no secret
    for hit in hits:
        device = hit.visit.visitor.device
        if device in FELT and PAGES[hit.page].method == "GET" and random.random() < VITALS_SHARE:  # nosec B311 # no secret
            family.observe(hit.at, FELT[device] * random.lognormvariate(0, 0.42), device)
    return family


def _constant(span: Span) -> list[Family]:
    """Everything was up, and nothing was left lying."""
    up = []
    for job in ("shop", "shop-worker"):
        family = Family("up", "gauge", span, (), job)
        family.expect()[0] = [1] * span.count
        up.append(family)
    names = ("shop_outbox_pending", "shop_outbox_oldest_age_seconds", "shop_dead_letters")
    idle = [Family(name, "gauge", span, (), "shop-worker") for name in names]
    for family in idle:
        family.expect()
    return [*up, *idle]


class Text:
    """The samples as OpenMetrics text, one part of the time after the other."""

    def __init__(self, found: list[Family]) -> None:
        # Families of one name stand next to each other, as the format wants it.
        self.named: dict[str, list[tuple[Family, list[tuple[str, list[float]]]]]] = {}
        for family in found:
            self.named.setdefault(family.name, []).append((family, list(family.series())))

    def between(self, start: int, end: int) -> Iterator[str]:
        for name, families_of_name in self.named.items():
            kind = families_of_name[0][0].kind
            yield f"# TYPE {name.removesuffix('_total') if kind == 'counter' else name} {kind}\n"
            for family, series in families_of_name:
                part = family.span.part(start, end)
                times = family.span.times[part]
                for prefix, values in series if times else ():
                    pairs = zip(values[part], times, strict=True)
                    yield prefix + prefix.join([f"{value}{time}" for value, time in pairs])
        yield "# EOF\n"
