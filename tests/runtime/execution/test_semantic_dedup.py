"""`semantic_dedup` in runs: what is kept and what was merged, replay, resume, and a measure that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from running import resume_source, run_source
from unconfined import without_processes

from weft.runtime.agents.likeness.answering import Clusters
from weft.runtime.execution.replay import replay
from weft.runtime.execution.run import Run
from weft.runtime.helping import HostRequest
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentError

ITEMS = [
    {"id": 1, "says": "The cache never expires."},
    None,
    {"id": 2, "says": "The retry loop in client.py has no upper bound."},
    {"id": 3, "says": "the cache never expires"},
    {"id": 4, "says": "In client.py the retry loop has no upper bound at all."},
    {"id": 5, "says": "The cache expires."},
    {"id": 6, "says": "The cache never expires."},
]
MAIN = f"""
async def main(args):
    kept = await semantic_dedup({ITEMS!r}, text="says")
    told = [[c["kept"]["id"], *(other["id"] for other in c["merged"])] for c in kept.clusters]
    return {{"kept": [item["id"] for item in kept], "clusters": told, "measure": kept.measure,
            "threshold": kept.threshold, "lost": [lost.cause for lost in kept.lost]}}
"""
WHOLE = {"clusters": [[1, 3, 6], [4, 2], [5]], "measure": "lexical", "threshold": 0.85, "lost": []}


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def said(done: Run) -> Any:
    assert done.state.ended is not None
    return done.state.ended.result


def count_calls(monkeypatch: pytest.MonkeyPatch) -> list[HostRequest]:
    asked: list[HostRequest] = []
    real = Clusters.__call__

    async def counted(self: Clusters, request: HostRequest) -> Any:
        asked.append(request)
        return await real(self, request)

    monkeypatch.setattr(Clusters, "__call__", counted)
    return asked


def test_the_fullest_is_kept_and_every_item_is_in_one_cluster(tmp_path: Path) -> None:
    done = run_source(MAIN, tmp_path)
    assert said(done) == WHOLE | {"kept": [1, 4, 5]}
    assert done.state.health == "clean" and not done.state.agents


def test_a_replay_and_a_resume_compare_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count_calls(monkeypatch)
    source = MAIN.replace("    return {", '    await agent("x", label="x")\n    return {')
    again = resume_source(run_source(MAIN, tmp_path), tmp_path, source=source)
    harness = parse_harness(source, name="test", filename="h.py")
    assert anyio.run(replay, harness, again.folder.events()).result == said(again) == WHOLE | {"kept": [1, 4, 5]}
    assert len(asked) == 1


def test_where_the_measure_fails_only_equal_texts_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(self: Clusters, request: HostRequest) -> Any:
        raise AgentError("timeout", "too slow")

    monkeypatch.setattr(Clusters, "__call__", failing)
    done = run_source(MAIN, tmp_path)
    told = said(done)
    assert told["clusters"] == [[1, 6], [2], [3], [4], [5]] and told["kept"] == [1, 2, 3, 4, 5]
    assert told["measure"] == "equal texts" and told["lost"] == ["timeout"]
    assert done.state.health == "degraded"


@pytest.mark.parametrize("items", ["[]", "[None]", '["one"]', '["same", "same"]'])
def test_nothing_to_compare_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, items: str) -> None:
    asked = count_calls(monkeypatch)
    source = f"async def main(args):\n    kept = await semantic_dedup({items}, text=lambda x: x)\n"
    done = run_source(source + "    return [kept, kept.measure, len(kept.clusters)]", tmp_path)
    expected = [item for item in dict.fromkeys(eval(items)) if item]
    assert said(done) == [expected, "equal texts", len(expected)]
    assert not asked


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('semantic_dedup("text", text=str)', "takes a list of items"),
        ('semantic_dedup({"a"}, text=str)', "refuses a set"),
        ("semantic_dedup([1], text=lambda x: x)", "must give a text, got a int for item 0"),
        ('semantic_dedup(["a"], text=str, threshold=0)', "above 0 and at most 1, got 0"),
        ('semantic_dedup(["a"], text=str, threshold=True)', "above 0 and at most 1"),
        ('semantic_dedup(["a"], text=str, threshold=float("nan"))', "above 0 and at most 1"),
        ('semantic_dedup(["a"], text=3)', "text=…) takes a field name or a function"),
        ('semantic_dedup([{"a": 1}], text="b")', "'b'"),
        ("semantic_dedup([str(n) * 99 for n in range(100_001)], text=str)", "at most 100000 items"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, call: str, message: str) -> None:
    done = run_source(f"async def main(args):\n    return await {call}", tmp_path)
    assert done.state.ended is not None and done.state.ended.problem is not None
    assert message in done.state.ended.problem.message


def test_a_script_may_say_what_is_alike_and_nothing_else(tmp_path: Path) -> None:
    source = 'async def main(args):\n    return await semantic_dedup(["a", "b"], text=str)'
    stub = {"rules": [{"match": {"tool": "cluster_texts"}, "result": {"clusters": [[1, 0]], "measure": "mine"}}]}
    assert said(run_source(source, tmp_path, stub=stub)) == ["b"]
    stub["rules"][0]["result"] = {"clusters": [[0]], "measure": "mine"}
    ended = run_source(source, tmp_path, stub=stub).state.ended
    assert ended is not None and ended.problem is not None and "no clusters of 2 texts" in ended.problem.message
