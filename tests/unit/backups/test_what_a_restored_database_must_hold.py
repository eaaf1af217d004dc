"""A restored database is compared with the list of contents of its backup."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.backups.manifest import Manifest, Table, differences

SAVED = Manifest(
    tables={"public.flags": Table(3, "aa")},
    sequences={"public.flags_id_seq": 77, "public.untouched_id_seq": None},
    large_objects=0,
    figures={"slo.checkout": 0.4},
)


def with_counter(name: str, value: int | None) -> Manifest:
    return replace(SAVED, sequences={**SAVED.sequences, name: value})


def test_what_is_the_same_is_the_same():
    assert differences(SAVED, SAVED) == []


def test_a_counter_may_have_gone_on_while_the_dump_was_made():
    assert differences(SAVED, with_counter("public.flags_id_seq", 78)) == []
    assert differences(SAVED, with_counter("public.untouched_id_seq", 1)) == []


@pytest.mark.parametrize("value", [76, None])
def test_a_counter_never_goes_back(value):
    assert differences(SAVED, with_counter("public.flags_id_seq", value)) == [
        f"counter public.flags_id_seq: 77 became {value}"
    ]


def test_a_counter_that_is_missing_is_told():
    assert "counter public.flags_id_seq" in differences(SAVED, replace(SAVED, sequences={}))[0]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(SAVED, tables={}), "table public.flags is missing"),
        (replace(SAVED, tables={"public.flags": Table(2, "aa")}), "table public.flags: 3 rows became 2"),
        (replace(SAVED, tables={"public.flags": Table(3, "bb")}), "table public.flags: 3 rows, not the same"),
        (replace(SAVED, figures={"slo.checkout": 0.5}), "figure slo.checkout: 0.4 became 0.5"),
    ],
)
def test_each_difference_is_named(found, said):
    assert differences(SAVED, found) == [said]
