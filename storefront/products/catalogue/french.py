"""The catalogue's words in French."""

from __future__ import annotations

CATEGORIES = {
    "tea-and-coffee": (
        "Thé et café",
        "Bouilloires, théières et moulins pour les meilleures minutes du matin.",
    ),
    "pots-and-pans": (
        "Casseroles et poêles",
        "Fonds épais, couvercles bien ajustés, poignées qui restent froides.",
    ),
    "knives-and-boards": (
        "Couteaux et planches",
        "Affûtés, équilibrés, et un beau morceau de bois dessous.",
    ),
    "baking": ("Pâtisserie", "Des saladiers, des moules et des outils qui se démoulent sans peine."),
    "tableware": ("Vaisselle", "Assiettes, bols et tasses, beaux empilés comme tout seuls."),
    "glass": ("Verre", "Verres, carafes et bocaux, assez épais pour tous les jours."),
    "linen": ("Linge", "Torchons, tabliers et nappes qui s’adoucissent à chaque lavage."),
    "light-and-order": (
        "Lumière et rangement",
        "Lampes, boîtes et ustensiles pour une cuisine claire et bien rangée.",
    ),
}

NAME = "{kind} {line}"
BETWEEN = " "  # sentences

KINDS = {
    "kettle": (
        "Bouilloire",
        "Une bouilloire à sifflet qui verse un filet fin et régulier et chauffe sur tous les feux, "
        "induction comprise.",
    ),
    "teapot": (
        "Théière",
        "Une théière ronde au filtre profond ; le couvercle tient jusqu’à la dernière tasse.",
    ),
    "coffee-press": (
        "Cafetière à piston",
        "Une cafetière à double filtre bien ajusté : tout l’arôme, sans marc dans la tasse.",
    ),
    "coffee-dripper": (
        "Porte-filtre à café",
        "Des nervures en spirale écartent le papier de la paroi pour que l’eau coule régulièrement.",
    ),
    "coffee-mill": (
        "Moulin à café",
        "Un moulin à main à meules coniques, réglable de l’espresso à la cafetière à piston.",
    ),
    "tea-caddy": (
        "Boîte à thé",
        "Une boîte à couvercle intérieur qui garde les feuilles au sec et leur parfum à sa place.",
    ),
    "frying-pan": (
        "Poêle",
        "Une poêle qui saisit bien, passe au four et se bonifie à chaque steak et à chaque œuf.",
    ),
    "saucepan": (
        "Casserole",
        "Une casserole à double bec verseur, au fond qui répartit la chaleur uniformément.",
    ),
    "casserole": (
        "Cocotte",
        "Une cocotte lourde pour les ragoûts et le pain ; les gouttes du couvercle gardent le rôti moelleux.",
    ),
    "stockpot": (
        "Faitout",
        "Un faitout haut pour bouillons, pâtes et confitures, gradué dedans, à larges anses dehors.",
    ),
    "wok": (
        "Wok",
        "Un wok à paroi mince qui chauffe vite et reste assez léger pour sauter d’une seule main.",
    ),
    "griddle": (
        "Gril en fonte",
        "Une plaque striée pour marquer légumes, poisson et pain ; la graisse s’écoule toute seule.",
    ),
    "chefs-knife": (
        "Couteau de chef",
        "Une lame forgée pour presque tout, finement affûtée et équilibrée à la mitre.",
    ),
    "bread-knife": (
        "Couteau à pain",
        "Un long tranchant ondulé qui traverse la croûte sans écraser la mie.",
    ),
    "paring-knife": (
        "Couteau d’office",
        "Une petite lame pour peler, parer et tout ce qui se coupe dans la main.",
    ),
    "chopping-board": (
        "Planche à découper",
        "Du bois de bout qui ménage les lames, une rigole pour le jus et des pieds qui ne glissent pas.",
    ),
    "serving-board": (
        "Planche de service",
        "Une planche fine à poignée, pour le fromage, le pain et les repas dehors.",
    ),
    "kitchen-shears": (
        "Ciseaux de cuisine",
        "Des ciseaux démontables pour le lavage, qui coupent herbes, ficelle et volaille.",
    ),
    "mixing-bowl": (
        "Cul-de-poule",
        "Un grand bol profond à bec verseur, dont le pied ne bouge pas quand on remue.",
    ),
    "cake-tin": (
        "Moule à charnière",
        "Un moule dont le rebord retient ce qui coule, avec un fond où servir aussitôt.",
    ),
    "loaf-tin": (
        "Moule à cake",
        "Un moule aux angles repliés pour une croûte égale, sur le pain comme sur le quatre-quarts.",
    ),
    "rolling-pin": (
        "Rouleau à pâtisserie",
        "Un rouleau effilé sans poignées, pour que les mains sentent l’épaisseur de la pâte.",
    ),
    "pie-dish": (
        "Plat à tarte",
        "Un plat cannelé qui va du four à la table et y reste chaud.",
    ),
    "measuring-jug": (
        "Verre doseur",
        "Un pichet à graduation bien lisible, dont le bec ne goutte pas.",
    ),
    "whisk": (
        "Fouet",
        "Onze fils fins et un manche bien en main : une chantilly en deux minutes.",
    ),
    "mug": ("Mug", "Un mug à l’anse large pour quatre doigts, au bord agréable aux lèvres."),
    "dinner-plate": (
        "Assiette plate",
        "Une assiette au bord bas qui encadre le plat et s’empile bien.",
    ),
    "pasta-bowl": (
        "Assiette à pâtes",
        "Une assiette large et creuse pour les pâtes, le curry et les salades qui méritent de la place.",
    ),
    "breakfast-bowl": (
        "Bol du matin",
        "Un bol pour le porridge, la soupe et les fruits rouges, à tenir au creux de la main.",
    ),
    "spice-mills": (
        "Duo de moulins à épices",
        "Deux moulins à meules de céramique, un pour le sel, un pour le poivre.",
    ),
    "cutlery-set": (
        "Ménagère",
        "Seize pièces pour quatre personnes, équilibrées pour que la fourchette reste posée sur l’assiette.",
    ),
    "tumbler": (
        "Gobelet",
        "Un verre à fond épais pour l’eau, les jus et tout ce qui se boit avec des glaçons.",
    ),
    "wine-glass": (
        "Verre à vin",
        "Un verre à tige étirée, dont le calice convient au rouge comme au blanc.",
    ),
    "carafe": ("Carafe", "Une carafe élancée dont le bouchon sert aussi de verre."),
    "storage-jar": (
        "Bocal",
        "Un bocal à couvercle de bois et à joint : farine, haricots et biscuits d’un coup d’œil.",
    ),
    "oil-bottle": ("Bouteille à huile", "Une bouteille au bec fin qui s’arrête quand vous vous arrêtez."),
    "tea-towel": (
        "Torchon",
        "Un torchon qui essuie les verres sans peluches, avec une attache dans le coin.",
    ),
    "apron": (
        "Tablier",
        "Un tablier à bretelles croisées et à deux poches profondes ; rien à nouer dans le dos.",
    ),
    "oven-glove": (
        "Gant de four",
        "Un gant matelassé qui couvre le poignet et tient les plaques jusqu’à 250 °C.",
    ),
    "napkins": ("Lot de quatre serviettes", "Quatre grandes serviettes à l’ourlet roulotté à la main."),
    "tablecloth": (
        "Nappe",
        "Une nappe qui tombe bien et se passe de fer si on l’étend mouillée.",
    ),
    "pendant-lamp": (
        "Suspension",
        "Un abat-jour qui éclaire la table d’une lumière chaude et laisse la pièce tranquille.",
    ),
    "candlestick": ("Bougeoir", "Un bougeoir bien stable qui recueille la cire."),
    "bread-bin": (
        "Boîte à pain",
        "Une boîte dont le couvercle de bois sert de planche ; l’aération garde la croûte croustillante.",
    ),
    "utensil-jar": (
        "Pot à ustensiles",
        "Un pot lourd pour cuillères et fouets, qui ne bascule pas même plein.",
    ),
    "ladle": ("Louche", "Une louche à double bec verseur, avec un crochet pour la suspendre."),
    "wooden-spoon": (
        "Cuillère en bois",
        "Une cuillère à bord droit qui va jusque dans les coins de la casserole.",
    ),
}

