"""What rehearsals make go wrong besides answers: every reason of a loss, stops, quorums, saved harnesses, ceilings."""

from __future__ import annotations

from functools import partial
from typing import get_args

import anyio
import pytest
from unconfined import without_processes

from weft.primitives.lost import Cause
from weft.runtime import Rehearsal
from weft.runtime.project.harness import Harness, parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.settings import Settings

PRICED = "anthropic:claude-haiku-4-5"

HEAD = """from weft.primitives import agent, budget, parallel, phase, until_dry, workflow


async def main(args):
"""


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def of(body: str, saved: str | None = None, *, runs: int = 20, **settings: object) -> Rehearsal:
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    harness = parse_harness(HEAD + lines, name="test", filename="test.py")
    held = Settings(**settings).resolved()  # type: ignore[arg-type]

    def find(name: str) -> Harness | None:
        return None if saved is None else parse_harness(saved, name=name, filename=f"{name}.py")

    return anyio.run(partial(rehearse, harness, {}, held, find, runs=runs))


def test_agents_are_lost_for_every_reason_that_a_harness_may_look_for() -> None:
    done = of(
        """
found = await parallel([agent(f"Find {n}") for n in range(9)])
return sorted({lost.cause for lost in found.lost})
"""
    )
    said = {cause for played in done.played for cause in played.ended.result or []}
    assert said == {*get_args(Cause)} - {"raised"}


BROKEN = {
    "one agent too few for the quorum": """
found = await parallel([agent(f"Find {n}") for n in range(4)], quorum=3)
return found[2].upper()
""",
    "all agents but the first half": """
first = await parallel([agent(f"Find {n}") for n in range(2)])
second = await parallel([agent(f"Check {n}") for n in range(2)])
return second[0].upper() if all(first) and not any(second) else [first, second]
""",
    "every saved harness missing": """
try:
    return await workflow("other")
except Exception:
    return {}["missing"]
""",
}


@pytest.mark.parametrize("day", BROKEN)
def test_what_breaks_on_a_bad_day_is_found(day: str) -> None:
    done = of(BROKEN[day], "async def main(args):\n    return 1\n")
    assert done.crashes, [played.manner.name for played in done.played]
    assert any(played.manner.name.startswith(day) for played in done.played)


def test_that_a_saved_harness_is_missing_is_no_fault_of_the_one_that_calls_it() -> None:
    done = of('return await workflow("other")', "async def main(args):\n    return 1\n")
    assert any(played.manner.saved_fail for played in done.played) and done.sound


PROPOSES = """
found = await parallel([agent(f"Find {n}") for n in range(3)])
proposed = []
if CONDITION:
    proposed = await parallel([agent(f"Propose {n}") for n in range(2)])
return [found, len(found.lost), proposed, "lost" if None in proposed else "whole"]
"""


@pytest.mark.parametrize(
    ("condition", "closed"),
    [
        ('budget.remaining("usd") > 500', [8]),
        ('budget.remaining("usd") > 0.01', []),
        ('budget.total("usd") is None', [8]),
        ("len(found) > 5", []),
    ],
)
def test_what_no_cost_could_open_under_a_ceiling_is_told(condition: str, closed: list[int]) -> None:
    done = of(PROPOSES.replace("CONDITION", condition), model=PRICED, budget_usd=2.0)
    assert [one.line for one in done.confused if one.kind == "closed"] == closed


def test_runs_are_held_against_the_ceiling_with_what_agents_are_expected_to_cost() -> None:
    body = PROPOSES.replace("CONDITION", "True")
    assert of(body, model=PRICED).afforded is None
    ample = of(body, model=PRICED, budget_usd=20.0).afforded
    assert ample is not None and (ample.paused, ample.lost, ample.never) == (0, 0, ())
    scarce = of(body, model=PRICED, budget_usd=0.03).afforded
    assert scarce is not None and scarce.paused == scarce.runs > 0 and 8 in scarce.never
    finished = of(body, model=PRICED, budget_usd=0.03, on_budget="finish").afforded
    assert finished is not None and (finished.paused, finished.lost) == (0, finished.runs)
