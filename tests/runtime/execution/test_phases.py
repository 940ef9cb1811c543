"""Phases of saved harnesses are their own: they are shown apart, and end with them."""

from __future__ import annotations

from pathlib import Path

from running import run_source

from weft.runtime.journal.agentstate import Phase
from weft.runtime.page import text
from weft.runtime.views.data import run_object
from weft.runtime.views.text import run_page

MAIN = """
from weft.primitives import agent, parallel, phase, workflow


async def main(args):
    phase("Begin")
    await workflow("plain", {})
    both = await parallel([workflow("sub", {"topic": topic}) for topic in "ab"])
    await agent("x", label="after")
    phase("End")
    await agent("x", label="last")
    return both
"""
SUB = """
from weft.primitives import agent, parallel, phase, workflow

ARGS = {"type": "object", "properties": {"topic": {"type": "string"}}}


async def main(args):
    phase("Gather")
    if args["topic"] == "a":
        await agent("slow", label="slow")
    await parallel([agent(f"{args['topic']}{n}", label=f"gather:{args['topic']}{n}") for n in range(2)])
    phase("End")
    await workflow("plain", {})
    return await agent(args["topic"], label=f"sub-end:{args['topic']}")
"""
PLAIN = """
from weft.primitives import agent


async def main(args):
    return await agent("plain", label="plain")
"""


def test_a_saved_harness_s_phases_are_its_own(tmp_path: Path) -> None:
    folder = tmp_path / ".weft/workflows"
    folder.mkdir(parents=True)
    (folder / "sub.py").write_text(SUB)
    (folder / "plain.py").write_text(PLAIN)
    state = run_source(MAIN, tmp_path, stub={"rules": [{"match": {"label": "slow"}, "latency": 9}]}).state
    assert state.outcome == "completed"
    of = {agent.called.request.name: agent.phase for agent in state.agents.values() if agent.called.path.count("/") < 3}
    assert of["after"] == Phase("Begin")
    assert of["last"] == Phase("End")
    gathered = {name: phase for name, phase in of.items() if name.startswith(("gather", "sub-end"))}
    assert {phase.within for phase in gathered.values()} == {("sub",)}
    assert all(phase.title == ("End" if name.startswith("sub-end") else "Gather") for name, phase in gathered.items())
    plain = [agent.phase for agent in state.agents.values() if agent.called.request.name == "plain"]
    assert sorted(plain, key=str) == [Phase("Begin"), Phase("End", ("sub",)), Phase("End", ("sub",))]
    assert run_object(state)["phases"] == ["Begin", "End"]
    page = text(run_page(state, "here")).splitlines()
    assert "Begin  2/2" in page and "  sub › Gather  5/5" in page and "End  1/1" in page
