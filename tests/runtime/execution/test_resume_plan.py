"""What a resume would do and cost, against what it then does."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from asking import COST, Asking
from running import resume_source, run_source

from weft.runtime.execution.resume import resumable
from weft.runtime.execution.resume_plan import ResumePlan, plan_resume
from weft.runtime.execution.run import Run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness

SOURCE = """
async def main(args):
    first = [await agent(f"one {n}") for n in range(3)]
    second = await parallel([lambda n=n: agent(f"two {n}", label=f"two:{n}") for n in range(3)])
    return [first, list(second), await agent("three", label="three")]
"""


def planned(done: Run, source: str) -> ResumePlan:
    harness = parse_harness(source, name="test", filename="h.py")
    project = Project(done.folder.path.parents[2])
    with resumable(done.folder) as found:
        resumption = found.resumption(found.started.settings, harness=harness)
        return anyio.run(plan_resume, resumption, project.find_harness)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "reasons", "orphaned"),
    [
        ("one {n}", "uno {n}", {"changed": 3}, []),
        ("two {n}", "dos {n}", {"changed": 3}, []),
        ("range(3)]\n    second", "range(2)]\n    second", {}, ["one 2"]),
        ("range(3)]\n    second", "range(4)]\n    second", {"new": 1}, []),
        ('await agent("three"', 'await agent("3rd"', {"changed": 1}, []),
        ("    return", "    await agent('more')\n    return", {"new": 1}, []),
        ('"three", label="three"', '"three", label="three", model="test"', {"changed": 1}, []),
        ("    second", "    # a comment\n    second", {}, []),
    ],
)
def test_of_an_edit(tmp_path: Path, old: str, new: str, reasons: dict[str, int], orphaned: list[str]) -> None:
    assert SOURCE.count(old) == 1
    source = SOURCE.replace(old, new)
    agents = Asking(tmp_path)
    done = run_source(SOURCE, tmp_path, agents=agents)
    before = done.folder.journal.read_bytes()
    plan = planned(done, source)
    assert done.folder.journal.read_bytes() == before
    assert (dict(plan.reasons), [known.called.request.prompt for known in plan.orphaned]) == (reasons, orphaned)
    assert plan.saved.tokens == len(plan.reused) * COST.tokens
    assert plan.usd == pytest.approx((len(plan.asked) * COST.usd,) * 2) or "model" in new
    agents.forget()
    again = resume_source(done, tmp_path, source=source, agents=agents)
    assert sorted(agents.asked) == sorted(ask.called.request.prompt for ask in plan.asked)
    assert again.state.reused_agents == len(plan.reused)


def test_of_a_run_that_was_stopped(tmp_path: Path) -> None:
    agents = Asking(tmp_path, lose=["one 1"])
    done = run_source(SOURCE, tmp_path, agents=agents, max_agents=5, concurrency=2)
    plan = planned(done, SOURCE)
    assert dict(plan.reasons) == {"lost": 1, "waiting": 1, "new": 1}
    assert (len(plan.reused), plan.orphaned, plan.undecided) == (4, (), ())
