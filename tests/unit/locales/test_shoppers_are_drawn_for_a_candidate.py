"""Who sees a candidate release, what pages of earlier releases still get, how a plan of shares is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.word_releases import share_plan
from storefront.wording import KEPT, Candidate, Catalog, Place, Snapshot, shipped

PERCENT = st.integers(min_value=1, max_value=100)


def release(number: int) -> Catalog:
    base = shipped("de", Path("nowhere"))
    return Catalog("de", number, f'"{number}"', base.words, {"Cart": f"Korb {number}"})


@given(st.text(min_size=1, max_size=20), st.text(max_size=8), PERCENT, PERCENT)
def test_whoever_has_it_keeps_it_while_the_share_grows(visitor: str, salt: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if Candidate(release(2), small, salt).has(visitor):
        assert Candidate(release(2), large, salt).has(visitor)


def test_the_share_is_kept_and_each_release_draws_anew() -> None:
    visitors = [f"{number:032x}" for number in range(20_000)]
    for salt in ("a", "b"):
        drawn = sum(Candidate(release(2), 5, salt).has(visitor) for visitor in visitors)
        assert 0.045 < drawn / len(visitors) < 0.055
    both = sum(
        Candidate(release(2), 5, "a").has(visitor) and Candidate(release(2), 5, "b").has(visitor)
        for visitor in visitors
    )
    assert both < 0.006 * len(visitors)
    assert not any(Candidate(release(2), 0, "a").has(visitor) for visitor in visitors[:500])
    assert all(Candidate(release(2), 100, "a").has(visitor) for visitor in visitors[:500])


def test_pages_of_the_last_releases_still_get_their_words() -> None:
    snapshot = Snapshot({"de": release(1)})
    for number in range(2, 12):
        snapshot = snapshot.showing("de", release(number))
    found = {number for number in range(1, 12) if snapshot.find("de", number) is not None}
    assert found == set(range(11 - KEPT, 12))


def test_a_candidate_that_is_withdrawn_is_still_at_hand_for_the_pages_that_show_it() -> None:
    both = Snapshot({"de": release(1)}).showing("de", release(1), Candidate(release(2), 50, "salt"))
    assert both.find("de", 2) is not None
    alone = both.showing("de", both["de"])
    assert alone.for_visitor("de", "anybody") == (both["de"], "stable")
    assert alone.find("de", 2) is not None
    promoted = both.showing("de", both.candidates["de"].catalog)
    assert (promoted["de"].release, promoted.find("de", 1) is not None) == (2, True)


def test_a_locale_falls_back_along_its_chain_and_never_in_a_circle() -> None:
    words = {code: release(1) for code in ("pt_BR", "pt", "es")}
    snapshot = Snapshot(
        words, places={"pt_BR": Place("on", "pt"), "pt": Place("on", "es"), "es": Place("on", "pt")}
    )
    assert [snapshot.stable["pt"], snapshot.stable["es"]] == list(snapshot.behind("pt_BR"))
    assert snapshot.behind("de") == ()


def test_a_plan_of_shares_is_read_as_it_is_written() -> None:
    assert share_plan.checked(share_plan.written("5 % 60\n25 360, 100")) == share_plan.USUAL
    assert share_plan.stored(share_plan.as_json(share_plan.USUAL)) == share_plan.USUAL
    assert share_plan.written(share_plan.read_out(share_plan.USUAL.steps)) == [
        {"percent": 5, "minutes": 60},
        {"percent": 25, "minutes": 360},
    ]


@pytest.mark.parametrize(
    "raw",
    [
        [],
        "5",
        [{"percent": 100, "minutes": 0}],
        [{"percent": 25, "minutes": 1}, {"percent": 5, "minutes": 1}],
        [{"percent": 0, "minutes": 1}],
        [{"percent": True, "minutes": 1}],
        [{"percent": 5, "minutes": -1}],
        [{"percent": 5.5}],
        [7],
    ],
)
def test_a_plan_that_is_none_is_refused_beside_its_field(raw: object) -> None:
    with pytest.raises(Refused) as refused:
        share_plan.checked(raw)
    assert "steps" in refused.value.fields
