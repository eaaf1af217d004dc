"""Words as search compares them: no case, no accents, no Arabic vowel signs. Pure.

`searchable` goes one step further for languages that PostgreSQL has no stems for: Polish words lose their
endings, and Japanese, which is written without spaces, becomes pairs of letters. What is stored and what was
typed go through the same function.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_QUERY = 120  # characters; nobody searches for more, and trigrams of more cost time
# Letters that writers of Arabic use for one another, and the German sharp s.
SAME = str.maketrans({"ى": "ي", "ة": "ه", "ـ": None, "ß": "ss", "ø": "o", "ł": "l", "œ": "oe", "æ": "ae"})
VOICED = "\u3099\u309a"  # marks that make か into が: another letter, not an accent
KATAKANA = str.maketrans({chr(code): chr(code + 96) for code in range(0x3041, 0x3097)})  # from hiragana
WITHOUT_SPACES = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# Endings of Polish nouns and adjectives without their accents, of which three letters are left.
POLISH_ENDINGS = re.compile(
    r"(?<=\w\w\w)(?:kami|kach|kow|ow(?:ych|ego|ej|y|a|e)|ami|ach|ego|emu|[yi]ch|iem|om|ow|em|ej|i[eaiu]|ek|"
    r"k[aieo]|ce|[kyiaeou])$"
)
NOT_WORDS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """ "Müslischale Crème" → "muslischale creme"; everything that is no letter or digit becomes one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in decomposed if not unicodedata.combining(each) or each in VOICED)
    joined = unicodedata.normalize("NFC", plain).translate(KATAKANA)
    return NOT_WORDS.sub(" ", joined.translate(SAME)).strip()


def searchable(folded: str, language: str) -> str:
    """What PostgreSQL shall index or look for, of words that `fold` has made plain."""
    if language == "pl":
        return " ".join(polish_stem(word) for word in folded.split())
    return WITHOUT_SPACES.sub(lambda run: f" {pairs(run[0])} ", folded).strip()


def stored(folded: str, language: str) -> str:
    """`searchable`, and the single letters of what has no spaces: 鍋 alone is a word too."""
    letters = " ".join(letter for run in WITHOUT_SPACES.findall(folded) for letter in run)
    return f"{searchable(folded, language)} {letters}".strip()


def pairs(run: str) -> str:
    """ "コーヒー" → "コー ーヒ ヒー"; a single letter stays."""
    return " ".join(run[at : at + 2] for at in range(max(1, len(run) - 1)))


def polish_stem(word: str) -> str:
    """ "noze", "nozy", "noz" → "noz": enough to find one form of a word by another."""
    return POLISH_ENDINGS.sub("", word)


def query(text: str) -> str:
    """What a shopper typed, folded and cut at a word's end."""
    folded = fold(text[: 4 * LONGEST_QUERY])
    if len(folded) <= LONGEST_QUERY:
        return folded
    return folded[:LONGEST_QUERY].rpartition(" ")[0] or folded[:LONGEST_QUERY]
