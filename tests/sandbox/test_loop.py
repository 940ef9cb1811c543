"""The loop at its edges: what is left when a branch ends or is stopped, and waiting for what can never happen."""

from __future__ import annotations

from typing import Any

import pytest
from driving import drive

from weft.primitives import agent, parallel
from weft.primitives.calls import NextEnded, call, current
from weft.sandbox.loop import MOST_CLOSINGS, Deadlock


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
