"""Words as search compares them: no case, no accents, no Arabic vowel signs. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST_QUERY = 120  # characters; nobody searches for more, and trigrams of more cost time
# Letters that writers of Arabic use for one another, and the German sharp s.
SAME = str.maketrans({"ى": "ي", "ة": "ه", "ـ": None, "ß": "ss", "ø": "o", "ł": "l"})
NOT_WORDS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """ "Müslischale Crème" → "muslischale creme"; everything that is no letter or digit becomes one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return NOT_WORDS.sub(" ", plain.translate(SAME)).strip()


def query(text: str) -> str:
    """What a shopper typed, folded and cut at a word's end."""
    folded = fold(text[: 4 * LONGEST_QUERY])
    if len(folded) <= LONGEST_QUERY:
        return folded
    return folded[:LONGEST_QUERY].rpartition(" ")[0] or folded[:LONGEST_QUERY]
