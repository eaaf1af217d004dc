"""The catalogue's words in German."""

from __future__ import annotations

CATEGORIES = {
    "tea-and-coffee": ("Tee und Kaffee", "Kessel, Kannen und Mühlen für die besten Minuten des Morgens."),
    "pots-and-pans": ("Töpfe und Pfannen", "Schwere Böden, dichte Deckel, Griffe, die kühl bleiben."),
    "knives-and-boards": ("Messer und Bretter", "Scharf, ausgewogen, und ein gutes Stück Holz darunter."),
    "baking": ("Backen", "Schüsseln, Formen und Werkzeuge, die sich gern wieder lösen."),
    "tableware": ("Geschirr", "Teller, Schalen und Becher, gestapelt schön und einzeln auch."),
    "glass": ("Glas", "Becher, Karaffen und Gläser, dick genug für jeden Tag."),
    "linen": ("Leinen", "Tücher, Schürzen und Decken, die mit jeder Wäsche weicher werden."),
    "light-and-order": ("Licht und Ordnung", "Lampen, Dosen und Helfer für eine helle, aufgeräumte Küche."),
}

NAME = "{kind} {line}"
BETWEEN = " "  # sentences

KINDS = {
    "kettle": (
        "Wasserkessel",
        "Ein Flötenkessel, der in dünnem, ruhigem Strahl gießt und auf jedem Herd kocht, auch auf Induktion.",
    ),
    "teapot": (
        "Teekanne",
        "Eine runde Kanne mit tiefem Sieb; der Deckel bleibt auch bei der letzten Tasse sitzen.",
    ),
    "coffee-press": (
        "Kaffeepresse",
        "Eine Presse mit doppeltem, dicht schließendem Sieb: voller Geschmack ohne Satz in der Tasse.",
    ),
    "coffee-dripper": (
        "Kaffeefilter",
        "Spiralrippen halten das Papier von der Wand ab, damit das Wasser gleichmäßig läuft.",
    ),
    "coffee-mill": (
        "Kaffeemühle",
        "Eine Handmühle mit Kegelmahlwerk, verstellbar von Espresso bis Presskanne.",
    ),
    "tea-caddy": (
        "Teedose",
        "Eine Dose mit Innendeckel, in der Blätter trocken bleiben und ihren Duft behalten.",
    ),
    "frying-pan": (
        "Bratpfanne",
        "Eine Pfanne, die kräftig bräunt, in den Ofen darf und mit jedem Steak und jedem Ei besser wird.",
    ),
    "saucepan": (
        "Stielkasserolle",
        "Eine Kasserolle mit Schüttrand auf beiden Seiten und einem Boden, der die Hitze verteilt.",
    ),
    "casserole": (
        "Schmortopf",
        "Ein schwerer Topf für Eintopf und Brot; Tropfen unter dem Deckel halten den Braten saftig.",
    ),
    "stockpot": (
        "Suppentopf",
        "Ein hoher Topf für Brühe, Nudeln und Marmelade, mit Skala innen und breiten Griffen außen.",
    ),
    "wok": ("Wok", "Ein dünnwandiger Wok, der schnell heiß wird und sich mit einer Hand schwenken lässt."),
    "griddle": (
        "Grillpfanne",
        "Eine geriffelte Platte für Streifen auf Gemüse, Fisch und Toast; das Fett läuft von selbst ab.",
    ),
    "chefs-knife": (
        "Kochmesser",
        "Eine geschmiedete Klinge für fast alles, dünn geschliffen und am Kropf ausgewogen.",
    ),
    "bread-knife": (
        "Brotmesser",
        "Ein langer Wellenschliff, der durch die Kruste geht, ohne die Krume zu drücken.",
    ),
    "paring-knife": (
        "Gemüsemesser",
        "Eine kleine Klinge zum Schälen, Putzen und für alles, was man in der Hand schneidet.",
    ),
    "chopping-board": (
        "Schneidebrett",
        "Stirnholz, das Klingen schont, mit Saftrille und Füßen, die nicht rutschen.",
    ),
    "serving-board": (
        "Servierbrett",
        "Ein schlankes Brett mit Griff, für Käse, Brot und den Weg auf die Terrasse.",
    ),
    "kitchen-shears": (
        "Küchenschere",
        "Eine Schere, die sich zum Spülen zerlegen lässt und Kräuter, Garn und Geflügel schneidet.",
    ),
    "mixing-bowl": (
        "Rührschüssel",
        "Eine tiefe Schüssel mit Ausguss und einem Fuß, der beim Rühren stillsteht.",
    ),
    "cake-tin": ("Springform", "Eine Form mit Auslaufrand und einem Boden, auf dem man gleich serviert."),
    "loaf-tin": (
        "Kastenform",
        "Eine Form mit gefalzten Ecken für gleichmäßige Kruste an Brot und Rührkuchen.",
    ),
    "rolling-pin": (
        "Teigrolle",
        "Eine verjüngte Rolle ohne Griffe, damit die Hände spüren, wie dick der Teig ist.",
    ),
    "pie-dish": ("Tarteform", "Eine gewellte Form, die vom Ofen auf den Tisch kommt und dort warm hält."),
    "measuring-jug": ("Messbecher", "Ein Becher mit klarer Skala innen und einem Ausguss, der nicht tropft."),
    "whisk": ("Schneebesen", "Elf feine Drähte und ein Griff, der gut liegt: Sahne in zwei Minuten."),
    "mug": (
        "Becher",
        "Ein Becher mit Platz für vier Finger am Henkel und einem Rand, aus dem man gern trinkt.",
    ),
    "dinner-plate": (
        "Essteller",
        "Ein flacher Teller mit niedrigem Rand, der das Essen rahmt und sich sauber stapelt.",
    ),
    "pasta-bowl": (
        "Pastateller",
        "Ein weiter, tiefer Teller für Nudeln, Curry und Salate, die Platz verdienen.",
    ),
    "breakfast-bowl": (
        "Müslischale",
        "Eine Schale für Brei, Suppe und Beeren, die in eine Handfläche passt.",
    ),
    "spice-mills": (
        "Gewürzmühlen-Paar",
        "Zwei Mühlen mit Keramikmahlwerk, eine für Salz und eine für Pfeffer.",
    ),
    "cutlery-set": (
        "Besteckset",
        "Sechzehn Teile für vier Personen, so gewichtet, dass die Gabel auf dem Teller liegen bleibt.",
    ),
    "tumbler": ("Trinkglas", "Ein Glas mit schwerem Boden für Wasser, Saft und alles mit Eis."),
    "wine-glass": ("Weinglas", "Ein Glas mit gezogenem Stiel und einem Kelch für Rot und Weiß."),
    "carafe": ("Karaffe", "Eine schlanke Karaffe, deren Stopfen zugleich ein Glas ist."),
    "storage-jar": (
        "Vorratsglas",
        "Ein Glas mit Holzdeckel und Dichtung: Mehl, Bohnen und Kekse auf einen Blick.",
    ),
    "oil-bottle": ("Ölflasche", "Eine Flasche mit feinem Ausgießer, der aufhört, wenn Sie aufhören."),
    "tea-towel": ("Geschirrtuch", "Ein Tuch, das Gläser fusselfrei trocknet, mit Schlaufe in der Ecke."),
    "apron": (
        "Schürze",
        "Eine Schürze mit gekreuzten Trägern und zwei tiefen Taschen; hinten ist nichts zu binden.",
    ),
    "oven-glove": (
        "Ofenhandschuh",
        "Ein gepolsterter Handschuh, der übers Handgelenk reicht und Bleche bis 250 °C hält.",
    ),
    "napkins": ("Serviettenset", "Vier große Servietten mit handgenähtem Saum."),
    "tablecloth": (
        "Tischdecke",
        "Eine Decke, die schön über die Kante fällt und nass aufgehängt kein Bügeleisen braucht.",
    ),
    "pendant-lamp": (
        "Hängelampe",
        "Ein Schirm, der warmes Licht auf den Tisch wirft und den Raum ruhig lässt.",
    ),
    "candlestick": ("Kerzenhalter", "Ein Halter, der sicher steht und das Wachs auffängt."),
    "bread-bin": (
        "Brotkasten",
        "Ein Kasten mit Holzdeckel zum Schneiden; Luftlöcher halten die Kruste knusprig.",
    ),
    "utensil-jar": (
        "Utensilientopf",
        "Ein schwerer Topf für Löffel und Schneebesen, der auch voll nicht kippt.",
    ),
    "ladle": ("Schöpfkelle", "Eine Kelle mit Gießrand auf beiden Seiten und einem Haken zum Aufhängen."),
    "wooden-spoon": ("Kochlöffel", "Ein Löffel mit einer geraden Kante, der in jede Ecke des Topfes kommt."),
}

