"""Tools that a harness calls without a model: what they give, what a failure is, limits, replay and resume."""

from __future__ import annotations

import inspect
import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from running import resume_source, run_source
from unconfined import without_processes

from weft.primitives.tools import TOOLS
from weft.runtime.agents.likeness.clusters import cluster_texts
from weft.runtime.execution import prepare
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal import executions
from weft.runtime.journal.events import HostAnswered
from weft.runtime.project.harness import parse_harness
from weft.runtime.tools import lookup
from weft.runtime.tools.built_in import RECALL
from weft.runtime.tools.lookup import Found
from weft.runtime.tools.reading import Finder
from weft.sandbox.protocol import Limits


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("alpha one\nbeta two\n")
    (folder / "b.md").write_text("alpha three\r\n")
    (folder / ".hidden").write_text("alpha")
    (folder / "picture.png").write_bytes(b"\x00\x01")
    return folder


def main_of(body: str) -> str:
    return "async def main(args):\n" + "".join(f"    {line}\n" for line in body.splitlines())


def replayed(source: str, done: Run) -> Any:
    harness = parse_harness(source, name="test", filename="h.py")
    return anyio.run(replay, harness, done.folder.events())


def answers(done: Run, execution: int = -1) -> list[HostAnswered]:
    part = executions(done.folder.events())[execution]
    return [event for _, event in part if isinstance(event, HostAnswered)]


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ('tool("list_files")', ["a.md", "b.md", "picture.png"]),
        ('tool("list_files", pattern=".MD")', ["a.md", "b.md"]),
        ('tool("list_files", pattern="no such")', []),
        ('tool("read_file", path="a.md")', "alpha one\nbeta two\n"),
        ('tool("read_file", path="b.md")', "alpha three\r\n"),
        ('tool("read_file", path="a.md", first_line=2)', "beta two"),
        ('tool("read_file", path="a.md", last_line=1)', "alpha one"),
        (
            'tool("search_text", query="ALPHA")',
            [{"source": "a.md", "line": 1, "text": "alpha one"}, {"source": "b.md", "line": 1, "text": "alpha three"}],
        ),
        ('tool("search_text", query="alpha", path="b.")', [{"source": "b.md", "line": 1, "text": "alpha three"}]),
    ],
)
def test_a_tool_gives_data(tmp_path: Path, notes: Path, call: str, given: Any) -> None:
    source = main_of(f"return await {call}")
    done = run_source(source, tmp_path, folders=(notes,))
    assert done.state.ended and done.state.ended.result == given
    assert done.state.health == "clean"
    assert not done.state.agents
    for file in notes.iterdir():
        file.unlink()
    assert replayed(source, done).result == given


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ('tool("read_file", path="nope.md")', "No such file"),
        ('tool("read_file", path="../secret")', "not a path below"),
        ('tool("read_file", path="/etc/passwd")', "not a path below"),
        ('tool("read_file", path=".hidden")', "hidden"),
        ('tool("read_file", path="link.md")', "cannot be opened"),
        ('tool("read_file", path="picture.png")', "not text"),
        ('tool("read_file", path="a\\0.md")', "is no path"),
        ('tool("read_file", path="a.md", first_line=9)', "has 2 lines"),
        ('tool("read_file", path="a.md", first_line=2, last_line=1)', "no lines from 2 to 1"),
        ('tool("read_file", path="huge.md")', "gives 1,000,001 characters"),
        ('tool("search_text", query="  ")', "no words"),
    ],
)
def test_a_tool_that_fails_is_lost(tmp_path: Path, notes: Path, call: str, why: str) -> None:
    (tmp_path / "secret").write_text("x")
    (notes / "link.md").symlink_to(tmp_path / "secret")
    (notes / "huge.md").write_text("x" * 1_000_001)
    source = main_of(f"return await {call}")
    done = run_source(source, tmp_path, folders=(notes,))
    assert done.state.ended and done.state.ended.outcome == "completed" and done.state.ended.result is None
    assert done.state.health == "degraded"
    (lost,) = result_object(done.state)["lost"]
    assert why in lost["message"] and lost["agent"] is None and "main got None" in lost["consequence"]
    assert replayed(source, done).complete


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ('tool("list_file")', "ValueError: there is no tool 'list_file'; there are"),
        ('tool("run_command", command="x")', "ValueError"),
        ("tool(3)", "ValueError"),
        ('tool("read_file")', "TypeError: tool('read_file') needs path"),
        ('tool("read_file", path=3)', "TypeError: tool('read_file', path=…) takes a JSON string"),
        ('tool("read_file", path="a", first_line=True)', "TypeError"),
        ('tool("list_files", glob="*")', "TypeError: tool('list_files') has no argument 'glob'; it takes pattern"),
        ('tool("search_text", query=["a"])', "TypeError"),
        ('tool("search_text", query="\\ud800")', "NotJson"),
    ],
)
def test_a_call_that_means_nothing_is_an_error_of_the_harness(tmp_path: Path, call: str, error: str) -> None:
    done = run_source(main_of(f"return await {call}"), tmp_path)
    assert done.state.ended and done.state.ended.problem
    assert done.state.ended.problem.message.startswith(error)
    assert not done.state.host_calls


