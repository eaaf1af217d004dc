"""Codes of the second factor (TOTP, RFC 6238) and recovery codes. Pure: time and seeds are arguments."""

from __future__ import annotations

import hmac
import io
import secrets
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup

from app.ui.drawn import drawn

STEP_SECONDS = 30
TOLERATED_STEPS = (0, -1, 1)  # a clock may be half a minute off
DIGITS = 6
ISSUER = "Backroom"

RECOVERY_CODES = 10
FEW_RECOVERY_CODES = 3
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 that cannot be mistaken: 28 of them are 140 bits
GROUPS, GROUP_LETTERS = 7, 4


def new_seed() -> str:
    """160 bits in base32, as the apps take them."""
    return pyotp.random_base32()


def step_of(code: str, seed: str, now: datetime) -> int | None:
    """Which step the code belongs to; None: it is none of this seed's."""
    current = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(seed, digits=DIGITS, interval=STEP_SECONDS)
    for offset in TOLERATED_STEPS:
        if hmac.compare_digest(generator.generate_otp(current + offset).encode(), code.encode()):
            return current + offset
    return None


def setup_uri(seed: str, email: str) -> str:
    return pyotp.TOTP(seed, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=email, issuer_name=ISSUER
    )


def qr_code(uri: str) -> Markup:
    """An SVG without styles, dark on light whatever the theme: cameras need it so."""
    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        scale=1,
        border=4,
        omitsize=True,
        light="#fff",
        dark="#000",
    )
    return drawn(out.getvalue().decode())  # of numbers alone: no text of the address


def in_groups(seed: str) -> str:
    """To be typed by hand: four letters at a time."""
    return " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))


def new_recovery_codes() -> list[str]:
    return [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def clean_code(text: str) -> str:
    """As typed, copied or read out: without spaces and dashes, in small letters."""
    return "".join(sign for sign in text[:100].lower() if sign.isascii() and sign.isalnum())


def is_totp(code: str) -> bool:
    return len(code) == DIGITS and code.isascii() and code.isdigit()