LINES = {
    "alder": ("Alder", "Alder ist unsere schlichte Serie: nichts daran, was nicht hilft."),
    "fjord": ("Fjord", "Fjord hat seine Bögen von Booten und seine Ruhe von stillem Wasser."),
    "morrow": ("Morrow", "Morrow ist für frühe Stunden gemacht: gut zu greifen, leicht zu reinigen."),
    "linden": ("Linden", "Linden ist rund und freundlich, mit ihr fangen die meisten Familien an."),
    "harbour": ("Harbour", "Harbour ist robust und verzeiht einen Sturz und eine lange Nacht im Spülbecken."),
    "saffron": ("Saffron", "Saffron entstand zusammen mit Köchinnen und Köchen aus drei Ländern."),
    "meadow": ("Meadow", "Meadow ist leicht, hell und gern auch draußen im Einsatz."),
    "atlas": ("Atlas", "Atlas ist unsere Profiserie, dicker an den Stellen, die halten müssen."),
    "juniper": ("Juniper", "Juniper hat klare Kanten und eine ruhige, matte Oberfläche."),
    "solstice": ("Solstice", "Solstice wird von Hand vollendet; kein Stück gleicht ganz dem anderen."),
    "marlow": ("Marlow", "Marlow sieht aus wie etwas, das man erbt."),
    "tinder": ("Tinder", "Tinder ist die Serie für die erste Wohnung: gut, klein, bezahlbar."),
    "orchard": ("Orchard", "Orchard bringt weiche Formen mit, die wir Früchten abgeschaut haben."),
    "vesper": ("Vesper", "Vesper ist für lange Abende und Tische mit Gästen."),
    "quarry": ("Quarry", "Quarry liegt schwer in der Hand und fühlt sich kühl an."),
    "wren": ("Wren", "Wren ist klein und fein und passt dorthin, wo sonst wenig passt."),
}

