"""Made-up harnesses, disturbed in made-up ways and resumed, come to what they come to undisturbed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from disturbed import Disturbed
from harnesses import PREAMBLE, harnesses
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from paid import check_asked
from running import resume_source, run_source

from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.execution.run import Run
from weft.runtime.journal import fold, read_journal
from weft.runtime.journal.events import AgentCalled

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


@pytest.mark.slow
@settings(max_examples=16, suppress_health_check=list(HealthCheck))
@given(
    source=harnesses(straight=False, ordered=True),
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
