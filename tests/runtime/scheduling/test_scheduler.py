"""The scheduler through a whole run: order, cap, backstop, deadlines, cancellation, pausing."""

from __future__ import annotations

import asyncio
import heapq
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import resume_source, run_source

from weft.primitives.lost import Spent
from weft.runtime.execution.result import result_object
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentCancelled, AgentsStarted
from weft.runtime.pause import Stop
from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents
from weft.runtime.scheduling import job

FAN_OUT = """
async def main(args):
    return await parallel([agent(f"{n}", label=f"a{n}", timeout=args.get("timeout")) for n in range(args["n"])])
"""


def latencies(seconds: list[float]) -> dict[str, Any]:
    rules = [{"match": {"label": f"^a{n}$"}, "latency": value} for n, value in enumerate(seconds)]
    return {"rules": [{**rule, "result": "x"} for rule in rules]}


def list_schedule(seconds: list[float], slots: int) -> float:
    """How long jobs take when each starts, in order, as soon as a slot is free."""
    free = [0.0] * slots
    for length in seconds:
        heapq.heappush(free, heapq.heappop(free) + length)
    return max(free)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.lists(st.integers(0, 20).map(float), min_size=1, max_size=10), st.integers(1, 4))
def test_agents_start_in_order_as_soon_as_a_slot_is_free(seconds: list[float], slots: int) -> None:
    with TemporaryDirectory() as folder:
        done = run_source(FAN_OUT, Path(folder), args={"n": len(seconds)}, stub=latencies(seconds), concurrency=slots)
        assert done.state.outcome == "completed"
        assert done.state.ended is not None
        assert done.state.ended.wall_s == list_schedule(seconds, slots)
        events = [event for _, event in read_journal(done.folder.journal)]
        started = [number for event in events if isinstance(event, AgentsStarted) for number in event.ids]
        assert started == list(range(len(seconds)))


def test_never_more_at_work_than_the_cap(tmp_path: Path) -> None:
    done = run_source(FAN_OUT, tmp_path, args={"n": 30}, stub=latencies([3.0] * 30), concurrency=4)
    moments = sorted(
        [(agent.started_at, 1) for agent in done.state.agents.values()]
        + [(agent.ended_at, -1) for agent in done.state.agents.values()],  # type: ignore[list-item]
        key=lambda moment: (moment[0], moment[1]),
    )
    at_work = most = 0
    for _, change in moments:
        at_work += change
        most = max(most, at_work)
    assert most == 4


def test_the_backstop_is_exact_and_pauses(tmp_path: Path) -> None:
    unseen = FAN_OUT.replace("[agent(", "[lambda n=n: agent(")  # what a function starts is not known before it does
    done = run_source(unseen, tmp_path, args={"n": 30}, stub=latencies([1.0] * 30), max_agents=7)
    result = result_object(done.state)
    assert result["agents"]["started"] == 7
    assert (result["outcome"], result["error"]["type"]) == ("paused", "agents")
    assert done.state.count("done") == 7  # those at work may finish, and are kept
    assert done.state.count("queued") == 23


def test_a_slow_agent_is_lost_at_its_own_deadline(tmp_path: Path) -> None:
    done = run_source(FAN_OUT, tmp_path, args={"n": 3, "timeout": 5}, stub=latencies([1.0, 100.0, 4.9]))
    assert done.state.ended is not None
    assert done.state.ended.result == ["x", None, "x"]
    assert done.state.ended.wall_s == 5.0
    assert [(agent.called.id, agent.lost and agent.lost.cause) for agent in done.state.lost] == [(1, "timeout")]
    assert done.state.health == "degraded"


def loses_the_first(agents: Agents, folder: Path) -> tuple[str, str]:
    """Return the cause and the message of the loss of the first of two agents, which alone is lost."""
    args = {"n": 2, "timeout": 0.05}
    done = run_source(FAN_OUT, folder, args=args, agents=agents, virtual_time=False)
    assert done.state.ended is not None
    assert done.state.ended.result == [None, "x"]
    (agent,) = done.state.lost
    assert agent.lost is not None
    return agent.lost.cause, agent.lost.message


def test_an_agent_that_does_not_end_when_it_is_told_to_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "LAST_WORDS", 0.01)

    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "0":
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            await asyncio.Event().wait()
        return AgentReply(value="x")

    assert loses_the_first(agents, tmp_path) == ("timeout", "no answer within 0.05 s")


