"""The catalogue's words in Spanish."""

from __future__ import annotations

CATEGORIES = {
    "tea-and-coffee": (
        "Té y café",
        "Hervidores, teteras y molinillos para los mejores minutos de la mañana.",
    ),
    "pots-and-pans": ("Ollas y sartenes", "Fondos gruesos, tapas que ajustan, mangos que no queman."),
    "knives-and-boards": ("Cuchillos y tablas", "Afilados, equilibrados, y una buena madera debajo."),
    "baking": ("Repostería", "Boles, moldes y utensilios que se desmoldan sin esfuerzo."),
    "tableware": ("Vajilla", "Platos, cuencos y tazas que se apilan bien y lucen también solos."),
    "glass": ("Cristal", "Vasos, jarras y tarros, lo bastante gruesos para el día a día."),
    "linen": ("Textiles", "Paños, delantales y manteles más suaves con cada lavado."),
    "light-and-order": ("Luz y orden", "Lámparas, botes y utensilios para una cocina luminosa y ordenada."),
}

NAME = "{kind} {line}"
BETWEEN = " "  # sentences

KINDS = {
    "kettle": (
        "Hervidor",
        "Un hervidor con silbato que vierte un chorro fino y tranquilo y sirve en cualquier fuego, "
        "también en inducción.",
    ),
    "teapot": (
        "Tetera",
        "Una tetera redonda de filtro profundo; la tapa no se mueve ni con la última taza.",
    ),
    "coffee-press": (
        "Cafetera de émbolo",
        "Una cafetera de doble filtro bien ajustado: todo el sabor y ningún poso en la taza.",
    ),
    "coffee-dripper": (
        "Portafiltros de café",
        "Unas estrías en espiral separan el papel de la pared para que el agua corra por igual.",
    ),
    "coffee-mill": (
        "Molinillo de café",
        "Un molinillo manual de muelas cónicas, regulable de espresso a émbolo.",
    ),
    "tea-caddy": (
        "Lata de té",
        "Una lata con tapa interior que guarda las hojas secas y el aroma en su sitio.",
    ),
    "frying-pan": (
        "Sartén",
        "Una sartén que dora bien, entra en el horno y mejora con cada filete y cada huevo.",
    ),
    "saucepan": (
        "Cazo",
        "Un cazo con borde vertedor a ambos lados y un fondo que reparte bien el calor.",
    ),
    "casserole": (
        "Cocotte",
        "Una olla pesada para guisos y pan; las gotas de la tapa mantienen jugoso el asado.",
    ),
    "stockpot": (
        "Olla alta",
        "Una olla alta para caldo, pasta y mermelada, con escala por dentro y asas anchas por fuera.",
    ),
    "wok": (
        "Wok",
        "Un wok de pared fina que se calienta enseguida y se saltea con una sola mano.",
    ),
    "griddle": (
        "Plancha de asar",
        "Una plancha estriada que marca verduras, pescado y pan; la grasa escurre sola.",
    ),
    "chefs-knife": (
        "Cuchillo de chef",
        "Una hoja forjada para casi todo, de filo fino y equilibrada en la virola.",
    ),
    "bread-knife": (
        "Cuchillo de pan",
        "Un filo largo y ondulado que atraviesa la corteza sin aplastar la miga.",
    ),
    "paring-knife": (
        "Cuchillo puntilla",
        "Una hoja pequeña para pelar, limpiar y todo lo que se corta en la mano.",
    ),
    "chopping-board": (
        "Tabla de cortar",
        "Madera de testa que cuida el filo, con canal para el jugo y pies que no resbalan.",
    ),
    "serving-board": (
        "Tabla de servir",
        "Una tabla esbelta con mango, para queso, pan y comidas al aire libre.",
    ),
    "kitchen-shears": (
        "Tijeras de cocina",
        "Unas tijeras que se desmontan para lavarlas y cortan hierbas, hilo y aves.",
    ),
    "mixing-bowl": (
        "Bol de mezcla",
        "Un bol hondo con pico y un pie que no se mueve mientras se bate.",
    ),
    "cake-tin": (
        "Molde desmontable",
        "Un molde cuyo borde recoge lo que gotea y con una base en la que servir.",
    ),
    "loaf-tin": (
        "Molde alargado",
        "Un molde de esquinas plegadas para una corteza pareja en panes y bizcochos.",
    ),
    "rolling-pin": (
        "Rodillo de amasar",
        "Un rodillo ahusado sin mangos, para que las manos noten el grosor de la masa.",
    ),
    "pie-dish": (
        "Molde de tarta",
        "Una fuente ondulada que va del horno a la mesa y allí guarda el calor.",
    ),
    "measuring-jug": (
        "Jarra medidora",
        "Una jarra con escala clara por dentro y un pico que no gotea.",
    ),
    "whisk": (
        "Batidor de varillas",
        "Once varillas finas y un mango cómodo: nata montada en dos minutos.",
    ),
    "mug": ("Taza", "Una taza con asa para cuatro dedos y un borde del que da gusto beber."),
    "dinner-plate": (
        "Plato llano",
        "Un plato de borde bajo que enmarca la comida y se apila sin estorbar.",
    ),
    "pasta-bowl": (
        "Plato para pasta",
        "Un plato ancho y hondo para pasta, curry y ensaladas que merecen espacio.",
    ),
    "breakfast-bowl": (
        "Cuenco de desayuno",
        "Un cuenco para gachas, sopa y frutos rojos que cabe en la palma de la mano.",
    ),
    "spice-mills": (
        "Pareja de molinillos",
        "Dos molinillos de muela cerámica, uno para la sal y otro para la pimienta.",
    ),
    "cutlery-set": (
        "Cubertería",
        "Dieciséis piezas para cuatro personas, con el peso justo para que el tenedor repose en el plato.",
    ),
    "tumbler": (
        "Vaso",
        "Un vaso de base gruesa para agua, zumo y todo lo que lleva hielo.",
    ),
    "wine-glass": ("Copa de vino", "Una copa de tallo estirado y cáliz para tinto y para blanco."),
    "carafe": ("Jarra de cristal", "Una jarra esbelta cuyo tapón es a la vez un vaso."),
    "storage-jar": (
        "Tarro de despensa",
        "Un tarro con tapa de madera y junta: harina, legumbres y galletas a la vista.",
    ),
    "oil-bottle": ("Aceitera", "Una botella de pico fino que se detiene cuando tú te detienes."),
    "tea-towel": (
        "Paño de cocina",
        "Un paño que seca las copas sin dejar pelusa, con una cinta en la esquina.",
    ),
    "apron": (
        "Delantal",
        "Un delantal de tirantes cruzados y dos bolsillos hondos; nada que atar a la espalda.",
    ),
    "oven-glove": (
        "Manopla de horno",
        "Una manopla acolchada que cubre la muñeca y aguanta bandejas de hasta 250 °C.",
    ),
    "napkins": ("Juego de cuatro servilletas", "Cuatro servilletas grandes con dobladillo hecho a mano."),
    "tablecloth": (
        "Mantel",
        "Un mantel que cae bien y no pide plancha si se tiende mojado.",
    ),
    "pendant-lamp": (
        "Lámpara colgante",
        "Una pantalla que da luz cálida a la mesa y deja la habitación en calma.",
    ),
    "candlestick": ("Candelero", "Un candelero firme que recoge la cera."),
    "bread-bin": (
        "Panera",
        "Una panera con tapa de madera para cortar; los orificios mantienen crujiente la corteza.",
    ),
    "utensil-jar": (
        "Bote de utensilios",
        "Un bote pesado para cucharas y varillas que no vuelca aunque esté lleno.",
    ),
    "ladle": ("Cucharón", "Un cucharón con pico a ambos lados y un gancho para colgarlo."),
    "wooden-spoon": (
        "Cuchara de madera",
        "Una cuchara con un canto recto que llega a los rincones de la olla.",
    ),
}

