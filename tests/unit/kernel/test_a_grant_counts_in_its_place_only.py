"""What a role holds everywhere, and what only in one environment or locale."""

from __future__ import annotations

import pytest

from app.guards import PERMISSIONS, ROLES, SCOPED_BY, Grant, Person, Token, requires


def person(*grants: Grant, role: str = "viewer") -> Person:
    return Person(1, "ada@example.org", "Ada", role, None, None, grants)


OPS_IN_STAGING = Grant("ops", ROLES["ops"], environment="staging")
GERMAN = Grant("translator", ROLES["translator"], locale="de")


def test_a_grant_for_an_environment_counts_there_and_nowhere_else():
    ada = person(OPS_IN_STAGING)
    assert ada.may("flags.write", environment="staging")
    assert not ada.may("flags.write", environment="production")
    assert not ada.may("flags.write", environment="")
    assert not ada.may("flags.write")


def test_a_grant_for_a_locale_is_none_for_an_environment_of_that_name():
    ada = person(GERMAN)
    assert ada.may("locales.write", locale="de")
    assert not ada.may("locales.write", locale="fr")
    assert not ada.may("locales.write", environment="de")


@pytest.mark.parametrize("permission", sorted(set(PERMISSIONS) - set(SCOPED_BY)))
def test_what_concerns_the_whole_house_is_never_held_by_scope(permission):
    ada = person(Grant("admin", ROLES["admin"], environment="staging"), role="nobody")
    assert not ada.may(permission, environment="staging")
    assert not ada.may_somewhere(permission)


def test_a_form_that_asks_which_place_opens_for_who_may_in_some():
    assert person(OPS_IN_STAGING).may_somewhere("rollouts.write")
    assert not person(GERMAN).may_somewhere("rollouts.write")


@pytest.mark.parametrize("kind", ["client", "frontend"])
def test_tokens_of_sdks_hold_nothing_whatever_is_granted(kind):
    token = Token(1, kind, "sdk", "staging", "admin", grants=(OPS_IN_STAGING,))
    assert not token.may("flags.write", environment="staging")
    assert not token.may_somewhere("flags.write")


def test_a_token_of_a_script_holds_its_grants():
    token = Token(1, "api", "deploy", "staging", None, grants=(OPS_IN_STAGING,))
    assert token.may("flags.write", environment="staging")
    assert not token.may("flags.write", environment="production")


def test_a_guard_cannot_be_scoped_by_what_its_permission_is_not_about():
    with pytest.raises(ValueError, match="is not granted by"):
        requires("slo.write", "environment")
