"""A run that is told to stop by signals, or whose processes are killed: what it keeps, and how soon it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import Answer, serving, text
from command import environment, weft
from forked import Weft
from live import interrupt, live
from waiting import lives, until

HELLO = """
from weft.primitives import agent, parallel, phase
async def main(args):
    phase("Greet")
    return await parallel([agent(f"Greet {name}", label=f"greet:{name}") for name in args["names"]])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.py").write_text(HELLO)
    return tmp_path


class TestInterrupts:
    @pytest.fixture
    def released(self) -> Iterator[threading.Event]:
        """The model answers once this is set."""
        yield (event := threading.Event())
        event.set()

    @pytest.fixture
    def process(self, folder: Path, released: threading.Event) -> Iterator[subprocess.Popen[str]]:
        """A run of which two agents are at work."""

        def answer(body: dict[str, Any]) -> Answer:
            released.wait()
            return text("hi")

        with serving(answer) as server:
            model = ("--model", "anthropic:claude-sonnet-5-5", "--concurrency", "2")
            process = Weft(
                ["run", "hello.py", *model, "--yes", "--json", "--args", '{"names": ["a", "b", "c", "d"]}'],
                cwd=folder,
                env=environment(ANTHROPIC_BASE_URL=server.url, ANTHROPIC_API_KEY="none-needed"),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            until(lambda: len(server.requests) == 2 or process.poll() is not None)
            yield process
            released.set()
            process.kill()
            process.communicate()

    @pytest.mark.slow
    def test_once_lets_those_at_work_finish_and_keeps_everything(
        self, folder: Path, process: subprocess.Popen[str], released: threading.Event
    ) -> None:
        assert "waiting for the 2 at work" in interrupt(process, signal.SIGHUP)
        released.set()
        out, _ = process.communicate(timeout=60)
        result = json.loads(out)
        assert (process.returncode, result["outcome"], result["error"]["type"]) == (130, "paused", "user")
        assert result["agents"] == {"started": 2, "done": 2, "lost": 0, "cached": 0}
        assert weft(folder, "replay", "@last").code == 0

    @pytest.mark.slow
    def test_twice_ends_them(self, process: subprocess.Popen[str]) -> None:
        assert "waiting for the 2 at work" in interrupt(process, signal.SIGTERM)
        assert "ending 2 agents" in interrupt(process, signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 130
        assert json.loads(out)["agents"]["done"] == 0

    def test_thrice_quits_at_once_and_still_leaves_a_result(self, folder: Path, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGSTOP)  # so that all three are there when it looks
        for kind in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            process.send_signal(kind)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in said
        (path,) = (folder / ".weft" / "runs").iterdir()
        result = json.loads((path / "result.json").read_text())
        assert (result["outcome"], result["error"]["type"]) == ("paused", "user")
        calls = weft(folder, "show", "@last", "--json").json["calls"]
        assert result["spent"]["usd"] == pytest.approx(sum(call["spent"]["usd"] for call in calls))
        assert result["spent"]["input_tokens"] > 0
        assert json.loads(weft(folder, "runs", "--json").out)[0]["outcome"] == "paused"


class TestKilled:
    @pytest.fixture
    def process(self, folder: Path) -> Iterator[subprocess.Popen[str]]:
        """A run of which an agent is at work."""
        (folder / "stub.json").write_text('{"default": {"result": "hi", "latency": 3600}}')
        words = ("--agents", "stub:stub.json", "--yes", "--json", "--args", '{"names": ["a"]}')
        with live(folder, "run", "hello.py", *words) as going:
            going.until_running("greet:a")
            yield going.process

    def test_a_sandbox_that_is_killed_ends_the_run_at_once(self, folder: Path, process: subprocess.Popen[str]) -> None:
        subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=True)
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, json.loads(out)["error"]["type"]) == (1, "sandbox")
        assert weft(folder, "replay", "@last", "--json").json["outcome"] == "reproduced"

    def test_no_child_is_left_when_the_host_is_killed(self, process: subprocess.Popen[str]) -> None:
        child = int(
            subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout
        )
        process.kill()
        process.communicate()
        until(lambda: not lives(child))
