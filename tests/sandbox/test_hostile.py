"""Children that are not ours any more: code runs unrestricted where the harness would, behind all walls.

Each talks to the real host. Whatever it does ends as a typed error of its own run, in time.
"""

from __future__ import annotations

import os

import anyio
import pytest
from child import NOW, execute

from weft.primitives.calls import Allowance
from weft.sandbox import launcher, process
from weft.sandbox.errors import ProtocolViolation, SandboxDied, SandboxError, SandboxStuck
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import ChildMessage, Failed, Finished, Limits, Result, Start

pytestmark = pytest.mark.slow

CHILD = """
import sys; sys.path += sys.argv[1:]
import ctypes, os, signal, socket
from weft.primitives.calls import AgentCall
from weft.sandbox.child import Channel, prepare
from weft.sandbox.confine import confine
from weft.sandbox.fork_server import serve
from weft.sandbox.protocol import CallAgent, Finished, Idle, Ready, encode
prepare()
serve()
channel = Channel()
channel.send(Ready(walls=confine(channel.limits)))
channel.receive()
def say(data):
    while data:
        data = data[os.write(channel._output, data):]
def rest():
    os.close(channel._output)
    channel._input.read()
CALL, IDLE = encode(CallAgent(id=0, path="", line=1, agent=AgentCall(prompt="x"))), encode(Idle())
"""

LIMITS = Limits(wall_seconds=1.0, memory_bytes=256 * 1024 * 1024, total_bytes=20_000_000, frame_bytes=1_000_000)


@pytest.fixture
def boot(monkeypatch):
    """Return how to have other code executed in place of a harness from here on."""

    def replace(code: str) -> None:
        launcher.end_server()
        monkeypatch.setattr(launcher, "BOOT", code)

    yield replace
    launcher.end_server()


@pytest.fixture
def hear(boot, monkeypatch):
    """Return how to run code in place of a harness, and what the host hears of it."""

    def run(code: str) -> list[ChildMessage]:
        boot(CHILD + code)
        monkeypatch.setattr(process, "EXIT_SECONDS", 0.5)
        return anyio.run(_exchange)

    return run


async def _exchange() -> list[ChildMessage]:
    heard = []
    async with open_sandbox(LIMITS) as sandbox:
        async for message in sandbox.start(
            Start(source="", filename="h.py", args=None, now=NOW, allowance=Allowance())
        ):
            heard.append(message)
        if not sandbox.over:
            async for message in sandbox.deliver([Result(id=0, value="x" * 1_000_000)]):
                heard.append(message)
    return heard


class TestTheHostSurvives:
    @pytest.mark.parametrize(
        ("code", "error", "said"),
        [
            ('say(b\'{"type":"fin\'); channel._input.read()', SandboxStuck, "more than 1 s"),
            ("signal.setitimer(signal.ITIMER_PROF, 0)\nwhile True: pass", SandboxStuck, "more than 1 s"),
            ("signal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass", SandboxStuck, "more than 1 s"),
            ("while True: os.write(2, b'x' * 10_000)", SandboxStuck, "more than 1 s"),
            ("say(CALL + IDLE)\nwhile True: pass", SandboxStuck, "more than 1 s"),  # the answer does not fit the pipe
            (
                "say(CALL + IDLE)\nwhile os.read(channel._input.fileno(), 8192): sum(range(10_000_000))",
                SandboxStuck,
                "1 s",
            ),
            ("rest()", ProtocolViolation, "lived on"),
            ("say(b'x' * 2_000_000); rest()", ProtocolViolation, "more than 1000000 bytes"),
            ("while True: say(b'x' * 100_000 + b'\\n')", ProtocolViolation, "not a message"),
            ("say(b'[' * 900_000 + b'\\n'); rest()", ProtocolViolation, "not a message"),
            ("say(IDLE * 1_000_000)", ProtocolViolation, "no call is open"),
            ("say(CALL + IDLE * 1_000_000)", ProtocolViolation, "out of turn"),
            (
                'say(b\'{"type":"say","kind":"log","path":"","line":1,"data":"x"}\\n\' * 1_000_000)',
                ProtocolViolation,
                "more than 10000 notes",
            ),
            ("say(encode(Ready(walls=())))", ProtocolViolation, "ready twice"),
            ("say(bytes(range(256)) * 99)", ProtocolViolation, "not a message"),
            ("os._exit(3)", SandboxDied, "exit status 3"),
            ("raise ValueError('lost')", SandboxDied, "ValueError: lost"),
            ("bytearray(1 << 30)", SandboxDied, "MemoryError"),
            ("ctypes.string_at(0)", SandboxDied, "SIGSEGV"),
            ("socket.socket()", SandboxDied, "asked the system"),
            ("os.fork()", SandboxDied, "asked the system"),
        ],
    )
    def test_and_says_what_happened(self, hear, code, error, said) -> None:
        with pytest.raises(error, match=said):
            hear(code)

    def test_what_comes_after_the_last_word_is_not_heard(self, hear) -> None:
        assert hear("say(encode(Finished(value=1)) + b'nonsense'); rest()")[1:] == [Finished(value=1)]

    def test_a_child_that_does_not_exit_is_ended(self, hear) -> None:
        assert hear("say(encode(Finished(value=1)))\nwhile True: pass")[1:] == [Finished(value=1)]


