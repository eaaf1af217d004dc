"""A rollout that is on its way when a new release comes goes on with what it knows."""

from __future__ import annotations

import pytest

from app.rollouts import carried
from app.rollouts.guards import Memory
from app.rollouts.sequential import RISKS, Batch, Bet, bet

BAD = Batch(1, 2, 0, 38)


def test_what_was_won_comes_back_as_it_was():
    won = Memory(errors={"all": bet(Bet(), BAD)})
    assert carried.memory(carried.memory_json(won)) == won


@pytest.mark.parametrize("sizes", [len(RISKS) - 1, len(RISKS) + 1])
def test_what_was_won_on_other_sizes_of_harm_is_kept_and_bet_on(sizes):
    kept = carried.memory_json(Memory(errors={"all": Bet((3.0,) * sizes, 4)}))
    found = carried.memory(kept).errors["all"]
    assert found.capital == pytest.approx(Bet((3.0,) * sizes, 4).capital)
    assert bet(found, BAD).capital > found.capital
