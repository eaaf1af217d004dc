"""Who came to the shop in those thirty days and what they did. Pure: the same life each time.

A hit is a request of a page together with what it means: the usage event, the journey and its outcome, how
long it took. Orders, events and metrics are all made from the same hits, so that they agree with each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from local.history import shape

DAY_SECONDS = 86_400


class Page(NamedTuple):
    route: str
    method: str
    journey: str  # "" where it is none
    kind: str  # of the usage event; "" where there is none
    seconds: float  # median time to answer
    cache: str = ""  # what it asks the cache for


PAGES = {
    "home": Page("/<locale>/", "GET", "browse", "page_view", 0.034, "listing"),
    "listing": Page("/<locale>/products", "GET", "browse", "page_view", 0.048, "listing"),
    "product": Page("/<locale>/products/<slug>", "GET", "browse", "product_view", 0.031, "product"),
    "search": Page("/<locale>/search", "GET", "search", "search", 0.062, "search"),
    "add": Page("/<locale>/cart/add", "POST", "cart", "cart_add", 0.041),
    "cart": Page("/<locale>/cart", "GET", "cart", "page_view", 0.036),
    "sign_in": Page("/<locale>/account/sign-in", "POST", "", "sign_in", 0.19),
    "sign_up": Page("/<locale>/account/sign-up", "POST", "", "sign_up", 0.21),
    "checkout": Page("/<locale>/checkout", "GET", "checkout", "checkout_start", 0.058),
    "buy": Page("/<locale>/checkout", "POST", "checkout", "", 0.17),
    "order": Page("/<locale>/orders/<number>", "GET", "", "page_view", 0.029),
}


class Visitor(NamedTuple):
    number: int  # index into the town's visitors
    visitor_id: str
    locale: str
    country: str
    device: str
    share: float  # 0 to 1: where the visitor stands in a rollout
    account: int | None  # index into Life.accounts


class Visit(NamedTuple):
    session_id: str
    visitor: Visitor
    signed_in: bool


class Hit(NamedTuple):
    at: float  # unix seconds
    visit: Visit
    page: str
    seconds: float
    is_good: bool
    pick: float  # 0 to 1: which product it is about
    variant: str  # of the flag, "" where the page does not ask for it


class Purchase(NamedTuple):
    at: float
    visit: Visit
    outcome: str  # of the payment: captured, declined, error, refunded
    picks: tuple[tuple[float, int], ...]  # (which product, how many)
    variant: str


class Account(NamedTuple):
    created_at: float
    locale: str
    country: str


class Life(NamedTuple):
    accounts: list[Account]
    hits: list[Hit]
    purchases: list[Purchase]


def live(today: datetime, until: datetime) -> Life:
    """Everything from thirty days before `today` (00:00 UTC) to `until`, in the order of time."""
    town = _Town(today)
    for day in range(-shape.DAYS, 1):
        for start in town.arrivals(day):
            town.visit(start)
    end = until.timestamp()
    return Life(
        town.accounts,
        sorted(hit for hit in town.hits if hit.at < end),
        sorted(purchase for purchase in town.purchases if purchase.at < end),
    )


class _Town:
    """The state while the days are lived through."""

    def __init__(self, today: datetime) -> None:
        self.today = today
        self.random = Random(shape.SEED)  # nosec B311 # no secret
        self.visitors: list[Visitor] = []
        self.accounts: list[Account] = []
        self.hits: list[Hit] = []
        self.purchases: list[Purchase] = []
        self.outage = shape.PAYMENTS_TIME_OUT.span(today)
        self.slowness = shape.SLOW_CHECKOUT.span(today)
        self.failures = {"outage": 0, "slowness": 0}
        for _ in range(900):  # who was here before
            self._new_visitor(has_account=self.random.random() < 0.3)

    def arrivals(self, day: int) -> Iterator[float]:
        """Unix seconds at which the sessions of a day begin."""
        midnight = self.today + timedelta(days=day)
        usual = (
            shape.SESSIONS_A_DAY
            * shape.WEEKDAY[midnight.weekday()]
            * (1 + shape.GROWTH_A_DAY * (day + shape.DAYS))
        )
        whole = sum(shape.HOUR)
        for hour, weight in enumerate(shape.HOUR):
            mean = usual * weight / whole * self.random.uniform(0.88, 1.12)
            if any(day == sent and hour in hours for sent, hours in shape.NEWSLETTERS):
                mean *= shape.NEWSLETTER_TIMES
            for _ in range(self._poisson(mean)):
                yield midnight.timestamp() + 3600 * (hour + self.random.random())

    def visit(self, start: float) -> None:
        visitor = self._somebody()
        signed_in = visitor.account is not None and self.random.random() < 0.55
        visit = Visit(self._token(), visitor, signed_in)
        walk = _Walk(self, visit, start)
        walk.browse()
        if self.random.random() < self._to_cart(start):
            walk.fill_cart()

    def still_fails(self, incident: str, most: int) -> bool:
        self.failures[incident] += 1
        return self.failures[incident] <= most

    def _to_cart(self, at: float) -> float:
        hours = [
            shape.moment(self.today, day, timedelta(hours=h)) for day, hs in shape.NEWSLETTERS for h in hs
        ]
        came_by_newsletter = any(hour.timestamp() <= at < hour.timestamp() + 3600 for hour in hours)
        return shape.NEWSLETTER_TO_CART if came_by_newsletter else shape.TO_CART

    def _somebody(self) -> Visitor:
        if self.random.random() < shape.RETURNING:
            # Regulars, or who was here for the first time lately.
            known = len(self.visitors)
            back = self.random.randrange(known) if self.random.random() < 0.5 else self._lately()
            return self.visitors[max(0, known - 1 - back)]
        return self._new_visitor(has_account=False)

    def _lately(self) -> int:
        return int(self.random.expovariate(1 / 350))

    def _new_visitor(self, has_account: bool) -> Visitor:
        locale = self._choice(shape.LOCALE)
        country, device = self._choice(shape.COUNTRY[locale]), self._choice(shape.DEVICE)
        account = None
        if has_account:
            before = (self.today - timedelta(days=shape.DAYS + 200 * self.random.random())).timestamp()
            account = self.open_account(before, locale, country)
        visitor = Visitor(
            len(self.visitors), self._token(), locale, country, device, self.random.random(), account
        )
        self.visitors.append(visitor)
        return visitor

    def open_account(self, at: float, locale: str, country: str) -> int:
        self.accounts.append(Account(at, locale, country))
        return len(self.accounts) - 1

    def _choice(self, shares: dict[str, float]) -> str:
        return self.random.choices(list(shares), list(shares.values()))[0]

    def _token(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def _poisson(self, mean: float) -> int:
        limit, product, count = math.exp(-mean), self.random.random(), 0
        while product > limit:
            product *= self.random.random()
            count += 1
        return count


class _Walk:
    """One session from page to page."""

    def __init__(self, town: _Town, visit: Visit, start: float) -> None:
        self.town, self.visit, self.now = town, visit, start
        self.random = town.random

    def browse(self) -> None:
        if self.visit.signed_in:
            self.see("sign_in")
        self.see(self.random.choices(("home", "listing", "product"), (0.45, 0.2, 0.35))[0])
        if self.random.random() < shape.BOUNCE:
            return
        for _ in range(1 + int(self.random.expovariate(1 / 3.4))):
            self.see(
                self.random.choices(("product", "listing", "search", "home"), (0.5, 0.28, 0.17, 0.05))[0]
            )

    def fill_cart(self) -> None:
        picks = tuple((self.random.random(), self._quantity()) for _ in range(self._lines()))
        for pick, _ in picks:
            self.see("product", pick)
            self.see("add", pick)
        self.see("cart")
        if self.random.random() < shape.TO_CHECKOUT:
            self.check_out(picks)

    def check_out(self, picks: tuple[tuple[float, int], ...]) -> None:
        variant = self._variant()
        self.see("checkout", variant=variant)
        while self.random.random() < (shape.RELOADS_WHILE_SLOW if self._within(self.town.slowness) else 0.22):
            self.see("checkout", variant=variant)
        likely = shape.TO_ORDER[variant or "off"] * (0.6 if self._within(self.town.slowness) else 1)
        if self.random.random() < likely:
            self.pay(picks, variant)

    def pay(self, picks: tuple[tuple[float, int], ...], variant: str) -> None:
        """Try until it works or patience ends; each try is an order of its own."""
        for _ in range(1 + self._patience()):
            outcome = self._outcome()
            self.see("buy", variant=variant, is_good=outcome != "error")
            self.town.purchases.append(Purchase(self.now, self.visit, outcome, picks, variant))
            if outcome in ("captured", "refunded"):
                self.see("order")
                self._maybe_open_account()
                return

    def see(self, page: str, pick: float | None = None, variant: str = "", is_good: bool = True) -> None:
        is_good = is_good and self.random.random() >= shape.ODD_FAILURE
        if page in ("checkout", "buy") and self._within(self.town.slowness):
            is_good = is_good and not self.town.still_fails("slowness", shape.FAILED_WHILE_SLOW)
        seconds = self._seconds(page, variant, is_good)
        pick = self.random.random() if pick is None else pick
        self.town.hits.append(Hit(self.now, self.visit, page, seconds, is_good, pick, variant))
        self.now += seconds + 4 + self.random.expovariate(1 / 28)

    def _seconds(self, page: str, variant: str, is_good: bool) -> float:
        usual = PAGES[page].seconds * self.random.lognormvariate(0, 0.36)
        if page == "buy" and not is_good and self._within(self.town.outage):
            return self.random.uniform(2.4, 6.5)
        if page in ("checkout", "buy") and self._within(self.town.slowness):
            return usual + self.random.uniform(*((1.3, 4.6) if variant == "on" else (0.25, 0.9)))
        return usual * (8 if self.random.random() < 0.002 else 1)

    def _outcome(self) -> str:
        if self._within(self.town.outage) and self.town.still_fails("outage", shape.TIMED_OUT):
            return "error"
        return self.random.choices(
            ("declined", "refunded", "captured"),
            (shape.DECLINED, shape.REFUNDED, 1 - shape.DECLINED - shape.REFUNDED),
        )[0]

    def _patience(self) -> int:
        return 1 + int(self.random.expovariate(1 / 1.4))

    def _variant(self) -> str:
        percent = shape.percent_at(self.town.today, self.now)
        if percent == 0:
            return ""
        return "on" if 100 * self.visit.visitor.share < percent else "off"

    def _maybe_open_account(self) -> None:
        visitor = self.visit.visitor
        if visitor.account is None and self.random.random() < 0.22:
            account = self.town.open_account(self.now, visitor.locale, visitor.country)
            visitor = self.town.visitors[visitor.number] = visitor._replace(account=account)
            self.visit = self.visit._replace(visitor=visitor, signed_in=True)
            self.see("sign_up")

    def _within(self, span: tuple[float, float]) -> bool:
        return span[0] <= self.now < span[1]

    def _lines(self) -> int:
        return self.random.choices((1, 2, 3, 4), (0.56, 0.27, 0.12, 0.05))[0]

    def _quantity(self) -> int:
        return self.random.choices((1, 2, 4, 6), (0.72, 0.17, 0.07, 0.04))[0]
