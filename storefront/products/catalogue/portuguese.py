"""The catalogue's words in Brazilian Portuguese."""

from __future__ import annotations

CATEGORIES = {
    "tea-and-coffee": ("Chá e café", "Chaleiras, bules e moedores para os melhores minutos da manhã."),
    "pots-and-pans": ("Panelas e frigideiras", "Fundos grossos, tampas justas e cabos que não esquentam."),
    "knives-and-boards": ("Facas e tábuas", "Afiadas, equilibradas, e uma boa madeira por baixo."),
    "baking": ("Confeitaria", "Tigelas, formas e utensílios que desenformam sem esforço."),
    "tableware": ("Louças", "Pratos, tigelas e canecas, bonitos empilhados e também sozinhos."),
    "glass": ("Vidros", "Copos, jarras e potes, grossos o bastante para o dia a dia."),
    "linen": ("Têxteis", "Panos, aventais e toalhas que ficam mais macios a cada lavagem."),
    "light-and-order": (
        "Luz e organização",
        "Luminárias, potes e utensílios para uma cozinha clara e arrumada.",
    ),
}

NAME = "{kind} {line}"
BETWEEN = " "  # sentences

KINDS = {
    "kettle": (
        "Chaleira",
        "Uma chaleira com apito que serve em fio fino e calmo e vai a qualquer fogão, inclusive de indução.",
    ),
    "teapot": (
        "Bule de chá",
        "Um bule redondo com filtro profundo; a tampa fica no lugar até a última xícara.",
    ),
    "coffee-press": (
        "Prensa francesa",
        "Uma prensa com filtro duplo bem ajustado: todo o sabor e nenhuma borra na xícara.",
    ),
    "coffee-dripper": (
        "Porta-filtro de café",
        "Ranhuras em espiral afastam o papel da parede para que a água corra por igual.",
    ),
    "coffee-mill": (
        "Moedor de café",
        "Um moedor manual de mós cônicas, regulável do espresso à prensa francesa.",
    ),
    "tea-caddy": ("Lata de chá", "Uma lata com tampa interna que mantém as folhas secas e o aroma no lugar."),
    "frying-pan": (
        "Frigideira",
        "Uma frigideira que doura bem, vai ao forno e melhora a cada bife e a cada ovo.",
    ),
    "saucepan": (
        "Panela de molho",
        "Uma panela com bico dos dois lados e fundo que distribui o calor por igual.",
    ),
    "casserole": (
        "Caçarola",
        "Uma panela pesada para ensopados e pães; as gotas da tampa mantêm o assado suculento.",
    ),
    "stockpot": (
        "Caldeirão",
        "Um caldeirão alto para caldos, massas e geleias, com escala por dentro e alças largas.",
    ),
    "wok": ("Wok", "Um wok de parede fina que esquenta rápido e é leve para saltear com uma só mão."),
    "griddle": (
        "Chapa grelhadora",
        "Uma chapa canelada que marca legumes, peixes e pães; a gordura escorre sozinha.",
    ),
    "chefs-knife": ("Faca do chef", "Uma lâmina forjada para quase tudo, de fio fino e bem equilibrada."),
    "bread-knife": ("Faca de pão", "Um fio longo e ondulado que atravessa a casca sem amassar o miolo."),
    "paring-knife": (
        "Faca de legumes",
        "Uma lâmina pequena para descascar, aparar e tudo o que se corta na mão.",
    ),
    "chopping-board": (
        "Tábua de corte",
        "Madeira de topo, gentil com as lâminas, com canaleta para o suco e pés que não escorregam.",
    ),
    "serving-board": (
        "Tábua de servir",
        "Uma tábua esguia com cabo, para queijos, pães e refeições ao ar livre.",
    ),
    "kitchen-shears": (
        "Tesoura de cozinha",
        "Uma tesoura que se desmonta para lavar e corta ervas, barbante e aves.",
    ),
    "mixing-bowl": (
        "Tigela de preparo",
        "Uma tigela funda com bico e base que fica firme enquanto você mexe.",
    ),
    "cake-tin": (
        "Forma de fundo removível",
        "Uma forma com borda que segura o que escorre e base que vai à mesa.",
    ),
    "loaf-tin": ("Forma de pão", "Uma forma de cantos dobrados para casca uniforme em pães e bolos."),
    "rolling-pin": (
        "Rolo de massa",
        "Um rolo afilado sem cabos, para as mãos sentirem a espessura da massa.",
    ),
    "pie-dish": ("Forma de torta", "Uma forma canelada que vai do forno à mesa e lá conserva o calor."),
    "measuring-jug": ("Jarra medidora", "Uma jarra com escala nítida por dentro e bico que não pinga."),
    "whisk": ("Fouet", "Onze fios finos e um cabo confortável: chantili em dois minutos."),
    "mug": ("Caneca", "Uma caneca com alça para quatro dedos e borda gostosa de beber."),
    "dinner-plate": ("Prato raso", "Um prato de borda baixa que emoldura a comida e empilha bem."),
    "pasta-bowl": (
        "Prato de massa",
        "Um prato largo e fundo para massas, curry e saladas que merecem espaço.",
    ),
    "breakfast-bowl": (
        "Tigela de café da manhã",
        "Uma tigela para mingau, sopa e frutas que cabe na palma da mão.",
    ),
    "spice-mills": (
        "Par de moedores de temperos",
        "Dois moedores de mó cerâmica, um para o sal e outro para a pimenta.",
    ),
    "cutlery-set": (
        "Faqueiro",
        "Dezesseis peças para quatro pessoas, com peso certo para o garfo repousar no prato.",
    ),
    "tumbler": ("Copo", "Um copo de fundo pesado para água, suco e tudo o que leva gelo."),
    "wine-glass": ("Taça de vinho", "Uma taça de haste estirada e bojo para tintos e brancos."),
    "carafe": ("Jarra de vidro", "Uma jarra esguia cuja tampa é também um copo."),
    "storage-jar": (
        "Pote de mantimentos",
        "Um pote com tampa de madeira e vedação: farinha, feijão e biscoitos à vista.",
    ),
    "oil-bottle": ("Galheteiro", "Uma garrafa de bico fino que para quando você para."),
    "tea-towel": ("Pano de prato", "Um pano que seca copos sem soltar fiapos, com alça no canto."),
    "apron": ("Avental", "Um avental de alças cruzadas e dois bolsos fundos; nada para amarrar nas costas."),
    "oven-glove": (
        "Luva de forno",
        "Uma luva acolchoada que cobre o pulso e aguenta assadeiras de até 250 °C.",
    ),
    "napkins": ("Jogo de quatro guardanapos", "Quatro guardanapos grandes com bainha feita à mão."),
    "tablecloth": (
        "Toalha de mesa",
        "Uma toalha de bom caimento que dispensa o ferro se for estendida molhada.",
    ),
    "pendant-lamp": (
        "Luminária pendente",
        "Uma cúpula que lança luz quente sobre a mesa e deixa o ambiente sereno.",
    ),
    "candlestick": ("Castiçal", "Um castiçal firme que recolhe a cera."),
    "bread-bin": (
        "Porta-pão",
        "Um porta-pão com tampa de madeira para cortar; os furos mantêm a casca crocante.",
    ),
    "utensil-jar": ("Porta-utensílios", "Um pote pesado para colheres e batedores que não tomba nem cheio."),
    "ladle": ("Concha", "Uma concha com bico dos dois lados e gancho para pendurar."),
    "wooden-spoon": ("Colher de pau", "Uma colher com um lado reto que alcança os cantos da panela."),
}

