"""What is read off the journals of real runs."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from running import run_with
from unconfined import without_processes

from weft.primitives.lost import Spent
from weft.runtime.authoring.plan import make_plan
from weft.runtime.forecasting.forecast import Forecast
from weft.runtime.forecasting.history import Recorded, alike, read_history
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.settings import Settings

SOURCE = """
async def main(args):
    phase("Find")
    found = await parallel([lambda n=n: agent(f"find {n}", label=f"find:{n}") for n in range(4)])
    phase("Write")
    return await agent("write", tools=[])
"""


class Paid:
    """Answers with a cost, and loses whom it is told to."""

    async def __call__(self, request: AgentRequest) -> AgentReply:
        if request.prompt == "find 3":
            raise AgentError("refused", "not today")
        return AgentReply(value="done", spent=Spent(1_000, 100, 0.01))


def go(folder: Path, **settings: object) -> None:
    given = {"model": "anthropic:claude-sonnet-5-5", "folders": (folder / "notes",), **settings}
    run_with(SOURCE, folder, Settings(**given), agents=Paid())  # type: ignore[arg-type]


def history(folder: Path) -> tuple[Recorded, ...]:
    return read_history(Project(folder), Config())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without_processes(monkeypatch)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("word " * 500)
    return tmp_path


def test_runs_are_read_once_and_say_what_agents_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go(folder)
    (run,) = history(folder)
    assert [(cell.phase, cell.agents, cell.input, cell.output) for cell in run.cells] == [
        ("Find", 3, 3_000, 300),
        ("Write", 1, 1_000, 100),
    ]
    assert run.cells[0].counted_input > 3 * run.cells[1].counted_input  # these have tools, and a file to read
    assert run.whole and run.counted_s > 0 and set(run.alike) & set(alike("test", 5, {}))
    assert not set(run.alike) & {*alike("test", None, {"n": 1}), *alike("other", None, {})}
    monkeypatch.setattr("weft.runtime.project.folders.RunFolder.state", None)
    assert history(folder) == (run,)


@pytest.mark.parametrize("spoilt", ["", "[1, {", '[1, {"x": {"size": 1, "run": null}}]', "[99, {}]", "[1, NaN]"])
def test_what_is_kept_may_be_spoilt(folder: Path, spoilt: str) -> None:
    go(folder)
    kept = folder / ".weft/runs/usage.json"
    (run,) = history(folder)
    kept.write_text(spoilt)
    assert history(folder) == (run,) and "Find" in kept.read_text()


def test_amounts_that_cannot_be_are_not_believed(folder: Path) -> None:
    go(folder)
    kept = folder / ".weft/runs/usage.json"
    (run,) = history(folder)
    for wrong in ('"input":1e999', '"input":-3', '"input":"many"'):
        kept.write_text(kept.read_text().replace('"input":3000', wrong).replace('"input": 3000', wrong))
        assert wrong in kept.read_text() and history(folder) == (run,)


def test_it_is_kept_where_that_can_be_written(folder: Path) -> None:
    go(folder)
    (folder / ".weft/runs/usage.json").mkdir()
    assert len(history(folder)) == 1


def test_runs_that_teach_nothing(folder: Path) -> None:
    assert history(folder) == () and not (folder / ".weft").exists()
    (folder / "stub.json").write_text('{"default": {"usage": {"input": 5, "output": 5}}}')
    go(folder, agents=f"stub:{folder / 'stub.json'}", virtual_time=True)
    go(folder, model="offline")
    (folder / ".weft/runs/20261130-000000-0000").mkdir()
    spoilt = folder / ".weft/runs/20261130-000000-0001"
    spoilt.mkdir()
    (spoilt / "run.db").write_text("no journal")
    assert history(folder) == ()
    go(folder)
    assert len(history(folder)) == 1


def test_the_folders_of_a_run_may_be_gone(folder: Path) -> None:
    go(folder)
    (folder / "notes/a.md").unlink()
    (folder / "notes").rmdir()
    assert len(history(folder)) == 1


def test_plans_become_warm(folder: Path) -> None:
    def plan() -> Forecast:
        settings = Settings(model="anthropic:claude-sonnet-5-5", folders=(folder / "notes",))
        harness = parse_harness(SOURCE, name="test", filename="h.py")
        made = anyio.run(make_plan, harness, {}, settings, Config(), Project(folder))
        assert made.forecast is not None
        return made.forecast

    cold = plan()
    for _ in range(3):
        go(folder)
    warm = plan()
    assert cold.basis.text.startswith("no earlier run")
    learned = "learned from 12 agents of 3 earlier runs, 3 of which did the same work; forecasts so far were typically"
    assert warm.basis.text.startswith(learned)
    assert warm.usd is not None and cold.usd is not None
    assert warm.usd.p10 < 0.04 < warm.usd.p90 and warm.usd.p90 / warm.usd.p10 < cold.usd.p90 / cold.usd.p10
