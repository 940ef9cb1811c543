"""Panels, conversations, routes and shares in a run: rehearsed, on bad days, replayed, and resumed for no more."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import anyio
import pytest
from disturbed import Disturbed
from paid import check_asked
from running import resume_source, run_source
from unconfined import without_processes

from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.journal import read_journal
from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.settings import Settings

SOURCE = """
KIND = {"type": "object", "properties": {"kind": {"enum": ["bug", "idea"]}, "worth": {"type": "integer", "minimum": 0}}}
KIND["required"] = ["kind", "worth"]


def near(index):
    return [other for other in (index - 1, index + 1) if 0 <= other < 3]


async def mend(scout):
    done = await reflect(f"Mend {scout['worth']}", critic="Is it safe?", max_rounds=2)
    return done["ended"]


async def main(args):
    scouts = [scout for scout in await parallel([agent(f"Scout {n}", schema=KIND) for n in range(3)]) if scout]
    shares = allot(scouts, 4, by="worth", most=2)
    drafts = await parallel([agent(f"Draft {s['kind']} {n}") for s, count in shares for n in range(count)])
    ranked = await judge(drafts, criteria=["short", "true"], judges=3)
    routed = await route(scouts, by="kind", handlers={"bug": mend, "idea": lambda scout: agent(f"Think {scout}")})
    found = await swarm(["a", "b", "c"], neighbours=near, rounds=2)
    said = await debate(f"What of this?\\n{found}", roles=["pro", "con"], rounds=2)
    gaps = await critique([speech["speech"] for speech in said], "Both sides are heard")
    report = await synthesize([*ranked, *found, str(gaps)], "Report", fan_in=3)
    return [list(ranked), ranked.outcome, ranked.standings, ranked.votes, routed, found, said, gaps, report]
"""


REHEARSED = """
async def main(args):
    ranked = await judge(["a", "b", "c"], criteria="short", judges=2)
    places = [ranked[vote["ranking"][2]] for vote in ranked.votes if vote["ranking"]]
    found = await swarm([str(places), "b"], neighbours={0: [1]}, rounds=2)
    said = await debate(f"What of this?\\n{found}", roles=["pro", "con"], rounds=2)
    done = await reflect(f"Sum up:\\n{said}", critic="Short?", max_rounds=2)
    gaps = await critique([done["text"]], "Both sides are heard")
    return await route(gaps["missing"] if gaps else ["b"], by=len, handlers={n: str.upper for n in range(99)})
"""


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


@pytest.mark.slow
def test_a_rehearsal_goes_through_all_of_them_also_where_every_agent_is_lost() -> None:
    harness = parse_harness(REHEARSED, name="all", filename="all.py")

    done = anyio.run(partial(rehearse, harness, {}, Settings().resolved(), lambda name: None, runs=8))
    assert done.crashes == ()
    assert done.agents[1] > 12


@pytest.mark.parametrize("lose", [0.0, 0.3])
def test_a_run_that_was_stopped_comes_to_the_same_and_pays_nothing_twice(tmp_path: Path, lose: float) -> None:
    whole = run_source(SOURCE, tmp_path / "whole", agents=Disturbed(7, 0, None))
    done = run_source(SOURCE, tmp_path, agents=Disturbed(7, lose, 9))
    again = resume_source(done, tmp_path, agents=Disturbed(7, 0, None))
    assert whole.state.ended is not None
    assert again.state.ended is not None
    assert again.state.ended.result == whole.state.ended.result
    check_asked(again)
    assert again.state.started is not None
    harness = recorded_harness(again.folder, again.state.started)
    assert anyio.run(replay, harness, read_journal(again.folder.journal)).complete
