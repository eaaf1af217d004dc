from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from storefront.stored import restore, store


@dataclass(frozen=True)
class Leaf:
    name: str
    share: float
    note: str | None = None


@dataclass(frozen=True)
class Tree:
    count: int
    is_big: bool
    leaves: tuple[Leaf, ...]
    first: Leaf


TREE = Tree(2, True, (Leaf("a", 0.5), Leaf("b", 1.0, "x")), Leaf("a", 0.5))


def test_what_was_stored_comes_back():
    assert restore(Tree, json.loads(json.dumps(store(TREE)))) == TREE


def test_lists_are_stored_item_by_item():
    assert store([Leaf("a", 1.0)]) == [{"name": "a", "share": 1.0, "note": None}]


def test_a_whole_number_is_a_float_too():
    assert restore(Leaf, {"name": "a", "share": 1, "note": None}).share == 1.0


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "tree",
        {"count": 2},
        {"count": "2", "is_big": True, "leaves": [], "first": store(TREE.first)},
        {"count": True, "is_big": True, "leaves": [], "first": store(TREE.first)},
        {"count": 2, "is_big": 1, "leaves": [], "first": store(TREE.first)},
        {"count": 2, "is_big": True, "leaves": {}, "first": store(TREE.first)},
        {"count": 2, "is_big": True, "leaves": [1], "first": store(TREE.first)},
        {"count": 2, "is_big": True, "leaves": [], "first": None},
        {"count": 2, "is_big": True, "leaves": [], "first": {"name": "a", "share": 1.0, "note": 3}},
    ],
)
def test_anything_else_is_refused(raw):
    with pytest.raises((TypeError, KeyError)):
        restore(Tree, raw)