LINES = {
    "alder": ("Alder", "Alder est notre gamme sobre : rien qui ne serve à quelque chose."),
    "fjord": ("Fjord", "Fjord tient ses courbes des bateaux et son calme des eaux dormantes."),
    "morrow": (
        "Morrow",
        "Morrow est faite pour les premières heures : facile à saisir, facile à nettoyer.",
    ),
    "linden": ("Linden", "Linden est ronde et chaleureuse ; c’est par elle que commencent les familles."),
    "harbour": (
        "Harbour",
        "Harbour est robuste ; elle pardonne une chute et une longue nuit dans l’évier.",
    ),
    "saffron": ("Saffron", "Saffron a été dessinée avec des cuisiniers de trois pays."),
    "meadow": ("Meadow", "Meadow est légère, claire, et sort volontiers au jardin."),
    "atlas": ("Atlas", "Atlas est notre gamme professionnelle, plus épaisse là où il faut durer."),
    "juniper": ("Juniper", "Juniper a des arêtes nettes et une surface mate et calme."),
    "solstice": (
        "Solstice",
        "Solstice est finie à la main ; il n’y a pas deux pièces tout à fait pareilles.",
    ),
    "marlow": ("Marlow", "Marlow ressemble à quelque chose dont on hérite."),
    "tinder": (
        "Tinder",
        "Tinder est la gamme du premier appartement : bonne, petite, abordable.",
    ),
    "orchard": ("Orchard", "Orchard a des formes douces, empruntées aux fruits."),
    "vesper": ("Vesper", "Vesper est pour les longues soirées et les tables d’amis."),
    "quarry": ("Quarry", "Quarry pèse dans la main et reste fraîche au toucher."),
    "wren": ("Wren", "Wren est petite et soignée et trouve place où peu de choses en trouvent."),
}

