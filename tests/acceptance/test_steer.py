"""Steering a run from another terminal: the real command against the real command.

Agents that are to be caught at work take an hour, so nothing here depends on how fast the machine is: they end because
they are stopped.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import environment, weft
from forked import Weft
from live import Live, live, standing
from waiting import until

from weft.runtime.journal import read_journal
from weft.runtime.journal.events import Interrupted, RunStarted, Steered

pytestmark = pytest.mark.slow

PAIR = """
async def main(args):
    first = await parallel([agent("first", label="slow"), agent("second", label="quick")])
    return [*first, await agent("third", label="last")]
"""
HOUR = 3600.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pair.py").write_text(PAIR)
    return tmp_path


def rule(label: str, **answer: Any) -> dict[str, Any]:
    return {"match": {"label": f"^{label}$"}, "result": label, **answer}


def run(folder: Path, *rules: dict[str, Any], options: tuple[str, ...] = ()) -> Any:
    (folder / "stub.json").write_text(json.dumps({"rules": rules, "default": {"result": "ok"}}))
    return live(folder, "run", "pair.py", "--no-lint", "--json", "--agents", "stub:stub.json", *options)


def bill(folder: Path) -> str:
    """Return the bill of a resume of the latest run, which then does not begin: nobody answers its agents."""
    resumed = weft(folder, "resume", "@last", "--agents", "stub:nowhere.json")
    assert resumed.code != 0
    return resumed.err


def steered(going: Live) -> list[Steered]:
    return [event for _, event in read_journal(going.run.journal) if isinstance(event, Steered)]


@pytest.fixture(scope="module")
def standing_still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A run with a ceiling of 150 tokens, for whatever is said to it that changes nothing."""
    folder = tmp_path_factory.mktemp("standing")
    (folder / "pair.py").write_text(PAIR)
    with run(folder, rule("slow", latency=HOUR), options=TOKENS) as going:
        going.until_running("slow")
        yield going


class TestPause:
    def test_a_paused_run_waits_and_goes_on(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR), options=("--concurrency", "1")) as going:
            going.until_running("slow")
            paused = weft(folder, "pause", "@last", "--reason", "the meeting", "--json")
            assert paused.json == {
                "target": going.run.id,
                "verb": "pause",
                "applied": True,
                "dry_run": False,
                "changed": {"state": ["running", "paused"]},
                "detail": "no further agents start; 1 agent at work may finish",
            }
            assert weft(folder, "stop", "@last/slow").code == 0
            # There is a free place, and `quick` does not take it.
            state = going.until(lambda state: standing(state, "slow") == "lost")
            assert (standing(state, "quick"), state.outcome) == ("queued", "running")
            shown = weft(folder, "show", "@last").out
            assert "running, paused" in shown and "the meeting" in shown
            again = weft(folder, "pause", "@last")
            assert (again.code, "paused already, by" in again.err) == (3, True)
            assert weft(folder, "continue", "@last").out == f"continue {going.run.id}: 1 agent waiting for a turn\n"
            done = going.done()
        assert (done.code, done.json["result"]) == (4, [None, "ok", "ok"])
        assert [lost["cause"] for lost in done.json["lost"]] == ["stopped"]
        assert [event.verb for event in steered(going)] == ["pause", "stop", "continue"]
        assert "steer   pause: no further agents start" in done.err
        assert "the meeting" in going.run.report.read_text()

    def test_now_ends_the_run_to_be_resumed(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR)) as going:
            going.until(lambda state: standing(state, "quick") == "done" and standing(state, "slow") == "running")
            assert weft(folder, "pause", "@last", "--now").code == 0
            done = going.done()
        assert (done.code, done.json["outcome"], done.json["error"]["type"]) == (5, "paused", "command")
        refused = weft(folder, "continue", "@last")
        assert (refused.code, f"weft resume {going.run.id}" in refused.err) == (3, True)
        resumed = weft(folder, "resume", "@last", "--virtual-time", "--json")
        assert (resumed.code, resumed.json["agents"]["cached"]) == (0, 1)

    def test_two_terminals_at_once(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR)) as going:
            going.until_running("slow")
            both = [Weft(["pause", "@last"], cwd=folder, env=environment(), **PIPES) for _ in "ab"]
            for terminal in both:
                terminal.communicate(timeout=60)
            assert sorted(terminal.returncode for terminal in both) == [0, 3]
            assert len(steered(going)) == 1

    def test_ctrl_c_ends_a_paused_run(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR), options=("--concurrency", "1")) as going:
            going.until_running("slow")
            weft(folder, "pause", "@last")
            weft(folder, "stop", "@last/slow")
            going.until(lambda state: standing(state, "slow") == "lost")
            going.process.terminate()
            assert going.done().code == 130


PIPES: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


