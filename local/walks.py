"""Who the demo shoppers are and how they read pages. Pure: no requests, and luck is an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from random import Random

from local.history import shape

HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*>")
CHOSEN = re.compile(r"<input[^>]*type=\"radio\"[^>]*\bchecked\b[^>]*>")
ATTRIBUTE = re.compile(r"(\w+)=\"([^\"]*)\"")

AGENTS = {
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
    "mobile": "Mozilla/5.0 (Linux; Android 15; Mobile) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
    "tablet": "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
}
# A town and a post code that the checkout takes.
TOWNS = {
    "DE": ("Leipzig", "04109"),
    "AT": ("Graz", "8010"),
    "LU": ("Luxembourg", "1009"),
    "GB": ("York", "YO1 7HH"),
    "IE": ("Cork", "T12 XN80"),
    "NL": ("Utrecht", "3511 AB"),
    "FR": ("Lyon", "69001"),
    "SE": ("Uppsala", "753 10"),
    "AE": ("Dubai", ""),
    "SA": ("Jeddah", "23218"),
    "EG": ("Cairo", "11511"),
    "BE": ("Gent", "9000"),
    "CH": ("Biel", "2502"),
    "PL": ("Toruń", "87-100"),
    "ES": ("Sevilla", "41001"),
    "PT": ("Braga", "4700-030"),
    "BR": ("Recife", "50030-150"),
    "JP": ("金沢市", "920-0961"),
}
# What people look for, with typos as they come.
WORDS = {
    "en": ("kettle", "kettel", "mug", "linen apron", "bread knife", "lamp", "glass"),
    "de": ("Wasserkocher", "Teekanne", "Messer", "Schüssel", "Tischdecke", "Lampe", "Glass"),
    "ar": ("غلاية", "كوب", "سكين", "مصباح", "مئزر"),
    "fr": ("bouilloire", "théière", "poele", "couteau à pain", "nappe"),
    "pl": ("czajnik", "noże", "kubek", "garnek", "deska do krojenia"),
    "es": ("tetera", "sartén", "cuchillo", "vasos", "mantel"),
    "ja": ("やかん", "ケトル", "包丁", "鍋", "マグ"),
    "pt-BR": ("chaleira", "panela", "faca", "copos", "avental"),
}
# The sandbox gateway's cards: goes through, declined, times out after charging.
CARDS = (("4242424242424242", 0.93), ("4000000000000002", 0.05), ("4000000000000119", 0.02))


@dataclass(frozen=True)
class Persona:
    """Thinks this many seconds on average; the rest are likelihoods for one visit."""

    name: str
    share: float  # of all shoppers
    think_seconds: float
    pages: tuple[int, int]  # least and most that are looked at before a decision
    searches: float
    to_cart: float
    to_checkout: float
    to_order: float
    comes_back: float  # keeps the cookies for the next visit


PERSONAS = (
    Persona("browser", 0.52, 4.0, (1, 2), 0.15, 0.04, 0.3, 0.4, 0.1),
    Persona("bargain hunter", 0.22, 3.0, (2, 6), 0.45, 0.18, 0.35, 0.45, 0.2),
    Persona("returning customer", 0.18, 3.5, (1, 3), 0.3, 0.3, 0.6, 0.75, 0.5),
    Persona("express buyer", 0.08, 1.5, (1, 1), 0.6, 0.7, 0.9, 0.9, 0.05),
)


@dataclass(frozen=True)
class Face:
    """What the shop sees of one browser."""

    locale: str
    country: str
    device: str

    def headers(self) -> dict[str, str]:
        spoken = self.locale.partition("-")[0]
        language = f"{spoken}-{self.country},{spoken};q=0.8"
        return {"Accept-Language": language, "User-Agent": AGENTS[self.device], "Accept": "text/html"}


def choose(shares: Mapping[str, float], random: Random) -> str:
    return random.choices(list(shares), list(shares.values()))[0]  # nosec B311 # no secret


def new_face(random: Random) -> Face:
    locale = choose(shape.LOCALE, random)
    return Face(locale, choose(shape.COUNTRY[locale], random), choose(shape.DEVICE, random))


def new_persona(random: Random) -> Persona:
    return random.choices(PERSONAS, [persona.share for persona in PERSONAS])[0]  # nosec B311 # no secret


def hidden_fields(page: str) -> dict[str, str]:
    """The form's own fields, such as its token, and what is chosen beforehand."""
    found = [dict(ATTRIBUTE.findall(field)) for field in (*HIDDEN.findall(page), *CHOSEN.findall(page))]
    return {field["name"]: unescape(field.get("value", "")) for field in found if "name" in field}


def products_on(page: str, locale: str) -> Sequence[str]:
    """Addresses of the products that a page shows, each once."""
    links = re.findall(rf'href="(/{locale}/products/[\w-]+)"', page)
    return list(dict.fromkeys(links))


def address_of(face: Face, number: int) -> dict[str, str]:
    city, postcode = TOWNS[face.country]
    return {
        "email": f"demo-shopper-{number}@demo.example",
        "name": f"Demo Shopper {number}",
        "street": f"Market Street {number % 90 + 1}",
        "city": city,
        "postcode": postcode,
        "country": face.country,
    }


def card_of(random: Random) -> dict[str, str]:
    number = random.choices([card for card, _ in CARDS], [share for _, share in CARDS])[0]  # nosec B311 # no secret
    return {"card_number": number, "card_expiry": "12/34", "card_cvc": "123"}
