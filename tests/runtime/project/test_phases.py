"""Which phases a harness names, and what is said of a share that is held for none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import run_source

from weft.runtime.ceiling import Share
from weft.runtime.errors import UsageError
from weft.runtime.project.config import Config
from weft.runtime.project.phases import named_phases

WRITTEN = """
from weft.primitives import agent, phase, workflow


async def main(args):
    phase("Find")
    await agent("x", phase="Aside")
    await workflow("sub", {})
    phase("Report")
    return await agent("x")
"""
SUB = "async def main(args):\n    phase('Inner')\n    return await workflow('sub')"


@pytest.mark.parametrize(
    ("source", "phases"),
    [
        (WRITTEN, {"Find", "Aside", "Report", "Inner"}),
        (WRITTEN.replace('phase("Find")', "phase(args['name'])"), None),
        (WRITTEN.replace('phase("Find")', "phase(f'Find {args}')"), None),
        (WRITTEN.replace('phase="Aside"', "**args"), None),
        (WRITTEN.replace('phase("Find")', "begin = phase"), None),
        (WRITTEN.replace('workflow("sub"', "workflow(args"), None),
        (WRITTEN.replace('"sub"', '"gone"'), None),
        ("async def main(args): return 1", set()),
        ("def (", None),
    ],
)
def test_phases_are_known_where_they_are_written_out(source: str, phases: set[str] | None) -> None:
    assert named_phases(source, {"sub": SUB}.get) == phases


def test_a_share_for_a_phase_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    hold = {"Reprot": Share(10, percent=True), "critical": Share(5, percent=True)}
    source = WRITTEN.replace('    await workflow("sub", {})\n', "")
    with pytest.raises(UsageError, match="no phase 'Reprot'") as caught:
        run_source(source, tmp_path, budget_tokens=1000, hold=hold)
    assert str(caught.value.fix).startswith("did you mean --hold Report=10%? ")
    assert not (tmp_path / ".weft").exists()


def test_a_project_holds_shares_for_all_of_its_harnesses(tmp_path: Path) -> None:
    hold = {"Else": Share(10, percent=True)}
    done = run_source(
        "async def main(args): return 1",
        tmp_path,
        budget_tokens=1000,
        hold=hold,
        config=Config.model_validate({"run": {"hold": ["Else=10%"]}}),
    )
    assert done.state.outcome == "completed"
