"""A disk that fills up while agents are at work: what could not be recorded is not done, and its cost is not gone."""

from __future__ import annotations

import json
import re
import resource
from pathlib import Path
from typing import Any

import pytest
from killing import in_process
from running import resume_source, run_source

from weft.runtime.errors import JournalError
from weft.runtime.journal.events import Event, MoneyMoved
from weft.runtime.project.folders import Project

HARNESS = """
async def main(args):
    return len([x for x in await parallel([agent(f"ask {n}", label=f"a{n}") for n in range(12)]) if x])
"""
STUB: dict[str, Any] = {
    "rules": [
        {"match": {"label": f"^a{n}$"}, "result": "x" * 900 + str(n), "usage": {"input": 1000, "output": 500}}
        for n in range(12)
    ]
}
OPTIONS: dict[str, Any] = {"concurrency": 4, "budget_usd": 1.0, "model": "anthropic:claude-sonnet-5-5"}
USD = 0.007
"""What one agent costs."""


def full(_at: float, event: Event) -> None:
    """Let no file be written beyond its first few pages, once the requests of the fifth agent on may leave."""
    if isinstance(event, MoneyMoved) and any(reserved.agent > 3 for reserved in event.reserved):
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def work() -> None:
        run_source(HARNESS, tmp_path, stub=STUB, watchers=(full,), **OPTIONS)

    assert in_process(work) == 0
    return tmp_path


def test_what_could_not_be_recorded_is_not_done_and_what_it_cost_is_counted(folder: Path) -> None:
    (run,) = Project(folder).runs()
    told = json.loads(run.result.read_text())
    recorded = run.state()
    assert (told["outcome"], told["error"]["type"]) == ("paused", "journal")
    assert told["agents"]["done"] == recorded.count("done")
    answered = len(re.findall(r"'a\d+'", told["error"]["message"].partition("not recorded: ")[2]))
    assert 0 < answered <= recorded.count("running")
    assert f"which cost ${answered * USD:.4f}" in told["error"]["message"]
    left = recorded.unsettled.requests
    assert left >= answered  # others were still being answered
    assert told["spent"]["usd"] == pytest.approx((recorded.count("done") + left) * USD)
    assert recorded.spent.usd == pytest.approx(told["spent"]["usd"])

    again = resume_source(run, folder, stub=STUB, **OPTIONS)
    assert (again.state.outcome, again.state.health) == ("completed", "clean")
    assert again.state.started_agents == 12 - recorded.count("done")
    assert again.state.spent.usd == pytest.approx((12 + left) * USD)
    assert json.loads(run.result.read_text())["unsettled"]["requests"] == left


def test_while_it_is_full_a_resume_changes_nothing(folder: Path) -> None:
    (run,) = Project(folder).runs()
    before = run.result.read_bytes()

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))
        with pytest.raises(JournalError):
            resume_source(run, folder, stub={}, **OPTIONS)

    assert in_process(work) == 0
    assert run.result.read_bytes() == before
    assert run.state().killed
