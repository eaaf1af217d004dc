"""The catalogue's words in Polish."""

from __future__ import annotations

CATEGORIES = {
    "tea-and-coffee": ("Herbata i kawa", "Czajniki, dzbanki i młynki na najlepsze minuty poranka."),
    "pots-and-pans": ("Garnki i patelnie", "Grube dna, szczelne pokrywki, uchwyty, które nie parzą."),
    "knives-and-boards": ("Noże i deski", "Ostre, wyważone, a pod nimi kawałek dobrego drewna."),
    "baking": ("Pieczenie", "Miski, formy i przybory, od których nic nie przywiera."),
    "tableware": ("Zastawa stołowa", "Talerze, miseczki i kubki, ładne w stosie i każde z osobna."),
    "glass": ("Szkło", "Szklanki, karafki i słoje, dość grube na co dzień."),
    "linen": ("Tkaniny", "Ściereczki, fartuchy i obrusy, które miękną z każdym praniem."),
    "light-and-order": (
        "Światło i porządek",
        "Lampy, pojemniki i przybory, dzięki którym w kuchni jest jasno i schludnie.",
    ),
}

NAME = "{kind} {line}"
BETWEEN = " "  # sentences

KINDS = {
    "kettle": (
        "Czajnik",
        "Czajnik z gwizdkiem, który leje cienkim, spokojnym strumieniem i nadaje się na każdą kuchenkę, także indukcyjną.",
    ),
    "teapot": (
        "Dzbanek do herbaty",
        "Okrągły dzbanek z głębokim sitkiem; pokrywka nie spada nawet przy ostatniej filiżance.",
    ),
    "coffee-press": (
        "Zaparzacz do kawy",
        "Zaparzacz tłokowy z podwójnym, szczelnym sitkiem: pełny smak i żadnych fusów w filiżance.",
    ),
    "coffee-dripper": (
        "Dripper do kawy",
        "Spiralne żeberka odsuwają filtr od ścianki, dzięki czemu woda spływa równomiernie.",
    ),
    "coffee-mill": (
        "Młynek do kawy",
        "Ręczny młynek stożkowy, z regulacją od espresso po zaparzacz tłokowy.",
    ),
    "tea-caddy": (
        "Puszka na herbatę",
        "Puszka z wewnętrznym wieczkiem, w której liście pozostają suche i nie tracą zapachu.",
    ),
    "frying-pan": (
        "Patelnia",
        "Patelnia, która dobrze przyrumienia, może trafić do piekarnika i z każdym smażeniem jest lepsza.",
    ),
    "saucepan": ("Rondel", "Rondel z dwoma dzióbkami i dnem, które równo rozprowadza ciepło."),
    "casserole": (
        "Garnek do duszenia",
        "Ciężki garnek na gulasz i chleb; krople spod pokrywki utrzymują pieczeń soczystą.",
    ),
    "stockpot": (
        "Garnek do zup",
        "Wysoki garnek na bulion, makaron i konfitury, z podziałką w środku i szerokimi uchwytami.",
    ),
    "wok": ("Wok", "Wok o cienkich ściankach: szybko się nagrzewa i daje się potrząsać jedną ręką."),
    "griddle": (
        "Patelnia grillowa",
        "Ryflowana płyta, która zostawia paski na warzywach, rybach i grzankach; tłuszcz sam spływa.",
    ),
    "chefs-knife": (
        "Nóż szefa kuchni",
        "Kute ostrze niemal do wszystkiego, cienko szlifowane i dobrze wyważone.",
    ),
    "bread-knife": ("Nóż do chleba", "Długie ostrze z falą, które przecina skórkę i nie zgniata miękiszu."),
    "paring-knife": (
        "Nóż do warzyw",
        "Małe ostrze do obierania, oczyszczania i wszystkiego, co kroi się w dłoni.",
    ),
    "chopping-board": (
        "Deska do krojenia",
        "Drewno sztorcowe, łagodne dla ostrzy, z rowkiem na sok i nóżkami, które się nie ślizgają.",
    ),
    "serving-board": ("Deska do serwowania", "Smukła deska z uchwytem do sera, chleba i posiłków na dworze."),
    "kitchen-shears": ("Nożyce kuchenne", "Nożyce rozkładane do mycia, które tną zioła, sznurek i drób."),
    "mixing-bowl": ("Miska do mieszania", "Głęboka miska z dzióbkiem, która stoi pewnie podczas mieszania."),
    "cake-tin": ("Tortownica", "Tortownica z rantem, który zatrzyma to, co wycieknie, i dnem do podawania."),
    "loaf-tin": ("Keksówka", "Forma o zaginanych rogach: równa skórka na chlebie i na cieście."),
    "rolling-pin": ("Wałek do ciasta", "Zwężany wałek bez rączek, aby dłonie czuły grubość ciasta."),
    "pie-dish": (
        "Forma do tarty",
        "Karbowana forma, która z piekarnika trafia na stół i długo trzyma ciepło.",
    ),
    "measuring-jug": (
        "Miarka kuchenna",
        "Dzbanek z czytelną podziałką w środku i dzióbkiem, z którego nic nie kapie.",
    ),
    "whisk": ("Trzepaczka", "Jedenaście cienkich drutów i wygodna rączka: bita śmietana w dwie minuty."),
    "mug": ("Kubek", "Kubek z uchem na cztery palce i brzegiem, z którego dobrze się pije."),
    "dinner-plate": (
        "Talerz obiadowy",
        "Płaski talerz z niskim rantem, który obramowuje danie i dobrze się układa w stos.",
    ),
    "pasta-bowl": (
        "Talerz do makaronu",
        "Szeroki, głęboki talerz do makaronu, curry i sałatek, które potrzebują miejsca.",
    ),
    "breakfast-bowl": (
        "Miseczka śniadaniowa",
        "Miseczka na owsiankę, zupę i owoce, która mieści się w dłoni.",
    ),
    "spice-mills": (
        "Para młynków do przypraw",
        "Dwa młynki z ceramicznym mechanizmem, jeden do soli, drugi do pieprzu.",
    ),
    "cutlery-set": (
        "Komplet sztućców",
        "Szesnaście sztuk dla czterech osób, wyważonych tak, że widelec spokojnie leży na talerzu.",
    ),
    "tumbler": ("Szklanka", "Szklanka z ciężkim dnem do wody, soku i wszystkiego, co podaje się z lodem."),
    "wine-glass": (
        "Kieliszek do wina",
        "Kieliszek na ciągnionej nóżce, z czaszą do wina czerwonego i białego.",
    ),
    "carafe": ("Karafka", "Smukła karafka z korkiem, który jest zarazem szklanką."),
    "storage-jar": (
        "Słój do przechowywania",
        "Słój z drewnianą pokrywką i uszczelką: mąka, fasola i ciastka na widoku.",
    ),
    "oil-bottle": ("Butelka na oliwę", "Butelka z cienkim dzióbkiem: przestaje lać wtedy, kiedy ty."),
    "tea-towel": ("Ściereczka kuchenna", "Ściereczka, która osusza szkło bez kłaczków, z pętelką w rogu."),
    "apron": (
        "Fartuch",
        "Fartuch na skrzyżowanych szelkach, z dwiema głębokimi kieszeniami; niczego nie trzeba wiązać z tyłu.",
    ),
    "oven-glove": (
        "Rękawica kuchenna",
        "Pikowana rękawica, która osłania nadgarstek i wytrzymuje blachy do 250 °C.",
    ),
    "napkins": ("Zestaw czterech serwetek", "Cztery duże serwetki z ręcznie podwiniętym brzegiem."),
    "tablecloth": (
        "Obrus",
        "Obrus, który ładnie opada z krawędzi i nie wymaga prasowania, jeśli wyschnie rozwieszony.",
    ),
    "pendant-lamp": (
        "Lampa wisząca",
        "Klosz, który rzuca ciepłe światło na stół, a pokojowi zostawia spokój.",
    ),
    "candlestick": ("Świecznik", "Świecznik, który stoi pewnie i zatrzymuje wosk."),
    "bread-bin": (
        "Chlebak",
        "Chlebak z drewnianą pokrywą do krojenia; otwory sprawiają, że skórka zostaje chrupiąca.",
    ),
    "utensil-jar": (
        "Pojemnik na przybory",
        "Ciężki pojemnik na łyżki i trzepaczki, który nie przewróci się, nawet gdy jest pełny.",
    ),
    "ladle": ("Chochla", "Chochla z dzióbkiem po obu stronach i haczykiem do zawieszenia."),
    "wooden-spoon": ("Drewniana łyżka", "Łyżka z jedną prostą krawędzią, która sięga w każdy kąt garnka."),
}

