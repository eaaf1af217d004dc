"""What the shop sells, in numbers: one row a kind of thing. Words are beside it, by language."""

from __future__ import annotations

from dataclasses import dataclass

CATEGORIES = (
    "tea-and-coffee",
    "pots-and-pans",
    "knives-and-boards",
    "baking",
    "tableware",
    "glass",
    "linen",
    "light-and-order",
)

ENAMEL = ("cream", "sage", "ember", "ink", "butter", "sky")
GLAZE = ("cream", "sage", "rose", "slate", "sky", "ember")
METAL = ("steel", "copper", "black")
IRON = ("black", "ink", "ember", "sage")
WOOD = ("oak", "walnut", "olive")
CLEAR = ("clear", "smoke", "sage", "amber")
CLOTH = ("flax", "ink", "sage", "rose", "butter")


@dataclass(frozen=True)
class Kind:
    """`lowest_cents` to `highest_cents` is what the smallest size costs, from plain to fine."""

    key: str
    category: str
    shape: str  # a function of pictures/shapes
    materials: tuple[str, ...]
    colours: tuple[str, ...]
    sizes: tuple[str, ...]  # smallest first; ("",) where there is one size
    lowest_cents: int
    highest_cents: int
    weight_grams: int  # of the smallest size


def _row(
    key: str,
    category: str,
    shape: str,
    materials: str,
    colours: tuple[str, ...],
    sizes: str,
    price: tuple[int, int],
    grams: int,
) -> Kind:
    return Kind(
        key, category, shape, tuple(materials.split()), colours, tuple(sizes.split(" ")), *price, grams
    )


