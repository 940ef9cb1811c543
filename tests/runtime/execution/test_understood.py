"""What was not understood: no run is clean over it, and everybody who shows a run says it, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import resume_source, run_source

from weft.primitives.calls import AgentCall
from weft.primitives.lost import Spent
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import report, result_object
from weft.runtime.journal import RunState, fold
from weft.runtime.journal.events import (
    AgentCalled,
    AgentFinished,
    Event,
    RunEnded,
    RunStarted,
    UnderstandingReported,
)
from weft.runtime.page import text
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.understood import Understood
from weft.runtime.views.text import agent_page, result_page, run_page

READER = """
from weft.primitives import agent, parallel, understood

async def main(args):
    replies = await parallel([agent(f"Read {name}", label=f"read:{name}") for name in ("a", "b", "c")])
    SAY
    return replies
"""

UNREAD: dict[str, Any] = {"count": 0, "of": 1, "what": "files", "hint": "it has no sentences"}


def reader(say: str = "pass") -> str:
    return READER.replace("SAY", say)


def shown(state: RunState) -> list[dict[str, Any]]:
    return result_object(state)["coverage"]["understood"]


class TestTheHarnessSaysIt:
    def test_a_part_degrades_the_run_and_stands_first(self, tmp_path: Path) -> None:
        state = run_source(reader('understood(1, 3, what="pages", hint="ask in other words")'), tmp_path).state
        assert (state.outcome, state.health) == ("completed", "degraded")
        said = "not understood: 2 of 3 pages: ask in other words"
        assert text(result_page(state, "runs/x")).splitlines()[1] == said
        assert text(run_page(state, "runs/x")).splitlines()[1] == said
        assert report(state).count(f"**{said}**") == 1
        assert shown(state) == [
            {"what": "pages", "count": 1, "of": 3, "hints": ["ask in other words"], "agents": [], "nothing": False}
        ]

    def test_all_leaves_it_clean_and_unsaid(self, tmp_path: Path) -> None:
        state = run_source(reader("understood(3, 3)"), tmp_path).state
        assert state.health == "clean"
        assert "understood" not in text(result_page(state, "runs/x"))

    def test_nothing_at_all_is_not_clean(self, tmp_path: Path) -> None:
        state = run_source(reader('understood(0, 0, what="claims")'), tmp_path).state
        assert state.health == "degraded"
        assert text(result_page(state, "runs/x")).splitlines()[1] == "nothing found: no claims"

    def test_what_found_nothing_is_not_made_up_for_by_the_rest(self, tmp_path: Path) -> None:
        state = run_source(reader("understood(0, 0), understood(10, 10)"), tmp_path).state
        assert state.health == "degraded"
        said = "nothing found: no files besides 10 that were understood"
        assert text(result_page(state, "runs/x")).splitlines()[1] == said

    def test_what_is_shown_is_bounded(self, tmp_path: Path) -> None:
        said = 'for n in range(60): understood(0, 1, what=f"things {n}", hint="x" * 100_000)'
        state = run_source(reader(said), tmp_path).state
        lines = report(state).splitlines()
        assert sum(line.startswith("**not understood") for line in lines) == 9
        assert "**not understood: 52 more kinds of things**" in lines
        assert max(map(len, lines)) < 3_000
        assert len(shown(state)) == 60

    @pytest.mark.parametrize(
        ("say", "error"),
        [
            ("understood(2, 1)", "ValueError"),
            ("understood(True, 1)", "TypeError"),
            ("understood(0, 1, what=2)", "TypeError"),
        ],
    )
    def test_what_cannot_be_is_an_error_of_the_harness(self, say: str, error: str, tmp_path: Path) -> None:
        ended = run_source(reader(say), tmp_path).state.ended
        assert ended is not None and ended.problem is not None
        assert ended.problem.message.startswith(error)


class TestAnAgentSaysIt:
    def test_what_several_say_is_added_up_and_names_them(self, tmp_path: Path) -> None:
        stub = {"rules": [{"match": {"label": "[ab]$"}, "result": "-", "understood": UNREAD}]}
        state = run_source(reader(), tmp_path, stub=stub).state
        assert state.health == "degraded"
        said = "not understood: 2 of 2 files (read:a, read:b): it has no sentences"
        assert text(result_page(state, "runs/x")).splitlines()[1] == said
        assert "not understood: 1 of 1 files: it has no sentences" in text(agent_page(state.agents[0]))

    def test_it_is_taken_off_what_the_harness_counts(self, tmp_path: Path) -> None:
        stub = {"rules": [{"match": {"label": "[ab]$"}, "result": "-", "understood": UNREAD}]}
        state = run_source(reader('understood(3, 5, hint="skipped")'), tmp_path, stub=stub).state
        assert shown(state) == [
            {
                "what": "files",
                "count": 1,
                "of": 5,
                "hints": ["skipped", "it has no sentences"],
                "agents": ["read:a", "read:b"],
                "nothing": False,
            }
        ]

    def test_one_that_found_nothing_at_all_does_not_vanish_in_the_sum(self, tmp_path: Path) -> None:
        none, whole = ({"count": n, "of": n, "what": "files"} for n in (0, 1))
        rules = [{"match": {"label": "b$"}, "result": "-", "understood": none}, {"result": "-", "understood": whole}]
        state = run_source(reader("understood(3, 3)"), tmp_path, stub={"rules": rules}).state
        assert state.health == "degraded"
        assert "nothing found: no files besides 3 that were understood (read:b)" in text(result_page(state, "runs/x"))

    def test_a_resume_says_the_same(self, tmp_path: Path) -> None:
        stub = {"rules": [{"match": {"label": "a$"}, "result": "-", "understood": UNREAD}]}
        first = run_source(reader(), tmp_path, stub=stub)
        again = resume_source(first, tmp_path, source=reader("# edited\n    pass"))
        assert again.state.reused_agents == 3
        assert shown(again.state) == shown(first.state)
        assert again.state.health == "degraded"

    def test_a_replay_reproduces_it(self, tmp_path: Path) -> None:
        source = reader('understood(0, 3, hint="why " * 600)')
        done = run_source(source, tmp_path, stub={"rules": [{"result": "-", "understood": UNREAD}]})
        events = done.folder.events()
        assert fold(events).understanding == done.state.understanding
        assert anyio.run(replay, parse_harness(source, name="test", filename="h.py"), events).complete

    def test_whoever_answers_agents_can_say_it(self, tmp_path: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            return AgentReply(value="x", understood=Understood(count=1, of=2, what="lines"))

        state = run_source(reader(), tmp_path, agents=agents).state
        assert [(said["count"], said["of"]) for said in shown(state)] == [(3, 6)]

    def test_what_is_no_such_thing_loses_the_agent(self, tmp_path: Path) -> None:
        async def agents(request: AgentRequest) -> AgentReply:
            return AgentReply(value="x", understood=(1, 2))  # type: ignore[arg-type]

        state = run_source(reader(), tmp_path, agents=agents).state
        assert [agent.lost.cause for agent in state.lost if agent.lost] == ["crashed"] * 3


PARTS = st.builds(
    lambda count, more, what: Understood(count=count, of=count + more, what=what),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["files", "claims"]),
)


@given(st.lists(PARTS, max_size=4), st.lists(st.none() | PARTS, max_size=4))
def test_a_run_in_which_anything_was_not_understood_is_never_clean(
    said: list[Understood], by_agents: list[Understood | None]
) -> None:
    state = fold(enumerate(events(said, by_agents)))
    parts = [*said, *(part for part in by_agents if part)]
    assert state.health == ("clean" if all(part.whole for part in parts) else "degraded")
    lines = [partial.text() for partial in state.understanding if not partial.whole]
    assert bool(lines) == (state.health == "degraded")
    assert len(lines) == len(set(lines))


def events(said: list[Understood], by_agents: list[Understood | None]) -> list[Event]:
    """Return the journal of a run in which this was said."""
    chosen = Settings()
    start = RunStarted(run="r", name="n", task="", digest="", args={}, now="", settings=chosen)
    found: list[Event] = [start, *(UnderstandingReported(understood=part) for part in said)]
    for number, part in enumerate(by_agents):
        request = AgentRequest.resolve(number, AgentCall(prompt="p"), chosen, None)
        found.append(AgentCalled(path="", line=1, key="", request=request))
        found.append(AgentFinished(id=number, value="", understood=part))
    return [*found, RunEnded(outcome="completed", spent=Spent(), wall_s=1.0)]