def test_every_file_through_a_pipeline_and_a_branch_that_lost_its_tool(tmp_path: Path, notes: Path) -> None:
    source = main_of(
        """
paths = await tool("list_files")
async def read(path):
    text = await tool("read_file", path=path)
    return await agent(f"sum up {text}", label=path)
async def late(path):
    return await tool("read_file", path=path + "x")
sums = await pipeline(paths, lambda path: tool("read_file", path=path), lambda text: agent(f"sum up {text}"))
return [sums, (await parallel([late(path) for path in paths])).lost[0].cause]
"""
    )
    done = run_source(source, tmp_path, folders=(notes,), stub={"rules": [{"result": "ok"}]})
    assert done.state.ended and done.state.ended.result == [["ok", "ok", None], "refused"]
    coverage = result_object(done.state)["coverage"]
    assert coverage["host_calls"] == {"intended": 7, "done": 3, "lost": 4, "cancelled": 0, "cut": 0}
    pipeline, parallel = coverage["fan_outs"]
    assert (pipeline["done"], pipeline["lost"], pipeline["dropped"]) == (2, 1, 0)
    assert parallel["lost"] == 3
    assert replayed(source, done).complete


def test_a_resume_calls_again_only_what_failed_and_nothing_twice(tmp_path: Path, notes: Path) -> None:
    source = main_of(
        """
paths = await tool("list_files", pattern=".md")
texts = await parallel([tool("read_file", path=path) for path in [*paths, "c.md", "a.md"]])
return [paths, texts, await agent(f"of {texts}")]
"""
    )
    done = run_source(source, tmp_path, folders=(notes,), stub={"rules": [{"lost": "provider"}]})
    (notes / "a.md").unlink()
    (notes / "c.md").write_text("new")
    again = resume_source(done, tmp_path, folders=(notes,), stub={"rules": [{"result": "sum"}]})
    alpha = "alpha one\nbeta two\n"
    assert again.state.ended
    assert again.state.ended.result == [["a.md", "b.md"], [alpha, "alpha three\r\n", "new", alpha], "sum"]
    assert [answer.reused for answer in answers(again)].count(True) == 4
    assert again.state.health == "clean"
    assert replayed(source, again).complete


def test_an_edited_harness_finds_its_answers_where_they_have_moved(tmp_path: Path, notes: Path) -> None:
    before = main_of('text = await tool("read_file", path="a.md")\nreturn await agent(text)')
    after = main_of(
        'log("new")\ntexts = await parallel([tool("read_file", path="a.md")])\nreturn await agent(texts[0])'
    )
    done = run_source(before, tmp_path, folders=(notes,), stub={"rules": [{"result": "x"}]})
    (notes / "a.md").unlink()
    again = resume_source(done, tmp_path, source=after, folders=(notes,), stub={"rules": [{"lost": "crashed"}]})
    assert again.state.ended and again.state.ended.result == "x"
    assert [answer.reused for answer in answers(again)] == [True]


