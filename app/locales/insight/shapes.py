"""What the API answers of progress, failures and dead strings. Pure: shapes alone."""

from __future__ import annotations

from app.locales.shapes import CODE, ID, SHARE, SOURCE, STATE
from app.openapi.shapes import (
    Named,
    Shape,
    day,
    many,
    maybe,
    moment,
    text,
    thing,
    whole,
    yes_or_no,
)

MOST_DAYS = 365
DAYS: dict[str, Shape] = {"days": whole("How far back; without: 30.", least=1, most=MOST_DAYS)}
COUNT = whole(least=0, example=400)
_DAYS = whole("How far back shoppers were counted.", least=1, most=MOST_DAYS, example=30)
_URL = text("Where it is edited.", example="/locales/de/strings/12")

_PROGRESS: dict[str, Shape] = {
    "locale": CODE,
    "strings": COUNT,
    "strings_approved": COUNT,
    "strings_begun": whole("Drafts, and texts that wait for a review.", least=0, example=8),
    "words": whole("Of the sources.", least=0, example=1_900),
    "words_approved": COUNT,
    "shown": whole("Times that shoppers saw a string.", least=0, example=90_000),
    "fell_back": whole("Of these in the language of the source.", least=0, example=120),
    "failed": whole("Of these because the text could not be filled in.", least=0, example=0),
    "by_strings": SHARE,
    "by_words": SHARE,
    "by_impressions": SHARE,
    "in_language": SHARE,
}
PROGRESS = Named("LocaleProgress", thing(_PROGRESS, about="How far a locale is; shares are of 1."))
ALL = thing({"days": _DAYS, "locales": many(PROGRESS)})
FAILURE = thing(
    {
        "hour": moment(),
        "locale": text(example="de"),
        "release": whole("0: what ships.", least=0, example=7),
        "failed": whole(least=0, example=3),
        "key": text(example="Cart"),
        "source": maybe(SOURCE),
        "url": maybe(_URL),
    },
    about="An hour in which a text could not be filled in: shoppers saw the source.",
)
ONE = thing(
    {
        **_PROGRESS,
        "days": _DAYS,
        "worth_next": many(
            thing(
                {
                    "id": ID,
                    "source": SOURCE,
                    "state": STATE,
                    "waits_for_release": yes_or_no(),
                    "shown": COUNT,
                    "fell_back": COUNT,
                    "last_day": day(),
                    "url": _URL,
                }
            ),
            "What shoppers saw most often in another language than theirs.",
        ),
        "failures": many(FAILURE),
    }
)
FAILURES = thing({"failures": many(FAILURE, "The newest first.")})
DEAD = thing(
    {
        "days": _DAYS,
        "dead": maybe(
            many(
                thing(
                    {
                        "id": ID,
                        "source": SOURCE,
                        "place": maybe(text(example="storefront/cart/templates/cart.html:12")),
                        "last_seen_at": maybe(moment("null: never.")),
                    }
                ),
                "null: nothing was counted for so long yet.",
            )
        ),
    }
)
