"""Losses that a harness hides or dresses up: a run is clean only where nothing was lost, whatever its errors say."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import run_source
from unconfined import without_processes

from weft.runtime.execution.result import result_object
from weft.runtime.views.text import result_page

STAGE = """
class Odd(Exception):
    def __str__(self):
        {text}

class Text(str):
    def __getitem__(self, at):
        raise ValueError("no part")
    def __format__(self, spec):
        raise ValueError("no form")

class Claims(AgentFailed):
    _on_record = True

def lost():
    return Lost(cause="stopped", message="it was nothing", index=None)

async def stage(n):
    raise {error}

async def main(args):
    return await {fan_out}
"""


@pytest.fixture(autouse=True)
def _without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


@pytest.mark.parametrize("fan_out", ["pipeline([1, 2, 3], stage)", "parallel([stage(n) for n in range(3)])"])
@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("AgentFailed('made up', lost())", "pass"),
        ("AgentFailed('made up', None)", "pass"),
        ("Claims('made up', lost())", "pass"),
        ("Odd()", "return 7"),
        ("Odd()", "raise ValueError('no words')"),
        ("Odd()", "return str(self)"),
        ("Odd()", "return 'x' * 50_000_000"),
        ("Odd()", "return Text('dressed')"),
        ("Odd()", "return chr(0xd800) + chr(0x1b)"),
        ("RuntimeError(Odd())", "raise Odd()"),
    ],
)
def test_branches_that_fail_are_losses_whatever_their_errors_say(
    tmp_path: Path, fan_out: str, error: str, text: str
) -> None:
    done = run_source(STAGE.format(error=error, text=text, fan_out=fan_out), tmp_path)
    result = result_object(done.state)
    assert (result["outcome"], result["health"], result["result"]) == ("completed", "degraded", [None] * 3)
    assert [loss["cause"] for loss in result["lost"]] == ["raised"] * 3
    assert all(len(loss["message"]) <= 10_100 for loss in result["lost"])
    assert result["coverage"]["fan_outs"][0]["lost"] == 3
    assert result_page(done.state, ".")


def test_what_a_loss_is_caught_and_dropped_for_is_still_a_loss(tmp_path: Path) -> None:
    source = """
async def branch():
    try:
        return await workflow("unknown")
    except WorkflowRefused:
        return None

async def main(args):
    return await parallel([branch()])
"""
    assert run_source(source, tmp_path).state.health == "degraded"


@pytest.mark.parametrize("fail", ["critical=True), agent('b'", "), agent('b', critical=True"])
def test_an_agent_that_was_really_lost_is_counted_once(tmp_path: Path, fail: str) -> None:
    source = f"async def main(args):\n    return await parallel([agent('a', {fail})])"
    done = run_source(source, tmp_path, stub={"rules": [{"lost": "timeout"}]})
    assert [loss["cause"] for loss in result_object(done.state)["lost"]] == ["timeout"] * 2


def test_an_error_of_main_that_cannot_be_shown_ends_the_run_with_a_word_on_it(tmp_path: Path) -> None:
    source = "class Odd(Exception):\n    def __str__(self):\n        raise ValueError()\n"
    done = run_source(source + "async def main(args):\n    raise Odd()", tmp_path)
    assert done.state.ended is not None
    assert done.state.ended.problem is not None
    assert done.state.ended.problem.message == "Odd: (its text cannot be shown)"
