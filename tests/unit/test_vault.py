"""Secrets at rest are read by who has the key, in the place that they belong to, and by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import vault as keys
from app.vault import Sealed, Unreadable, Unsealable, Vault, is_readable

OLD, NEW = "an old key of thirty-two signs or so", "a new key of thirty-two signs or more"


@given(st.text())
def test_what_was_sealed_is_opened_as_it_was(text):
    vault = Vault([NEW])
    assert vault.open(vault.seal(text, "people.totp"), "people.totp") == text


def test_a_sealed_text_shows_nothing_and_is_never_the_same_twice():
    vault = Vault([NEW])
    one, two = vault.seal("swordfish", "people.totp"), vault.seal("swordfish", "people.totp")
    assert "swordfish" not in one
    assert one != two


def test_it_does_not_open_in_another_place():
    vault = Vault([NEW])
    with pytest.raises(Unsealable, match="altered"):
        vault.open(vault.seal("swordfish", "people.totp"), "webhooks.secret")


@pytest.mark.parametrize("position", [12, 20, -8])
def test_an_altered_one_does_not_open(position):
    sealed = Vault([NEW]).seal("swordfish", "people.totp")
    other = "A" if sealed[position] != "A" else "B"
    broken = sealed[:position] + other + sealed[position:][1:]
    with pytest.raises(Unsealable):
        Vault([NEW]).open(broken, "people.totp")


@pytest.mark.parametrize("rubbish", ["", "swordfish", "v1.", "v1.00000000.AAAA", "v2.x.y"])
def test_rubbish_does_not_open(rubbish):
    with pytest.raises(Unsealable):
        Vault([NEW]).open(rubbish, "people.totp")


def test_after_a_change_of_keys_the_old_still_open_and_the_new_one_seals():
    before, after = Vault([OLD]), Vault([NEW, OLD])
    sealed = before.seal("swordfish", "people.totp")
    assert after.open(sealed, "people.totp") == "swordfish"
    assert not after.is_current(sealed)
    assert after.is_current(after.seal("swordfish", "people.totp"))
    with pytest.raises(Unsealable, match="not in ENCRYPTION_KEYS"):
        Vault([NEW]).open(sealed, "people.totp")


def test_a_signature_proves_data_for_its_purpose_alone():
    vault = Vault([NEW])
    signature = vault.sign("audit", b"row")
    assert vault.proves(signature, "audit", b"row")
    assert not vault.proves(signature, "audit", b"another row")
    assert not vault.proves(signature, "cursor", b"row")
    assert not Vault([OLD]).proves(signature, "audit", b"row")


def test_what_does_not_open_is_told_to_whoever_uses_it_and_to_nobody_else(monkeypatch):
    monkeypatch.setattr(keys._Held, "vault", Vault([NEW]))
    column = Sealed("webhooks.secret")
    found = column.process_result_value(Vault([OLD]).seal("swordfish", "webhooks.secret"), None)
    assert (is_readable(found), is_readable("swordfish"), is_readable(None)) == (False, True, True)
    for use in (str, bool, lambda one: one.encode(), lambda one: f"{one}", lambda one: one.split("/")):
        with pytest.raises(Unsealable, match="not in ENCRYPTION_KEYS"):
            use(found)
    assert "swordfish" not in repr(found)
    assert isinstance(found, Unreadable)
