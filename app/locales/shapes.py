"""What the API takes and answers of locales and their strings. Pure: shapes alone."""

from __future__ import annotations

from babel.messages.plurals import PLURALS

from app.locales.access import PERMISSIONS
from app.locales.bulk import ACTIONS as BULK_ACTIONS
from app.locales.bulk import KINDS, LONGEST_FIND, REPLACE
from app.locales.checking.characters import LONGEST as LONGEST_FORM
from app.locales.checks import CHECKS
from app.locales.comments import LONGEST as LONGEST_COMMENT
from app.locales.exchange import FORMATS
from app.locales.intake import OUTCOMES
from app.locales.locale_rules import AVAILABILITY
from app.locales.plurals import MOST_FORMS
from app.locales.search import LONGEST as LONGEST_SEARCH
from app.locales.states import CHOICES, STATES
from app.openapi.shapes import (
    Named,
    Shape,
    any_text,
    day_of_ours,
    either,
    many,
    maybe,
    moment,
    moment_of_ours,
    number,
    one_of,
    page_of,
    text,
    thing,
    whole,
    words,
    yes_or_no,
)

CODE = text(
    "A locale as it is written here: language, script, territory.",
    least=2,
    most=11,
    pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
    example="de",
)
PATH: dict[str, Shape] = {"code": CODE}
ID = whole(least=1, example=12)
STORED_ID = whole(least=1, most=2**63 - 1, example=12)
WHO = text("A person, token:name, job:name or file:person.", example="ada@example.org")
STATE = one_of(*STATES)
REVISION = whole("Counted up by each save; 0: there is no text yet.", least=0, most=2**31 - 1, example=1)
SOURCE = any_text("The text of the source.", example="Cart")
FORM = any_text(example="Warenkorb")
FORMS = many(FORM, "One for each plural form of the locale, or one.")
YES = one_of("1", "0")
MOMENT_OR_NONE = maybe(moment())
DONE: dict[str, Shape] = {
    "change": whole("See /changes; it can be taken back.", least=1, example=5),
    "strings": whole("How many were changed.", least=0, example=3),
}

# --- locales -----------------------------------------------------------------------------------------

BY_STATE = thing(dict.fromkeys(STATES, whole(least=0, example=12)), about="Strings by state.")
_LOCALE: dict[str, Shape] = {
    "code": CODE,
    "name": text("In English.", example="German"),
    "own_name": text(example="Deutsch"),
    "availability": one_of(*AVAILABILITY, about="preview: who has the link sees it; on: shoppers."),
    "asks_review": yes_or_no("Nobody approves their own text."),
}
LOCALE = Named(
    "Locale",
    thing(
        {
            **_LOCALE,
            "strings": whole(least=0, example=400),
            "translated": whole("That shoppers can read in it, were all published.", least=0, example=390),
            "by_state": BY_STATE,
            "release": maybe(whole("What shoppers see; null: what ships.", least=1, example=7)),
            "released_at": MOMENT_OR_NONE,
            "released_by": maybe(WHO),
            "waiting": whole("Strings that the next release would change.", least=0, example=4),
        },
        about="A locale and how far it is.",
    ),
)
LOCALES = page_of("locales", LOCALE)
LOCALE_IN_FULL = Named(
    "LocaleSettings",
    thing(
        {
            **_LOCALE,
            "direction": one_of("ltr", "rtl"),
            "fallback": maybe(CODE),
            "chain": many(CODE, "In what order words are looked for."),
            "plural_forms": text(example="nplurals=2; plural=(n != 1);"),
            "numbers": many(many(whole(least=0)), "For each plural form some numbers that take it."),
            "strings": BY_STATE,
            "you_may": many(one_of(*PERMISSIONS), "What this request may do in it."),
        },
        about="A locale with its settings.",
    ),
)
PLURAL_FORMS = one_of(
    *sorted({f"nplurals={count}; plural={rule};" for count, rule in PLURALS.values()}),
    about="Where it is not what CLDR proposes; a file that is taken in may bring any other.",
)
LOCALE_DRAFT = thing(
    {
        "code": text(
            "Of a language that CLDR knows; case and underscores do not matter.",
            least=2,
            most=11,
            pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|[0-9]{3}))?$",
            example="pt-BR",
        )
    },
    {"plural_forms": PLURAL_FORMS},
)
LOCALE_CHANGE = thing(
    {},
    {
        "availability": _LOCALE["availability"],
        "fallback": maybe(CODE),
        "asks_review": _LOCALE["asks_review"],
    },
    "What is left out stays as it is.",
)
_LETTER = r"[!-?A-~\u00a1-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03ff\u0400-\u0481\u048a-\u04ff]"
PERSON = text(
    "An e-mail address, or token:name.",
    most=200,
    pattern=rf"^({_LETTER}+@{_LETTER}+|token:[!-~]+)$",
    example="ada@example.org",
)
GRANTS = thing(
    {
        "grants": many(
            thing(
                {
                    "person": text(example="ada@example.org"),
                    "permissions": many(one_of(*PERMISSIONS)),
                    "granted_by": WHO,
                    "granted_at": moment(),
                }
            ),
            "Nobody: roles decide.",
        )
    }
)
GRANT = thing({"permissions": many(one_of(*PERMISSIONS), "Exactly these; none: off the list.", most=10)})

