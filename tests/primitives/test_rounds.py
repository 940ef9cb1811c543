"""Loop helpers: when they stop, and that they always do."""

from __future__ import annotations

from typing import Any

import pytest
from driving import drive
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import RoundNotReported, agent, until_dry, until_target, while_budget
from weft.primitives.calls import Allowance
from weft.primitives.lost import Spent


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 4))
def test_until_dry_stops_after_patience_dry_rounds_in_a_row(finds: list[int], patience: int) -> None:
    numbers, dry = [], 0
    rounds = until_dry(max_rounds=len(finds), patience=patience)
    for round_ in rounds:
        assert rounds.ended is None
        assert dry < patience
        numbers.append(round_.number)
        found = finds[round_.number - 1]
        round_.found(range(found))
        dry = 0 if found else dry + 1
    assert numbers == list(range(1, len(numbers) + 1))
    assert dry == patience or len(numbers) == len(finds)
    assert rounds.ended == ("dry" if dry == patience else "cap")
    assert list(rounds) == []


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 10))
def test_until_target_stops_at_the_target(finds: list[int], target: int) -> None:
    total = 0
    rounds = until_target(target, max_rounds=len(finds))
    for round_ in rounds:
        assert total < target
        round_.found(range(finds[round_.number - 1]))
        total += finds[round_.number - 1]
        last = round_.number
    assert total >= target or last == len(finds)
    assert rounds.ended == ("target" if total >= target else "cap")


def test_the_run_is_told_how_loops_end_and_not_of_those_that_are_left() -> None:
    async def main(args: Any) -> Any:
        for round_ in until_target(1, max_rounds=1):
            round_.found(["there"])
        for round_ in until_dry(max_rounds=2):
            round_.found(["more"])
        left = until_dry(max_rounds=1)
        for _ in left:
            break
        return left.ended

    value, host = drive(main)
    assert value is None
    assert [say.data for say in host.said if say.kind == "loop"] == [
        {"helper": "until_target", "ended": "target", "rounds": 1},
        {"helper": "until_dry", "ended": "cap", "rounds": 2},
    ]


@pytest.mark.parametrize(("most", "ended"), [(2, "cap"), (3, "budget"), (4, "budget")])
def test_while_budget_ends_by_the_budget_also_after_the_last_round(most: int, ended: str) -> None:
    async def main(args: Any) -> Any:
        rounds = while_budget(reserve=40, max_rounds=most)
        for _ in rounds:
            await agent("x")
        return rounds.ended

    assert drive(main, allowance=lambda calls: Allowance(tokens=130, spent=Spent(30 * calls, 0)))[0] == ended


def test_reports_of_one_round_add_up() -> None:
    rounds = []
    for round_ in until_target(4, max_rounds=9):
        round_.found([1])
        round_.found([2])
        rounds.append(round_.number)
    assert rounds == [1, 2]


@pytest.mark.parametrize("helper", [until_dry(max_rounds=3), until_target(2, max_rounds=3)])
def test_a_round_that_never_reports_is_an_error(helper: Any) -> None:
    with pytest.raises(RoundNotReported, match="round 1"):
        for _ in helper:
            pass


def test_while_budget_keeps_the_reserve() -> None:
    """It stops when another round as dear as the last would break into the reserve."""

    async def main(args: Any) -> Any:
        rounds = []
        for round_ in while_budget(reserve=40, max_rounds=10):
            await agent("x")
            rounds.append(round_.number)
        return rounds

    def spends_30(calls: int) -> Allowance:
        return Allowance(tokens=130, spent=Spent(30 * calls, 0))

    assert drive(main, allowance=spends_30)[0] == [1, 2, 3]


def test_while_budget_without_a_ceiling_runs_all_rounds() -> None:
    async def main(args: Any) -> Any:
        return [round_.number for round_ in while_budget(reserve=10, max_rounds=3)]

    assert drive(main)[0] == [1, 2, 3]


@pytest.mark.parametrize(
    "call",
    [
        lambda: until_dry(max_rounds=0),
        lambda: until_dry(max_rounds=3, patience=0),
        lambda: until_target(0, max_rounds=3),
        lambda: while_budget(reserve=-1, max_rounds=3),
        lambda: until_dry(max_rounds=True),
    ],
)
def test_refuses_bounds_that_mean_nothing(call: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        call()
