"""How long a run takes whose agents take so long each."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import run_source
from unconfined import without_processes

from weft.primitives.calls import AgentCall
from weft.runtime.forecasting.cells import Call, calls_of
from weft.runtime.forecasting.chains import course_of, unequal
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings

SOURCE = """
async def main(args):
    phase("Find")
    await agent("first")
    found = await parallel([lambda n=n: agent(f"find {n}") for n in range(7)])
    phase("Check")

    async def check(item, index):
        await agent(f"look {index}")
        return await parallel([lambda k=k: agent(f"judge {index} {k}") for k in range(3)])

    await pipeline(range(5), lambda n, item: agent(f"open {n}"), lambda value, item: check(value, item))
    return await agent("last")
"""


def call(number: int, path: str, phase: str | None = None) -> Call:
    return Call(AgentRequest.resolve(number, AgentCall(prompt="?"), Settings(), phase), path)


@pytest.mark.parametrize("at_once", [1, 3, 4, 64])
def test_it_is_the_course_of_the_real_scheduler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at_once: int) -> None:
    without_processes(monkeypatch)
    stub = {
        "rules": [{"match": {"prompt": f"{n}$"}, "latency": 1 + n * 1.37} for n in range(8)],
        "default": {"latency": 2},
    }
    done = run_source(SOURCE, tmp_path, stub=stub, concurrency=at_once)
    calls = calls_of(event for _, event in done.folder.events())

    def takes(call: Call) -> float:
        last = call.request.prompt[-1]
        return 1 + int(last) * 1.37 if last.isdigit() else 2.0

    course = course_of(calls, takes, at_once)
    assert course.seconds == pytest.approx(done.state.wall_s) and set(course.phases) == {"Find", "Check"}


@pytest.mark.parametrize(
    ("paths", "at_once", "seconds"),
    [
        ([], 1, 0),
        (["", "", ""], 9, 3),  # one after the other
        (["/0.0", "/0.1", "/0.2", ""], 9, 2),
        (["/0.0", "/0.1", "/0.2", ""], 2, 3),
        (["/0.0@0", "/0.1@0", "/0.0@1", "/0.1@1"], 9, 2),  # stages
        (["/0.0", "/0.1", "/1.0", "/1.1"], 9, 2),  # two fan-outs
        (["/0.0/0.0", "/0.0/0.1", "/0.1/0.0", "/0.0", ""], 9, 3),
        (["/0.0", "/0.1"], 0, 2),
        (["/9999999.1", "what", "/0.x"], 1, 3),  # no call paths
    ],
)
def test_who_waits_for_whom(paths: list[str], at_once: int, seconds: float) -> None:
    calls = [call(number, path) for number, path in enumerate(paths)]
    assert course_of(calls, lambda call: 1.0, at_once).seconds == seconds


def test_phases_last_from_their_first_agent_to_their_last() -> None:
    calls = [call(0, "", "A"), call(1, "/0.0", "B"), call(2, "/0.1", "B"), call(3, "", "A")]
    assert course_of(calls, lambda call: 1.0, 1).phases == {"A": 4.0, "B": 2.0}


def test_agents_take_unequally_long_and_as_long_on_average() -> None:
    factors = [unequal(number) for number in range(2_000)]
    assert sum(factors) / len(factors) == pytest.approx(1, rel=0.02)
    assert max(factors[:20]) > 1.7 and min(factors[:20]) < 0.6
