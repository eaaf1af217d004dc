"""Which passwords are good enough: long, and not among those that are tried first. Pure.

How many guesses one takes is zxcvbn's estimate (Wheeler, USENIX Security 2016), which holds the lists of
common passwords, names and words in several languages.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from zxcvbn import zxcvbn

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 128
# Behind limits and a slow hash: three hours a password for who stole the table and tries 10,000 a second.
FEWEST_GUESSES = 10**8
# The estimate takes longer with the length squared; what is good enough by then only gets better.
ESTIMATED_CHARACTERS = 72
SHOP_WORDS = ("hearth & ladle", "hearth and ladle")
SHORTEST_WORD = 3
FEWEST_OTHERS = 6  # letters and digits beside the words that are known


def wrong_password(
    password: str, email: str = "", name: str = "", words: Collection[str] = ()
) -> LazyString | None:
    """Why it is refused, in words that help; None: it is good. `words`: what this shop is called."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return _l("Use 10 to 128 characters. A few words in a row are easy to remember.")
    known = context(email, name, words)
    if _is_made_of(password, known):
        return _l(
            "This is made of your name, your address or the shop's, which is tried first. "
            "Use a few words that have nothing to do with each other."
        )
    if zxcvbn(password[:ESTIMATED_CHARACTERS], user_inputs=known)["guesses"] < FEWEST_GUESSES:
        return _l(
            "This would soon be guessed: it is near the passwords that are tried first everywhere. "
            "Use a few words that have nothing to do with each other."
        )
    return None


def context(email: str, name: str, words: Collection[str]) -> list[str]:
    """What whoever knows the shopper and the shop would try: whole, in parts, and run together."""
    whole = [text.lower() for text in (email, *email.split("@"), name, *words, *SHOP_WORDS)]
    parts = [part for text in whole for part in re.split(r"[\W_]+", text)]
    joined = [re.sub(r"[\W_]+", "", text) for text in whole]
    return [text for text in dict.fromkeys([*whole, *parts, *joined]) if len(text) >= SHORTEST_WORD]


def words_of(*addresses: str) -> list[str]:
    """What hosts of addresses and mails say: https://pots.example → pots."""
    hosts = re.findall(r"(?:@|//)([\w.-]+)", " ".join(addresses))
    return [label for host in hosts for label in host.split(".")[:-1]]


def _is_made_of(password: str, known: Collection[str]) -> bool:
    """Whether little is left without the words that are known: Lovelace-Ada-1815."""
    rest = password.lower()
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != password.lower() and len(re.sub(r"[\W_]+", "", rest)) < FEWEST_OTHERS
