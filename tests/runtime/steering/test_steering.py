"""The socket of a run and what commands do, in one process: hostile clients, odd folders, virtual time, any order."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from anyio.abc import SocketListener, SocketStream
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import in_process
from running import resume_source, run_source

from weft.runtime.errors import Refused, RuntimeFailure
from weft.runtime.execution.replay import replay
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentsStarted, Event, RunEnded, RunStarted, Steered
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.steering import socket as control
from weft.runtime.steering.apply import Steering
from weft.runtime.steering.socket import ChangeBudget, Command, ContinueRun, PauseRun, RetryRun, StopRun, send

HARNESS = """
async def main(args):
    return [*await parallel([agent(f"{n}", label=f"a{n}") for n in range(3)]), await agent("last")]
"""

Act = Callable[[RunFolder], Awaitable[None]]


def run_and(act: Act, folder: Path, **options: Any) -> Run:
    """Run the harness; its agent 1 acts before it answers."""

    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "1":
            await act(Project(folder).runs()[-1])
        return AgentReply(value=request.prompt)

    return run_source(HARNESS, folder, agents=agents, **options)


def commands(done: Run) -> list[Steered]:
    return [event for _, event in read_journal(done.folder.journal) if isinstance(event, Steered)]


async def connected(run: RunFolder) -> SocketStream:
    with control._address(run) as address:  # the folders of tests have long names
        return await anyio.connect_unix(address)


async def told(run: RunFolder, line: bytes) -> dict[str, Any]:
    """Send bytes as they are, and return the answer."""
    async with await connected(run) as stream:
        await stream.send(line)
        answer: dict[str, Any] = json.loads(await stream.receive())
        return answer


GARBAGE = [
    b"\n",
    b"{}\n",
    b"null\n",
    b"pause\n",
    b"\xff\xfe\x00\n",
    b"[" * 60_000 + b"\n",
    b'{"verb": "explode"}\n',
    b'{"verb": "pause", "now": "yes"}\n',
    b'{"verb": "pause", "more": 1}\n',
    b'{"verb": "pause", "reason": "' + b"x" * 1001 + b'"}\n',
    b'{"verb": "stop", "agent": 3}\n',
    b'{"verb": "budget"}\n',
    b'{"verb": "budget", "usd": NaN}\n',
    b'{"verb": "budget", "usd": -1}\n',
    b'{"verb": "budget", "tokens": 1.5}\n',
    b'{"verb": "budget", "add_usd": 1.7e308}\n',
    b'{"verb": "budget", "tokens": ' + b"9" * 4300 + b"}\n",
    b'{"verb": "budget", "usd": 1, "add_usd": 1}\n',
    b"x" * 70_000,
]


class TestClients:
    def test_garbage_is_answered_and_changes_nothing(self, tmp_path: Path) -> None:
        answers = []

        async def act(run: RunFolder) -> None:
            for line in GARBAGE:
                answers.append(await told(run, line))

        done = run_and(act, tmp_path)
        assert (done.state.outcome, done.state.health, commands(done)) == ("completed", "clean", [])
        assert [(answer["verb"], answer["applied"]) for answer in answers] == [(None, False)] * len(GARBAGE)
        assert all(answer["detail"].startswith("this is no command: ") for answer in answers)

    def test_a_number_that_no_agent_can_have(self, tmp_path: Path) -> None:
        answers = []

        async def act(run: RunFolder) -> None:
            for number in (b"7" * 5000, b"9" * 60_000, "\u0663".encode()):
                answers.append(await told(run, b'{"verb": "stop", "agent": "' + number + b'"}\n'))

        done = run_and(act, tmp_path)
        assert (done.state.outcome, done.state.health, commands(done)) == ("completed", "clean", [])
        assert all("there is no agent" in answer["detail"] for answer in answers)

    def test_a_fault_of_ours_costs_the_command_and_not_the_run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object) -> None:
            raise ValueError("unforeseen")

        monkeypatch.setattr(Steering, "apply", broken)
        answers = []

        async def act(run: RunFolder) -> None:
            answers.append(await told(run, b'{"verb": "stop"}\n'))

        done = run_and(act, tmp_path)
        assert (done.state.outcome, done.state.health) == ("completed", "clean")
        assert (answers[0]["applied"], answers[0]["detail"]) == (False, "ValueError: unforeseen")
        assert "a command failed, and the run goes on" in caplog.text

    def test_one_that_hangs_up_early_is_no_error(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        async def act(run: RunFolder) -> None:
            for line in (b"", b'{"verb": ', b'{"verb": "pause"}\n{"verb": "continue"}\n', b'{"verb": "continue"}\n'):
                async with await connected(run) as stream:
                    await stream.send(line) if line else None
            assert (await send(run, ChangeBudget(tokens=1000))).applied

        done = run_and(act, tmp_path)
        assert done.state.outcome == "completed"
        # What was sent counts, whether or not anybody waits for the answer; of two lines the first does.
        assert [event.verb for event in commands(done)] == ["pause", "continue", "budget"]
        assert caplog.text == ""

    def test_one_that_is_slow_is_told_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(control, "COMMAND_S", 0.01)
        answers = []

        async def act(run: RunFolder) -> None:
            answers.append(await told(run, b'{"verb": "pause"'))

        assert run_and(act, tmp_path).state.health == "clean"
        assert "no line came within 0.01 s" in answers[0]["detail"]

    def test_those_that_say_nothing_keep_others_waiting_but_not_away(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(control, "COMMAND_S", 0.01)

        async def act(run: RunFolder) -> None:
            silent = [await connected(run) for _ in range(control.CLIENTS * 3)]
            assert (await send(run, ChangeBudget(tokens=1000))).applied
            for stream in silent:
                await stream.aclose()

        assert len(commands(run_and(act, tmp_path))) == 1

    def test_fifty_at_once_are_all_answered(self, tmp_path: Path) -> None:
        async def act(run: RunFolder) -> None:
            async with anyio.create_task_group() as tasks:
                for _ in range(50):
                    tasks.start_soon(send, run, ChangeBudget(add_tokens=1))

        done = run_and(act, tmp_path, budget_tokens=1000)
        assert [event.changed["budget_tokens"] for event in commands(done)] == [(1000 + n, 1001 + n) for n in range(50)]

    def test_no_ceiling_is_raised_above_that_of_the_harness(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules[__name__], "HARNESS", f'BUDGET = {{"tokens": 900}}\n{HARNESS}')
        answers = []

        async def act(run: RunFolder) -> None:
            for tokens in (800, 901, 850):
                try:
                    answers.append((await send(run, ChangeBudget(tokens=tokens))).applied)
                except Refused as refused:
                    answers.append(refused.what)

        done = run_and(act, tmp_path)
        assert [answers[0], answers[2]] == [True, True]
        assert "at most 800 tokens: --budget-tokens (BUDGET of the harness would be 900 tokens)" in answers[1]
        assert done.state.started is not None
        assert (done.state.started.settings.budget_tokens, done.state.started.held["budget_tokens"].person) == (
            850,
            850,
        )

    def test_an_answer_that_means_nothing_is_none(self, tmp_path: Path) -> None:
        async def act(run: RunFolder) -> None:
            (run.path / "control.sock").unlink()
            with control._address(run) as address:
                async with await anyio.create_unix_listener(address) as listener, anyio.create_task_group() as tasks:
                    tasks.start_soon(babble, listener)
                    with pytest.raises(RuntimeFailure, match="has not answered"):
                        await send(run, PauseRun())

        async def babble(listener: SocketListener) -> None:
            async with await listener.accept() as stream:
                await stream.send(b'{"verb": "pause"}\n')

        assert run_and(act, tmp_path).state.health == "clean"

    @pytest.mark.skipif(os.geteuid() != 0, reason="another user can only be played by root")
    def test_another_user_is_not_heard(self, tmp_path: Path) -> None:
        async def act(run: RunFolder) -> None:
            address = run.path / "control.sock"
            assert address.stat().st_mode & 0o777 == 0o600
            address.chmod(0o666)  # so that only the check of who it is stands in the way

            def intrude() -> None:
                os.chdir(run.path)
                os.setuid(65534)
                with socket.socket(socket.AF_UNIX) as stream:
                    stream.settimeout(10)
                    stream.connect("control.sock")
                    stream.sendall(b'{"verb": "stop"}\n')
                    os._exit(0 if stream.recv(1000) == b"" else 1)

            assert await anyio.to_thread.run_sync(in_process, intrude) == 0

        assert commands(run_and(act, tmp_path)) == []


class TestFolders:
    def test_a_path_that_is_longer_than_a_socket_may_have(self, tmp_path: Path) -> None:
        folder = tmp_path / "/".join(["a-folder-with-a-name"] * 10)

        async def act(run: RunFolder) -> None:
            assert len(str(run.path)) > 200
            assert (await send(run, ChangeBudget(tokens=1000))).applied

        done = run_and(act, folder)
        assert len(commands(done)) == 1
        assert not (done.folder.path / "control.sock").exists()

    def test_without_a_place_for_a_socket_the_run_goes_on(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        done = run_source(HARNESS, tmp_path, max_agents=1)
        (done.folder.path / "control.sock").mkdir()
        refused = []

        async def agents(request: AgentRequest) -> AgentReply:
            with pytest.raises(Refused) as error:
                await send(done.folder, PauseRun())
            refused.append(error.value.what)
            return AgentReply(value="x")

        assert resume_source(done, tmp_path, agents=agents, max_agents=9).state.outcome == "completed"
        assert "no command can reach it" in caplog.text
        assert "takes no commands" in refused[0]

    def test_a_command_that_cannot_be_recorded_pauses_the_run(self, tmp_path: Path) -> None:
        async def act(run: RunFolder) -> None:
            run.journal.rename(run.path / "away.db")
            run.journal.touch()
            with pytest.raises(RuntimeFailure, match="has not answered"):
                await send(run, PauseRun())

        assert run_and(act, tmp_path).state.ended.pause == "journal"  # type: ignore[union-attr]


class TestTime:
    def test_virtual_time_stands_still_while_a_run_is_held(self, tmp_path: Path) -> None:
        async def act(run: RunFolder) -> None:
            await send(run, PauseRun())

        async def go() -> Run:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(continuing, tmp_path)
                done = await anyio.to_thread.run_sync(lambda: run_and(act, tmp_path))
                tasks.cancel_scope.cancel()
            return done

        done = anyio.run(go)
        assert (done.state.outcome, done.state.wall_s) == ("completed", 0.0)
        assert [event.verb for event in commands(done)] == ["pause", "continue"]


async def continuing(folder: Path) -> None:
    """Let the run go on whenever it is held."""
    while True:
        for run in Project(folder).runs():
            with suppress(RuntimeFailure):
                await send(run, ContinueRun())
        await anyio.sleep(0.01)


COMMANDS = st.one_of(
    st.just(PauseRun()),
    st.just(ContinueRun()),
    st.just(RetryRun()),
    st.builds(lambda n: StopRun(agent=str(n)), st.integers(0, 5)),
    st.builds(lambda n: ChangeBudget(tokens=n), st.integers(1, 1000)),
)


class TestAnyOrder:
    @pytest.mark.slow
    @settings(max_examples=15)
    @given(st.lists(COMMANDS, max_size=8), st.sets(st.integers(0, 2)))
    def test_a_run_ends_well_whatever_it_is_told(self, told: list[Command], lost: set[int]) -> None:
        """Each agent, as it is asked, sends the next command; some are lost the first time."""
        left, answered, failing = list(told), Counter[str](), {str(n) for n in lost}

        with TemporaryDirectory() as name:
            folder = Path(name)

            async def agents(request: AgentRequest) -> AgentReply:
                if left:
                    with suppress(Refused):
                        await send(Project(folder).runs()[-1], left.pop(0))
                if request.prompt in failing:
                    failing.discard(request.prompt)
                    raise AgentError("provider", "not today")
                answered[request.prompt] += 1
                return AgentReply(value=request.prompt)

            async def go() -> Run:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(continuing, folder)
                    done = await anyio.to_thread.run_sync(
                        lambda: run_source(HARNESS, folder, agents=agents, concurrency=2)
                    )
                    tasks.cancel_scope.cancel()
                return done

            done = anyio.run(go)
            events = [event for _, event in read_journal(done.folder.journal)]
            assert done.state.outcome == "completed"
            assert nobody_starts_while_held(events)
            finished = [agent.called.request.prompt for agent in done.state.agents.values() if agent.finished]
            assert all(answered[prompt] == 1 for prompt in finished)
            harness = parse_harness(HARNESS, name="test", filename="h.py")
            assert anyio.run(replay, harness, read_journal(done.folder.journal)).complete


def nobody_starts_while_held(events: list[Event]) -> bool:
    held = False
    for event in events:
        if isinstance(event, Steered) and event.verb in ("pause", "continue"):
            held = event.verb == "pause"
        elif isinstance(event, (RunStarted, RunEnded)):
            held = False
        elif isinstance(event, AgentsStarted) and held:
            return False
    return True
