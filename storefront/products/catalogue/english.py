"""The catalogue's words in English. A kind has a name and what it does; a line and a material one sentence each."""

from __future__ import annotations

CATEGORIES = {
    "tea-and-coffee": ("Tea and coffee", "Kettles, pots and mills for the best minutes of the morning."),
    "pots-and-pans": ("Pots and pans", "Heavy bottoms, tight lids, handles that stay cool."),
    "knives-and-boards": ("Knives and boards", "Sharp, balanced, and a good piece of wood under them."),
    "baking": ("Baking", "Bowls, tins and tools that come out clean."),
    "tableware": ("Tableware", "Plates, bowls and mugs that stack well and look well alone."),
    "glass": ("Glass", "Tumblers, carafes and jars, blown thick enough for every day."),
    "linen": ("Linen", "Towels, aprons and tablecloths that grow softer with each wash."),
    "light-and-order": ("Light and order", "Lamps, jars and tools that keep a kitchen bright and tidy."),
}

NAME = "{line} {kind}"
BETWEEN = " "  # sentences

KINDS = {
    "kettle": (
        "kettle",
        "A whistling kettle that pours in a thin, calm stream and boils on every hob, induction too.",
    ),
    "teapot": ("teapot", "A round pot with a deep strainer; the lid stays on when you pour the last cup."),
    "coffee-press": (
        "coffee press",
        "A press with a close-fitting double sieve: a full cup and no grounds in it.",
    ),
    "coffee-dripper": (
        "coffee dripper",
        "Spiral ribs hold the paper off the wall, so that the water runs evenly.",
    ),
    "coffee-mill": ("coffee mill", "A hand mill with a conical burr, adjustable from espresso to press."),
    "tea-caddy": (
        "tea caddy",
        "A tin with an inner lid that keeps leaves dry and their scent where it belongs.",
    ),
    "frying-pan": (
        "frying pan",
        "A pan that browns well, goes into the oven and gets better with every steak and every egg.",
    ),
    "saucepan": (
        "saucepan",
        "A pan with pouring rims on both sides and a base that spreads the heat evenly.",
    ),
    "casserole": ("casserole", "A heavy pot for stews and bread; drops under the lid keep the roast moist."),
    "stockpot": (
        "stockpot",
        "A tall pot for stock, pasta and jam, with a scale inside and wide handles outside.",
    ),
    "wok": ("wok", "A thin-walled wok that gets hot fast and is light enough to toss with one hand."),
    "griddle": (
        "griddle",
        "A ridged plate for stripes on vegetables, fish and toast; the fat runs off by itself.",
    ),
    "chefs-knife": (
        "chef's knife",
        "A forged blade for nearly everything, ground thin and balanced at the bolster.",
    ),
    "bread-knife": ("bread knife", "A long wave edge that goes through crust without crushing the crumb."),
    "paring-knife": ("paring knife", "A small blade for peeling, trimming and all that is done in the hand."),
    "chopping-board": (
        "chopping board",
        "End grain that is kind to blades, with a groove for juice and feet that grip.",
    ),
    "serving-board": (
        "serving board",
        "A slim board with a handle, for cheese, bread and carrying things outside.",
    ),
    "kitchen-shears": (
        "kitchen shears",
        "Shears that come apart for washing and cut herbs, string and poultry.",
    ),
    "mixing-bowl": ("mixing bowl", "A deep bowl with a spout and a foot that stands still while you stir."),
    "cake-tin": ("cake tin", "A springform with a rim that catches what leaks and a base to serve from."),
    "loaf-tin": ("loaf tin", "A tin with folded corners for even crust on bread and pound cake."),
    "rolling-pin": (
        "rolling pin",
        "A tapered pin without handles, so that the hands feel how thick the dough is.",
    ),
    "pie-dish": ("pie dish", "A fluted dish that goes from the oven to the table and holds its heat there."),
    "measuring-jug": ("measuring jug", "A jug with a clear scale inside and a spout that does not drip."),
    "whisk": ("whisk", "Eleven fine wires and a handle that lies well: cream in two minutes."),
    "mug": ("mug", "A mug with a handle for four fingers and a rim that is pleasant to drink from."),
    "dinner-plate": (
        "dinner plate",
        "A flat plate with a low rim that frames what lies on it and stacks neatly.",
    ),
    "pasta-bowl": ("pasta bowl", "A wide, deep plate for pasta, curry and salads that deserve room."),
    "breakfast-bowl": (
        "breakfast bowl",
        "A bowl for porridge, soup and berries that fits into the palm of a hand.",
    ),
    "spice-mills": ("pair of spice mills", "Two mills with ceramic burrs, one for salt and one for pepper."),
    "cutlery-set": (
        "cutlery set",
        "Sixteen pieces for four people, weighted so that a fork lies still on the plate.",
    ),
    "tumbler": ("tumbler", "A glass with a heavy base for water, juice and everything with ice."),
    "wine-glass": ("wine glass", "A glass with a drawn stem and a bowl for red and white alike."),
    "carafe": ("carafe", "A slender carafe with a stopper that is a glass at the same time."),
    "storage-jar": (
        "storage jar",
        "A jar with a wooden lid and a seal: flour, beans and biscuits at a glance.",
    ),
    "oil-bottle": ("oil bottle", "A bottle with a fine spout that stops when you do."),
    "tea-towel": ("tea towel", "A towel that dries glasses without lint, with a loop in the corner."),
    "apron": ("apron", "An apron with crossed straps and two deep pockets; nothing to tie behind the back."),
    "oven-glove": (
        "oven glove",
        "A padded glove that reaches over the wrist and takes hot trays up to 250 °C.",
    ),
    "napkins": ("set of four napkins", "Four large napkins with a hand-turned hem."),
    "tablecloth": (
        "tablecloth",
        "A cloth that falls well over the edge and needs no iron if you hang it wet.",
    ),
    "pendant-lamp": ("pendant lamp", "A shade that throws warm light on the table and leaves the room calm."),
    "candlestick": ("candlestick", "A candlestick that stands firmly and catches the wax."),
    "bread-bin": ("bread bin", "A bin with a wooden lid for cutting on; air holes keep the crust crisp."),
    "utensil-jar": ("utensil jar", "A heavy jar for spoons and whisks that does not tip when it is full."),
    "ladle": ("ladle", "A ladle with a pouring lip on both sides and a hook to hang it by."),
    "wooden-spoon": ("wooden spoon", "A spoon with one straight edge that reaches the corners of the pot."),
}

