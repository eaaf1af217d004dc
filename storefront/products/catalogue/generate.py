"""From tables and a seed to products. Pure: no database, no clock; the same seed gives the same catalogue."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from storefront.negotiation import match
from storefront.products.catalogue import (
    arabic,
    english,
    french,
    german,
    japanese,
    polish,
    portuguese,
    spanish,
)
from storefront.products.catalogue.kinds import KINDS, LINES, Kind

SOURCE = "en"  # what the others are translated from, and what is shown where there is no translation
WORDS: dict[str, ModuleType] = {
    SOURCE: english,
    "de": german,
    "fr": french,
    "es": spanish,
    "pl": polish,
    "pt-BR": portuguese,
    "ja": japanese,
    "ar": arabic,
}
LINES_PER_KIND = (4, 6)
COLOURS_PER_PRODUCT = (2, 4)
NEWEST_DAYS, OLDEST_DAYS = 3, 900


@dataclass(frozen=True)
class Words:
    name: str
    tagline: str
    description: str  # three sentences


@dataclass(frozen=True)
class VariantDraft:
    sku: str
    size: str
    colour: str
    price_cents: int
    weight_grams: int
    stock: int


@dataclass(frozen=True)
class ProductDraft:
    slug: str
    category: str
    kind: str
    shape: str
    material: str
    popularity: int  # 0 to 1000
    age_days: int  # since it came into the shop
    curve: float  # 0 angular to 1 round: what the drawing varies within a shape
    pattern: int  # 0 plain, 1 rim, 2 stripes, 3 dots
    words: dict[str, Words]  # by language
    variants: tuple[VariantDraft, ...]


def catalogue(seed: int = 7) -> list[ProductDraft]:
    """More than 200 products in eight categories."""
    dice = random.Random(seed)  # noqa: S311 # nosec B311 # plausible goods, no secrets
    products = []
    for number, kind in enumerate(KINDS, 1):
        lines = dice.sample(list(LINES), dice.randint(*LINES_PER_KIND))
        products += [_product(kind, number, line, dice) for line in sorted(lines)]
    return products


@cache
def spoken(locale: str) -> str:
    """The language that the catalogue answers a locale in: the one its readers read, else English."""
    return match(locale, WORDS) or SOURCE


def category_words(slug: str, language: str) -> tuple[str, str]:
    name, about = WORDS[language].CATEGORIES[slug]
    return str(name), str(about)


def _product(kind: Kind, number: int, line: str, dice: random.Random) -> ProductDraft:
    material = dice.choice(kind.materials)
    colours = dice.sample(kind.colours, min(len(kind.colours), dice.randint(*COLOURS_PER_PRODUCT)))
    base = kind.lowest_cents + (kind.highest_cents - kind.lowest_cents) * LINES[line]
    code = f"HL-{number:02d}{list(LINES).index(line) + 1:02d}"
    return ProductDraft(
        slug=f"{line}-{kind.key}",
        category=kind.category,
        kind=kind.key,
        shape=kind.shape,
        material=material,
        popularity=round(1000 * dice.betavariate(2, 4)),
        age_days=dice.randint(NEWEST_DAYS, OLDEST_DAYS),
        curve=round(dice.random(), 2),
        pattern=dice.choice((0, 0, 1, 1, 2, 3)),
        words={language: _words(module, kind.key, line, material) for language, module in WORDS.items()},
        variants=tuple(
            _variant(kind, code, base, step, size, colour, dice)
            for step, size in enumerate(kind.sizes)
            for colour in colours
        ),
    )


def _variant(
    kind: Kind, code: str, base: float, step: int, size: str, colour: str, dice: random.Random
) -> VariantDraft:
    return VariantDraft(
        sku=f"{code}-{colour[:3].upper()}-{size.replace('.', '').upper() or 'ONE'}",
        size=size,
        colour=colour,
        price_cents=pleasant_price(base * (1 + 0.28 * step)),
        weight_grams=round(kind.weight_grams * (1 + 0.4 * step) / 10) * 10,
        stock=0 if dice.random() < 0.04 else dice.randint(8, 240),
    )


def pleasant_price(cents: float) -> int:
    """The nearest price that ends in 90 cents; whole euros from 100 € on."""
    if cents >= 10_000:
        return round(cents / 500) * 500
    return max(90, round((cents - 90) / 100) * 100 + 90)


def _words(module: ModuleType, kind: str, line: str, material: str) -> Words:
    kind_name, about_kind = module.KINDS[kind]
    line_name, about_line = module.LINES[line]
    material_name, about_material = module.MATERIALS[material]
    name = str(module.NAME).format(kind=kind_name, line=line_name)
    description = str(module.BETWEEN).join((about_kind, about_line, about_material))
    return Words(name, str(material_name), description)