class TestStop:
    def test_the_run(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR)) as going:
            going.until(lambda state: standing(state, "quick") == "done" and standing(state, "slow") == "running")
            assert weft(folder, "stop", "@last", "--reason", "enough").code == 0
            done = going.done()
        assert (done.code, done.json["outcome"], done.json["agents"]["done"]) == (130, "paused", 1)
        assert "enough" in done.json["error"]["message"]
        assert not (going.run.path / "control.sock").exists()

    def test_one_agent_that_is_not_there_or_has_ended(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR)) as going:
            going.until(lambda state: standing(state, "quick") == "done")
            for agent, said in (("quick", "is done"), ("nobody", "no agent 'nobody'"), ("7", "no agent '7'")):
                refused = weft(folder, "stop", f"@last/{agent}")
                assert (refused.code, said in refused.err) == (3, True)
            assert steered(going) == []


class TestRetry:
    def test_what_was_lost_is_asked_again_in_the_same_process(self, folder: Path) -> None:
        rules = (rule("quick", lost="provider", times=1), rule("slow", latency=HOUR, times=1))
        with run(folder, *rules) as going:
            going.until(lambda state: standing(state, "quick") == "lost" and standing(state, "slow") == "running")
            retried = weft(folder, "retry", "@last")
            assert "1 agent to be asked again; 1 agent at work may finish first" in retried.out
            assert weft(folder, "stop", "@last/slow").code == 0
            done = going.done()
        assert (done.code, done.json["result"]) == (0, ["ok", "ok", "ok"])
        begun = [event.owner for _, event in read_journal(going.run.journal) if isinstance(event, RunStarted)]
        assert len(begun) == 2 and len(set(begun)) == 1
        assert weft(folder, "replay", "@last").code == 0

    def test_what_is_finished_is_used_again_and_paid_for_once(self, folder: Path) -> None:
        usage = {"input": 1000, "output": 100}
        rules = (rule("slow", usage=usage), rule("quick", lost="provider", times=1, usage=usage))
        with run(folder, *rules, rule("last", latency=HOUR, times=1, usage=usage), rule(".*", usage=usage)) as going:
            going.until_running("last")
            weft(folder, "retry", "@last")
            weft(folder, "stop", "@last/last")
            done = going.done()
        assert (done.code, done.json["agents"]["cached"]) == (0, 1)
        # `quick` and `last` twice each, `slow` once.
        assert done.json["spent"]["input_tokens"] == 5000

    def test_with_nothing_lost(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR)) as going:
            going.until_running("slow")
            refused = weft(folder, "retry", "@last", "--json")
            assert (refused.code, refused.json["applied"]) == (3, False)
            assert "no agent has been lost" in refused.json["detail"]


USAGE = {"usage": {"input": 100, "output": 0}}
TOKENS = ("--budget-tokens", "150")


class TestBudget:
    def test_raised_it_lets_those_go_on_that_wait_for_room(self, folder: Path) -> None:
        rules = (rule("slow", latency=HOUR, **USAGE), rule("quick", **USAGE), rule("last"))
        with run(folder, *rules, options=TOKENS) as going:
            going.until_running("slow")
            going.until(lambda state: standing(state, "quick") == "waiting")
            raised = weft(folder, "budget", "@last", "--add-tokens", "100", "--json")
            assert raised.json["changed"] == {"budget_tokens": [150, 250]}
            state = going.until(lambda state: standing(state, "quick") == "done")
            assert standing(state, "slow") == "running"
            lowered = weft(folder, "budget", "@last", "--tokens", "50")
            assert lowered.code == 3
            weft(folder, "stop", "@last/slow")
            done = going.done()
        assert (done.code, done.json["spent"]["input_tokens"]) == (4, 200)
        assert done.json["result"] == [None, "quick", "last"]
        # A resume starts from the ceiling as it was in the end.
        state = going.run.state()
        assert state.started is not None and state.started.settings.budget_tokens == 250

    def test_raised_too_late_it_says_so_and_holds_for_a_resume(self, folder: Path) -> None:
        large = {"usage": {"input": 500, "output": 0}}
        with run(folder, rule("slow", latency=HOUR, times=1, **USAGE), rule("quick", **large), options=TOKENS) as going:
            going.until_running("slow", "quick")
            until(lambda: "no agent starts any more" in weft(folder, "continue", "@last").err)
            raised = weft(folder, "budget", "@last", "--tokens", "5000")
            assert (raised.code, f"weft resume {going.run.id} goes on" in raised.out) == (0, True)
            weft(folder, "stop", "@last/slow")
            assert going.done().code == 5
        assert weft(folder, "resume", "@last", "--virtual-time").code == 0

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (["--add", "1"], 3, "no ceiling in dollars to add to"),
            ([], 2, "no new ceiling is named"),
            (["--tokens", "5", "--add-tokens", "5"], 2, "both cannot be meant"),
            (["--usd", "nan"], 2, "--usd nan is no amount"),
            (["--tokens", "1" + "0" * 400], 2, "less than or equal to"),
            (["--tokens", "-5"], 2, "--tokens -5 leaves nothing to spend"),
            (["--add", "0"], 2, "--add 0 adds nothing"),
            (["--add-tokens", "-5"], 2, "--tokens names a lower ceiling"),
        ],
    )
    def test_what_means_nothing(self, standing_still: Live, words: list[str], code: int, said: str) -> None:
        refused = weft(standing_still.folder, "budget", "@last", *words)
        assert (refused.code, said in refused.err) == (code, True), refused.err
        assert steered(standing_still) == []

    def test_the_same_again_changes_nothing_and_says_so(self, standing_still: Live) -> None:
        same = weft(standing_still.folder, "budget", "@last", "--tokens", "150")
        assert (same.code, "the ceiling is 150 tokens already" in same.out) == (0, True)
        assert steered(standing_still) == []


