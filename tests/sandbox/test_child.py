"""The child process: what it executes, what it reports, and what the operating system denies it."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import anyio
import pytest
from child import NOW, execute

from weft.primitives.calls import Allowance
from weft.sandbox import child
from weft.sandbox.errors import SandboxError
from weft.sandbox.process import Sandbox, open_sandbox
from weft.sandbox.protocol import CallAgent, Deliver, Failed, Finished, Limits, Result, Say, Start, decode, encode

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


DEEPER = """
from weft.primitives import parallel
async def deeper():
    return await parallel([deeper()])
async def main(args):
    return await deeper()
"""


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

    def test_fan_outs_that_stand_in_each_other_for_ever_end_with_a_reason(self) -> None:
        failed = failing(DEEPER)
        assert failed.kind == "limit" and "nested more than 200 levels deep" in failed.message

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
            ("async def main(args):\n    return {'rows': [1, {2}]}", "not_json", 2, r"$.rows[1]: a set"),
            ("async def main(args):\n    return float('nan')", "not_json", 2, "nan is not a JSON number"),
            ("async def main(args):\n    return agent('x')", "not_json", 2, "never awaited"),
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

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "endless",
        [
            "7 ** 40_000_000",
            "sum([[0] * 9] * 60_000, [])",  # Python cannot be interrupted inside of this; the process can
            "re.match('(a+)+$', 'a' * 40 + 'b')",
            "max(itertools.repeat(1))",
            "len(str(10 ** 4000 * n)) if f(n) else list(itertools.combinations(range(40), 20))",
        ],
    )
    def test_an_operation_that_takes_long_is_ended_with_its_line(self, endless: str) -> None:
        source = f"""import itertools, re
def f(n): return False
async def main(args):
    for n in range(100):
        x = {endless}"""
        failed = failing(source, limits=Limits(cpu_seconds=0.3))
        assert failed.kind == "cpu" or "MemoryError" in failed.message
        assert failed.line == 5

    @pytest.mark.parametrize("megabytes", [200, 300, 400])
    def test_one_that_raises_after_its_time_has_its_line_too(self, megabytes: int) -> None:
        source = "import itertools\nasync def main(args):\n    return list(itertools.combinations(range(40), 20))"
        failed = failing(source, limits=Limits(cpu_seconds=0.01, memory_bytes=megabytes << 20))
        assert failed.kind == "cpu" or "MemoryError" in failed.message
        assert failed.line == 3

    def test_the_cpu_limit_counts_from_await_to_await(self) -> None:
        begun = time.process_time()
        sum(range(3_000_000))
        limit = 5 * (time.process_time() - begun)
        source = """
async def main(args):
    for step in range(10):
        sum(range(3_000_000))
        await agent("x")
    return "done"
"""
        assert finishing(source, limits=Limits(cpu_seconds=limit)) == "done"

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
        failed = failing(source, limits=Limits(memory_bytes=256 * 1024 * 1024))
        assert failed.line == 2
        assert "the harness needed more than 256 MB" in failed.message

    def test_endless_recursion_is_an_error_of_the_harness(self) -> None:
        source = "def f(n):\n    return f(n + 1)\nasync def main(args):\n    return f(0)"
        assert "RecursionError" in failing(source).message

    def test_a_flood_of_log_lines(self) -> None:
        source = "async def main(args):\n    for n in range(10**6):\n        log(str(n))"
        assert failing(source, limits=Limits(notes=100)).kind == "limit"

    @pytest.mark.parametrize("note", ["log('x' * 100_000)", "finding(['x' * 1000] * 100)", "phase('x' * 100_000)"])
    def test_a_few_log_lines_that_are_endless(self, note: str) -> None:
        failed = failing(f"async def main(args):\n    for n in range(10**6):\n        {note}")
        assert (failed.kind, failed.line) == ("limit", 3)
        assert "notes and log lines of more than 16,777,216 bytes" in failed.message

    @pytest.mark.parametrize(
        "source",
        [
            "async def main(args):\n    x = 'x' * 20_000_000\n    y = await agent(x)",
            "async def main(args):\n    x = 'x' * 20_000_000\n    finding(x)",
            "async def main(args):\n    x = 'x' * 20_000_000\n    await workflow('w', {'x': x})",
            "async def main(args):\n    x = 'x' * 20_000_000\n    return x",
        ],
    )
    def test_what_is_too_large_for_a_message_is_an_error_with_its_line(self, source: str) -> None:
        failed = failing(source)
        assert failed.line == 3
        assert "16,777,216 can be passed on at once" in failed.message

    def test_a_harness_can_go_on_after_a_call_that_is_too_large(self) -> None:
        source = """
async def main(args):
    try:
        await agent("x" * 10**6)
    except ValueError:
        pass
    (lost,) = (await parallel([agent("x" * 10**6), agent("y")])).lost
    return [lost.index, await agent("z")]
"""
        assert finishing(source, limits=Limits(frame_bytes=10_000)) == [0, "reply:z"]

    def test_a_branch_that_was_awaited_before(self) -> None:
        source = """
async def main(args):
    async def branch():
        await agent("x")
    waiting = branch()
    await parallel([waiting])
    await waiting
"""
        assert "cannot reuse already awaited coroutine" in failing(source).message


def test_a_child_killed_while_it_works_ends_only_its_run() -> None:
    async def run() -> None:
        start = Start(source=HELLO, filename="h.py", args=None, now=NOW, allowance=Allowance())
        async with open_sandbox(Limits()) as sandbox:
            async for _ in sandbox.start(start):
                pass
            assert sandbox._process.pid is not None
            os.kill(sandbox._process.pid, signal.SIGKILL)
            async for _ in sandbox.deliver([]):
                pass
            await _deliver_one(sandbox)

    with pytest.raises(SandboxError):
        anyio.run(run)


async def _deliver_one(sandbox: Sandbox) -> None:
    from weft.sandbox.protocol import Result

    async for _ in sandbox.deliver([Result(id=0, value="x")]):
        pass


def test_the_time_to_compute_counts_anew_from_each_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many results come in one message is chance, and must not decide how long the harness may take for each."""

    class Line:
        def receive(self) -> Deliver:
            return Deliver(results=(Result(id=0), Result(id=1)))

    happened: list[object] = []
    monkeypatch.setattr(child, "_set_timers", happened.append)
    for result in child._receiver(Limits(cpu_seconds=3.0), Line())():  # type: ignore[arg-type]  # all it needs of one
        happened.append(result)
    assert happened == [0, 3.0, Result(id=0), 3.0, Result(id=1)]


def test_how_many_results_come_in_one_message_cannot_be_told_by_is() -> None:
    results = (Result(id=0, value={"key": [1.5]}), Result(id=1, value={"key": [1.5]}), Result(id=2))
    read = decode(encode(Deliver(results=results)))
    assert read == Deliver(results=results)
    assert isinstance(read, Deliver)
    (one,), (two,) = read.results[0].value, read.results[1].value
    assert one is not two
