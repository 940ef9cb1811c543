"""The child that tests have without a process says what a real one says, and leaves the interpreter as it was."""

from __future__ import annotations

import ast
import gc
import sys
import warnings
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from typing import Any

import anyio
import pytest
from child import NOW
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from racing import racing_harnesses
from running import run_source
from unconfined import Unconfined, open_unconfined, without_processes

from weft.primitives import calls
from weft.primitives.calls import Allowance
from weft.primitives.errors import OutsideRun
from weft.primitives.lost import Lost
from weft.sandbox import launcher
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import (
    CallAgent,
    CallWorkflow,
    Cancel,
    Child,
    ChildMessage,
    Failed,
    Finished,
    Limits,
    Ready,
    Result,
    Start,
)

pytestmark = [
    pytest.mark.usefixtures("given_up"),
    # Python says so when a coroutine is given up; in a child nobody listens.
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
]

Open = Callable[[Limits], AbstractAsyncContextManager[Child]]


def listen(opened: Open, source: str, seed: int, limits: Limits | None = None) -> list[ChildMessage]:
    """Return all that a child says; which agents end next, and how, is drawn."""

    async def run() -> list[ChildMessage]:
        said: list[ChildMessage] = []
        waiting: list[int] = []
        race = Random(seed)
        async with opened(limits or Limits()) as child:
            start = Start(source=source, filename="h.py", args={"n": [1, "é"]}, now=NOW, allowance=Allowance())
            messages = child.start(start)
            while True:
                async for message in messages:
                    said.append(message)
                    if isinstance(message, (CallAgent, CallWorkflow)):
                        waiting.append(message.id)
                    if isinstance(message, Cancel) and message.id in waiting:  # else its answer was on the way
                        waiting.remove(message.id)
                if isinstance(said[-1], (Finished, Failed)):
                    return said
                chosen = race.sample(waiting, min(len(waiting), race.randint(1, 3)))
                waiting = [number for number in waiting if number not in chosen]
                messages = child.deliver([_result(number, race) for number in chosen])

    return anyio.run(run)


def _result(number: int, race: Random) -> Result:
    if race.random() < 0.2:
        return Result(id=number, lost=Lost(cause="timeout", message="too slow"))
    return Result(id=number, value=race.choice(["a", {"b": [1, None]}, None]))


def both(source: str, seed: int = 0, limits: Limits | None = None) -> list[ChildMessage]:
    """Return what both say after `Ready`, which must be the same."""
    confined, *said = listen(open_sandbox, source, seed, limits)
    unconfined, *also = listen(open_unconfined, source, seed, limits)
    assert isinstance(confined, Ready) and unconfined == Ready(walls=())
    assert said == also
    return said


HARNESSES = {
    "a fan-out": "replies = await parallel([agent(f'say {n}', label=f'a{n}') for n in range(9)], quorum=4)\n"
    "    return [len(replies), args, now()]",
    "a pipeline": "return len(await pipeline(range(5), lambda x: agent(str(x)), lambda y: agent('again')))",
    "notes": "phase('one'); log('two'); finding({'three': 3}); print('four')",
    "a class": "import dataclasses\n    @dataclasses.dataclass\n    class A:\n        x: int\n    return str(A(1))",
}
FAILURES = {
    "syntax": "return (",
    "policy": "import os",
    "script": "return {}['no']",
    "not_json": "return {1}",
    "deadlock": "b = parallel([agent('x')]).send(None)\n    await b",
    "limit": "while True: log('x')",
}


@pytest.mark.parametrize("what", HARNESSES)
def test_it_says_what_a_process_says(what: str) -> None:
    assert isinstance(both(f"async def main(args):\n    {HARNESSES[what]}")[-1], Finished)


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAILURES)
def test_it_fails_as_a_process_does(kind: str) -> None:
    last = both(f"async def main(args):\n    {FAILURES[kind]}", limits=Limits(notes=50))[-1]
    assert isinstance(last, Failed)