MATERIALS = {
    "enamel": ("Emaillierter Stahl", "Darf in die Spülmaschine; Holzwerkzeug erhält den Glanz der Emaille."),
    "steel": ("Edelstahl", "Darf in die Spülmaschine und nimmt keinen Geruch an."),
    "iron": ("Gusseisen", "Von Hand spülen, gleich abtrocknen und mit einem Tropfen Öl einreiben."),
    "carbon": ("Kohlenstoffstahl", "Von Hand spülen und abtrocknen; er dunkelt nach, und das schützt ihn."),
    "copper": ("Kupfer", "Von Hand spülen; Zitrone und Salz bringen den Glanz zurück."),
    "stoneware": ("Steinzeug", "Geeignet für Backofen, Mikrowelle und Spülmaschine."),
    "porcelain": ("Porzellan", "Dünn, hart und spülmaschinenfest."),
    "glass": ("Glas", "Darf in die Spülmaschine; heißes Glas vor dem Abspülen abkühlen lassen."),
    "beech": ("Buchenholz", "Feucht abwischen und zweimal im Jahr ölen."),
    "oak": ("Eiche", "Von Hand spülen, aufrecht trocknen lassen und hin und wieder ölen."),
    "walnut": ("Nussbaum", "Von Hand spülen, aufrecht trocknen lassen und hin und wieder ölen."),
    "linen": ("Leinen", "Bei 60 °C waschbar; es wird jedes Mal weicher."),
    "cotton": ("Baumwolle", "Bei 60 °C waschbar, für Leine und Trockner."),
    "brass": ("Messing", "Mit einem trockenen Tuch abreiben; es altert zu einem warmen Braun."),
}
