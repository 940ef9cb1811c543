"""The loop at its edges: what is left when a branch ends or is stopped, and waiting for what can never happen."""

from __future__ import annotations

import contextlib
import gc
from typing import Any

import pytest
from driving import LIMITS, Stopped, drive

from weft.primitives import AgentFailed, agent, parallel, pipeline, synthesize, verify
from weft.primitives.calls import AgentCall, NextEnded, call, current
from weft.primitives.lost import Lost
from weft.sandbox.errors import Deadlock
from weft.sandbox.loop import MOST_CLOSINGS
from weft.sandbox.protocol import FanOutBegan


async def _asked(what: str) -> Any:
    return await agent(what)


pytestmark = [
    pytest.mark.usefixtures("given_up"),
    # Python says so when a coroutine is given up; in a child nobody listens.
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
]

UNFINISHED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Python says so when a coroutine is given up; the child does not listen."""


@UNFINISHED
def test_a_branch_that_is_stopped_cannot_start_agents_in_its_finally() -> None:
    async def slow() -> Any:
        try:
            return await agent("slow")
        finally:
            await parallel([agent("late")])

    async def main(args: Any) -> Any:
        first = await parallel([slow(), agent("fast")], quorum=1)
        return [list(first), await agent("after")]

    value, host = drive(main, pick=lambda waiting: len(waiting) - 1)
    assert value == [[None, "reply:fast"], "reply:after"]
    assert [call.agent.prompt for call in host.calls] == ["slow", "fast", "after"]
    (raised,) = [said for said in host.said if said.kind == "raised"]
    assert "cannot await anything, also not in `finally`" in raised.data["message"]


@UNFINISHED
def test_a_finally_that_awaits_again_and_again_is_left_behind() -> None:
    async def stubborn() -> Any:
        for _ in range(2 * MOST_CLOSINGS):
            try:
                await agent("slow")
            finally:
                continue  # noqa: B012 - that is the point

    async def main(args: Any) -> Any:
        return list(await parallel([stubborn(), agent("fast")], quorum=1))

    assert drive(main, pick=lambda waiting: len(waiting) - 1)[0] == [None, "reply:fast"]


def test_what_a_branch_leaves_running_ends_with_it() -> None:
    """Whatever error takes a fan-out from under its branches, no agent works for nobody."""

    async def owner() -> Any:
        current().open_group().start(0, _asked("left"))
        await agent("own")

    async def main(args: Any) -> Any:
        await parallel([owner()])
        return await agent("after")

    _, host = drive(main)
    assert [call.agent.prompt for call in host.calls] == ["own", "left", "after"]
    assert host.cancelled == [1]


def test_an_error_whose_text_no_message_can_carry() -> None:
    async def fails() -> Any:
        raise ValueError("half a character: \ud800")

    async def main(args: Any) -> Any:
        return len((await parallel([fails()])).lost)

    value, host = drive(main)
    assert value == 1
    assert host.said[0].data["message"] == "ValueError: half a character: ?"


class TestFanOuts:
    """What the host is told of them."""

    @staticmethod
    def told(main: Any, answer: Any = lambda call: f"reply:{call.prompt}") -> list[str]:
        """Return the messages, in short."""
        lines = []
        for said in drive(main, answer)[1].fan_outs:
            if isinstance(said, FanOutBegan):
                lines.append(f"{said.path} {said.kind} {said.width} agents={said.agents} quorum={said.quorum}")
            else:
                lines.append(f"{said.path} lost={said.lost} dropped={said.dropped} cancelled={said.cancelled}")
        return lines

    @staticmethod
    def losing(*prompts: str) -> Any:
        lost = Lost(cause="refused", message="no")
        return lambda call: lost if call.prompt in prompts else call.prompt

    def test_what_became_of_each_branch(self) -> None:
        async def raising() -> Any:
            raise ValueError("broken")

        async def nothing() -> Any:
            return None

        async def main(args: Any) -> Any:
            await parallel([agent("a"), agent("b"), raising, nothing, agent("c")])

        assert self.told(main, self.losing("b")) == [
            "/0 parallel 5 agents=3 quorum=None",
            "/0 lost=(1, 2) dropped=(3,) cancelled=()",
        ]

    def test_a_quorum_cancels_the_rest_innermost_first(self) -> None:
        async def inner() -> Any:
            return list(await parallel([agent("slow"), agent("slower")]))

        async def main(args: Any) -> Any:
            await parallel([agent("fast"), inner(), agent("last")], quorum=1, limit=2)

        assert self.told(main) == [
            "/0 parallel 3 agents=2 quorum=1",
            "/0.1/0 parallel 2 agents=2 quorum=None",
            "/0.1/0 lost=() dropped=() cancelled=(0, 1)",
            "/0 lost=() dropped=() cancelled=(1, 2)",
        ]

    def test_the_first_failure_cancels_the_rest(self) -> None:
        async def main(args: Any) -> Any:
            with contextlib.suppress(AgentFailed):
                await parallel([agent("a"), agent("b"), agent("c")], fail_fast=True)

        assert self.told(main, self.losing("a"))[-1] == "/0 lost=(0,) dropped=() cancelled=(1, 2)"

    def test_items_of_a_pipeline(self) -> None:
        async def main(args: Any) -> Any:
            await pipeline(["a", "b", "c"], agent, lambda value: None if value == "c" else value)

        assert self.told(main, self.losing("b")) == [
            "/0 pipeline 3 agents=0 quorum=None",
            "/0 lost=(1,) dropped=(2,) cancelled=()",
        ]

    def test_a_skeptic_that_was_lost_is_a_branch_that_was(self) -> None:
        async def main(args: Any) -> Any:
            await verify("it holds", lenses=["one", "two"])

        def answer(call: AgentCall) -> Any:
            vote = {"verdict": "supported", "reason": "", "evidence": []}
            return Lost(cause="refused", message="no") if call.label == "verify:two" else vote

        assert self.told(main, answer) == [
            "/0 parallel 2 agents=2 quorum=None",
            "/0 lost=(1,) dropped=() cancelled=()",
        ]

    def test_each_level_of_a_synthesis_is_agents_only(self) -> None:
        async def main(args: Any) -> Any:
            await synthesize([str(n) for n in range(4)], "merge", fan_in=2)

        assert self.told(main)[0] == "/0 parallel 2 agents=2 quorum=None"

    def test_nothing_is_said_of_one_without_branches(self) -> None:
        async def main(args: Any) -> Any:
            await parallel([])
            await pipeline([], agent)

        assert self.told(main) == []

    def test_one_that_is_given_up_says_nothing_afterwards(self) -> None:
        """Python closes what is left of a harness at any time, and the host may be gone by then."""

        async def main(args: Any) -> Any:
            group = current().open_group()

            async def branch() -> Any:
                await parallel([lambda: call(NextEnded(group))])

            group.start(0, branch())
            await call(NextEnded(group))

        with pytest.raises(Deadlock):
            drive(main)
        gc.collect()

    def test_there_is_a_limit(self) -> None:
        async def main(args: Any) -> Any:
            for _ in range(LIMITS.branches // 4 + 1):
                await parallel([lambda: 1] * 4)

        with pytest.raises(Stopped, match=f"more than {LIMITS.branches} branches"):
            drive(main)


class TestDeadlock:
    def test_waiting_for_a_branch_when_none_was_started(self) -> None:
        async def main(args: Any) -> Any:
            await call(NextEnded(current().open_group()))

        with pytest.raises(Deadlock, match="none is running"):
            drive(main)

    def test_a_branch_that_waits_for_itself(self) -> None:
        async def main(args: Any) -> Any:
            group = current().open_group()

            async def branch() -> Any:
                await call(NextEnded(group))

            group.start(0, branch())
            await call(NextEnded(group))

        with pytest.raises(Deadlock, match="waits for a branch that can never end: no agent is at work"):
            drive(main)

    def test_awaiting_what_is_no_request(self) -> None:
        async def main(args: Any) -> Any:
            await call("nonsense")  # type: ignore[arg-type]

        with pytest.raises(Deadlock, match="a str is awaited"):
            drive(main)