MATERIALS = {
    "enamel": (
        "Acier émaillé",
        "Passe au lave-vaisselle ; les ustensiles en bois gardent l’émail brillant.",
    ),
    "steel": ("Acier inoxydable", "Passe au lave-vaisselle et ne prend aucune odeur."),
    "iron": ("Fonte", "À laver à la main, à sécher aussitôt et à frotter d’une goutte d’huile."),
    "carbon": (
        "Acier au carbone",
        "À laver à la main et à sécher ; il fonce avec le temps, et c’est ce qui le protège.",
    ),
    "copper": ("Cuivre", "À laver à la main ; le citron et le sel lui rendent son éclat."),
    "stoneware": ("Grès", "Convient au four, au micro-ondes et au lave-vaisselle."),
    "porcelain": ("Porcelaine", "Fine, dure et faite pour le lave-vaisselle."),
    "glass": (
        "Verre",
        "Passe au lave-vaisselle ; laissez refroidir le verre chaud avant de le rincer.",
    ),
    "beech": ("Hêtre", "À essuyer d’un chiffon humide et à huiler deux fois par an."),
    "oak": ("Chêne", "À laver à la main, à faire sécher debout et à huiler de temps en temps."),
    "walnut": ("Noyer", "À laver à la main, à faire sécher debout et à huiler de temps en temps."),
    "linen": ("Lin", "Lavable à 60 °C ; il s’adoucit à chaque fois."),
    "cotton": ("Coton", "Lavable à 60 °C ; séchage sur le fil ou en machine."),
    "brass": ("Laiton", "À frotter d’un chiffon sec ; il prend avec l’âge un brun chaud."),
}
