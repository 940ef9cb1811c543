"""Made-up harnesses, disturbed in made-up ways and resumed, come to what they come to undisturbed."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from harnesses import PREAMBLE, harnesses
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from running import resume_source, run_source

from weft.runtime.agents.request import AgentError, AgentReply, AgentRequest
from weft.runtime.journal import executions, fold, read_journal
from weft.runtime.journal.events import AgentCalled, AgentFinished, AgentStarted
from weft.runtime.pause import Pause
from weft.runtime.replay import replay
from weft.runtime.run import Run, recorded_harness

ASK = 'def ask(x):\n    return agent(f"ask {x}")\n'
SHARING = """\
ledger = set()


async def ask(x):
    answer = await agent(f"ask {x}")
    if answer and len(answer) % 5 == 0:
        raise ValueError(f"{x} again")
    ledger.add(f"{x} {answer}")
    return answer
"""
"""Branches that share state in which order does not matter, and raise errors of their own."""

Identity = tuple[str, str, int]


class Disturbed:
    """Answers by the request alone; loses some agents, and stops the run at the `stop`-th."""

    def __init__(self, seed: int, lose: float, stop: int | None) -> None:
        self._seed = seed
        self._lose = lose
        self._left = stop

    async def __call__(self, request: AgentRequest) -> AgentReply:
        luck = random.Random(f"{self._seed} {request.key()}")
        for _ in range(luck.randrange(4)):
            await anyio.lowlevel.checkpoint()
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                raise Pause("user", "stopped here")
        if random.Random(f"{self._seed} {request.id}").random() < self._lose:
            raise AgentError("refused", "made up")
        return AgentReply(value=made_up(request.schema or {"type": "string"}, luck))


def made_up(schema: dict[str, Any], luck: random.Random) -> Any:
    match schema.get("type"):
        case "object":
            return {key: made_up(inner, luck) for key, inner in schema["properties"].items()}
        case "array":
            return [made_up(schema["items"], luck) for _ in range(luck.randint(0, 3))]
        case "boolean":
            return luck.random() < 0.5
        case "integer":
            return luck.randint(0, 3)
    return luck.choice(schema["enum"]) if "enum" in schema else luck.choice("ab") * luck.randint(1, 9)


def identity(called: AgentCalled) -> Identity:
    return called.path, called.key, called.occurrence


def comes_to(done: Run) -> Any:
    """Return all that a run comes to, in whatever order."""
    ended = done.state.ended
    assert ended is not None
    answers = {
        identity(agent.called): agent.finished.value
        for agent in done.state.agents.values()
        if agent.finished is not None
    }
    problem = ended.problem and (ended.problem.type, ended.problem.message, ended.problem.line)
    return ended.outcome, problem, ended.result, answers


def check_asked(done: Run) -> None:
    """Check that no execution has asked what an earlier one had an answer to."""
    finished: set[Identity] = set()
    for part in executions(read_journal(done.folder.journal)):
        calls = {event.id: identity(event) for _, event in part if isinstance(event, AgentCalled)}
        started = {calls[event.id] for _, event in part if isinstance(event, AgentStarted)}
        assert not started & finished
        finished |= {calls[event.id] for _, event in part if isinstance(event, AgentFinished)}


@settings(max_examples=16, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    source=harnesses(straight=False),
    seed=st.integers(0, 99),
    lose=st.sampled_from([0.0, 0.2, 0.5]),
    stops=st.lists(st.integers(1, 12), max_size=2),
)
def test_disturbed_and_resumed_is_undisturbed(source: str, seed: int, lose: float, stops: list[int]) -> None:
    assert ASK in PREAMBLE
    source = source.replace(ASK, SHARING).replace("    return None\n", "    return sorted(ledger)\n")
    with TemporaryDirectory() as folder:
        path = Path(folder)
        whole = run_source(source, path / "whole", agents=Disturbed(seed, 0, None), max_agents=150)
        assume(whole.state.outcome != "paused")
        done = run_source(source, path, agents=Disturbed(seed, lose, stops[0] if stops else None))
        for stop in stops[1:]:
            if done.state.outcome == "completed" and done.state.health == "clean":
                break
            done = resume_source(done, path, agents=Disturbed(seed, lose, stop))
        if done.state.outcome != "completed" or done.state.health != "clean":
            done = resume_source(done, path, agents=Disturbed(seed, 0, None))
        assert comes_to(done) == comes_to(whole)
        check_asked(done)
        events = read_journal(done.folder.journal)
        assert fold(events) == done.state
        assert done.state.started is not None
        assert anyio.run(replay, recorded_harness(done.folder, done.state.started), events).complete