def test_an_answer_that_has_come_when_its_agent_is_told_to_end_is_kept(tmp_path: Path) -> None:
    came: list[asyncio.Future[str]] = []

    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "0":
            came.append(asyncio.get_running_loop().create_future())
            return AgentReply(value=await came[0], spent=Spent(3, 4))
        came[0].set_result("x")
        raise Stop("budget", "that is enough")

    state = run_source(FAN_OUT, tmp_path, args={"n": 2}, agents=agents).state
    assert state.outcome == "error"
    assert (state.agents[0].standing, state.spent) == ("done", Spent(3, 4))


def test_an_agent_may_clean_up_when_it_is_told_to_end(tmp_path: Path) -> None:
    cleaned: list[str] = []

    async def agents(request: AgentRequest) -> AgentReply:
        try:
            if request.prompt == "0":
                await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(request.prompt)
        return AgentReply(value="x")

    assert loses_the_first(agents, tmp_path) == ("timeout", "no answer within 0.05 s")
    assert sorted(cleaned) == ["0", "1"]


def test_an_agent_that_was_told_to_end_is_not_tried_again(tmp_path: Path) -> None:
    asked: list[str] = []

    async def agents(request: AgentRequest) -> AgentReply:
        asked.append(request.prompt)
        if request.prompt == "0":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise AgentError("provider", "the line went dead", passing=True) from None
        return AgentReply(value="x")

    assert loses_the_first(agents, tmp_path) == ("timeout", "no answer within 0.05 s")
    assert sorted(asked) == ["0", "1"]


def test_an_agent_that_ends_itself_is_lost_and_not_the_run(tmp_path: Path) -> None:
    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "0":
            raise asyncio.CancelledError("of its own")
        return AgentReply(value="x")

    cause, message = loses_the_first(agents, tmp_path)
    assert cause == "crashed"
    assert "CancelledError" in message


def test_what_an_agent_fails_with_once_it_is_told_to_end_is_no_loss(tmp_path: Path) -> None:
    at_work = asyncio.Event()

    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "1":
            await at_work.wait()
            return AgentReply(value="x")
        try:
            at_work.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError as end:
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()  # as libraries do that cancel parts of themselves
            raise AgentError("crashed", "it was ended") from end
        raise AssertionError("nobody has ended it")

    source = FAN_OUT.replace("])\n", "], quorum=1)\n")
    done = run_source(source, tmp_path, args={"n": 2}, agents=agents, virtual_time=False)
    assert [agent.standing for agent in done.state.agents.values()] == ["cancelled", "done"]
    assert done.state.health == "clean"


def test_quorum_ends_the_others_at_once(tmp_path: Path) -> None:
    source = FAN_OUT.replace("])\n", "], quorum=1)\n")
    done = run_source(source, tmp_path, args={"n": 3}, stub=latencies([50.0, 2.0, 50.0]))
    assert done.state.ended is not None
    assert (done.state.ended.result, done.state.ended.wall_s) == ([None, "x", None], 2.0)
    cancelled = [event.id for _, event in read_journal(done.folder.journal) if isinstance(event, AgentCancelled)]
    assert sorted(cancelled) == [0, 2]
    assert done.state.health == "clean"  # nobody wanted them any more; nothing is missing


def test_quorum_takes_waiting_agents_out_of_the_queue(tmp_path: Path) -> None:
    source = FAN_OUT.replace("])\n", "], quorum=1)\n")
    done = run_source(source, tmp_path, args={"n": 50}, stub=latencies([1.0] * 50), concurrency=2)
    assert done.state.started_agents <= 3


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_the_token_ceiling_is_never_exceeded(tmp_path: Path, concurrency: int) -> None:
    stub = {"default": {"result": "x", "latency": [1, 9], "usage": {"input": 30, "output": 10}}}
    done = run_source(FAN_OUT, tmp_path, args={"n": 20}, stub=stub, budget_tokens=430, concurrency=concurrency)
    result = result_object(done.state)
    assert (result["outcome"], result["error"]["type"]) == ("paused", "budget")
    assert done.state.spent.tokens == 400
    assert done.state.count("done") == 10


def test_the_dollar_ceiling_is_never_exceeded(tmp_path: Path) -> None:
    stub = {"default": {"result": "x", "usage": {"input": 100_000, "output": 10_000}}}  # $0.30 at $2 / $10
    done = run_source(FAN_OUT, tmp_path, args={"n": 9}, stub=stub, budget_usd=1.0, model="anthropic:claude-sonnet-5-5")
    assert done.state.outcome == "paused"
    assert (done.state.count("done"), round(done.state.spent.usd, 6)) == (3, 0.9)


