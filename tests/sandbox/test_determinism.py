"""The same source, arguments and deliveries give the same messages, byte for byte, and the same result."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NoReturn

import anyio
import pytest
from child import NOW
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from racing import racing_harnesses

from weft.primitives import calls
from weft.primitives.calls import Allowance
from weft.primitives.lost import Lost
from weft.sandbox.execution import compile_main, execute
from weft.sandbox.loop import Loop
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import (
    CallAgent,
    Cancel,
    ChildMessage,
    Failed,
    Finished,
    Idle,
    Limits,
    Ready,
    Result,
    Start,
    encode,
)
from weft.sandbox.reader import Reader

pytestmark = [
    pytest.mark.usefixtures("given_up"),
    # Python says so when a coroutine is given up; in a child nobody listens.
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
]


LIMITS = Limits(calls=200, notes=500)


Pick = Callable[[list[int], int], list[Result]]
"""Chooses what to hand over next, knowing which calls are open and how many were made."""


class Stopped(BaseException):
    """The loop asked for the end of the process."""

    def __init__(self, message: Failed) -> None:
        self.message = message


@dataclass
class Host:
    """Answers calls in an order that `pick` chooses, and remembers all that was said and delivered."""

    pick: Pick
    heard: list[ChildMessage] = field(default_factory=list)
    delivered: list[Result] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    made: int = 0
    reader: Reader = field(default_factory=lambda: Reader(LIMITS))
    gone: bool = False

    def __post_init__(self) -> None:
        self.hear(Ready(walls=()))

    def hear(self, message: ChildMessage) -> None:
        """Take in a message; what the child says must be what the host lets it say."""
        if self.gone:
            return
        self.reader.feed(encode(message))
        assert self.reader.next() is not None
        self.heard.append(message)
        match message:
            case CallAgent(id=number):
                self.open.append(number)
                self.made += 1
            case Cancel(id=number) if number in self.open:
                self.open.remove(number)
            case _:
                pass

    def answer(self) -> tuple[Result, ...]:
        """Return the next results."""
        results = self.pick(self.open, self.made)
        assert results
        answered = {result.id for result in results}
        self.open = [number for number in self.open if number not in answered]
        self.delivered += results
        self.reader.host_speaks(results)
        return tuple(results)


def run(source: str, pick: Pick) -> Host:
    """Run a harness in the real loop, in this process."""
    host = Host(pick)

    def stop(message: Failed) -> NoReturn:
        raise Stopped(message)

    start = Start(source=source, filename="h.py", args=None, now=NOW, allowance=Allowance())
    loop = Loop(start, LIMITS, compile_harness=compile_main, send=host.hear, stop=stop)
    calls.install(loop)
    try:
        turns = execute(start, LIMITS, loop)
        next(turns)
        while True:
            turns.send(host.answer())
    except StopIteration as ended:
        host.hear(ended.value)
    except Stopped as stopped:
        host.hear(stopped.message)
    host.gone = True
    gc.collect()  # branches that are still there would else speak in a later run, at their end
    calls.install(None)
    return host


def replay(delivered: list[Result], size: int) -> Pick:
    """Return a `pick` that hands over what was delivered before, in the same order, so many at a time."""
    waiting = deque(delivered)

    def pick(_: list[int], made: int) -> list[Result]:
        batch = []
        while waiting and len(batch) < size and waiting[0].id < made:
            batch.append(waiting.popleft())
        return batch

    return pick


def spoken(host: Host) -> bytes:
    return b"".join(encode(message) for message in host.heard if not isinstance(message, Idle))


@st.composite
def runs(draw: st.DrawFn) -> tuple[str, Host]:
    """Return a harness, and a run of it in which agents end in any order, and some are lost."""
    source, race = draw(racing_harnesses()), Random(draw(st.integers(0, 2**32)))

    def pick(waiting: list[int], _: int) -> list[Result]:
        chosen = race.sample(waiting, min(len(waiting), race.randint(1, 3)))
        return [_result(number, race.choice(["a", "b", None, "lost"])) for number in chosen]

    return source, run(source, pick)


def _result(number: int, value: Any) -> Result:
    lost = Lost(cause="timeout", message="too slow") if value == "lost" else None
    return Result(id=number, value=None if lost else value, lost=lost)


@pytest.mark.slow
@settings(
    max_examples=60,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(runs(), st.integers(1, 4))
def test_a_run_is_decided_by_its_deliveries(case: tuple[str, Host], size: int) -> None:
    source, first = case
    assert spoken(run(source, replay(first.delivered, 1))) == spoken(first)
    # Also not by how many results come at once: live they come as they end, in a replay as the record has them.
    assert spoken(run(source, replay(first.delivered, size))) == spoken(first)


@settings(max_examples=6, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(runs())
def test_a_process_of_its_own_decides_the_same(case: tuple[str, Host]) -> None:
    source, first = case
    assert anyio.run(_in_a_child, source, first.delivered) == spoken(first)


async def _in_a_child(source: str, delivered: list[Result]) -> bytes:
    start = Start(source=source, filename="h.py", args=None, now=NOW, allowance=Allowance())
    waiting, said = deque(delivered), b""
    async with open_sandbox(LIMITS) as sandbox:
        messages = sandbox.start(start)
        while True:
            async for message in messages:
                said += b"" if isinstance(message, Idle) else encode(message)
                if isinstance(message, (Finished, Failed)):
                    return said.replace(said.splitlines(keepends=True)[0], encode(Ready(walls=())), 1)
            messages = sandbox.deliver([waiting.popleft()])


UNWINDING = """
order = []
async def branch(n):
    try:
        async def inner(m):
            try:
                await agent(f"{n}.{m}")
            finally:
                order.append(f"{n}.{m}")
        await parallel([inner(m) for m in range(2)])
    finally:
        order.append(n)
async def first():
    await agent("first")
    if args:
        raise ValueError("failed")
    return 1
async def main(args):
    try:
        await parallel([branch(0), branch(1), first, branch(2)], OPTIONS)
    except ValueError:
        pass
    return order
"""


@pytest.mark.parametrize("options", ["quorum=1", "fail_fast=True", "fail_fast=True, limit=4"])
def test_what_is_cancelled_unwinds_innermost_first_in_the_order_of_its_start(options: str) -> None:
    source = UNWINDING.replace("OPTIONS", options).replace("if args", f"if {'fail_fast' in options}")
    last = run(source, lambda waiting, made: [_result(0, "x")]).heard[-1]
    assert isinstance(last, Finished), last
    assert last.value == ["0.0", "0.1", 0, "1.0", "1.1", 1, "2.0", "2.1", 2]
