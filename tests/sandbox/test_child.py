"""The child process: what it executes, what it reports, and what the operating system denies it."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from child import NOW, execute

from weft.primitives.calls import Allowance
from weft.sandbox.errors import ProtocolViolation, SandboxDied, SandboxError
from weft.sandbox.process import Sandbox, open_sandbox
from weft.sandbox.protocol import CallAgent, Failed, Finished, Limits, Say, Start

HELLO = """
from weft.primitives import agent, parallel, log
async def main(args):
    log("starting")
    replies = await parallel([agent(f"say {n}", label=f"a{n}") for n in range(3)])
    return {"replies": replies, "args": args}
"""


def failing(source: str, **options: Any) -> Failed:
    last, _ = execute(source, **options)
    assert isinstance(last, Failed), last
    return last


def finishing(source: str, **options: Any) -> Any:
    last, _ = execute(source, **options)
    assert isinstance(last, Finished), last
    return last.value


class TestExecution:
    def test_a_harness_runs_to_its_result(self) -> None:
        last, said = execute(HELLO, {"x": [1, "é"]})
        assert last == Finished(
            value={"replies": ["reply:say 0", "reply:say 1", "reply:say 2"], "args": {"x": [1, "é"]}}
        )
        calls = [message for message in said if isinstance(message, CallAgent)]
        assert [(call.id, call.path, call.line, call.agent.label) for call in calls] == [
            (0, "/0.0", 5, "a0"),
            (1, "/0.1", 5, "a1"),
            (2, "/0.2", 5, "a2"),
        ]
        assert [message.data for message in said if isinstance(message, Say)] == ["starting"]

    def test_names_are_there_without_the_import(self) -> None:
        assert finishing("async def main(a):\n    return [await agent('x'), now(), args['k']]", args={"k": 1}) == [
            "reply:x",
            NOW,
            1,
        ]

    def test_sets_iterate_alike_in_every_process(self) -> None:
        source = "async def main(args):\n    return [w for w in {'alpha', 'beta', 'gamma', 'delta', 'epsilon'}]"
        assert finishing(source) == finishing(source)

    def test_messages_are_byte_identical_in_every_process(self) -> None:
        assert repr(execute(HELLO, [1])) == repr(execute(HELLO, [1]))

    def test_thousands_of_branches(self) -> None:
        source = """
async def main(args):
    return sum(len(r) for r in await parallel([agent(f"{n}" * 500) for n in range(4096)]))
"""
        assert finishing(source) > 4096 * 500


class TestFailures:
    @pytest.mark.parametrize(
        ("source", "kind", "line", "said"),
        [
            ("async def main(args):\n  return (", "syntax", 2, "never closed"),
            ("import os\nasync def main(args): pass", "policy", 1, "os"),
            ("x = 1", "policy", None, "async def main"),
            ("def main(args): return 1", "policy", None, "async def main"),
            ("async def main(args):\n    x = {}\n    return x['no']", "script", 3, "KeyError: 'no'"),
            ("async def main(args):\n    return {'rows': [1, {2}]}", "not_json", None, r"$.rows[1]: a set"),
            ("async def main(args):\n    return float('nan')", "not_json", None, "nan is not a JSON number"),
            ("async def main(args):\n    return agent('x')", "not_json", None, "never awaited"),
            ("async def main(args):\n    finding({1, 2})", "script", 2, "NotJson"),
            ("boom = 1 / 0\nasync def main(args): pass", "script", 1, "ZeroDivisionError"),
        ],
    )
    def test_each_names_its_kind_and_line(self, source: str, kind: str, line: int | None, said: str) -> None:
        failed = failing(source)
        assert (failed.kind, failed.line) == (kind, line)
        assert said in failed.message

    def test_the_trace_is_the_way_through_the_harness(self) -> None:
        source = """def inner(x):
    return x['a']
async def outer():
    return inner({})
async def main(args):
    await outer()"""
        assert failing(source).trace == ("main, line 6", "outer, line 4", "inner, line 2")

    def test_an_error_whose_text_cannot_be_shown(self) -> None:
        source = """
class Odd(Exception):
    def __str__(self):
        raise ValueError("no")
async def main(args):
    raise Odd()
"""
        assert "cannot be shown" in failing(source).message

    def test_an_endless_loop_ends_with_its_line(self) -> None:
        source = "async def main(args):\n    n = 0\n    while True:\n        n += 1"
        failed = failing(source, limits=Limits(cpu_seconds=0.3))
        assert failed.kind == "cpu"
        assert failed.line in (3, 4)

    def test_the_cpu_limit_counts_from_await_to_await(self) -> None:
        source = """
async def main(args):
    for step in range(4):
        sum(range(3_000_000))
        await agent("x")
    return "done"
"""
        assert finishing(source, limits=Limits(cpu_seconds=0.3)) == "done"

    def test_no_except_or_finally_keeps_a_stopped_harness_alive(self) -> None:
        source = """
async def main(args):
    while True:
        try:
            while True:
                pass
        except Exception:
            continue
        finally:
            continue