@pytest.mark.parametrize(
    "source",
    [
        "return 'x' * 20_000",
        "return await agent('x' * 20_000)",
        "try:\n        await agent('x' * 20_000)\n    except ValueError:\n        return await agent('y')",
        "def f(n):\n        return f(n + 1)\n    return f(0)",
    ],
)
def test_it_refuses_what_a_process_refuses(source: str) -> None:
    both(f"async def main(args):\n    {source}", limits=Limits(frame_bytes=10_000))


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(racing_harnesses(), st.integers(0, 2**32))
def test_it_says_the_same_in_any_race(source: str, seed: int) -> None:
    both(source, seed)


def test_the_interpreter_is_as_it_was() -> None:
    def state() -> list[Any]:
        shown = [repr(object()).partition(" at ")[2] != "", hash("x"), hash(None), {int, str}]
        return [gc.isenabled(), sys.getrecursionlimit(), sys.path[:], warnings.filters[:], sys.unraisablehook, *shown]

    before = state()
    for source in (*HARNESSES.values(), *FAILURES.values()):
        listen(open_unconfined, f"async def main(args):\n    {source}", 0, Limits(notes=50))
    assert state() == before
    with pytest.raises(OutsideRun):
        calls.current()


def test_two_take_turns_beside_each_other() -> None:
    source = "async def main(args):\n    return [await agent(f'{args} {n}') for n in range(3)]"

    async def run() -> list[list[str]]:
        prompts: list[list[str]] = [[], []]
        children = [Unconfined(), Unconfined()]
        starts = [
            Start(source=source, filename="h.py", args=name, now=NOW, allowance=Allowance()) for name in ("one", "two")
        ]
        turns = [child.start(start) for child, start in zip(children, starts, strict=True)]
        ended: deque[object] = deque()
        while len(ended) < 2:
            for index, child in enumerate(children):
                said = [message async for message in turns[index]]
                prompts[index] += [message.agent.prompt for message in said if isinstance(message, CallAgent)]
                ended.extend(message for message in said if isinstance(message, Finished))
                turns[index] = child.deliver([Result(id=len(prompts[index]) - 1, value="x")])
        return prompts

    assert anyio.run(run) == [["one 0", "one 1", "one 2"], ["two 0", "two 1", "two 2"]]


def test_what_is_given_up_unwinds_unheard() -> None:
    source = """
async def branch(n):
    try:
        await agent("x")
    finally:
        log("over")
async def main(args):
    await parallel([branch(n) for n in range(2)])
"""

    async def run() -> list[ChildMessage]:
        async with open_unconfined(Limits()) as child:
            start = Start(source=source, filename="h.py", args=None, now=NOW, allowance=Allowance())
            return [message async for message in child.start(start)]

    assert [message.type for message in anyio.run(run)] == [
        "ready",
        "fan_out_began",
        "call_agent",
        "call_agent",
        "idle",
    ]


def test_a_whole_run_needs_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher.end_server()
    without_processes(monkeypatch)
    done = run_source("async def main(args):\n    return await agent('x')", tmp_path, stub={"rules": [{"result": "y"}]})
    assert done.state.ended is not None and done.state.ended.result == "y"
    assert launcher._server is None


EXECUTES = {"weft.sandbox.execution", "weft.sandbox.loop", "weft.sandbox.world", "weft.sandbox.child"}


def test_what_is_installed_executes_harnesses_in_a_process_only() -> None:
    """So no real run can come to be executed unconfined: it has nothing to do it with."""
    root = Path(__file__).parents[2]
    importing: dict[str, set[str]] = {}
    for path in (
        found
        for package in ("primitives", "linter", "sandbox", "runtime")
        for found in root.glob(f"{package}/weft/**/*.py")
    ):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "weft.sandbox" in text else ():
            names: set[str] = set()
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            for name in names & EXECUTES:
                importing.setdefault(path.relative_to(root).as_posix(), set()).add(name)
    assert importing == {
        "sandbox/weft/sandbox/child.py": {"weft.sandbox.execution", "weft.sandbox.loop", "weft.sandbox.world"},
        "sandbox/weft/sandbox/execution.py": {"weft.sandbox.loop", "weft.sandbox.world"},
    }
