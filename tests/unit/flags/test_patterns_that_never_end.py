"""Patterns that take a backtracking engine for ever are told from those that merely look alike."""

from __future__ import annotations

import pytest

from app.flags.constraint import checked
from app.flags.regex import is_catastrophic
from app.flags.shape import Wrong


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "^(a*)*$",
        "(x+x+)+y",
        "([a-zA-Z]+)*$",
        "(?:a|aa)+$",
        "(a|a?)+$",
        "(.*a){20}",
        r"^(\w+\s?)*$",
        "((a+)b?)+$",
        "(?P<name>a+){2,}",
        r"(\d+|\w)*$",
        "([[:alpha:]]+)+",
    ],
)
def test_a_repetition_of_the_same_letters_in_a_repetition_is_found(pattern):
    assert is_catastrophic(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^([a-z0-9-]+\.)+example\.com$",
        "^[^@]+@[^@]+$",
        "^(foo|fo)+$",
        "^a.*?b$",
        "(?i)^user[0-9]+(,[0-9]+)*$",
        "^(ab)?c$",
        r"^\d{4}(-\d{2}){2}$",
        "^(a+){2}$",
        "^[[:alpha:]]+$",
        r"^[\]a]+(b|c)*$",
        r"\p{L}+",
    ],
)
def test_what_ends_is_left_alone(pattern):
    assert not is_catastrophic(pattern)


def test_people_may_not_write_one_and_taking_over_may_bring_one():
    raw = {"contextName": "email", "operator": "REGEX", "value": "(a+)+$"}
    with pytest.raises(Wrong) as wrong:
        checked(raw, "constraints[0]")
    assert "never end" in str(wrong.value)
    assert checked(raw, "constraints[0]", strict=False)["value"] == "(a+)+$"
