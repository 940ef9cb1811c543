"""What a resume hands over again, in which order; and what agents that end together cost the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest
from running import resume_source, run_source

from weft.runtime.agents.answer import Answer
from weft.runtime.ceiling import Ceiling
from weft.runtime.clock import RealClock
from weft.runtime.execution.run import Run
from weft.runtime.journal import Journal, executions, read_journal
from weft.runtime.journal.events import AgentCalled, AgentFinished
from weft.runtime.money.budget import Budget
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.scheduling.slots import Caps
from weft.runtime.trail import Trail
from weft.sandbox.protocol import Result

# Which items come first decides what is asked last, so every change of order shows.
STAGES = """
async def main(args):
    order = []
    async def note(value, item):
        order.append(item)
        return value
    first = lambda item: agent(f"first {item}", label=f"f{item}")
    second = lambda value, item: agent(f"second {item}", label=f"s{item}")
    await pipeline(list(range(6)), first, second, note)
    return [order, await agent(f"last {order}", label="last")]
"""


def rules(seconds: dict[str, float], **last: Any) -> dict[str, Any]:
    named = [{"match": {"label": f"^{label}$"}, "result": "x", "latency": s} for label, s in seconds.items()]
    return {"rules": [{"match": {"label": "last"}, **last}, *named]}


def finished(done: Run, execution: int) -> list[str | None]:
    """Return the labels of the agents that one execution finished, in the order of their delivery."""
    events = [event for _, event in executions(read_journal(done.folder.journal))[execution]]
    labels = {number: agent.called.request.label for number, agent in done.state.agents.items()}
    return [labels[event.id] for event in events if isinstance(event, AgentFinished)]


@pytest.mark.parametrize(
    "seconds",
    [
        {"f0": 1, "s0": 1, "f1": 5, "s1": 1, "f2": 3, "s2": 9},  # an item is through before others have begun
        {f"f{n}": 2 for n in range(6)} | {f"s{n}": 7 - n for n in range(6)},  # all come at once, then in reverse
        {f"f{n}": n for n in range(6)} | {f"s{n}": 2.5 for n in range(6)},  # the stages take turns
    ],
)
def test_answers_come_again_in_the_order_in_which_they_came(tmp_path: Path, seconds: dict[str, float]) -> None:
    done = run_source(STAGES, tmp_path, stub=rules(seconds, lost="provider"))
    again = resume_source(done, tmp_path, stub=rules({}, result="x"))
    assert (again.state.reused_agents, again.state.started_agents) == (12, 1)
    assert finished(again, 1) == [*finished(again, 0), "last"]


def test_what_is_cancelled_before_it_came_again_does_not_come(tmp_path: Path) -> None:
    source = """
async def main(args):
    quick = await parallel([agent(f"{n}", label=f"a{n}") for n in range(4)], quorum=args.get("quorum", 4))
    return [len([value for value in quick if value]), await agent("last", label="last")]
"""
    done = run_source(source, tmp_path, stub=rules({f"a{n}": 1 + n for n in range(4)}, lost="provider"))
    edited = source.replace('args.get("quorum", 4)', "1")
    again = resume_source(done, tmp_path, source=edited, stub=rules({}, result="x"))
    assert again.state.ended is not None
    assert (again.state.ended.result, again.state.started_agents) == ([1, "x"], 1)


async def at_once(request: AgentRequest) -> AgentReply:
    await anyio.sleep(0)
    return AgentReply(value="x")


def test_agents_that_end_together_share_their_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    commit = Journal.commit

    def counted(self: Journal) -> None:
        if self.pending:
            written.append(len(self.pending))
        commit(self)

    monkeypatch.setattr(Journal, "commit", counted)
    source = "async def main(args):\n    return len(await parallel([agent(f'{n}') for n in range(64)]))"
    done = run_source(source, tmp_path, agents=at_once, concurrency=16)
    assert done.state.outcome == "completed"
    # called, finished; and the run's own: started, ready, the fan-out's beginning and end, ended
    starts = sum(written) - (2 * 64 + 5)
    assert 64 / 16 <= starts < 64 / 4
    assert len(written) < 64 / 2


class Told:
    """Writes down what a scheduler tells."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def agents_start(self, calls: list[AgentCalled]) -> None:
        self.log.append([called.id for called in calls])

    def agent_ended(self, request: AgentRequest, _answer: Answer, _trail: Trail) -> Result:
        self.log.append(request.id)
        return Result(id=request.id)

    def agent_cancelled(self, request: AgentRequest, _trail: Trail) -> None:
        raise AssertionError

    def agent_waits(self, *_: object) -> None:
        raise AssertionError

    def agent_goes_on(self, *_: object) -> None:
        raise AssertionError

    def agent_quiet(self, *_: object) -> None:
        raise AssertionError


def test_an_answer_is_recorded_when_it_comes_though_nobody_takes_it() -> None:
    """While the harness computes, answers that are paid for must not be lost with a process that is killed."""
    told = Told()

    async def go() -> None:
        clock, caps = RealClock(), Caps(concurrency=1, max_agents=9)
        async with asyncio.TaskGroup() as tasks:
            scheduler = Scheduler(at_once, tasks, told, budget=Budget(Ceiling(), clock), clock=clock, caps=caps)
            for number in range(2):
                request = AgentRequest(id=number, prompt="x", model="m", tools=(), timeout=None, retries=0)
                scheduler.submit(AgentCalled(path="", line=1, key="k", request=request))
            scheduler.fill()

    anyio.run(go)
    assert told.log == [[0], 0, [1], 1, []]  # each list makes durable what is before it
