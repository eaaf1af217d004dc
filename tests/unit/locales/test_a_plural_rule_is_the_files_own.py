"""The header of a file decides; a rule that could fail at a lookup is refused when it is read."""

from __future__ import annotations

import pytest

from app.errors import Refused
from app.locales.plurals import read_rule


def test_each_form_shows_numbers_that_take_it() -> None:
    few = "n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20)"
    rule = read_rule(f"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : {few} ? 1 : 2)")
    assert rule.forms == 3
    assert rule.samples(0) == (1, 21, 31, 41)
    assert rule.samples(1) == (2, 3, 4, 22)
    assert rule.form_of(5) == 2


def test_a_language_without_plural_has_one_form() -> None:
    rule = read_rule("nplurals=1; plural=0;")
    assert rule.forms == 1
    assert len(rule.numbers[0]) == 202


@pytest.mark.parametrize(
    "header",
    [
        "nplurals=2; plural=n/0;",
        "nplurals=2; plural=n%0;",
        "nplurals=2; plural=n>5 ? 2 : 0;",  # names a third form
        "nplurals=2; plural=__import__('os');",
        "nplurals=2; plural=n +;",
        "nplurals=0; plural=0;",
        "nplurals=99; plural=0;",
        "plural=0;",
        "",
        "nplurals=2; plural=" + "(" * 200 + "n" + ")" * 200,
    ],
)
def test_a_rule_that_could_fail_is_refused(header: str) -> None:
    with pytest.raises(Refused):
        read_rule(header)