LINES = {
    "alder": ("Alder", "Alder is our plain line: nothing on it that does not help."),
    "fjord": ("Fjord", "Fjord takes its curves from boats and its calm from still water."),
    "morrow": ("Morrow", "Morrow is made for early hours: easy to grip, easy to clean."),
    "linden": ("Linden", "Linden is round and friendly, the line most families begin with."),
    "harbour": ("Harbour", "Harbour is robust; it forgives a fall and a long night in the sink."),
    "saffron": ("Saffron", "Saffron was drawn together with cooks from three countries."),
    "meadow": ("Meadow", "Meadow is light, bright and gladly used outdoors."),
    "atlas": ("Atlas", "Atlas is our professional line, thicker where it has to last."),
    "juniper": ("Juniper", "Juniper has clear edges and a quiet, matt surface."),
    "solstice": ("Solstice", "Solstice is finished by hand; no two pieces are quite alike."),
    "marlow": ("Marlow", "Marlow looks like something you inherit."),
    "tinder": ("Tinder", "Tinder is the line for the first flat: good, small, affordable."),
    "orchard": ("Orchard", "Orchard brings soft shapes that we took from fruit."),
    "vesper": ("Vesper", "Vesper is for long evenings and tables with guests."),
    "quarry": ("Quarry", "Quarry is heavy in the hand and cool to the touch."),
    "wren": ("Wren", "Wren is small and neat and fits where little else does."),
}

MATERIALS = {
    "enamel": ("Enamelled steel", "Goes into the dishwasher; use wooden tools to keep the enamel bright."),
    "steel": ("Stainless steel", "Goes into the dishwasher and does not take on any smell."),
    "iron": ("Cast iron", "Wash it by hand, dry it at once and rub it with a drop of oil."),
    "carbon": ("Carbon steel", "Wash it by hand and dry it; it darkens with time, and that protects it."),
    "copper": ("Copper", "Wash it by hand; lemon and salt bring back the shine."),
    "stoneware": ("Stoneware", "Safe in the oven, the microwave and the dishwasher."),
    "porcelain": ("Porcelain", "Thin, hard, and safe in the dishwasher."),
    "glass": ("Glass", "Goes into the dishwasher; let hot glass cool before you rinse it."),
    "beech": ("Beech wood", "Wipe it with a damp cloth and oil it twice a year."),
    "oak": ("Oak", "Wash it by hand, stand it up to dry and oil it now and then."),
    "walnut": ("Walnut", "Wash it by hand, stand it up to dry and oil it now and then."),
    "linen": ("Linen", "Wash it at 60 °C; it gets softer every time."),
    "cotton": ("Cotton", "Wash it at 60 °C and dry it on the line or in the dryer."),
    "brass": ("Brass", "Rub it with a dry cloth; it ages to a warm brown."),
}
