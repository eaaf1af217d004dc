"""Codes as RFC 6238 makes them, recovery codes as people type them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from app.accounts import factor
from app.accounts.credentials import clean_email, clean_name, new_link
from app.masking import mask

# RFC 6238, appendix B, SHA-1, cut to six digits.
RFC_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert factor.step_of(code, RFC_SEED, at) == seconds // 30
    assert factor.step_of("000000", RFC_SEED, at) is None


def test_the_picture_is_plain_svg():
    made = factor.qr_code(factor.setup_uri(factor.new_seed(), "ada@example.org"))
    assert made.startswith("<svg")
    assert "style" not in made
    assert "<script" not in made


def test_the_address_says_whose_it_is():
    uri = factor.setup_uri(RFC_SEED, "ada@example.org")
    assert uri.startswith("otpauth://totp/Backroom:ada%40example.org?secret=" + RFC_SEED)
    assert "issuer=Backroom" in uri


def test_recovery_codes_are_many_bits_and_read_however_they_are_typed():
    codes = factor.new_recovery_codes()
    assert len(set(codes)) == factor.RECOVERY_CODES
    assert len(factor.LETTERS) == 32
    assert len(set(factor.LETTERS)) == 32
    assert all(len(code.replace("-", "")) * math.log2(32) >= 128 for code in codes)
    assert factor.clean_code(f" {codes[0].upper()} ") == codes[0].replace("-", "")
    assert factor.is_totp(factor.clean_code("123 456"))
    assert not factor.is_totp("١٢٣٤٥٦")
    assert not factor.is_totp(factor.clean_code(codes[0]))


def test_names_are_one_line_and_run_one_way():
    assert clean_name(" Ada\r\nBcc: eve@example.org ") == "Ada Bcc: eve@example.org"
    assert clean_name("Ada\u202egro.live\x00\x07") == "Adagro.live"
    assert clean_name("نرگس\u200cخانم") == "نرگس\u200cخانم"
    assert clean_name("half \ud800") == "half ?"


def test_addresses_are_compared_as_they_are_meant():
    assert clean_email(" ADA@Example.org\n") == "ada@example.org"
    assert clean_email("ada\x00@example.org\ud800") == "ada@example.org?"


def test_links_that_work_once_are_masked_wherever_they_are_written():
    link = new_link()
    assert link.removeprefix("backroom_link_") not in mask(f"GET /accounts/invitation/{link} HTTP/1.1")
    assert len({new_link() for _ in range(5)}) == 5
