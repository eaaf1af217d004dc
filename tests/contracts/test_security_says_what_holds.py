"""docs/security.md: each row of the table has a state, and each test that it names exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

from local.machine import ROOT

PAGE = (ROOT / "docs/security.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.*) \| (.*) \| (.*) \| (.*) \|$", re.M)
ROWS = ROW.findall(PAGE)
STATES = ("met", "not applicable: ", "not met: ")
REQUIREMENTS = 253  # of levels 1 and 2 in version 5.0.0


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_has_one_row():
    numbers = [row[0] for row in ROWS]
    assert len(set(numbers)) == len(numbers) == REQUIREMENTS


def test_every_state_is_one_and_says_why():
    for number, _, asked, here, _, state in ROWS:
        assert asked, number
        assert state == "met" or any(state.startswith(word) and state != word for word in STATES[1:]), number
        assert state != "met" or here != "–", number


def test_every_test_that_is_named_exists():
    named = [row[4].strip("`") for row in ROWS if row[4] != "–"]
    assert len(named) > REQUIREMENTS // 2
    lost = [name for name in named if name.split("::")[1] not in functions_of(name.split("::")[0])]
    assert lost == []


def test_the_sums_above_the_table_are_those_of_the_table():
    counted = Counter(row[5].partition(":")[0] for row in ROWS)
    told = re.search(r"(\d+) are met, (\d+) do not apply, (\d+) are not met", PAGE)
    assert told is not None
    assert tuple(map(int, told.groups())) == (
        counted["met"],
        counted["not applicable"],
        counted["not met"],
    )
