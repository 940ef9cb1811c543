"""Children are forked from one process, and share nothing: not with each other, nor with it, nor with the host."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import anyio
import pytest
from child import NOW, execute
from killing import in_process
from waiting import lives, until

from weft.primitives.calls import Allowance
from weft.sandbox import launcher
from weft.sandbox.errors import SandboxDied
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import Failed, Finished, Limits, Result, Start

CHILD = """
import sys; sys.path += sys.argv[1:]
import os, weft.primitives.language
from weft.sandbox.child import Channel, prepare
from weft.sandbox.confine import confine
from weft.sandbox.fork_server import serve
from weft.sandbox.protocol import Finished, Ready, encode
prepare()
serve()
before = look()
channel = Channel()
channel.send(Ready(walls=confine(channel.limits)))
channel.receive()
channel.leave(encode(Finished(value=before)))
"""
"""A child that shows, in place of a harness, what it was born with."""


@pytest.fixture
def born_with() -> Iterator[Callable[[str], list[Any]]]:
    """Return how to learn what an expression gives in three children of one server, all of them there at once."""
    boot = launcher.BOOT

    def learn(expression: str) -> list[Any]:
        launcher.end_server()
        launcher.BOOT = f"def look(): return {expression}\n{CHILD}"
        return anyio.run(_three)

    yield learn
    launcher.end_server()
    launcher.BOOT = boot


async def _three() -> list[Any]:
    start = Start(source="", filename="h.py", args=None, now=NOW, allowance=Allowance())
    async with open_sandbox(Limits()) as one, open_sandbox(Limits()) as two, open_sandbox(Limits()) as three:
        all_three = (one, two, three)
        assert len({sandbox._process.pid for sandbox in all_three if await sandbox.ready()}) == 3
        lasts = [[message async for message in sandbox._exchange(start)][-1] for sandbox in all_three]
    assert all(isinstance(last, Finished) for last in lasts)
    return [last.value for last in lasts if isinstance(last, Finished)]


class TestAChildIsBornWith:
    def test_no_trace_of_the_others(self, born_with: Callable[[str], list[Any]]) -> None:
        """The state of a module, numbers handed out by the interpreter, tables that fill with use."""
        state = "vars(weft.primitives.language).setdefault('MARKS', [])"
        assert born_with(f"({state}.append(0), len({state}))[1]") == [1, 1, 1]

    def test_the_same_memory(self, born_with: Callable[[str], list[Any]]) -> None:
        """So what still goes by address, such as the order of a set of classes, is the same too."""
        order = "[kind.__name__ for kind in {int, str, OSError, type('A', (), {}), type('B', (), {})}]"
        first, *others = born_with(f"[id(object()), {order}, list({{'a', 'b', 'c'}}), hash('weft')]")
        assert others == [first, first]

    def test_three_descriptors(self, born_with: Callable[[str], list[Any]]) -> None:
        """One more is the list itself."""
        assert born_with("sorted(map(int, os.listdir('/proc/self/fd')))") == [[0, 1, 2, 3]] * 3

    def test_no_memory_that_it_shares(self, born_with: Callable[[str], list[Any]]) -> None:
        maps = "[line for line in open('/proc/self/maps') if line.split()[1][1] == 'w' and line.split()[1][3] == 's']"
        assert born_with(maps) == [[], [], []]

    def test_nothing_of_the_host(self, born_with: Callable[[str], list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
        assert (
            born_with("[sorted(os.environ), open('/proc/self/environ').read()]")
            == [[["LC_CTYPE", "PYTHONHASHSEED"], "PYTHONHASHSEED=0\0"]] * 3
        )

    def test_a_session_of_its_own(self, born_with: Callable[[str], list[Any]]) -> None:
        """So a signal to its group reaches nobody else."""
        assert len({tuple(groups) for groups in born_with("[os.getsid(0), os.getpgid(0)]")}) == 3


SIMPLE = "async def main(args):\n    return await agent('x')"
ENDLESS = "async def main(args):\n    while True: pass"


def server() -> int:
    """Return the number of the process that children are forked from."""
    assert launcher._server is not None
    return launcher._server.pid


class TestTheServer:
    def test_is_the_same_for_all_runs(self) -> None:
        execute(SIMPLE)
        first = server()
        execute(SIMPLE)
        assert server() == first

    def test_that_was_killed_is_replaced(self) -> None:
        execute(SIMPLE)
        first = server()
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert execute(SIMPLE)[0] == Finished(value="reply:x")
        assert server() != first

    def test_takes_its_children_with_it(self) -> None:
        async def run() -> None:
            async with open_sandbox(Limits()) as sandbox:
                await sandbox.ready()
                os.kill(server(), signal.SIGKILL)
                child = sandbox._process.pid
                try:
                    await sandbox.while_it_waits(anyio.sleep_forever)
                finally:
                    until(lambda: child is not None and not lives(child))

        with pytest.raises(SandboxDied):
            anyio.run(run)

    def test_that_was_stopped_ends_all_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launcher, "ENDING_SECONDS", 0.1)
        assert execute(SIMPLE)[0] == Finished(value="reply:x")
        stopped = server()
        os.kill(stopped, signal.SIGSTOP)
        launcher.end_server()
        until(lambda: not lives(stopped))
        assert execute(SIMPLE)[0] == Finished(value="reply:x")

    def test_that_cannot_start_says_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        launcher.end_server()
        monkeypatch.setattr(launcher, "BOOT", "raise ImportError('no such module')")
        with pytest.raises(SandboxDied, match="could not be started: ImportError: no such module"):
            execute(SIMPLE)
        monkeypatch.undo()
        assert execute(SIMPLE)[0] == Finished(value="reply:x")

    def test_that_can_have_no_more_children_keeps_those_it_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)); "
        launcher.end_server()
        monkeypatch.setattr(launcher, "BOOT", few + launcher.BOOT)

        async def run() -> Any:
            start = Start(source=SIMPLE, filename="h.py", args=None, now=NOW, allowance=Allowance())
            async with open_sandbox(Limits()) as one:
                assert [message.type async for message in one.start(start)][-1] == "idle"
                with pytest.raises(SandboxDied, match="could not be started"):
                    async with open_sandbox(Limits()) as two:
                        await two.ready()
                return [message async for message in one.deliver([Result(id=0, value="x")])]

        assert anyio.run(run) == [Finished(value="x")]
        launcher.end_server()

    def test_tells_of_ends_whatever_signals_the_host_blocks(self) -> None:
        launcher.end_server()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            died = execute("async def main(args):\n    while True: 7 ** 9_000_000", limits=Limits(cpu_seconds=0.2))[0]
            assert isinstance(died, Failed) and died.kind == "cpu"

            async def leave() -> bool:
                async with open_sandbox(Limits()) as sandbox:
                    await sandbox.ready()
                return sandbox.gone.is_set()

            assert anyio.run(leave)
        finally:
            launcher.end_server()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def test_of_a_host_that_forks_stays_with_the_host(self) -> None:
        execute(SIMPLE)
        first = server()

        def fork() -> None:
            assert launcher._server is None
            assert execute(SIMPLE)[0] == Finished(value="reply:x")
            assert server() != first
            launcher.end_server()

        assert in_process(fork) == 0
        assert execute(SIMPLE)[0] == Finished(value="reply:x")
        assert server() == first


def test_a_host_without_room_for_descriptors_loses_none() -> None:
    launcher.end_server()

    def fill() -> list[int]:
        taken: list[int] = []
        with suppress(OSError):
            while True:
                taken.append(os.dup(0))
        return taken

    def run() -> None:
        lowest, (_, hard) = os.dup(0), resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 100, hard))
        taken = fill()
        for room in range(1, 20):
            for descriptor in taken[:room]:
                os.close(descriptor)
            with suppress(OSError):
                launcher.launch(Limits()).close()
            launcher.end_server()
            assert sorted(fill()) == sorted(taken[:room])

    assert in_process(run) == 0


HOST = """
import anyio, os, signal, sys
from weft.primitives.calls import Allowance
from weft.sandbox import launcher
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import Limits, Start

async def run():
    async with open_sandbox(Limits()) as sandbox:
        await sandbox.ready()
        print(launcher._server.pid, sandbox._process.pid, flush=True)
        END
        start = Start(source=sys.argv[1], filename="h.py", args=None, now="", allowance=Allowance())
        async for message in sandbox._exchange(start):
            pass

anyio.run(run)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "source"),
    [
        ("return", SIMPLE),
        ("os.kill(os.getpid(), signal.SIGKILL)", SIMPLE),
        ("signal.setitimer(signal.ITIMER_REAL, 0.5)", ENDLESS),  # unhandled, it kills
    ],
)
def test_a_host_leaves_nothing_behind(end: str, source: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HOST.replace("END", end), source],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    processes = [int(number) for number in done.stdout.split()]
    assert len(processes) == 2, done.stderr
    assert not done.stderr
    until(lambda: not any(map(lives, processes)))
