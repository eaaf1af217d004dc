"""Demo shoppers, a Locust file: `locust -f local/shoppers.py --headless --host http://127.0.0.1:8080`.

They look around, search, fill carts and pay with the sandbox's cards, through the same forms as people, in
three languages and on several devices. How many there are is read once a second from the file that
SHOPPERS_FILE names; each asks for a page about every three seconds. They only ever talk to this machine.
"""

from __future__ import annotations

import os
import re
import time  # Locust makes its sleep a pause of this shopper alone
from contextlib import suppress
from html import unescape
from pathlib import Path
from random import Random
from urllib.parse import quote, urlsplit

from locust import FastHttpUser, LoadTestShape, events, task
from locust.env import Environment

from local.walks import (
    WORDS,
    Face,
    Persona,
    address_of,
    card_of,
    hidden_fields,
    new_face,
    new_persona,
    products_on,
)

FEW = 6.0
OURSELVES = ("127.0.0.1", "localhost", "::1")
RESTS_SECONDS = 2.0  # between two visits of one shopper, on average
# What a device adds to the time in which page and picture arrive, its answer to a tap, and how much moves.
FELT = {"desktop": (0.8, 0.05, 0.01), "mobile": (1.4, 0.1, 0.03), "tablet": (1.1, 0.08, 0.02)}
PICTURE = re.compile(r'src="(/media/products/[^"]+)"')

luck = Random()  # nosec B311 # no secret


def refuse_other_machines(environment: Environment, **_: object) -> None:
    if urlsplit(environment.host or "").hostname not in OURSELVES:
        raise SystemExit(f"Demo shoppers only visit this machine, not {environment.host!r}.")


events.init.add_listener(refuse_other_machines)  # type: ignore[no-untyped-call]


class AsManyAsTheFileSays(LoadTestShape):
    def tick(self) -> tuple[int, float]:
        return round(wanted(os.environ.get("SHOPPERS_FILE"))), 2.0


def wanted(file: str | None) -> float:
    """A few where nobody said anything, or half of a number was read while it was written."""
    with suppress(OSError, ValueError, TypeError):
        return max(0.0, float(Path(str(file)).read_text()))
    return FEW


class Shopper(FastHttpUser):
    persona: Persona
    face: Face
    number: int

    def on_start(self) -> None:
        self._become_somebody_else()

    @task
    def visit(self) -> None:
        """One session: may end at each step, and the shop's errors end it too."""
        self._look_around()
        time.sleep(luck.expovariate(1 / RESTS_SECONDS))
        if luck.random() >= self.persona.comes_back:
            self._become_somebody_else()

    def _become_somebody_else(self) -> None:
        self.persona, self.face, self.number = new_persona(luck), new_face(luck), luck.randrange(100_000)
        self.client.cookiejar.clear()

    def _look_around(self) -> None:
        page = self._see("/")
        if luck.random() < self.persona.searches:
            word = luck.choice(WORDS[self.face.locale])
            page = self._see(f"/search?q={quote(word)}", "/search")
        for _ in range(luck.randint(*self.persona.pages)):
            found = products_on(page, self.face.locale)
            page = self._product(luck.choice(found)) if found else self._see("/products")
            if luck.random() < self.persona.to_cart and "/products/" in page:
                if self._add(page):
                    self._go_on_to_checkout()
                return

    def _go_on_to_checkout(self) -> None:
        self._see("/cart")
        if luck.random() < self.persona.to_checkout:
            page = self._see("/checkout")
            if luck.random() < self.persona.to_order and "card_number" in page:
                self._pay(page)

    def _product(self, address: str) -> str:
        return self._get(address, f"/{self.face.locale}/products/<slug>")

    def _add(self, page: str) -> bool:
        form = {**hidden_fields(page), "quantity": str(luck.choices((1, 2, 4), (7, 2, 1))[0])}
        return "variant_id" in form and self._post("/cart/add", form)

    def _pay(self, page: str) -> None:
        self._post(
            "/checkout", {**hidden_fields(page), **address_of(self.face, self.number), **card_of(luck)}
        )

    def _see(self, path: str, name: str | None = None) -> str:
        return self._get(f"/{self.face.locale}{path}", f"/{self.face.locale}{name or path}")

    def _get(self, address: str, name: str) -> str:
        began = time.monotonic()
        page = self.client.get(address, name=name, headers=self.face.headers()).text or ""
        if picture := PICTURE.search(page):
            self.client.get(unescape(picture[1]), name="/media", headers=self.face.headers())
        self._tell_how_it_felt(time.monotonic() - began)
        self._think()
        return page

    def _post(self, path: str, form: dict[str, str]) -> bool:
        answer = self.client.post(f"/{self.face.locale}{path}", data=form, headers=self.face.headers())
        self._think()
        return bool(answer.status_code and answer.status_code < 400)

    def _think(self) -> None:
        time.sleep(luck.expovariate(1 / self.persona.think_seconds))

    def _tell_how_it_felt(self, loading_seconds: float) -> None:
        lcp, inp, cls = (usual * luck.lognormvariate(0, 0.4) for usual in FELT[self.face.device])
        felt = {"lcp": loading_seconds + lcp, "inp": inp, "cls": cls}
        self.client.post("/vitals", json=felt, headers=self.face.headers())