def test_a_child_does_not_outlive_its_run(boot) -> None:
    boot(CHILD + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass")

    async def leave() -> int:
        async with open_sandbox(LIMITS) as sandbox:
            await sandbox.ready()
            return sandbox._process.pid

    pid = anyio.run(leave)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


HARNESSES = {
    "an endless loop": ("while True: pass", "cpu"),
    "a large number": ("for n in range(99): 7 ** 40_000_000", "cpu"),
    "a regular expression": ("re.match('(a+)+$', 'a' * 40 + 'b')", "cpu"),
    "a sum that is slow in C": ("sum([[0] * 9] * 60_000, [])", "cpu"),
    "a flood of lines": ("for n in range(10**7): log('x' * 1000)", "limit"),
    "a flood of agents": ("while True: await parallel([(lambda: agent('x')) for n in range(4096)])", "limit"),
    "much memory": ("[0] * 10**9", "script"),
    "more and more memory": ("x = ['x']\n    while True: x += x", "script"),
    "recursion": ("def f(): return f()\n    f()", "script"),
    "recursion through C": ("x = []\n    for n in range(10**6): x = [x]\n    str(x)", "script"),
    "a fork bomb": ("import os\n    while True: os.fork()", "policy"),
}


@pytest.mark.parametrize("what", HARNESSES)
def test_what_never_ends_is_ended_and_names_its_line(what: str) -> None:
    code, kind = HARNESSES[what]
    last, _ = execute(f"import re\nasync def main(args):\n    {code}", limits=Limits(cpu_seconds=1, calls=10_000))
    assert isinstance(last, Failed)
    assert (last.kind, last.line is not None) == (kind, True), last


def test_another_run_in_the_same_host_goes_on() -> None:
    async def execute_one(source: str, ended: list[object]) -> None:
        try:
            async with open_sandbox(Limits(cpu_seconds=0.5)) as sandbox:
                start = Start(source=source, filename="h.py", args=None, now=NOW, allowance=Allowance())
                messages = [message async for message in sandbox.start(start)]
                while messages and not isinstance(messages[-1], (Finished, Failed)):
                    messages = [message async for message in sandbox.deliver([Result(id=0, value="reply")])]
                ended.append(messages[-1])
        except SandboxError as error:
            ended.append(error)

    async def execute_all() -> tuple[list[object], list[object]]:
        bad: list[object] = []
        good: list[object] = []
        async with anyio.create_task_group() as tasks:
            for code in ("while True: pass", "sum([[0] * 9] * 60_000, [])", "[0] * 10**9"):
                tasks.start_soon(execute_one, f"async def main(args):\n    {code}", bad)
            tasks.start_soon(execute_one, "async def main(args):\n    return await agent('x')", good)
        return bad, good

    bad, good = anyio.run(execute_all)
    assert len(bad) == 3 and all(isinstance(last, Failed) for last in bad)
    assert good == [Finished(value="reply")]