class TestWhyAskedAgain:
    """The bill of a resume says of each agent what really became of it."""

    @pytest.mark.parametrize(
        ("end", "words"),
        [
            ("kill", ["at work when the run was killed: slow", "not started when the run was killed: quick"]),
            ("interrupt", ["at work when the run was stopped: slow", "not started when the run was stopped: quick"]),
            ("stop", ["at work when the run was stopped: slow", "not started when the run was stopped: quick"]),
            ("pause", ["at work when you paused the run: slow", "not started when you paused the run: quick"]),
            ("one", ["stopped by you: slow", "not started when you paused the run: quick"]),
        ],
    )
    def test_what_ended_it(self, folder: Path, end: str, words: list[str]) -> None:
        with run(folder, rule("slow", latency=HOUR), options=("--concurrency", "1")) as going:
            going.until_running("slow")
            match end:
                case "kill":
                    going.process.kill()
                case "interrupt":
                    going.process.send_signal(signal.SIGINT)
                    until(lambda: any(isinstance(event, Interrupted) for _, event in read_journal(going.run.journal)))
                    going.process.send_signal(signal.SIGINT)
                case "stop":
                    weft(folder, "stop", "@last")
                case "pause":
                    weft(folder, "pause", "@last", "--now")
                case "one":
                    weft(folder, "pause", "@last")
                    weft(folder, "stop", "@last/slow")
                    going.until(lambda state: standing(state, "slow") == "lost")
                    weft(folder, "pause", "@last", "--now")
            going.process.wait()
        assert all(text in bill(folder) for text in words), bill(folder)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (("--budget-tokens", "150"), "waited for budget: quick"),
            (("--deadline", "100"), "at work when the time of the run was up: slow"),
            (("--max-agents", "2"), "not started when the run had started as many agents as it may: last"),
            (("--max-agents", "1"), "not started when a fan-out was wider than allowed: slow, quick"),
            (("--timeout", "100"), "lost last time (timeout): slow"),
        ],
    )
    def test_what_it_came_up_against(self, folder: Path, options: tuple[str, ...], words: str) -> None:
        rules = [rule("slow", latency=HOUR, **USAGE), rule("quick", **USAGE)]
        (folder / "stub.json").write_text(json.dumps({"rules": rules, "default": {"result": "ok"}}))
        stub = ("--no-lint", "--agents", "stub:stub.json", "--virtual-time")
        ended = weft(folder, "run", "pair.py", *stub, *options)
        assert ended.code in (4, 5), ended.err
        assert words in bill(folder), bill(folder)


class TestNobodyThere:
    def test_a_run_that_has_ended(self, folder: Path) -> None:
        with run(folder) as going:
            assert going.done().code == 0
        for words, instead in (
            (["continue"], "weft resume {}"),
            (["retry"], "weft resume {}"),
            (["budget", "--add", "1"], "weft resume {} --budget USD"),
            (["budget", "--tokens", "1"], "weft resume {} --budget-tokens N"),
            (["stop"], "weft show {} says how"),
        ):
            refused = weft(folder, words[0], "@last", *words[1:])
            assert refused.code == 3
            assert "has ended" in refused.err and instead.format(going.run.id) in refused.err

    def test_a_run_that_was_killed_leaves_a_socket_that_its_resume_replaces(self, folder: Path) -> None:
        with run(folder, rule("slow", latency=HOUR)) as going:
            going.until_running("slow")
            going.process.kill()
            going.process.wait()
            socket = going.run.path / "control.sock"
            assert socket.is_socket()
            assert weft(folder, "stop", "@last").code == 3
        with live(folder, "resume", "@last", "--yes") as again:
            until(lambda: weft(folder, "pause", "@last", "--now").code == 0)
            assert again.done().code == 5
        assert not socket.exists()
