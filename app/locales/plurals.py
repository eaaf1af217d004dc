"""The plural rule of a file, from its own header. Pure: no I/O.

The header decides, never a table of languages: files in use have 2, 3 or 4 forms for Polish.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from gettext import c2py

from flask_babel import lazy_gettext as _l

from app.errors import Refused

HEADER = re.compile(r"\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*(.+?)\s*;?\s*", re.DOTALL)
# A rule must answer for all of these before it is taken: `n/0` can be read, and fails at its first use.
TRIED = (*range(201), 1_000_000)
MOST_FORMS = 10
MOST_SAMPLES = 4


@dataclass(frozen=True)
class PluralRule:
    """How many forms a number can take, and which form each number takes."""

    header: str  # nplurals=2; plural=(n != 1);
    forms: int
    form_of: Callable[[int], int]

    @cached_property
    def numbers(self) -> tuple[tuple[int, ...], ...]:
        """For each form the numbers that take it, of those that are tried."""
        found: list[list[int]] = [[] for _ in range(self.forms)]
        for n in TRIED:
            found[self.form_of(n)].append(n)
        return tuple(tuple(numbers) for numbers in found)

    def samples(self, form: int) -> tuple[int, ...]:
        """A few numbers that take the form, to show beside its text."""
        return self.numbers[form][:MOST_SAMPLES]


@cache
def read_rule(header: str) -> PluralRule:
    """`nplurals=2; plural=(n != 1);` → the rule. Refuses what could fail at a lookup."""
    found = HEADER.fullmatch(header)
    if found is None or not 1 <= int(found[1]) <= MOST_FORMS:
        raise Refused(_l("The plural rule cannot be read: %(header)s", header=header[:200]))
    forms = int(found[1])
    try:
        form_of = c2py(found[2])
        answers = {form_of(n) for n in TRIED}
    except (ValueError, ZeroDivisionError, RecursionError, OverflowError) as error:
        raise Refused(_l("The plural rule cannot be used: %(header)s", header=header[:200])) from error
    if not answers <= set(range(forms)):
        raise Refused(_l("The plural rule names a form that there is not: %(header)s", header=header[:200]))
    return PluralRule(header, forms, form_of)