# --- files -------------------------------------------------------------------------------------------

FORMAT = one_of(*FORMATS, about="Without: po.")
FILES: dict[str, Shape] = {"application/octet-stream": text("The file itself, as `format` says.", least=1)}
OTHER_FILES = ("text/x-gettext-translation", "text/x-po", "text/csv", "text/plain", "application/json")
TAKING_IN: dict[str, Shape] = {
    "format": FORMAT,
    "dry_run": {**YES, "description": "1: only says what it would do."},
    "approve": {**YES, "description": "1: what no check blocks becomes approved."},
    "take_theirs": {**YES, "description": "1: the file wins a conflict."},
    "add_messages": {**YES, "description": "1: messages that are not known are made."},
    "any_language": {**YES, "description": "1: also where the file names another language."},
}
TAKEN_IN = thing(
    {
        "dry_run": yes_or_no(),
        "counts": thing({}, dict.fromkeys(OUTCOMES, whole(least=1)), "How many texts became what."),
        "held_back": whole("Not approved: a shopper must not see them yet.", least=0, example=0),
        "texts": many(
            thing(
                {
                    "context": text(example=""),
                    "source": SOURCE,
                    "line": maybe(whole(least=1)),
                    "outcome": one_of(*OUTCOMES),
                    "here": FORMS,
                    "in_file": FORMS,
                    "blocked_by": many(text(example="This form is missing.")),
                }
            ),
            "Those that somebody should look at, the worst first.",
        ),
    }
)
WRITING_OUT: dict[str, Shape] = {
    "format": FORMAT,
    "approved": {**YES, "description": "1: only what shoppers may see."},
    "complete": {**YES, "description": "1: also messages that the file taken in last has not."},
}

# --- strings -----------------------------------------------------------------------------------------

QUERY = text("As in the editor: state:review cart -author:ana", most=LONGEST_SEARCH, example="state:review")
_HEAD: dict[str, Shape] = {
    "id": ID,
    "context": text(example=""),
    "source": SOURCE,
    "source_plural": maybe(SOURCE),
    "locations": many(text(example="storefront/cart/templates/cart.html:12"), "Where the shop says it."),
    "forms": FORMS,
    "state": STATE,
    "revision": REVISION,
    "author": maybe(text("Who changed it last.", example="ada@example.org")),
    "updated_at": MOMENT_OR_NONE,
}
STRING = Named(
    "Message",
    thing(
        {
            **_HEAD,
            "failed_checks": many(text(example="ending")),
            "open_comments": whole(least=0, example=0),
        },
        about="A string of the shop in a locale.",
    ),
)
STRINGS = thing(
    {"total": whole("Of all pages.", least=0, example=400), "strings": many(STRING)},
    {
        "next_cursor": maybe(text("Give it as `cursor` to read on; null: there is no more.", most=2_000)),
        "page": whole("Where one was asked for.", least=1),
        "per_page": whole("Where one was asked for.", least=1),
    },
)
FINDING = thing(
    {
        "check": text("Which check found it.", example="ending"),
        "form": whole("Of which text, from 0.", least=0, example=0),
        "blocks": yes_or_no("It cannot be approved like this."),
        "message": text(example="End with a full stop where the source does."),
    }
)
LENGTH = thing(
    {
        "length": whole(least=0, example=9),
        "most": whole(least=1, example=20),
        "is_limit": yes_or_no("Said by the programmer; else only what is usual."),
    }
)
STRING_IN_FULL = Named(
    "MessageInFull",
    thing(
        {
            **_HEAD,
            "comments_of_the_programmer": many(text()),
            "placeholders": many(text(example="%(name)s")),
            "numbers": maybe(many(many(whole(least=0)), "For each plural form some numbers that take it.")),
            "writer": maybe(text("Who wrote the text as it is.", example="ada@example.org")),
            "approved_forms": maybe(FORMS),
            "live_forms": maybe(FORMS),
            "length": many(LENGTH),
            "findings": many(FINDING, "What is wrong with it, blockers first."),
        },
        about="A string with all that the editor shows of it.",
    ),
)
FORMS_SENT = many(
    text(most=LONGEST_FORM, example="Warenkorb"),
    "One for each plural form of the locale, or one.",
    least=1,
    most=MOST_FORMS,
)
CHOICE = one_of(*CHOICES)
# Also said by If-Match; where neither is there, it is 0.
_ON: dict[str, Shape] = {"revision": whole("The one that was read.", least=0, most=2**31 - 1, example=1)}
SAVE = thing({"forms": FORMS_SENT}, {"state": CHOICE, **_ON})
SET_STATE = thing({"state": CHOICE}, _ON)
REVERT = thing(
    {"to": whole("The revision that comes back, as a new one.", least=1, most=2**31 - 1, example=1)},
    _ON,
)
TRIED = thing({"forms": FORMS_SENT})
CHECKED = thing({"findings": many(FINDING), "length": many(LENGTH)})
VERSIONS = page_of(
    "versions",
    thing(
        {
            "revision": REVISION,
            "forms": FORMS,
            "state": STATE,
            "author": WHO,
            "at": moment(),
            "change": maybe(whole("Of which change of many it was a part.", least=1)),
        }
    ),
)
PRESENT = thing({"others": many(WHO), "again_in_seconds": whole(least=1, example=8)})
_COMMENT: dict[str, Shape] = {
    "id": ID,
    "author": WHO,
    "text": text(example="Which cart is meant?"),
    "at": moment(),
    "reply_to": maybe(ID),
    "resolved_at": MOMENT_OR_NONE,
    "resolved_by": maybe(WHO),
}
COMMENT = Named("MessageComment", thing(_COMMENT))
THREADS = thing({"threads": many(thing({**_COMMENT, "replies": many(COMMENT)}), "Open ones first.")})
COMMENT_DRAFT = thing(
    {"text": words(most=LONGEST_COMMENT, example="Which cart is meant?")}, {"reply_to": maybe(STORED_ID)}
)