def test_scripted_usage_of_a_model_without_a_price_pauses_under_a_ceiling_in_dollars(tmp_path: Path) -> None:
    source = "async def main(args):\n    return [await agent('free'), await agent('x', model='nobody:knows')]"
    stub = {
        "rules": [{"match": {"prompt": "free"}, "result": "x"}],
        "default": {"result": "x", "usage": {"input": 1}},
    }
    done = run_source(source, tmp_path / "usd", stub=stub, budget_usd=1.0)
    result = result_object(done.state)
    assert (result["outcome"], result["error"]["type"], result["spent"]["input_tokens"]) == ("paused", "budget", 0)
    assert "model 'nobody:knows' has no known price" in result["error"]["message"]
    assert run_source(source, tmp_path / "tokens", stub=stub, budget_tokens=9).state.outcome == "completed"


def test_a_budget_that_suffices_changes_nothing(tmp_path: Path) -> None:
    stub = {"default": {"result": "x", "usage": {"input": 30, "output": 10}}}
    done = run_source(FAN_OUT, tmp_path, args={"n": 5}, stub=stub, budget_tokens=200)
    assert (done.state.outcome, done.state.spent.tokens) == ("completed", 200)


def test_the_harness_sees_the_budget_of_what_was_delivered(tmp_path: Path) -> None:
    source = """
async def main(args):
    seen = [budget.remaining("tokens")]
    for n in range(3):
        await agent(f"{n}")
        seen.append(budget.remaining("tokens"))
    return seen
"""
    stub = {"default": {"result": "x", "usage": {"input": 30, "output": 10}}}
    done = run_source(source, tmp_path, stub=stub, budget_tokens=200)
    assert done.state.ended is not None
    assert done.state.ended.result == [200, 160, 120, 80]


@pytest.mark.slow
def test_a_wide_fan_out(tmp_path: Path) -> None:
    done = run_source(FAN_OUT, tmp_path, args={"n": 1024}, stub={"default": {"result": "x"}}, max_agents=5000)
    assert (done.state.outcome, done.state.count("done")) == ("completed", 1024)


def test_an_item_comes_out_before_the_next_one_goes_in(tmp_path: Path) -> None:
    source = """
async def main(args):
    return await pipeline(range(3), *[lambda value, item, n=n: agent(f"{item}/{n}", label="x") for n in range(3)])
"""
    done = run_source(source, tmp_path, stub={"default": {"result": "x", "latency": 1}}, concurrency=1)
    begun = sorted(done.state.agents.values(), key=lambda agent: agent.started_at or 0)
    assert [agent.called.request.prompt for agent in begun] == [f"{i}/{n}" for i in range(3) for n in range(3)]


def test_a_run_ends_at_its_deadline_and_keeps_what_it_has(tmp_path: Path) -> None:
    done = run_source(FAN_OUT, tmp_path, args={"n": 3}, stub=latencies([1.0, 100.0, 9.0]), concurrency=2, deadline=7.0)
    result = result_object(done.state)
    assert (result["outcome"], result["error"]["type"], result["wall_s"]) == ("paused", "deadline", 7.0)
    assert [agent.standing for agent in done.state.agents.values()] == ["done", "cancelled", "cancelled"]
    again = resume_source(done, tmp_path, stub=latencies([1.0, 2.0, 3.0]), deadline=7.0)
    assert (again.state.outcome, again.state.ended and again.state.ended.result) == ("completed", ["x", "x", "x"])
    assert again.state.reused_agents == 1


def test_saved_harnesses_run_as_deep_as_the_run_allows(tmp_path: Path) -> None:
    saved = tmp_path / ".weft" / "workflows"
    saved.mkdir(parents=True)
    for number in range(4):
        (saved / f"w{number}.py").write_text(f'async def main(args):\n    return await workflow("w{number + 1}")\n')
    (saved / "w4.py").write_text("async def main(args):\n    return 4\n")
    source = 'async def main(args):\n    return await workflow("w3")\n'
    assert run_source(source, tmp_path, max_depth=2).state.outcome == "completed"
    ended = run_source(source, tmp_path, max_depth=1).state.ended
    assert ended is not None and ended.problem is not None and "deeper than 1" in ended.problem.message
