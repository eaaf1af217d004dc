"""What the audit trail masks, by the words of a name and however deep it lies."""

from __future__ import annotations

import pytest

from app.audit.keeping import HIDDEN, is_secret, kept

SECRETS = """
    password api_key apiKey X-Api-Key apikey Authorization set-cookie cookies seed totp_seed otp
    recovery_codes
    client_secret clientSecret private_key signing-key session_id sessionid access_token tokens card_number
    cvv
    iban password_hash credentials SECRET_KEY
"""
OTHERS = """
    name key keys monkey discard cardinal seedling tokenize token_count token_hint password_days
    secret_expires
    primary_key foreign-key locale hashtag cookiecutter
"""


@pytest.mark.parametrize("name", SECRETS.split())
def test_secrets(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", OTHERS.split())
def test_what_only_sounds_like_one(name):
    assert not is_secret(name)


def test_secrets_are_masked_in_lists_and_in_pairs_of_name_and_value():
    shown = kept(
        {
            "headers": [{"name": "Authorization", "value": "Bearer x"}, {"name": "Accept", "value": "*/*"}],
            "deep": [[{"apiKey": "x"}]],
            "recovery_codes": ["a", "b"],
            "has_password": True,
            "tokens": 3,
            "otp": 123456,
        }
    )
    assert shown == {
        "headers": [{"name": "Authorization", "value": HIDDEN}, {"name": "Accept", "value": "*/*"}],
        "deep": [[{"apiKey": HIDDEN}]],
        "recovery_codes": HIDDEN,
        "has_password": True,
        "tokens": 3,
        "otp": HIDDEN,
    }