# --- many at once ------------------------------------------------------------------------------------

_SIMPLE = one_of(*(kind for kind in BULK_ACTIONS if kind != REPLACE))
_FIND = text("Words that are replaced.", least=1, most=LONGEST_FIND, example="Waren")
_REPLACEMENT = text(most=LONGEST_FIND, example="Einkaufs")
_IDS = many(STORED_ID, "Of strings.", least=1, most=50_000)
_WHICH: tuple[dict[str, Shape], ...] = ({"q": QUERY}, {"ids": _IDS})


def _bulk(more: dict[str, Shape]) -> Shape:
    """An action on all strings of a search, or on some."""
    ways = []
    for which in _WHICH:
        ways.append(thing({"action": _SIMPLE, **which}, more))
        ways.append(
            thing({"action": one_of(REPLACE), "find": _FIND, **which}, {"replacement": _REPLACEMENT, **more})
        )
    return either(*ways)


BULK = Named("BulkAction", _bulk({}))
BULK_DONE = Named(
    "BulkActionLookedAt",
    _bulk(
        {
            "looked_at": text(
                "Of a preview: does it only if it is still so.", least=1, most=64, example="9f86d0"
            )
        }
    ),
)
_STEP: dict[str, Shape] = {"id": ID, "source": SOURCE, "state": STATE}
_NEW: dict[str, Shape] = {"forms": FORMS, "new_forms": FORMS, "new_state": STATE}
_WHY = text(example="There is no text yet.")
PREVIEW = thing(
    {
        "changed": many(thing({**_STEP, **_NEW})),
        "refused": many(thing({**_STEP, "why": _WHY})),
        "unchanged": whole(least=0, example=0),
        "looked_at": text("Send it with the action.", example="9f86d0"),
    }
)
BACK_PREVIEW = thing(
    {
        "changed": many(thing({**_STEP, **_NEW})),
        "refused": many(thing({"id": ID, "source": SOURCE, "why": _WHY})),
    }
)
CHANGED = thing(DONE)
TAKEN_BACK = thing({**DONE, "left": whole("Changed again since: they stay.", least=0, example=0)})
CHANGES = page_of(
    "changes",
    thing(
        {
            "id": ID,
            "kind": one_of(*KINDS),
            "detail": maybe(text(example="Waren → Einkaufs")),
            "strings": whole(least=0, example=3),
            "who": WHO,
            "at": moment(),
            "undoes": maybe(ID),
            "undone_by": maybe(ID),
        }
    ),
)
_WHEN = either(day_of_ours("A whole day of UTC."), moment_of_ours())
OF_SOMEBODY = thing(
    {
        "author": words("Whose changes.", most=200, example="ada@example.org"),
        "from": _WHEN,
        "to": _WHEN,
    }
)
CHECK = one_of(*CHECKS)
SHARE = maybe(number("null: nothing to divide by.", least=0, most=1, example=0.9))
