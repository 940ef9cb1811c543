"""Which saved harnesses are for a task: those that speak of it, by their words or by a model of embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from command import weft
from kept import ARGS, RATING
from pydantic_ai.embeddings import EmbeddingModel, EmbeddingResult, EmbeddingSettings
from pydantic_ai.embeddings.result import EmbedInputType
from pydantic_ai.usage import RequestUsage

from weft.runtime.errors import NotFound, Refused
from weft.runtime.keeping.finding import chosen, similar
from weft.runtime.project.folders import Project
from weft.runtime.request import AgentError


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".weft/workflows").mkdir(parents=True)
    (folder / ".weft/workflows/rating.py").write_text(RATING)
    (folder / ".weft/workflows/broken.py").write_text("async def main(")
    return Project(folder)


def names(task: str, project: Project, **more: Any) -> list[str]:
    async def go() -> list[str]:
        found = await similar(task, project, **more)
        assert all(0 <= one.score <= 1 for one in found)
        return [one.saved.name for one in found]

    return anyio.run(go)


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("How risky is each of these files?", "rating"),
        ("Which of these notes contradict each other?", "find-contradictions"),
        ("Find the bugs in src", "bug-hunt"),
        ("Review this change", "code-review"),
        ("Write exam questions about the chapters", "exam-questions"),
        ("Is the code safe? Look for security holes", "security-audit"),
    ],
)
def test_the_one_for_a_task_is_among_the_first(project: Project, task: str, name: str) -> None:
    assert name in names(task, project, most=2)


@pytest.mark.parametrize("task", ["", "the of and", "Bake sourdough", "\0\ud800"])
def test_there_is_none_for_anything_else(project: Project, task: str) -> None:
    assert names(task, project) == []


class Meaning:
    """A model of embeddings that knows one thing."""

    name = "test:embedding"

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails

    async def of(self, texts: Sequence[str], call: int) -> list[list[float]]:
        """Return vectors: one for what speaks of risk, another for all else."""
        if self._fails:
            raise AgentError("provider", "it is not there")
        return [[1.0, 0.0] if "risk" in text or "Gefahr" in text else [0.0, 1.0] for text in texts]


def test_a_model_of_embeddings_compares_by_meaning(project: Project) -> None:
    task = "Wo ist Gefahr?"
    assert names(task, project) == []
    assert "rating" in names(task, project, most=9, embeddings=Meaning())
    assert names(task, project, embeddings=Meaning(fails=True)) == []


def test_the_command_shows_the_score(project: Project) -> None:
    folder = project.root.parent
    done = weft(folder, "list", "How risky is each of these files?", "--json").json
    assert done[0]["name"] == "rating" and 0 < done[0]["score"] <= 1
    assert weft(folder, "list", "Bake sourdough").out.startswith("no saved harness speaks of that")


def test_what_an_author_chooses_fits(project: Project) -> None:
    assert chosen(project, "rating", ARGS).source == RATING
    with pytest.raises(NotFound, match="no saved harness 'ratings'"):
        chosen(project, "ratings", ARGS)
    with pytest.raises(Refused, match="do not fit"):
        chosen(project, "rating", {"files": 1})
    with pytest.raises(Refused, match="not a harness"):
        chosen(project, "broken", {})


def test_a_harness_elsewhere_is_none_of_this_project(tmp_path: Path) -> None:
    assert "rating" not in names("How risky is each of these files?", Project(tmp_path))


class Model(EmbeddingModel):
    """The same as a model of pydantic-ai, which the command asks where the project names one."""

    model_name = system = "fake"  # type: ignore[assignment]

    async def embed(
        self, inputs: str | Sequence[str], *, input_type: EmbedInputType, settings: EmbeddingSettings | None = None
    ) -> EmbeddingResult:
        texts, _ = self.prepare_embed(inputs, settings)
        vectors = await Meaning().of(texts, 0)
        own: dict[str, Any] = {"model_name": "fake", "provider_name": "fake"}
        return EmbeddingResult(vectors, inputs=texts, input_type=input_type, usage=RequestUsage(input_tokens=9), **own)


def test_the_command_asks_the_model_of_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weft.runtime.agents.likeness.embedding.load_embedding_model", lambda name: Model())
    folder = project.root.parent
    (folder / "weft.toml").write_text('[embeddings]\nmodel = "openai:text-embedding-3-small"\n')
    found = weft(folder, "list", "Wo ist Gefahr?", "--json").json
    (folder / "weft.toml").unlink()
    assert ("rating", 1.0) in [(one["name"], one["score"]) for one in found]
