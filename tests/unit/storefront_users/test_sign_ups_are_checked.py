from __future__ import annotations

import pytest

from storefront.errors import Refused
from storefront.users import passwords
from storefront.users.rules import SignUp, normal_email, read_sign_up

GOOD = {"name": " Ada ", "email": " Ada@Example.ORG ", "password": "copper ladle seven"}


def test_a_good_form_becomes_an_account():
    assert read_sign_up(GOOD) == SignUp("Ada", "ada@example.org", "copper ladle seven")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "Ada\r\nBcc: all@example.org"),
        ("email", ""),
        ("email", "ada"),
        ("email", "ada@example"),
        ("email", "ada@exam ple.org"),
        ("email", "ada@example.org,bob@example.org"),
        ("email", "x" * 250 + "@example.org"),
        ("email", "ada@example.org\nBcc: x"),
        ("password", ""),
        ("password", "too short"),
        ("password", "x" * 129),
        ("password", "ada@example.org"),
    ],
)
def test_each_mistake_is_named_beside_its_field(field, typed):
    with pytest.raises(Refused) as problem:
        read_sign_up({**GOOD, field: typed})
    assert set(problem.value.fields) == {field}


def test_all_mistakes_are_named_at_once():
    with pytest.raises(Refused) as problem:
        read_sign_up({})
    assert set(problem.value.fields) == {"name", "email", "password"}


def test_one_address_is_one_account():
    assert normal_email(" ADA@example.org") == "ada@example.org"


def test_a_password_matches_its_own_hash_alone():
    kept = passwords.hashed("copper ladle seven")
    assert passwords.matches(kept, "copper ladle seven")
    assert not passwords.matches(kept, "copper ladle eight")


def test_nobody_has_no_password_and_a_broken_hash_none_either():
    assert not passwords.matches(None, "no account has this password")
    assert not passwords.matches("rubbish", "copper ladle seven")
