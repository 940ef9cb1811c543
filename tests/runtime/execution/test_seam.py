"""Agents of somebody else: any `async (AgentRequest) -> AgentReply`, whatever it answers, costs or raises."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from running import run_source

from weft.primitives.lost import Spent
from weft.runtime.agents.retry import MOST_FAULTS
from weft.runtime.ceiling import Ceiling
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.request import AgentError, AgentReply, AgentRequest

TWO = "async def main(args):\n    return [await agent('first', **args), await agent('second')]"
IN_TURN = "async def main(args):\n    return [await agent(f'{n}') for n in range(10)]"


def run_first(folder: Path, first: Any, **args: Any) -> Run:
    """Run two agents; the first answers, or raises, what is given."""

    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "second":
            return AgentReply(value="fine")
        if isinstance(first, BaseException):
            raise first
        answered: AgentReply = first
        return answered

    return run_source(TWO, folder, args=args, agents=agents)


def lost_first(done: Run) -> dict[str, Any]:
    """Return the loss of the first agent, and check that the run went on."""
    assert done.state.ended is not None
    assert (done.state.outcome, done.state.ended.result) == ("completed", [None, "fine"])
    (lost,) = result_object(done.state)["lost"]
    found: dict[str, Any] = lost
    return found


class TestCosts:
    @pytest.mark.parametrize(
        ("ceiling", "cost", "asked"),
        [
            (Ceiling(tokens=100), Spent(20, 10), 4),  # 120 after the fourth
            (Ceiling(tokens=90), Spent(20, 10), 3),  # exactly reached
            (Ceiling(usd=1.0), Spent(0, 0, 0.3), 4),
            (Ceiling(tokens=1000, usd=0.3), Spent(1, 1, 0.1), 3),
        ],
    )
    def test_none_starts_once_the_ceiling_is_reached(
        self, tmp_path: Path, ceiling: Ceiling, cost: Spent, asked: int
    ) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            return AgentReply(value="x", spent=cost)

        done = run_source(IN_TURN, tmp_path, agents=agents, budget_tokens=ceiling.tokens, budget_usd=ceiling.usd)
        result = result_object(done.state)
        assert (result["outcome"], result["error"]["type"]) == ("paused", "budget")
        assert result["agents"]["started"] == asked
        assert "no more agents start" in result["error"]["message"]

    @pytest.mark.parametrize("usd", [-0.01, math.nan, math.inf, "1"])
    def test_what_is_no_cost_loses_the_agent_and_is_not_counted(self, tmp_path: Path, usd: Any) -> None:
        done = run_first(tmp_path, AgentReply(value="x", spent=Spent(5, 5, usd)))
        lost = lost_first(done)
        assert (lost["cause"], done.state.spent) == ("crashed", Spent())
        assert "is no cost" in lost["message"]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (None, "NoneType where an AgentReply belongs"),
        ("text", "str where an AgentReply belongs"),
        (AgentReply(value="x", touched=(1,)), "touched"),  # type: ignore[arg-type]
        (AgentReply(value="x", transcript=({"part": object()},)), "not JSON data"),
        (AgentReply(value="x", transcript=None), "TypeError"),  # type: ignore[arg-type]
        (KeyError("oops"), "KeyError: 'oops'"),
        (ExceptionGroup("many", [ValueError("a")]), "many"),
    ],
)
def test_what_is_no_reply_loses_one_agent(tmp_path: Path, first: Any, said: str) -> None:
    lost = lost_first(run_first(tmp_path, first))
    assert (lost["cause"], lost["attempts"]) == ("crashed", 1)
    assert said in lost["message"]


@pytest.mark.parametrize(
    "raised",
    [
        asyncio.CancelledError(),
        SystemExit(2),
        KeyboardInterrupt(),
        GeneratorExit(),
        BaseExceptionGroup("many", [SystemExit(2)]),
    ],
)
def test_whatever_is_raised_loses_one_agent(tmp_path: Path, raised: BaseException) -> None:
    assert lost_first(run_first(tmp_path, raised))["cause"] == "crashed"


async def cancelling_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


async def waiting_for_what_was_given_up() -> None:
    inner = asyncio.ensure_future(asyncio.sleep(30))
    asyncio.get_running_loop().call_soon(inner.cancel)
    await inner


async def failing_in_passing_once_cancelled() -> None:
    with suppress(asyncio.CancelledError):
        await cancelling_itself()
    raise AgentError("provider", "busy", passing=True, wait=0)


@pytest.mark.parametrize(
    ("act", "cause"),
    [
        (cancelling_itself, "crashed"),
        (waiting_for_what_was_given_up, "crashed"),
        (failing_in_passing_once_cancelled, "provider"),
    ],
)
def test_code_that_cancels_itself_loses_one_agent(
    tmp_path: Path, act: Callable[[], Awaitable[None]], cause: str
) -> None:
    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "first":
            await act()
        return AgentReply(value="fine")

    assert lost_first(run_source(TWO, tmp_path, agents=agents))["cause"] == cause


@pytest.mark.parametrize(("part", "value"), [("cause", "bad luck"), ("wait", "soon"), ("message", None)])
def test_a_typed_failure_with_wrong_parts_loses_one_agent(tmp_path: Path, part: str, value: Any) -> None:
    failure = AgentError("provider", "busy")
    setattr(failure, part, value)
    assert lost_first(run_first(tmp_path, failure))["attempts"] == 1


@pytest.mark.parametrize("raised", [RuntimeError(), asyncio.CancelledError(), SystemExit(2)])
def test_a_watcher_that_fails_watches_no_more(tmp_path: Path, raised: BaseException) -> None:
    seen: list[object] = []

    def watch(at: float, event: object) -> None:
        seen.append(event)
        raise raised

    done = run_source(TWO, tmp_path, stub={"rules": [{"result": "x"}]}, watchers=(watch,))
    assert (done.state.outcome, done.state.health, len(seen)) == ("completed", "clean", 1)


def test_an_error_that_cannot_be_shown_loses_one_agent(tmp_path: Path) -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    assert lost_first(run_first(tmp_path, Broken()))["cause"] == "crashed"


class Mute:
    def __repr__(self) -> str:
        raise SystemExit(2)


@pytest.mark.parametrize("value", [10**6000, {"n": [10**6000]}, Mute(), [Mute()]], ids=range(4))
def test_an_answer_that_cannot_be_shown_loses_one_agent(tmp_path: Path, value: Any) -> None:
    lost = lost_first(run_first(tmp_path, AgentReply(value=value)))
    assert lost["cause"] == "invalid"
    assert "cannot be shown" in lost["partial"]


def test_a_typed_failure_keeps_its_cause(tmp_path: Path) -> None:
    failure = AgentError("rate_limit", "slow down", partial={"n": math.nan})
    lost = lost_first(run_first(tmp_path, failure))
    assert (lost["cause"], lost["message"]) == ("rate_limit", "slow down")
    assert "not shown" in lost["partial"]


def test_a_cause_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no cause of a loss"):
        AgentError("bad luck", "oops")  # type: ignore[arg-type]


def test_one_error_object_may_be_raised_again_and_again(tmp_path: Path) -> None:
    """What one agent's failure means is not written into an object that others raise too."""
    failure = AgentError("provider", "busy", passing=True, wait=0)
    asked: list[str] = []

    async def agents(request: AgentRequest) -> AgentReply:
        asked.append(request.prompt)
        raise failure

    done = run_source(TWO, tmp_path, agents=agents)
    assert asked == ["first"] * MOST_FAULTS + ["second"] * MOST_FAULTS
    assert [lost["attempts"] for lost in result_object(done.state)["lost"]] == [MOST_FAULTS] * 2


