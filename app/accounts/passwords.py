"""Which passwords are good enough: long rather than composed, and not among those that are tried first. Pure.

Any character counts, spaces and other scripts too. NFKC comes first (NIST SP 800-63B, 5.1.1.2), so that a
password is the same on every keyboard. How many guesses one takes is zxcvbn's estimate (Wheeler, USENIX
Security 2016), which holds the lists of common passwords, names and words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from zxcvbn import zxcvbn

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
# What a slow hash leaves to whoever stole the table: years, at ten thousand guesses a second, from here on.
FEWEST_GUESSES = 10**9
# The estimate takes longer with the length squared; what is good enough by then only gets better.
ESTIMATED_CHARACTERS = 72
HOUSE_WORDS = ("backroom", "control plane", "storefront")
SHORTEST_WORD = 3
FEWEST_OTHERS = 6  # letters and digits beside the words that are known

WHY: dict[str, LazyString] = {
    "user_inputs": _l(
        "This is made of your name, your address or the shop's, which is tried first. "
        "Choose three or four words that have nothing to do with each other."
    ),
    "passwords": _l(
        "This is close to one of the passwords that are tried first everywhere. "
        "Choose three or four words that have nothing to do with each other."
    ),
    "repeat": _l("This repeats itself, which is soon guessed. Choose three or four different words."),
    "spatial": _l(
        "This runs along the keyboard, which is soon guessed. Choose three or four different words."
    ),
    "sequence": _l("This is a row of letters, numbers or a date. Choose three or four different words."),
    "other": _l("This would soon be guessed. Add another word or two that do not belong to it."),
}


def normal(password: str) -> str:
    """Half characters, which no keyboard makes, become question marks: nothing fails on them later."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


def wrong_password(
    password: str, email: str = "", name: str = "", words: Collection[str] = ()
) -> LazyString | None:
    """Why it is refused, in words that help; None: it is good. `words`: what this installation is called."""
    password = normal(password)
    if len(password) < SHORTEST_PASSWORD:
        return _l("Choose a password of 12 characters or more.")
    if len(password) > LONGEST_PASSWORD:
        return _l("Choose a password of at most 200 characters.")
    known = context(email, name, words)
    if _is_made_of(password, known):
        return WHY["user_inputs"]
    estimate = zxcvbn(password[:ESTIMATED_CHARACTERS], user_inputs=known)
    return None if estimate["guesses"] >= FEWEST_GUESSES else WHY[_why(estimate)]


def context(email: str, name: str, words: Collection[str]) -> list[str]:
    """What whoever knows the person and the house would try: whole, in parts, and run together."""
    whole = [text.lower() for text in (email, *email.split("@"), name, *words, *HOUSE_WORDS)]
    parts = [part for text in whole for part in re.split(r"[\W_]+", text)]
    joined = [re.sub(r"[\W_]+", "", text) for text in whole]
    return [text for text in dict.fromkeys([*whole, *parts, *joined]) if len(text) >= SHORTEST_WORD]


def _is_made_of(password: str, known: Collection[str]) -> bool:
    """Whether little is left without the words that are known: Lovelace-Ada-1815."""
    rest = password.lower()
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != password.lower() and len(re.sub(r"[\W_]+", "", rest)) < FEWEST_OTHERS


def house_words(shop_url: str, sender: str) -> list[str]:
    """What the shop is called, as its address and its mails say: hearth-and-ladle.example → that name."""
    hosts = re.findall(r"(?:@|//)([\w.-]+)", f"{shop_url} {sender}")
    return [label for host in hosts for label in host.split(".")[:-1]]


def _why(estimate: Mapping[str, Any]) -> str:
    """The longest part that is easily guessed says it."""
    parts = [part for part in estimate["sequence"] if part["pattern"] != "bruteforce"]
    if not parts:
        return "other"
    longest = max(parts, key=lambda part: len(part["token"]))
    if longest["pattern"] == "dictionary":
        kind = str(longest["dictionary_name"])
    else:
        kind = {"date": "sequence", "regex": "sequence"}.get(longest["pattern"], str(longest["pattern"]))
    return kind if kind in WHY else "other"