LINES = {
    "alder": ("Alder", "Alder to nasza prosta seria: nie ma w niej nic, co by nie pomagało."),
    "fjord": ("Fjord", "Fjord wziął krzywizny od łodzi, a spokój od stojącej wody."),
    "morrow": ("Morrow", "Morrow powstał z myślą o wczesnych godzinach: łatwo go chwycić, łatwo umyć."),
    "linden": ("Linden", "Linden jest krągły i przyjazny; od niego zaczyna większość rodzin."),
    "harbour": ("Harbour", "Harbour jest wytrzymały; wybacza upadek i długą noc w zlewie."),
    "saffron": ("Saffron", "Saffron zaprojektowali z nami kucharze z trzech krajów."),
    "meadow": ("Meadow", "Meadow jest lekki i jasny i chętnie wychodzi na dwór."),
    "atlas": ("Atlas", "Atlas to nasza seria profesjonalna, grubsza tam, gdzie ma przetrwać."),
    "juniper": ("Juniper", "Juniper ma wyraźne krawędzie i spokojną, matową powierzchnię."),
    "solstice": ("Solstice", "Solstice wykańcza się ręcznie; nie ma dwóch całkiem jednakowych sztuk."),
    "marlow": ("Marlow", "Marlow wygląda jak coś, co się dziedziczy."),
    "tinder": ("Tinder", "Tinder to seria do pierwszego mieszkania: dobra, mała, niedroga."),
    "orchard": ("Orchard", "Orchard ma miękkie kształty, które podpatrzyliśmy u owoców."),
    "vesper": ("Vesper", "Vesper jest na długie wieczory i stoły pełne gości."),
    "quarry": ("Quarry", "Quarry ciąży w dłoni i jest chłodny w dotyku."),
    "wren": ("Wren", "Wren jest mały i zgrabny i mieści się tam, gdzie mało co się mieści."),
}

