"""Loop helpers: when they stop, and that they always do."""

from __future__ import annotations

from typing import Any

import pytest
from driving import drive
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import RoundNotReported, agent, parallel, pipeline, until_dry, until_target, while_budget
from weft.primitives.calls import Allowance
from weft.primitives.language.vocabulary import vocabulary
from weft.primitives.lost import Lost, Spent

FIRST = vocabulary(1)


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


def test_the_run_is_told_of_rounds_and_how_loops_end_and_not_of_those_that_are_left() -> None:
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
        {"helper": "until_target", "ended": "target", "rounds": 1, "found": 1},
        {"helper": "until_dry", "ended": "cap", "rounds": 2, "found": 1},
    ]
    assert [
        (say.data["helper"], say.data["number"], say.data.get("found")) for say in host.said if say.kind == "round"
    ] == [
        ("until_target", 1, None),
        ("until_dry", 1, None),
        ("until_dry", 2, 1),
        ("until_dry", 1, None),
    ]


@pytest.mark.parametrize(("most", "ended"), [(2, "cap"), (3, "budget"), (4, "budget")])
def test_while_budget_ends_by_the_budget_also_after_the_last_round(most: int, ended: str) -> None:
    async def main(args: Any) -> Any:
        rounds = while_budget(reserve=0.3, max_rounds=most)
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


COSTS = st.lists(st.integers(0, 60), min_size=12, max_size=12)


@given(st.none() | st.integers(1, 400), st.none() | st.integers(1, 400), COSTS, COSTS, st.integers(0, 100))
def test_while_budget_keeps_the_reserve(
    tokens: int | None, cents: int | None, token_costs: list[int], cent_costs: list[int], percent: int
) -> None:
    """Another round as dear as the last would break into the reserve of the tighter unit; before, it would not."""

    def spending(calls: int) -> Allowance:
        spent = Spent(sum(token_costs[:calls]), 0, sum(cent_costs[:calls]) / 100)
        return Allowance(tokens=tokens, usd=None if cents is None else cents / 100, spent=spent)

    async def main(args: Any) -> Any:
        rounds = while_budget(reserve=percent / 100, max_rounds=11)
        for _ in rounds:
            await agent("x")
        return rounds.ended

    def goes_on(after: int) -> bool:
        for total, costs in ((tokens, token_costs), (cents, cent_costs)):
            left = None if total is None else total - sum(costs[:after])
            last = costs[after - 1] if after else 0
            if left is not None and total is not None and (left <= 0 or 100 * (left - last) < percent * total):
                return False
        return True

    ended, host = drive(main, allowance=spending)
    rounds = len(host.calls)
    assert all(goes_on(after) for after in range(rounds))
    assert (ended == "budget") == (not goes_on(rounds))
    assert rounds == 11 or ended == "budget"
    free = {"free": True} if tokens is cents is None else {}
    assert host.said[-1].data == {"helper": "while_budget", "ended": ended, "rounds": rounds, **free}


@pytest.mark.parametrize("reserve", [5000, 50_000, 1.01, -0.1, True, float("nan"), "0.2", None])
def test_a_reserve_is_a_share(reserve: Any) -> None:
    with pytest.raises(ValueError, match=r"a share of the ceiling, .* and no number of tokens"):
        while_budget(reserve=reserve, max_rounds=3)


LOST = Lost(cause="provider", message="gone")
ROUND = st.lists(st.sampled_from(["lost", "empty", "found"]), max_size=4)


def rounds_of(helper: Any, plan: list[list[str]], report: bool = True) -> tuple[Any, list[list[str]]]:
    """Drive a loop whose rounds ask agents as planned; a round that has no plan asks none."""
    seen: list[list[str]] = []

    async def main(args: Any) -> Any:
        loop = helper()
        for round_ in loop:
            seen.append(plan[round_.number - 1] if round_.number <= len(plan) else [])
            replies = await parallel([agent(kind) for kind in seen[-1]])
            if report or any(replies):
                round_.found([reply for reply in replies if reply == "found"])
        return loop.ended

    ended, _ = drive(main, lambda call: LOST if call.prompt == "lost" else call.prompt)
    return ended, seen


@given(st.lists(ROUND, max_size=9))
def test_a_lost_round_is_not_dry_and_two_in_a_row_end_the_loop(plan: list[list[str]]) -> None:
    ended, seen = rounds_of(lambda: until_dry(max_rounds=9), plan)
    lost = [bool(kinds) and set(kinds) == {"lost"} for kinds in seen]
    assert (ended == "lost") == (lost[-2:] == [True, True])
    assert not any(lost[at] and lost[at + 1] for at in range(len(lost) - 2))
    told = [kinds for kinds, was_lost in zip(seen, lost, strict=True) if not was_lost]
    dry = len(told) >= 2 and not any("found" in kinds for kinds in told[-2:])
    assert (ended == "dry") == (dry and not lost[-1])


@pytest.mark.parametrize(
    "helper",
    [
        lambda: until_dry(max_rounds=9),
        lambda: until_target(3, max_rounds=9),
        lambda: while_budget(reserve=0.5, max_rounds=9),
    ],
)
def test_every_loop_heeds_lost_rounds_and_asks_no_report_of_them(helper: Any) -> None:
    plan = [["lost"], ["lost", "found"], ["lost", "lost"], ["lost"], ["found"]]
    assert rounds_of(helper, plan, report=False) == ("lost", plan[:4])


def test_loops_side_by_side_count_their_own_agents_and_those_in_their_stages() -> None:
    async def hunt(kind: str) -> Any:
        loop = until_dry(max_rounds=5)
        for round_ in loop:
            await pipeline(["a", "b"], lambda item: agent(kind))
            round_.found([])
        return [kind, loop.ended]

    async def main(args: Any) -> Any:
        return await parallel([hunt("lost"), hunt("empty")])

    value, _ = drive(main, lambda call: LOST if call.prompt == "lost" else call.prompt)
    assert value == [["lost", "lost"], ["empty", "dry"]]


def test_in_language_1_a_lost_round_is_dry_and_a_reserve_in_tokens() -> None:
    first = vocabulary(1)
    assert rounds_of(lambda: first["until_dry"](max_rounds=9), [["lost"], ["lost"]])[0] == "dry"  # type: ignore[operator]

    async def main(args: Any) -> Any:
        rounds = [round_.number for round_ in first["while_budget"](reserve=70, max_rounds=9)]  # type: ignore[operator]
        return [rounds, first["budget"].total]  # type: ignore[attr-defined]

    assert drive(main, allowance=Allowance(tokens=60))[0] == [[], 60]


@pytest.mark.parametrize(
    "call",
    [
        lambda: until_dry(max_rounds=0),
        lambda: until_dry(max_rounds=3, patience=0),
        lambda: until_target(0, max_rounds=3),
        lambda: while_budget(reserve=0.1, max_rounds=0),
        lambda: until_dry(max_rounds=True),
    ],
)
def test_refuses_bounds_that_mean_nothing(call: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        call()


@pytest.mark.parametrize("told", ["abc", b"abc", {"items": []}])
def test_letters_and_fields_are_not_what_was_found(told: Any) -> None:
    for round in until_dry(max_rounds=1):
        with pytest.raises(TypeError, match="takes a list of what was found"):
            round.found(told)
        round.found([])


def test_the_first_version_counts_whatever_has_a_length() -> None:
    assert [round.found("abc") for round in FIRST["until_target"](6, max_rounds=5)] == [None, None]
