"""Aggregation that chains, on 2,000 findings: merged, checked by rule, put together by a tree, and criticised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import run_with
from unconfined import without_processes

from weft.linter import lint
from weft.runtime.execution.run import Run
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.settings import Settings

HARNESS = (Path(__file__).parents[3] / "examples" / "aggregate.py").read_text()
FILES, EACH, VIEWS = 50, 20, 2
FEW = 4
LONGEST_PROMPT = 16_000
WORDS = "lock cache queue socket parser index token header buffer schema row worker cookie limit thread table".split()
WAYS = (
    "The {a} is never released after the {b} has failed, number {n}.",
    "After the {b} has failed the {a} is never released, number {n}.",
)


def words_of(number: int) -> dict[str, Any]:
    return {"a": WORDS[number % 16], "b": WORDS[(number * 7 + 3) % 16], "n": number + 2}


def findings(file: int, view: int) -> list[dict[str, Any]]:
    """Return what one reader says: the same as the other in other words, every fourth with an invented quotation."""
    return [
        {
            "problem": WAYS[view].format(**words_of(number)),
            "quote": "nowhere" if number % 4 == 3 else f"line {number} of file {file}",
            "confidence": number / EACH,
        }
        for number in range(EACH)
    ]


class Readers:
    """Answers every agent, keeps its prompt, and loses those whose label begins with something."""

    def __init__(self, lost: str = "-") -> None:
        self.prompts: dict[str, str] = {}
        self._lost = lost

    async def __call__(self, request: AgentRequest) -> AgentReply:
        label = request.label or ""
        self.prompts[label] = request.prompt
        if label.startswith(self._lost):
            raise AgentError("provider", "lost")
        if label.startswith("find:"):
            _, view, path = label.split(":")
            return AgentReply(value={"findings": findings(int(path.removesuffix(".txt")), int(view))})
        if request.schema is not None:
            return AgentReply(value={"missing": ["tests"], "enough": False})
        return AgentReply(value=f"summary of {request.prompt.count('<item>')}")


def aggregated(folder: Path, agents: Readers, count: int = FILES) -> Run:
    files = folder / "files"
    files.mkdir()
    for file in range(count):
        (files / f"{file}.txt").write_text("\n".join(f"line {number} of file {file}" for number in range(EACH)))
    return run_with(
        HARNESS, folder, Settings(folders=(files,)), {"views": VIEWS, "top": 20, "task": "Find."}, agents=agents
    )


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def test_two_thousand_findings_come_together_and_no_prompt_has_them_all(tmp_path: Path) -> None:
    readers = Readers()
    done = aggregated(tmp_path, readers)
    assert done.state.ended is not None
    result = done.state.ended.result
    assert result["counts"] == {
        "said": FILES * EACH * VIEWS,
        "different": FILES * EACH,
        "standing": FILES * EACH * 3 // 4,
    }
    assert result["measure"] == "lexical" and result["missing"] == ["tests"]
    assert len(result["surest"]) == 20 and {one["said"] for one in result["surest"]} == {VIEWS}
    assert all(one["quote"].startswith("line ") for one in result["surest"])
    assert max(map(len, readers.prompts.values())) <= LONGEST_PROMPT
    leaves = [prompt for label, prompt in readers.prompts.items() if label.startswith("synthesize:1.")]
    assert sum(prompt.count("<item>") for prompt in leaves) == FILES * EACH  # each finding is in one of them
    bound = lint(HARNESS).bound.agents
    assert len(readers.prompts) == FILES * VIEWS + 50 + 3 + 1 + 1
    assert "unbounded" not in str(bound)


@pytest.mark.parametrize(
    ("lost", "said", "missing", "report"),
    [
        ("find:1", FEW * EACH, ["tests"], "summary of 4"),
        ("find:", 0, [], None),
        ("critique", FEW * EACH * VIEWS, [], "summary of 4"),
        ("synthesize:1", FEW * EACH * VIEWS, ["tests"], "summary of 0"),
    ],
)
def test_what_is_left_when_agents_are_lost(
    tmp_path: Path, lost: str, said: int, missing: list[str], report: str | None
) -> None:
    done = aggregated(tmp_path, Readers(lost), FEW)
    assert done.state.ended is not None and done.state.ended.problem is None
    result = done.state.ended.result
    assert result["counts"]["said"] == said and done.state.health == "degraded"
    assert (result["missing"], result["report"]) == (missing, report)