def test_a_tool_in_a_saved_harness_stands_in_its_slice(tmp_path: Path, notes: Path) -> None:
    inner = main_of('await agent("x")\nreturn [await tool("list_files", pattern="a.m"), budget.remaining("tokens")]')
    folder = tmp_path / ".weft" / "workflows"
    folder.mkdir(parents=True)
    (folder / "inner.py").write_text(inner)
    source = main_of('return [await workflow("inner", budget=0.5), budget.remaining("tokens")]')
    rules = {"rules": [{"result": "y", "usage": {"input": 1, "output": 99}}]}
    done = run_source(source, tmp_path, folders=(notes,), stub=rules, budget_tokens=1000)
    assert done.state.ended and done.state.ended.result == [[["a.md"], 400], 900]
    assert replayed(source, done).complete


def test_calls_of_tools_count_against_the_limit_of_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "Limits", lambda: Limits(calls=20))
    done = run_source(main_of('while True:\n    await tool("list_files", pattern="zz")'), tmp_path)
    assert done.state.ended and done.state.ended.problem
    assert done.state.ended.problem.message.startswith("more than 20 calls")


def test_a_tool_that_takes_too_long_is_lost_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    def endless(finder: Finder, pattern: str = "") -> list[str]:
        while not finder._ended:
            time.sleep(0.01)
        ended.append(True)
        return []

    monkeypatch.setattr(lookup, "LONGEST", 0.05)
    monkeypatch.setattr(Finder, "paths", endless)
    done = run_source(main_of('return await tool("list_files")'), tmp_path)
    assert result_object(done.state)["lost"][0]["cause"] == "timeout"
    while not ended:
        time.sleep(0.01)


def test_whoever_is_first_ends_the_tools_that_nobody_waits_for(tmp_path: Path, notes: Path) -> None:
    slow = {"match": {"tool": "search"}, "result": [], "latency": 60}
    source = main_of('return await parallel([tool("search_text", query="a"), agent("x")], quorum=1)')
    done = run_source(source, tmp_path, folders=(notes,), stub={"rules": [slow, {"result": "x", "latency": 1}]})
    assert done.state.ended and done.state.ended.result == [None, "x"]
    assert done.state.ended.wall_s == 1
    assert done.state.health == "clean" and done.state.host_calls[0].standing == "cancelled"
    assert replayed(source, done).complete


def test_a_script_answers_tools_in_place_of_the_host(tmp_path: Path, notes: Path) -> None:
    rules = [
        {"match": {"tool": "^list_files"}, "result": ["x.md"]},
        {"match": {"tool": r"read_file.*x\.md"}, "lost": "timeout", "times": 1},
        {"match": {"tool": r"read_file.*x\.md"}, "result": "made up"},
    ]
    source = main_of(
        """
paths = await tool("list_files")
twice = [await tool("read_file", path=paths[0]), await tool("read_file", path=paths[0])]
return [*twice, await tool("read_file", path="a.md", last_line=1)]
"""
    )
    done = run_source(source, tmp_path, folders=(notes,), stub={"rules": rules})
    assert done.state.ended and done.state.ended.result == [None, "made up", "alpha one"]
    assert [answer.by for answer in answers(done)] == ["script", "tool", "script", "tool"]


def test_no_secret_of_the_environment_leaves_a_file(
    tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "hush-hush-hush")
    (notes / "a.md").write_text("key hush-hush-hush")
    done = run_source(main_of('return await tool("read_file", path="a.md")'), tmp_path, folders=(notes,))
    assert done.state.ended and done.state.ended.result == "key ***"


def test_the_tools_of_the_language_are_those_of_the_host() -> None:
    """Their parameters, too, and which of them must be given."""
    bodies = {**vars(Found), "cluster_texts": cluster_texts}
    assert [*RECALL.parameters["properties"]] == list(TOOLS["recall"])
    assert not RECALL.parameters["required"]
    for name, parameters in TOOLS.items():
        if name == RECALL.name:
            continue
        there = [one for one in inspect.signature(bodies[name]).parameters.values() if one.name != "self"]
        required = {one.name for one in there if one.default is inspect.Parameter.empty}
        assert [one.name for one in there] == list(parameters), name
        assert required == {key for key, parameter in parameters.items() if parameter.required}, name
