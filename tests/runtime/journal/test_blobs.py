"""Values of any size and kind come back from the journal as they went in; large ones are stored once."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run_source
from trying import examples

from weft.primitives.calls import Allowance
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.lost import Lost, Spent
from weft.runtime.clock import RealClock
from weft.runtime.journal import Journal, read_journal
from weft.runtime.journal.events import (
    AgentCalled,
    AgentFinished,
    AgentLost,
    Event,
    FindingReported,
    Logged,
    RunEnded,
    RunStarted,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.project.folders import Project
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.settings import Settings

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LONG = st.builds(lambda text, times: text * times, TEXT, st.integers(1, 400))
KEYS = TEXT | st.sampled_from(["$blob", "$ref", "large", "value", "request.prompt", "request", "type", "0", ""])
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(-(2**1024) + 1, 2**1024 - 1), LONG),
    st.floats(allow_nan=False, allow_infinity=False),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return values that look like what the journal itself writes, and deep ones."""
    hashes = st.just("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    deep = st.builds(deepened, inner, st.integers(1, 40))
    return st.fixed_dictionaries({"$blob": inner | hashes}) | st.fixed_dictionaries({"request.prompt": hashes}) | deep


def deepened(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def fits(value: Any) -> bool:
    """Whether a harness may return it: it must not nest too deep."""
    try:
        return bool(as_json([value]))
    except NotJson:
        return False


JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5) | nested(inner),
    max_leaves=20,
).filter(fits)

REQUEST = AgentRequest(
    **{"id": 0, "prompt": "p", "schema": None, "label": None, "phase": None, "profile": None, "model": "m"},
    **{"effort": None, "tools": ("read_file",), "context": None, "isolation": None, "max_tokens": None},  # type: ignore[arg-type]
    **{"timeout": None, "retries": 0},  # type: ignore[arg-type]
)
STARTED = RunStarted(run="r", name="n", task="t", digest="d", args=None, now="2026-01-01T00:00:00", settings=Settings())
SPENT = Spent(1, 2, 0.1)


def events(value: Any, text: str) -> list[Event]:
    """Return events that hold a value in every place that can."""
    request = replace(REQUEST, context=value, schema={"const": value}, prompt=text, label=text)
    row = {"deep": {"value": value}}
    return [
        replace(STARTED, args=value, source=text, task=text),
        AgentCalled(path="", line=1, key="2:k", occurrence=0, request=request),
        AgentFinished(
            id=0, value=value, attempts=1, spent=Spent(1, 2, 0.1), transcript=(row, row), allowance=Allowance()
        ),
        AgentLost(id=0, lost=Lost(cause="invalid", message=text, partial=value), allowance=Allowance(usd=0.3)),
        WorkflowCalled(id=1, path="/0.1", line=None, name="w", args=value),
        WorkflowLoaded(id=1, source=text, args=value, refused=None, allowance=Allowance()),
        FindingReported(data=value),
        Logged(message=text),
        RunEnded(outcome="completed", result=value, spent=Spent(), wall_s=0.0),
    ]


def written_and_read(wanted: list[Event], path: Path) -> list[Event]:
    journal = Journal(path, RealClock())
    for event in wanted:
        journal.add(event)
        journal.commit()
    journal.close()
    return [event for _, event in read_journal(path)]


@pytest.mark.slow
@settings(max_examples=examples(40, of=150))
@given(JSON, LONG)
def test_any_value_comes_back_as_it_was(value: Any, text: str) -> None:
    with TemporaryDirectory() as folder:
        wanted = events(value, text)
        # `==` takes 1, 1.0 and True for the same; their texts do not.
        assert repr(written_and_read(wanted, Path(folder) / "run.db")) == repr(wanted)


@pytest.mark.slow
@settings(max_examples=40)
@given(JSON)
def test_also_through_a_run(value: Any) -> None:
    """From the agent's reply through journal and sandbox to the result."""
    with TemporaryDirectory() as folder:

        async def agents(request: AgentRequest) -> AgentReply:
            return AgentReply(value=value)

        done = run_source(
            "async def main(args):\n    return [await agent('x', schema={})]", Path(folder), agents=agents
        )
        assert done.state.ended is not None
        assert repr(done.state.ended.result) == repr([value])
        finished = [event for _, event in read_journal(done.folder.journal) if isinstance(event, AgentFinished)]
        assert [repr(event.value) for event in finished] == [repr(value)]


def test_a_large_value_is_stored_once_and_small(tmp_path: Path) -> None:
    source = "async def main(args):\n    jobs = [agent(f'{n}', context=args, schema={}) for n in range(50)]\n"
    source += "    return len(await parallel(jobs))"
    large = {"notes": [f"{n} is a number" for n in range(5000)]}

    async def agents(request: AgentRequest) -> AgentReply:
        return AgentReply(value=large)

    done = run_source(source, tmp_path, args=large, agents=agents)
    with sqlite3.connect(done.folder.journal) as database:
        blobs = [row[0] for row in database.execute("SELECT length(data) FROM blob")]
    database.close()
    assert len(blobs) == 1  # arguments, context of fifty calls and fifty answers
    assert sum(blobs) < len(repr(large)) / 2
    assert done.folder.journal.stat().st_size < 3 * len(repr(large))
    assert all(agent.finished and agent.finished.value == large for agent in done.state.agents.values())


def test_a_follower_reads_what_is_new(tmp_path: Path) -> None:
    """Each time from where it was, while the run goes on; in the end it has it all, large values too."""
    seen: list[tuple[float, Event]] = []
    readings: list[int] = []

    def follow() -> None:
        (folder,) = Project(tmp_path).runs()
        new = read_journal(folder.journal, after=len(seen))
        readings.append(len(new))
        seen.extend(new)

    async def agents(request: AgentRequest) -> AgentReply:
        follow()
        return AgentReply(value="long " * 1000 + request.prompt)

    source = "async def main(args):\n    return [await agent(f'{n} ' * 900) for n in range(5)]"
    done = run_source(source, tmp_path, agents=agents)
    follow()
    assert seen == read_journal(done.folder.journal)
    assert len(readings) == 6 and all(readings)
    follow()
    assert readings[-1] == 0