"""
        assert failing(source, limits=Limits(cpu_seconds=0.3)).kind == "cpu"

    def test_a_memory_bomb_ends_this_run_only(self) -> None:
        source = "async def main(args):\n    return len([0] * 10**9)"
        assert "MemoryError" in failing(source, limits=Limits(memory_bytes=256 * 1024 * 1024)).message

    def test_endless_recursion_is_an_error_of_the_harness(self) -> None:
        source = "def f(n):\n    return f(n + 1)\nasync def main(args):\n    return f(0)"
        assert "RecursionError" in failing(source).message

    def test_a_flood_of_log_lines(self) -> None:
        source = "async def main(args):\n    for n in range(10**6):\n        log(str(n))"
        assert failing(source, limits=Limits(notes=100)).kind == "limit"

    def test_a_call_too_large_for_a_frame_is_an_error_of_the_harness(self) -> None:
        source = "async def main(args):\n    return await agent('x' * 10**6)"
        assert "can cross the border" in failing(source, limits=Limits(frame_bytes=10_000)).message

    def test_waiting_for_nothing_is_reported(self) -> None:
        source = """
async def main(args):
    async def branch():
        await agent("x")
    waiting = branch()
    await parallel([waiting])
    await waiting
"""
        assert "cannot reuse already awaited coroutine" in failing(source).message


class TestConfinement:
    """What is denied also to code that got past the language: here the policy is not in the way at all."""

    @pytest.mark.parametrize(
        "attempt",
        [
            "open('/etc/passwd')",
            "open('/tmp/weft-escape', 'w')",
            "__import__('socket').socket()",
            "__import__('os').listdir('/')",
            "__import__('os').fork()",
            "__import__('subprocess').run(['/bin/true'])",
            "__import__('os').pipe()",
            "__import__('resource').setrlimit(__import__('resource').RLIMIT_NOFILE, (99, 99))",
            "__import__('os').setuid(0)",
        ],
    )
    def test_the_system_denies(self, attempt: str) -> None:
        code = f"""
import os, resource, socket, subprocess
from weft.sandbox.confine import confine
from weft.sandbox.protocol import Limits
confine(Limits())
try:
    {attempt}
except (OSError, ValueError) as error:
    os.write(1, b"denied")
else:
    os.write(1, b"ESCAPED")
"""
        assert _python(code) == b"denied"

    def test_the_environment_is_empty(self) -> None:
        assert _python("import os; os.write(1, repr(sorted(os.environ)).encode())") == b"['LC_CTYPE', 'PYTHONHASHSEED']"


def _python(code: str) -> bytes:
    """Run code in a process started exactly like a child."""
    import subprocess
    import sys

    from weft.sandbox.process import _roots

    boot = f"import sys; sys.path[:0] = sys.argv[1:]\n{code}"
    done = subprocess.run(
        [sys.executable, "-s", "-P", "-S", "-X", "utf8", "-c", boot, *_roots()],
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.stdout or done.stderr


class TestHostTrustsNothing:
    @pytest.mark.parametrize(
        "line",
        [
            b"nonsense\n",
            b"{}\n",
            b'{"type":"idle","extra":1}\n',
            b'{"type":"finished"}\n',
            b'{"type":"finished","value":NaN}\n',
            b'{"type":"finished","value":"\\ud800"}\n',
            b'{"type":"finished","value":"\xff"}\n',
            b'{"type":"finished","value":' + b"[" * 300 + b"]" * 300 + b"}\n",
            b'{"type":"finished","value":' + b"[" * 90 + b"]" * 90 + b"}\n",
            b'{"type":"finished","value":1' + b"0" * 5000 + b"}\n",
            b'{"type":"call_agent","id":true,"path":"","line":null,"agent":{"prompt":"x"}}\n',
            b'{"type":"call_agent","id":1,"path":"","line":null,"agent":{"prompt":"x"}}\n',  # 0 is next
            b'{"type":"call_agent","id":0,"path":"","line":null,"agent":{"prompt":"x","timeout":-1}}\n',
            b'{"type":"call_agent","id":0,"path":"","line":null,"agent":{"prompt":"x","retries":-1}}\n',
            b'{"type":"call_agent","id":0,"path":"","line":null,"agent":{"prompt":"x","effort":"huge"}}\n',
            b'{"type":"say","kind":"shout","path":"","line":null,"data":1}\n',
        ],
    )
    def test_what_is_no_message_ends_the_child(self, line: bytes) -> None:
        with pytest.raises(ProtocolViolation, match="not a message"):
            _hear(line)

    def test_a_line_without_end_is_cut_off(self) -> None:
        with pytest.raises(ProtocolViolation, match="more than 1000 bytes"):
            _hear(b"x" * 5000, Limits(frame_bytes=1000))

    def test_a_child_that_dies_is_told_apart(self) -> None:
        with pytest.raises(SandboxDied, match="SIGKILL"):
            _hear(None)


def _hear(line: bytes | None, limits: Limits | None = None) -> None:
    """Let a child say `line`, or die, in place of what it would say."""

    async def run() -> None:
        async with open_sandbox(limits or Limits()) as sandbox:
            process = sandbox._process
            if line is None:
                process.kill()
            else:
                sandbox._unread += line
            start = Start(source="", filename="h.py", args=None, now=NOW, allowance=Allowance())
            async for _ in sandbox.start(start):
                pass

    anyio.run(run)


def test_a_child_killed_while_it_works_ends_only_its_run() -> None:
    async def run() -> None:
        start = Start(source=HELLO, filename="h.py", args=None, now=NOW, allowance=Allowance())
        async with open_sandbox(start.limits) as sandbox:
            async for _ in sandbox.start(start):
                pass
            sandbox._process.kill()
            async for _ in sandbox.deliver([]):
                pass
            await _deliver_one(sandbox)

    with pytest.raises(SandboxError):
        anyio.run(run)


async def _deliver_one(sandbox: Sandbox) -> None:
    from weft.sandbox.protocol import Result

    async for _ in sandbox.deliver([Result(id=0, value="x")]):
        pass
