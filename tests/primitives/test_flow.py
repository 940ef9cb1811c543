"""`agent`, `parallel`, `pipeline`: what they return, in which order, and what a failure becomes."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from driving import drive
from hypothesis import given
from hypothesis import strategies as st

from weft.primitives import AgentFailed, OutsideRun, agent, parallel, pipeline
from weft.primitives.calls import AgentCall
from weft.primitives.lost import Lost

LOST = Lost(cause="timeout", message="no answer within 1 s")


def lose(*prompts: str) -> Any:
    """Answer with a loss for these prompts and with an echo otherwise."""
    return lambda call: LOST if call.prompt in prompts else f"reply:{call.prompt}"


class TestAgent:
    def test_gives_its_answer(self) -> None:
        async def main(args: Any) -> Any:
            return await agent("hello")

        value, host = drive(main)
        assert value == "reply:hello"
        assert [call.agent.prompt for call in host.calls] == ["hello"]

    def test_is_lazy(self) -> None:
        """A call that nobody awaits starts nothing."""

        async def main(args: Any) -> Any:
            agent("never").close()
            return "done"

        value, host = drive(main)
        assert (value, host.calls) == ("done", [])

    def test_lost_is_none(self) -> None:
        async def main(args: Any) -> Any:
            return await agent("gone")

        assert drive(main, lose("gone"))[0] is None

    def test_critical_raises_what_can_be_caught(self) -> None:
        async def main(args: Any) -> Any:
            try:
                await agent("gone", critical=True)
            except AgentFailed as failure:
                return failure.lost.cause

        assert drive(main, lose("gone"))[0] == "timeout"

    def test_every_option_crosses_the_border(self) -> None:
        options: dict[str, Any] = {
            "schema": {"type": "object"},
            "label": "l",
            "phase": "p",
            "profile": "skeptic",
            "model": "anthropic:claude",
            "effort": "low",
            "tools": ["read_file"],
            "context": {"facts": [1, None]},
            "isolation": "worktree",
            "max_tokens": 100,
            "timeout": 1.5,
            "retries": 0,
            "critical": True,
            "on_interrupt": "ask",
        }

        async def main(args: Any) -> Any:
            return await agent("hello", **options)

        called = drive(main)[1].calls[0].agent
        for name, value in options.items():
            assert getattr(called, name) == (tuple(value) if name == "tools" else value)

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (lambda: agent(""), "empty prompt"),
            (lambda: agent("   "), "empty prompt"),
            (lambda: agent(["a"]), "takes the prompt as text"),
            (lambda: agent("a", schema="object"), "JSON Schema as a dict"),
            (lambda: agent("a", timeout=0), "timeout"),
            (lambda: agent("a", max_tokens=-1), "max_tokens"),
            (lambda: agent("a", max_tokens=0.75), "a number of tokens, so 1 or more"),  # type: ignore[arg-type]
            (lambda: agent("a", retries=-1), "retries"),
            (lambda: agent("a", timeout=float("inf")), "timeout"),
            (lambda: agent("a", tools="read_file"), "list of tool names"),
            (lambda: agent("a", label=3), r"label=….* takes text, got a int"),
            (lambda: agent("a", effort="hard"), "effort=….* is one of 'minimal', 'low'"),
            (lambda: agent("a", critical=1), "critical"),
            (lambda: agent("a", isolation="docker"), "isolation"),
            (lambda: agent("a", on_interrupt=None), "on_interrupt"),
            (lambda: agent("a", context={1, 2}), r"context: a set is not JSON data"),
        ],
    )
    def test_refuses_what_cannot_mean_anything(self, call: Any, said: str) -> None:
        async def main(args: Any) -> Any:
            call()

        with pytest.raises((TypeError, ValueError), match=said):
            drive(main)

    def test_outside_a_run_says_how_to_run_the_file(self) -> None:
        with pytest.raises(OutsideRun, match=r"weft run FILE\.py"):
            agent("hello")


class TestParallel:
    def test_keeps_input_order_whatever_ends_first(self) -> None:
        async def main(args: Any) -> Any:
            return list(await parallel([agent(f"{n}") for n in range(5)]))

        value, host = drive(main, pick=lambda waiting: len(waiting) - 1)
        assert value == [f"reply:{n}" for n in range(5)]
        assert [call.agent.prompt for call in host.calls] == ["0", "1", "2", "3", "4"]

    def test_a_lost_branch_is_none_and_listed(self) -> None:
        async def main(args: Any) -> Any:
            results = await parallel([agent("a"), agent("b"), agent("c")])
            return [list(results), [(lost.index, lost.cause) for lost in results.lost]]

        assert drive(main, lose("b"))[0] == [["reply:a", None, "reply:c"], [(1, "timeout")]]

    def test_a_branch_that_raises_is_none_listed_and_reported(self) -> None:
        async def broken() -> Any:
            await agent("x")
            raise ValueError("a bug")

        async def main(args: Any) -> Any:
            results = await parallel([broken(), agent("b")])
            return [list(results), results.lost[0].cause, results.lost[0].message]

        value, host = drive(main)
        assert value == [[None, "reply:b"], "raised", "ValueError: a bug"]
        assert [(say.kind, say.data["message"]) for say in host.said] == [("raised", "ValueError: a bug")]

    def test_none_by_choice_is_no_loss(self) -> None:
        async def nothing() -> None:
            await agent("x")

        async def main(args: Any) -> Any:
            return len((await parallel([nothing()])).lost)

        assert drive(main)[0] == 0

    def test_takes_callables_and_generators(self) -> None:
        async def main(args: Any) -> Any:
            first = await parallel([lambda: agent("a"), lambda: "plain"])
            second = await parallel(agent(letter) for letter in "bc")
            return [*first, *second]

        assert drive(main)[0] == ["reply:a", "plain", "reply:b", "reply:c"]

    def test_quorum_returns_early_and_cancels_the_rest(self) -> None:
        async def main(args: Any) -> Any:
            return list(await parallel([agent(f"{n}") for n in range(4)], quorum=2))

        value, host = drive(main)
        assert value == ["reply:0", "reply:1", None, None]
        assert host.cancelled == [2, 3]

    def test_quorum_does_not_count_failures(self) -> None:
        async def main(args: Any) -> Any:
            return list(await parallel([agent(f"{n}") for n in range(3)], quorum=2))

        assert drive(main, lose("0"))[0] == [None, "reply:1", "reply:2"]

    def test_fail_fast_raises_and_cancels(self) -> None:
        async def main(args: Any) -> Any:
            try:
                await parallel([agent("a"), agent("b"), agent("c")], fail_fast=True)
            except AgentFailed as failure:
                return failure.lost.index

        value, host = drive(main, lose("a"))
        assert (value, host.cancelled) == (0, [1, 2])

    def test_cancelling_reaches_nested_fan_outs_and_runs_finally(self) -> None:
        left: list[str] = []

        async def inner() -> Any:
            try:
                return await parallel([agent("x"), agent("y")])
            finally:
                left.append("inner")

        async def main(args: Any) -> Any:
            return list(await parallel([agent("fast"), inner()], quorum=1))

        value, host = drive(main)
        assert (value, host.cancelled, left) == (["reply:fast", None], [1, 2], ["inner"])

    @pytest.mark.filterwarnings("error")
    def test_branches_that_had_to_wait_leave_nothing_behind_when_all_is_cancelled(self) -> None:
        async def inner() -> Any:
            await pipeline(range(5), lambda n: agent(f"{n}"), limit=1)

        async def main(args: Any) -> Any:
            return list(await parallel([inner(), agent("fast")], quorum=1))

        value, _ = drive(main, pick=lambda waiting: len(waiting) - 1)
        gc.collect()  # what was never awaited warns when it is collected
        assert value == [None, "reply:fast"]

    def test_limit_holds(self) -> None:
        async def main(args: Any) -> Any:
            return len(await parallel([agent(f"{n}") for n in range(9)], limit=3))

        value, host = drive(main)
        assert (value, host.most_waiting) == (9, 3)

    def test_nothing_to_do(self) -> None:
        async def main(args: Any) -> Any:
            return [*await parallel([]), *await parallel([], quorum=1)]

        assert drive(main)[0] == []

    @pytest.mark.parametrize(
        ("branches", "options", "said"),
        [
            (lambda: {1, 2}, {}, "refuses a set"),
            (lambda: "abc", {}, "takes a list of branches, got a str"),
            (lambda: [1], {}, "branch 0 of parallel.. is a int"),
            (lambda: [lambda: 1] * 2, {"quorum": 3}, "can never be reached"),
            (lambda: [lambda: 1], {"limit": 0}, "must be 1 or more"),
            (lambda: [lambda: 1] * 2, {"quorum": 1.5}, "quorum=.* must be 1 or more and whole"),
            (lambda: [lambda: 1] * 2, {"quorum": "2"}, "quorum=.* must be 1 or more and whole"),
            (lambda: [lambda: 1] * 2, {"quorum": 0}, "quorum=.* must be 1 or more"),
            (lambda: [lambda: 1] * 4097, {}, "at most 4096 branches, got 4097"),
            (lambda: (lambda: 1 for _ in range(10**9)), {}, "more than 4096"),
        ],
    )
    def test_refuses_what_cannot_mean_anything(self, branches: Any, options: Any, said: str) -> None:
        async def main(args: Any) -> Any:
            await parallel(branches(), **options)

        with pytest.raises((TypeError, ValueError), match=said):
            drive(main)

    def test_refuses_one_call_twice(self) -> None:
        async def main(args: Any) -> Any:
            call = agent("a")
            try:
                await parallel([call, call])
            finally:
                call.close()

        with pytest.raises(TypeError, match="same call as branch 0"):
            drive(main)


class TestPipeline:
    def test_items_run_ahead_of_each_other(self) -> None:
        """The second stage of the last item starts before the first stage of the first one ends."""

        async def first(item: str) -> Any:
            return await agent(f"1{item}")

        async def second(value: str, item: str, index: int) -> Any:
            return await agent(f"2{item}{index}")

        async def main(args: Any) -> Any:
            return list(await pipeline(["a", "b"], first, second))

        value, host = drive(main, pick=lambda waiting: len(waiting) - 1)
        assert value == ["reply:2a0", "reply:2b1"]
        assert [call.agent.prompt for call in host.calls] == ["1a", "1b", "2b1", "2a0"]

    def test_a_dropped_item_skips_later_stages(self) -> None:
        async def main(args: Any) -> Any:
            results = await pipeline([1, 2, 3], lambda n: n if n != 2 else None, lambda n: agent(f"{n}"))
            return [list(results), len(results.lost)]

        value, host = drive(main)
        assert value == [["reply:1", None, "reply:3"], 0]
        assert len(host.calls) == 2

    def test_a_stage_that_raises_is_reported_apart(self) -> None:
        def broken(n: int) -> int:
            return 1 // n

        async def main(args: Any) -> Any:
            results = await pipeline([1, 0], broken)
            return [list(results), [(lost.index, lost.cause) for lost in results.lost]]

        value, host = drive(main)
        assert value == [[1, None], [(1, "raised")]]
        assert host.said[0].data["message"].startswith("ZeroDivisionError")

    @pytest.mark.parametrize(
        ("stage", "gives"),
        [
            (lambda value: value, 7),
            (lambda value, item: [value, item], [7, 7]),
            (lambda value, item, index: index, 0),
            (lambda value, bound="kept": bound, "kept"),  # a default is how a loop binds a value
            (lambda *all: list(all), [7, 7, 0]),
            (str, "7"),
        ],
    )
    def test_a_stage_gets_what_it_requires(self, stage: Any, gives: Any) -> None:
        async def main(args: Any) -> Any:
            return (await pipeline([7], stage))[0]

        assert drive(main)[0] == gives

    @pytest.mark.parametrize(
        ("stages", "said"),
        [
            ([], "at least one stage"),
            ([3], "stage 1 of pipeline.. is a int, not a function"),
            ([lambda: 1], "requires 0 arguments"),
            ([lambda a, b, c, d: 1], "requires 4 arguments"),
        ],
    )
    def test_refuses_bad_stages(self, stages: Any, said: str) -> None:
        async def main(args: Any) -> Any:
            await pipeline([1], *stages)

        with pytest.raises(TypeError, match=said):
            drive(main)


class TestCallPath:
    def test_says_which_branch_and_stage_never_the_global_position(self) -> None:
        async def stage(value: Any) -> Any:
            return await parallel([agent("same"), agent("same")])

        async def main(args: Any) -> Any:
            await agent("same")
            await pipeline([1, 2], stage, lambda value: agent("same"))

        for pick in (lambda waiting: 0, lambda waiting: len(waiting) - 1):
            _, host = drive(main, pick=pick)
            assert sorted(call.path for call in host.calls) == [
                "",
                "/0.0@0/0.0",
                "/0.0@0/0.1",
                "/0.0@1",
                "/0.1@0/0.0",
                "/0.1@0/0.1",
                "/0.1@1",
            ]

    @given(st.data())
    def test_is_the_same_in_whatever_order_results_come(self, data: st.DataObject) -> None:
        async def stage(value: int, item: int) -> Any:
            inner = await parallel([agent(f"{value}.{n}") for n in range(item % 3)])
            return await agent(f"end {len(inner)}")

        async def main(args: Any) -> Any:
            return list(await pipeline(range(4), stage, limit=2))

        def pick(waiting: list[Any]) -> int:
            return data.draw(st.integers(0, len(waiting) - 1))

        expected, straight = drive(main)
        value, host = drive(main, pick=pick)
        assert value == expected

        def placed(calls: Any) -> list[tuple[str, str]]:
            return sorted((call.path, call.agent.prompt) for call in calls)

        assert placed(host.calls) == placed(straight.calls)


@given(st.lists(st.sampled_from(["ok", "lost", "none", "raise"]), max_size=12), st.integers(1, 4))
def test_every_branch_is_accounted_for(kinds: list[str], limit: int) -> None:
    """A slot is `None` exactly when it failed or chose to, and each failure is in `.lost` once."""

    async def branch(kind: str) -> Any:
        answer = await agent(kind)
        if kind == "raise":
            raise RuntimeError("bug")
        return None if kind == "none" else answer

    async def main(args: Any) -> Any:
        results = await parallel([branch(kind) for kind in kinds], limit=limit)
        return [list(results), [lost.index for lost in results.lost]]

    def answer(call: AgentCall) -> Any:
        return LOST if call.prompt == "lost" else "fine"

    values, lost = drive(main, answer)[0]
    assert [value is not None for value in values] == [kind == "ok" for kind in kinds]
    assert lost == [index for index, kind in enumerate(kinds) if kind in ("lost", "raise")]