LINES = {
    "alder": ("Alder", "Alder é a nossa linha simples: nada nela que não ajude."),
    "fjord": ("Fjord", "Fjord tirou as curvas dos barcos e a calma das águas paradas."),
    "morrow": ("Morrow", "Morrow foi feita para as primeiras horas: fácil de segurar, fácil de limpar."),
    "linden": ("Linden", "Linden é redonda e simpática, a linha com que a maioria das famílias começa."),
    "harbour": ("Harbour", "Harbour é resistente; perdoa uma queda e uma longa noite na pia."),
    "saffron": ("Saffron", "Saffron foi desenhada com cozinheiros de três países."),
    "meadow": ("Meadow", "Meadow é leve, clara e adora o ar livre."),
    "atlas": ("Atlas", "Atlas é a nossa linha profissional, mais espessa onde precisa durar."),
    "juniper": ("Juniper", "Juniper tem arestas nítidas e uma superfície fosca e tranquila."),
    "solstice": ("Solstice", "Solstice é finalizada à mão; não há duas peças totalmente iguais."),
    "marlow": ("Marlow", "Marlow parece algo que se herda."),
    "tinder": ("Tinder", "Tinder é a linha do primeiro apartamento: boa, pequena, acessível."),
    "orchard": ("Orchard", "Orchard traz formas suaves que emprestamos das frutas."),
    "vesper": ("Vesper", "Vesper é para noites longas e mesas com convidados."),
    "quarry": ("Quarry", "Quarry pesa na mão e é fresca ao toque."),
    "wren": ("Wren", "Wren é pequena e caprichada e cabe onde quase nada cabe."),
}

MATERIALS = {
    "enamel": (
        "Aço esmaltado",
        "Pode ir à lava-louças; utensílios de madeira conservam o brilho do esmalte.",
    ),
    "steel": ("Aço inoxidável", "Pode ir à lava-louças e não pega cheiro."),
    "iron": ("Ferro fundido", "Lave à mão, seque na hora e passe uma gota de óleo."),
    "carbon": ("Aço-carbono", "Lave à mão e seque; ele escurece com o tempo, e isso o protege."),
    "copper": ("Cobre", "Lave à mão; limão e sal devolvem o brilho."),
    "stoneware": ("Grés", "Pode ir ao forno, ao micro-ondas e à lava-louças."),
    "porcelain": ("Porcelana", "Fina, dura e própria para lava-louças."),
    "glass": ("Vidro", "Pode ir à lava-louças; deixe o vidro quente esfriar antes de enxaguar."),
    "beech": ("Madeira de faia", "Passe um pano úmido e óleo duas vezes por ano."),
    "oak": ("Carvalho", "Lave à mão, seque em pé e passe óleo de vez em quando."),
    "walnut": ("Nogueira", "Lave à mão, seque em pé e passe óleo de vez em quando."),
    "linen": ("Linho", "Lave a 60 °C; fica mais macio a cada vez."),
    "cotton": ("Algodão", "Lave a 60 °C e seque no varal ou na secadora."),
    "brass": ("Latão", "Esfregue com um pano seco; com o tempo ganha um marrom quente."),
}