def test_only_an_answer_that_does_not_fit_is_complained_about(tmp_path: Path) -> None:
    complaints: list[str | None] = []

    async def agents(request: AgentRequest) -> AgentReply:
        complaints.append(request.complaint)
        if request.attempt == 1:
            raise AgentError("provider", "busy", passing=True, wait=math.nan)
        return AgentReply(value="" if request.attempt == 2 else "x")

    run_source("async def main(args):\n    return await agent('one')", tmp_path, agents=agents)
    assert complaints == [None, None, "the answer must be text, and not empty"]


def test_equal_agents_do_not_try_again_at_the_same_moment(tmp_path: Path) -> None:
    async def agents(request: AgentRequest) -> AgentReply:
        if request.attempt == 1:
            raise AgentError("provider", "busy", passing=True)
        return AgentReply(value="x")

    def ended(folder: Path) -> list[float | None]:
        done = run_source(
            "async def main(args):\n    return await parallel([agent('x') for _ in range(8)])", folder, agents=agents
        )
        return [agent.ended_at for agent in done.state.agents.values()]

    moments = ended(tmp_path / "once")
    assert len(set(moments)) == len(moments)
    assert ended(tmp_path / "again") == moments


def test_of_an_endless_conversation_the_beginning_is_kept(tmp_path: Path) -> None:
    said = tuple({"part": "text", "content": f"{n} " + "x" * 100_000} for n in range(5000 // 100))
    done = run_first(tmp_path, AgentReply(value="fine", transcript=said))
    finished = done.state.agents[0].finished
    assert finished is not None
    *kept, cut = finished.transcript
    assert kept == list(said[: len(kept)]) and 0 < len(kept) < len(said)
    assert cut == {"part": "cut", "content": f"{len(said) - len(kept)} more parts are too long to be kept"}
    assert done.folder.journal.stat().st_size < 2_000_000