MATERIALS = {
    "enamel": ("Stal emaliowana", "Można myć w zmywarce; drewniane przybory zachowają połysk emalii."),
    "steel": ("Stal nierdzewna", "Można myć w zmywarce; nie przejmuje zapachów."),
    "iron": ("Żeliwo", "Myć ręcznie, od razu wytrzeć i natrzeć kroplą oleju."),
    "carbon": ("Stal węglowa", "Myć ręcznie i wycierać; z czasem ciemnieje i to ją chroni."),
    "copper": ("Miedź", "Myć ręcznie; cytryna i sól przywracają blask."),
    "stoneware": ("Kamionka", "Nadaje się do piekarnika, mikrofalówki i zmywarki."),
    "porcelain": ("Porcelana", "Cienka, twarda i odporna na zmywarkę."),
    "glass": ("Szkło", "Można myć w zmywarce; gorące szkło trzeba ostudzić przed opłukaniem."),
    "beech": ("Drewno bukowe", "Przecierać wilgotną ściereczką i olejować dwa razy w roku."),
    "oak": ("Dąb", "Myć ręcznie, suszyć na stojąco i od czasu do czasu olejować."),
    "walnut": ("Orzech", "Myć ręcznie, suszyć na stojąco i od czasu do czasu olejować."),
    "linen": ("Len", "Prać w 60 °C; za każdym razem jest bardziej miękki."),
    "cotton": ("Bawełna", "Prać w 60 °C, suszyć na sznurze lub w suszarce."),
    "brass": ("Mosiądz", "Przecierać suchą ściereczką; z wiekiem nabiera ciepłego brązu."),
}
