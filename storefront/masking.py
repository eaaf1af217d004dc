"""What must not be read in a log, a report or a trace is replaced here. Pure: no I/O, no clock.

    mask(text)            secrets and card numbers; the last four digits of a card stay
    mask_log(text)        e-mail addresses too, but for their first letter and their domain
    mask_values(values)   the same for names with values, nested as they may be

The shop has the same file: the two services share no code, and a test holds the two against each other.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

HIDDEN = "***"
DEEPEST = 8  # of nested values; below that nothing is shown

# --- names of secrets --------------------------------------------------------------------------------

# One of these as a word of a name makes its value a secret: new_password, X-Api-Token, csrfToken.
SECRET_WORDS = frozenset(
    (
        *("password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "authorization", "csrf"),
        *("cookie", "cookies", "signature", "credential", "credentials", "otp", "totp", "cvv", "cvv2"),
        *("cvc", "cvc2", "cvn", "csc", "pan", "card", "jwt", "apikey", "assertion", "sid"),
    )
)
SECRET_PAIRS = (
    *("api key", "private key", "encryption key", "secret key", "access key", "signing key"),
    *("security code", "recovery code", "recovery codes", "card number", "session key", "session id"),
)
# After such a word the value only speaks of the secret: token_id, password_changed_at, card_brand.
HARMLESS_ENDS = frozenset(
    (
        *("id", "ids", "kind", "name", "names", "type", "count", "brand", "at", "expires", "expiry"),
        *("prefix", "scheme", "length", "needed", "changed", "role"),
    )
)
# Of a query string alone, where short names are secrets of others.
QUERY_NAMES = "key|code|sig|state|auth|access|hash|nonce|ticket|pass|p"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_secret_name(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or (len(words) > 1 and words[-1] in HARMLESS_ENDS and " ".join(words[-2:]) != "session id"):
        return False
    joined = " ".join(words)
    return not SECRET_WORDS.isdisjoint(words) or any(pair in joined for pair in SECRET_PAIRS)


# --- secrets in a text -------------------------------------------------------------------------------

_QUOTED = r'"(?:[^"\\]|\\.)*"?|' + r"'(?:[^'\\]|\\.)*'?"
_NAMED = re.compile(
    r"(?<![\w.-])(?P<name>[A-Za-z][\w.-]{0,80})[\"']?\s{0,3}(?:=>|[:=]|%3D)\s{0,3}", re.IGNORECASE
)
_VALUE = re.compile(
    rf"{_QUOTED}|(?:(?:bearer|basic|digest|token)\s+)?[^\s&;,\"'<>(){{}}\[\]]+", re.IGNORECASE
)
_COOKIES = re.compile(
    r"(?P<name>\b(?:set-)?cookie)(?P<sign>\s*[:=]\s*)(?P<value>[^\s\"'][^\r\n\"']*)", re.IGNORECASE
)
_QUERY = re.compile(rf"(?P<lead>[?&](?:{QUERY_NAMES})=)[^&#\s\"'<>]+", re.IGNORECASE)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL)
_SCHEME = re.compile(
    r"\b(?P<scheme>bearer|basic)(?P<gap>\s+|%20|\+)(?P<secret>[A-Za-z0-9._~+/=|:%-]{8,})", re.IGNORECASE
)
_USERINFO = re.compile(r"(?P<scheme>(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s/?#\"'<>]*@")
_CVC = re.compile(
    r"(?P<name>\b(?:cvv2?|cvc2?|cvn|csc|security code))"
    r"(?P<gap>[^\w\r\n]{0,4}(?:is |was )?[^\w\r\n]{0,4})\d{3,4}(?!\d)",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"""
      eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?     # JWT
    | \bbackroom_[A-Za-z0-9_-]{16,}                                    # ours, for machines
    | (?:\*|\[\]|\b[\w-]{1,100}):[\w-]{1,100}\.[A-Za-z0-9_-]{24,}      # ours, for SDKs
    | \bwhsec_[A-Za-z0-9+/=_-]{8,}
    | \b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,} | \bgh[oprsu]_[A-Za-z0-9]{16,} | \bgithub_pat_\w{16,}
    | \bxox[a-z]-[A-Za-z0-9-]{8,} | \bA(?:KIA|SIA)[A-Z0-9]{16}\b
    | \bAIza[A-Za-z0-9_-]{30,} | \bglpat-[\w-]{16,}
    | \$argon2\w*\$[^\s"']+ | \$2[aby]\$\d\d\$[./A-Za-z0-9]{40,}
    """,
    re.VERBOSE,
)  # fmt: skip
_HOOKS = re.compile(
    r"(?P<lead>hooks\.slack\.com/|(?<![\w.-])[\w.-]{0,80}webhook\.office\.com/|discord(?:app)?\.com/api/webhooks/|"
    r"(?<![\w.-])[\w.-]{0,80}logic\.azure\.com(?::\d+)?/)[^\s\"'<>]+",
    re.IGNORECASE,
)
_EMAIL = re.compile(  # nosemgrep: regex_dos # every run is bounded
    r"(?<![\w.%+-])(?P<first>[^\W_])[\w.!#$%&'*+/=?^`{|}~-]{0,80}@(?P<domain>(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,})"
)

# A text that holds none of these, in small letters, holds no secret: most lines are done with that.
SIGNS_OF_SECRETS = (
    *(
        "passw",
        "pwd",
        "passphrase",
        "secret",
        "token",
        "authoriz",
        "cookie",
        "csrf",
        "signature",
        "credential",
    ),
    *("otp", "cvv", "cvc", "cvn", "csc", "pan", "card", "jwt", "key", "assertion", "sid", "session", "code"),
    *(
        "recovery",
        "bearer",
        "basic",
        "://",
        "eyj",
        "backroom_",
        "whsec_",
        "k_live_",
        "k_test_",
        "gho_",
        "ghp_",
    ),
    *(
        "ghr_",
        "ghs_",
        "ghu_",
        "github_pat",
        "xox",
        "akia",
        "asia",
        "aiza",
        "glpat",
        "$argon2",
        "$2",
        "hooks.",
    ),
    *("webhook", "logic.azure", "-----begin", "?", "&", ":*", "*:", "[]:"),
)
_SDK_TOKEN = re.compile(r":[\w-]+\.[A-Za-z0-9_-]{24}")


def mask(text: str) -> str:
    """The text without its secrets. Masking twice changes nothing more."""
    small = text.lower()
    if any(sign in small for sign in SIGNS_OF_SECRETS) or _SDK_TOKEN.search(text):
        text = _without_secrets(text)
    return _mask_cards(text)


def _without_secrets(text: str) -> str:
    text = _PEM.sub(f"[private key {HIDDEN}]", text)
    text = _HOOKS.sub(rf"\g<lead>{HIDDEN}", text)
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _TOKENS.sub(HIDDEN, text)
    text = _COOKIES.sub(rf"\g<name>\g<sign>{HIDDEN}", text)
    text = _CVC.sub(rf"\g<name>\g<gap>{HIDDEN}", text)
    text = _without_named(text)
    text = _QUERY.sub(rf"\g<lead>{HIDDEN}", text)
    return _SCHEME.sub(_without_credentials, text)


def mask_log(text: str) -> str:
    """As `mask`; of an e-mail address the first letter and the domain stay."""
    masked = mask(text)
    return _EMAIL.sub(rf"\g<first>{HIDDEN}@\g<domain>", masked) if "@" in masked else masked


def _without_named(text: str) -> str:
    """Without the values of secret names; a value that is none may hold such a name itself."""
    pieces, kept, at = [], 0, 0
    while named := _NAMED.search(text, at):
        at = named.end()
        value = _VALUE.match(text, at) if is_secret_name(named["name"]) else None
        if value is not None:
            quote = value[0][0] if value[0][0] in "\"'" else ""
            pieces.append(f"{text[kept:at]}{quote}{HIDDEN}{quote}")
            kept = at = value.end()
    return "".join((*pieces, text[kept:]))


def _without_credentials(found: re.Match[str]) -> str:
    if found["scheme"].lower() == "basic" and not _is_basic(found["secret"]):
        return found[0]
    return f"{found['scheme']}{found['gap']}{HIDDEN}"


def _is_basic(secret: str) -> bool:
    """ "Basic" is a word too: only what decodes to user:password follows it as a secret."""
    try:
        return b":" in b64decode(secret + "=" * (-len(secret) % 4), validate=True)
    except ValueError:
        return False


# --- card numbers ------------------------------------------------------------------------------------

_SEPARATOR = r"(?:[ .+_\u00a0\u2009-]|%20|%2D)"
_DIGITS = re.compile(
    r"(?P<leave>(?<![0-9A-Za-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9A-Za-z])"  # a UUID
    r"|(?<![\d.])\d{1,10}\.\d{5,}(?:e[+-]?\d+)?(?![\d.])"  # a number with its fraction
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)"  # a time
    rf"|(?<!\d)\d(?:{_SEPARATOR}?\d){{12,}}(?!\d)",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\d+(?=%2[0D])|(?<=%20)\d+|(?<=%2D)\d+|\d+", re.IGNORECASE)
_AFTER_A_CARD = re.compile(
    r"(?:[\s,;|/]+(?:exp\w*\W{1,3})?(?:\d\d\s?[/|-]\s?(?:\d{4}|\d\d)[\s,;|/]+))?[\s,;|/]*\b\d{3,4}(?![\d.:])"
)
_HEX = re.compile(r"[0-9A-Fa-f]*\Z")
_HEX_ON = re.compile(r"[0-9A-Fa-f]*")

# First digits of what issuers give out, and how long such a number is (ISO/IEC 7812).
ISSUERS: tuple[tuple[range, int, frozenset[int]], ...] = (
    (range(4, 5), 1, frozenset((13, 16, 18, 19))),  # Visa
    (range(51, 56), 2, frozenset((16,))),  # Mastercard
    (range(2221, 2721), 4, frozenset((16,))),
    (range(34, 35), 2, frozenset((15,))),  # American Express
    (range(37, 38), 2, frozenset((15,))),
    (range(300, 306), 3, frozenset((14, 16, 17, 18, 19))),  # Diners Club
    (range(309, 310), 3, frozenset((14, 16, 17, 18, 19))),
    (range(36, 37), 2, frozenset((14, 16, 17, 18, 19))),
    (range(38, 40), 2, frozenset((14, 16, 17, 18, 19))),
    (range(3528, 3590), 4, frozenset((16, 17, 18, 19))),  # JCB
    (range(2200, 2205), 4, frozenset((16, 17, 18, 19))),  # Mir
    (range(50, 51), 2, frozenset((13, 14, 15, 16, 17, 18, 19))),  # Maestro, Verve, Elo
    (range(56, 65), 2, frozenset((13, 14, 15, 16, 17, 18, 19))),  # Maestro, Discover, UnionPay
    (range(65, 70), 2, frozenset((13, 14, 15, 16, 17, 18, 19))),
    (range(81, 83), 2, frozenset((16, 17, 18, 19))),  # UnionPay, RuPay
    (range(9792, 9793), 4, frozenset((16,))),  # Troy
)

USUAL_LENGTHS = (16, 15, 19, 18, 17, 14, 13)  # the most usual first


def is_card_number(digits: str) -> bool:
    """Digits alone: of an issuer's range and length, with the right last digit (Luhn)."""
    if not any(len(digits) in lengths and int(digits[:size]) in firsts for firsts, size, lengths in ISSUERS):
        return False
    return _luhn(digits) and not (len(digits) == 13 and _is_ean(digits))


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_ean(digits: str) -> bool:
    """An article number: cards of thirteen digits are no longer given out."""
    return sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0


def _mask_cards(text: str) -> str:
    pieces, at = [], 0
    for found in _DIGITS.finditer(text):
        if found["leave"] is not None or _is_in_a_hash(text, found):
            continue
        masked = _without_cards(found[0])
        if masked == found[0]:
            continue
        pieces.append(text[at : found.start()] + masked)
        at = found.end()
        if beside := _AFTER_A_CARD.match(text, at):
            pieces.append(f" {HIDDEN}")
            at = beside.end()
    return "".join((*pieces, text[at:])) if pieces else text


def _is_in_a_hash(text: str, found: re.Match[str]) -> bool:
    """Digits within a longer hexadecimal number, such as a trace id."""
    if not found[0].isdigit():
        return False
    before = _HEX.search(text, max(0, found.start() - 64), found.start())
    after = _HEX_ON.match(text, found.end())
    around = (before[0] if before else "") + (after[0] if after else "")
    return len(around) >= 8


def _without_cards(run: str) -> str:
    """Each stretch of whole groups that makes a card number becomes its last four digits."""
    groups = list(_GROUP.finditer(run.replace("%20", "   ").replace("%2D", "   ").replace("%2d", "   ")))
    pieces, at, first = [], 0, 0
    while first < len(groups):
        last = _card_from(groups, first)
        if last is None:
            first += 1
            continue
        digits = "".join(group[0] for group in groups[first : last + 1])
        pieces.append(run[at : groups[first].start()] + HIDDEN + digits[-4:])
        at, first = groups[last].end(), last + 1
    return "".join((*pieces, run[at:]))


def _card_from(groups: list[re.Match[str]], first: int) -> int | None:
    """The group with which a card number ends that begins with `first`: of several the usual length."""
    digits, ends = "", {}
    for last in range(first, len(groups)):
        digits += groups[last][0]
        if len(digits) in USUAL_LENGTHS and is_card_number(digits):
            ends[len(digits)] = last
        if len(digits) >= max(USUAL_LENGTHS):
            break
    return next((ends[length] for length in USUAL_LENGTHS if length in ends), None)


# --- names with values -------------------------------------------------------------------------------


def mask_values(values: Mapping[str, Any], text_of: Callable[[str], str] = mask_log) -> dict[str, Any]:
    """Plain values under the same names; what is neither number nor text becomes its masked text."""
    return {str(name): _value(str(name), value, text_of, DEEPEST) for name, value in values.items()}


def _value(name: str, value: Any, text_of: Callable[[str], str], depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if is_secret_name(name) or depth == 0:
        return HIDDEN
    if isinstance(value, int | float):
        masked = text_of(repr(value))
        return value if masked == repr(value) else masked
    if isinstance(value, Mapping):
        return {text_of(str(key)): _value(str(key), item, text_of, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value("", item, text_of, depth - 1) for item in value]
    return text_of(value if isinstance(value, str) else str(value))