KINDS = (
    # key, category, shape, materials, colours, sizes, (lowest, highest) cents, grams
    _row("kettle", "tea-and-coffee", "kettle", "enamel steel", ENAMEL, "1.2l 1.8l", (4490, 8990), 980),
    _row("teapot", "tea-and-coffee", "teapot", "stoneware porcelain", GLAZE, "0.6l 1.1l", (3290, 6490), 720),
    _row("coffee-press", "tea-and-coffee", "press", "glass steel", METAL, "0.35l 1l", (2990, 6990), 640),
    _row("coffee-dripper", "tea-and-coffee", "dripper", "stoneware porcelain", GLAZE, "", (1890, 3490), 380),
    _row("coffee-mill", "tea-and-coffee", "mill", "beech steel", WOOD, "", (4990, 11900), 860),
    _row("tea-caddy", "tea-and-coffee", "caddy", "steel enamel", ENAMEL, "s l", (1290, 2490), 210),
    _row("frying-pan", "pots-and-pans", "pan", "iron carbon", IRON, "20cm 24cm 28cm", (3990, 9900), 1250),
    _row("saucepan", "pots-and-pans", "saucepan", "steel copper", METAL, "16cm 20cm", (4490, 12900), 1100),
    _row(
        "casserole",
        "pots-and-pans",
        "casserole",
        "iron enamel",
        ENAMEL,
        "20cm 24cm 28cm",
        (8900, 21900),
        3400,
    ),
    _row("stockpot", "pots-and-pans", "stockpot", "steel enamel", METAL, "6l 10l", (6900, 13900), 2600),
    _row("wok", "pots-and-pans", "wok", "carbon iron", IRON, "28cm 32cm", (4990, 10900), 1700),
    _row("griddle", "pots-and-pans", "griddle", "iron", IRON, "26cm 30cm", (4490, 8900), 2500),
    _row("chefs-knife", "knives-and-boards", "knife", "carbon steel", WOOD, "16cm 20cm", (5900, 15900), 190),
    _row("bread-knife", "knives-and-boards", "breadknife", "steel", WOOD, "22cm", (4490, 9900), 170),
    _row("paring-knife", "knives-and-boards", "paring", "steel carbon", WOOD, "9cm", (1990, 4990), 70),
    _row("chopping-board", "knives-and-boards", "board", "oak walnut", WOOD, "s m l", (2490, 6900), 900),
    _row("serving-board", "knives-and-boards", "paddle", "oak walnut", WOOD, "m l", (2290, 5490), 700),
    _row("kitchen-shears", "knives-and-boards", "shears", "steel", METAL, "", (2290, 4490), 160),
    _row("mixing-bowl", "baking", "bowl", "stoneware enamel", ENAMEL, "1.5l 3l 5l", (1890, 3990), 650),
    _row("cake-tin", "baking", "caketin", "steel carbon", METAL, "20cm 26cm", (1690, 3490), 420),
    _row("loaf-tin", "baking", "loaftin", "steel carbon", METAL, "25cm 30cm", (1490, 2990), 460),
    _row("rolling-pin", "baking", "pin", "beech walnut", WOOD, "", (1490, 3290), 390),
    _row("pie-dish", "baking", "dish", "stoneware", GLAZE, "24cm 28cm", (2290, 4290), 980),
    _row("measuring-jug", "baking", "jug", "enamel steel", ENAMEL, "0.5l 1l", (1490, 2890), 340),
    _row("whisk", "baking", "whisk", "steel", WOOD, "", (990, 2290), 120),
    _row("mug", "tableware", "mug", "stoneware porcelain enamel", GLAZE, "s l", (1190, 2490), 330),
    _row("dinner-plate", "tableware", "plate", "stoneware porcelain", GLAZE, "22cm 27cm", (1490, 3290), 620),
    _row("pasta-bowl", "tableware", "deepplate", "stoneware porcelain", GLAZE, "", (1690, 3390), 680),
    _row("breakfast-bowl", "tableware", "bowl", "stoneware porcelain", GLAZE, "s m", (1190, 2390), 380),
    _row("spice-mills", "tableware", "mills", "beech walnut", WOOD, "", (2990, 6490), 520),
    _row("cutlery-set", "tableware", "cutlery", "steel", METAL, "", (5900, 14900), 1300),
    _row("tumbler", "glass", "tumbler", "glass", CLEAR, "0.25l 0.4l", (690, 1690), 240),
    _row("wine-glass", "glass", "wineglass", "glass", CLEAR, "", (1190, 2990), 160),
    _row("carafe", "glass", "carafe", "glass", CLEAR, "0.75l 1.2l", (2290, 4990), 590),
    _row("storage-jar", "glass", "jar", "glass", CLEAR, "0.5l 1l 2l", (990, 2290), 480),
    _row("oil-bottle", "glass", "bottle", "glass", CLEAR, "0.25l 0.5l", (1290, 2690), 330),
    _row("tea-towel", "linen", "towel", "linen cotton", CLOTH, "", (990, 2490), 110),
    _row("apron", "linen", "apron", "linen cotton", CLOTH, "m l", (2990, 5990), 320),
    _row("oven-glove", "linen", "glove", "cotton linen", CLOTH, "", (1490, 2990), 190),
    _row("napkins", "linen", "napkin", "linen cotton", CLOTH, "", (1990, 4290), 260),
    _row("tablecloth", "linen", "tablecloth", "linen", CLOTH, "m l", (5490, 11900), 780),
    _row("pendant-lamp", "light-and-order", "lamp", "enamel brass", ENAMEL, "s l", (6900, 15900), 1400),
    _row("candlestick", "light-and-order", "candle", "brass iron", METAL, "s m", (1890, 4490), 450),
    _row("bread-bin", "light-and-order", "breadbin", "enamel steel", ENAMEL, "", (3990, 7990), 1600),
    _row("utensil-jar", "light-and-order", "crock", "stoneware enamel", GLAZE, "", (1990, 3690), 900),
    _row("ladle", "light-and-order", "ladle", "steel copper", METAL, "", (1490, 3290), 180),
    _row("wooden-spoon", "light-and-order", "spoon", "oak beech", WOOD, "s l", (690, 1690), 60),
)

# Lines of design: how fine, from 0 (plain) to 1.
LINES = {
    "alder": 0.15,
    "fjord": 0.55,
    "morrow": 0.30,
    "linden": 0.40,
    "harbour": 0.50,
    "saffron": 0.65,
    "meadow": 0.20,
    "atlas": 0.80,
    "juniper": 0.35,
    "solstice": 0.95,
    "marlow": 0.60,
    "tinder": 0.10,
    "orchard": 0.45,
    "vesper": 0.85,
    "quarry": 0.70,
    "wren": 0.25,
}