LINES = {
    "alder": ("Alder", "Alder es nuestra línea sencilla: nada en ella que no ayude."),
    "fjord": ("Fjord", "Fjord toma sus curvas de las barcas y su calma del agua quieta."),
    "morrow": ("Morrow", "Morrow está hecha para madrugar: fácil de agarrar, fácil de limpiar."),
    "linden": ("Linden", "Linden es redonda y amable, la línea con la que empiezan muchas familias."),
    "harbour": ("Harbour", "Harbour es robusta; perdona una caída y una larga noche en el fregadero."),
    "saffron": ("Saffron", "Saffron se dibujó junto con cocineros de tres países."),
    "meadow": ("Meadow", "Meadow es ligera, luminosa y le gusta salir al aire libre."),
    "atlas": ("Atlas", "Atlas es nuestra línea profesional, más gruesa donde tiene que durar."),
    "juniper": ("Juniper", "Juniper tiene cantos nítidos y una superficie mate y serena."),
    "solstice": ("Solstice", "Solstice se termina a mano; no hay dos piezas del todo iguales."),
    "marlow": ("Marlow", "Marlow parece algo que se hereda."),
    "tinder": ("Tinder", "Tinder es la línea del primer piso: buena, pequeña, asequible."),
    "orchard": ("Orchard", "Orchard trae formas suaves que tomamos de la fruta."),
    "vesper": ("Vesper", "Vesper es para las veladas largas y las mesas con invitados."),
    "quarry": ("Quarry", "Quarry pesa en la mano y es fresca al tacto."),
    "wren": ("Wren", "Wren es pequeña y pulcra y cabe donde casi nada cabe."),
}

MATERIALS = {
    "enamel": (
        "Acero esmaltado",
        "Apto para lavavajillas; los utensilios de madera conservan el brillo del esmalte.",
    ),
    "steel": ("Acero inoxidable", "Apto para lavavajillas y no toma olores."),
    "iron": ("Hierro fundido", "Lavar a mano, secar enseguida y frotar con una gota de aceite."),
    "carbon": ("Acero al carbono", "Lavar a mano y secar; se oscurece con el tiempo, y eso lo protege."),
    "copper": ("Cobre", "Lavar a mano; el limón y la sal le devuelven el brillo."),
    "stoneware": ("Gres", "Apto para horno, microondas y lavavajillas."),
    "porcelain": ("Porcelana", "Fina, dura y apta para lavavajillas."),
    "glass": ("Vidrio", "Apto para lavavajillas; deja enfriar el vidrio caliente antes de enjuagarlo."),
    "beech": ("Madera de haya", "Pasar un paño húmedo y aceitar dos veces al año."),
    "oak": ("Roble", "Lavar a mano, secar de pie y aceitar de vez en cuando."),
    "walnut": ("Nogal", "Lavar a mano, secar de pie y aceitar de vez en cuando."),
    "linen": ("Lino", "Lavar a 60 °C; cada vez queda más suave."),
    "cotton": ("Algodón", "Lavar a 60 °C y secar al aire o en secadora."),
    "brass": ("Latón", "Frotar con un paño seco; con los años toma un marrón cálido."),
}
