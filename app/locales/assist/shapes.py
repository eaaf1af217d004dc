"""What the API takes and answers of the help beside the editor and of the glossary. Pure: shapes alone."""

from __future__ import annotations

from app.locales.assist.glossary import LONGEST, LONGEST_NOTE, UNSEEN
from app.locales.assist.reasons import LONGEST_REASON
from app.locales.shapes import CHECK, FINDING, FORMS, ID, SOURCE, WHO
from app.openapi.shapes import (
    Named,
    Shape,
    either,
    many,
    maybe,
    moment,
    number,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

_DISMISSED = thing({"who": WHO, "reason": text(example="It is a name."), "at": moment()})
MEMORY_ROW = thing(
    {
        "source": SOURCE,
        "forms": FORMS,
        "similarity": number("By trigrams.", least=0, most=1, example=0.82),
        "place": text("Where it stands, or stood.", example="storefront/cart/templates/cart.html:12"),
        "origin": text("shop, file or content.", example="shop"),
        "obsolete": yes_or_no("The shop says it no longer."),
        "author": text(example="ada@example.org"),
        "at": moment(),
    }
)
MEMORY = thing({"memory": many(MEMORY_ROW, "The nearest first.")})
HELP = thing(
    {
        "findings": many(thing({**FINDING["properties"], "dismissed": maybe(_DISMISSED)})),
        "glossary": many(
            thing(
                {
                    "term": text(example="plate"),
                    "translation": text(example="Teller"),
                    "note": text(example=""),
                }
            ),
            "Terms that the source has.",
        ),
        "memory": many(MEMORY_ROW, "Texts that resemble it."),
        "component": maybe(text("The part of the shop that says it.", example="cart")),
        "locations": many(text(example="storefront/cart/templates/cart.html:12")),
        "comments": many(text("Of the programmer.")),
        "previous": maybe(
            thing({"msgid": SOURCE, "plural": maybe(SOURCE)}, about="The source as the text was written.")
        ),
        "pages": many(
            thing(
                {
                    "endpoint": text(example="cart.show"),
                    "path": text(example="/de/cart"),
                    "last_seen_at": moment(),
                    "outlined": maybe(text("The page with the string outlined, for an hour.")),
                }
            ),
            "Where shoppers saw it.",
        ),
    }
)
LIKE: dict[str, Shape] = {"text": words("What to look for.", most=500, example="Add to cart")}
FORM = whole("Which text, from 0.", least=0, most=9, example=0)
REASON = thing({"reason": words("Why it does not matter.", most=LONGEST_REASON, example="It is a name.")})
DISMISSED = thing({"check": CHECK, "form": FORM, "reason": text(example="It is a name."), "who": WHO})


def _seen(about: str, least: int, most: int, example: str) -> Shape:
    """A text without characters that cannot be seen; with `least`, something of it can."""
    plain = f"[^{UNSEEN}]*"
    pattern = rf"^{plain}[^\s{UNSEEN}]{plain}$" if least else f"^{plain}$"
    return text(about, least=least, most=most, pattern=pattern, example=example)


TERM = Named(
    "GlossaryTerm",
    thing(
        {
            "id": ID,
            "term": text(example="plate"),
            "translation": text(example="Teller"),
            "note": text(example=""),
            "do_not_translate": yes_or_no("A name: it stays as it is in every language."),
            "case_sensitive": yes_or_no(),
        },
        about="How a word of the shop is said in a locale.",
    ),
)
TERMS = page_of("terms", TERM)
TERM_DRAFT = Named(
    "GlossaryTermDraft",
    either(
        thing(
            {
                "term": _seen("A word or words of the source.", 1, LONGEST, "plate"),
                "translation": _seen("", 1, LONGEST, "Teller"),
            },
            {
                "note": _seen("", 0, LONGEST_NOTE, ""),
                "do_not_translate": one_of(False),
                "case_sensitive": yes_or_no(),
            },
        ),
        thing(
            {
                "term": _seen("A name that stays as it is.", 1, LONGEST, "Hearth & Ladle"),
                "do_not_translate": one_of(True),
            },
            {
                "translation": _seen("Nothing depends on it.", 0, LONGEST, ""),
                "note": _seen("", 0, LONGEST_NOTE, ""),
                "case_sensitive": yes_or_no(),
            },
        ),
    ),
)
TERM_TABLE = text(
    "A table with the columns term, translation and perhaps note, do_not_translate, case_sensitive; as here:",
    least=1,
    pattern=r"^term,translation(\r\n[A-Za-z]{1,40},[A-Za-z]{1,40})*\r\n$",
    example="term,translation\r\nplate,Teller\r\n",
)
TAKEN_IN = thing({"terms": whole("How many.", least=0, example=1)})
