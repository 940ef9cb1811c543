"""A `weft run` that goes on in a process of its own, to be looked at and steered from this one."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from command import Done, environment
from forked import Weft
from waiting import until

from weft.runtime.errors import JournalError
from weft.runtime.journal import RunState
from weft.runtime.project.folders import Project, RunFolder

__all__ = ["Live", "interrupt", "live", "standing"]


class Live:
    """The run and its process."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process
        until(lambda: bool(Project(folder).runs()) or process.poll() is not None)
        self.run: RunFolder = Project(folder).runs()[-1]

    def until(self, true: Callable[[RunState], bool]) -> RunState:
        """Wait until that is so, and return what is known of the run then."""
        seen: list[RunState] = []

        def so() -> bool:
            try:
                seen.append(self.run.state())
            except JournalError:  # it has just begun
                return False
            return true(seen[-1])

        until(so)
        return seen[-1]

    def until_running(self, *labels: str) -> None:
        """Wait until these agents are at work, and commands are taken."""
        self.until(lambda state: all(standing(state, label) == "running" for label in labels))

    def done(self) -> Done:
        """Wait for the end."""
        out, err = self.process.communicate(timeout=60)
        return Done(self.process.returncode, out, err)


def standing(state: RunState, label: str) -> str | None:
    """Return how the agent with that label stands, if it has been called."""
    agents = (agent for agent in state.agents.values() if agent.called.request.label == label)
    return next((agent.standing for agent in agents), None)


def interrupt(process: subprocess.Popen[str], kind: signal.Signals = signal.SIGINT) -> str:
    """Send a signal to a run, and return what it says to it: the next one would else be the same as this one."""
    process.send_signal(kind)
    assert process.stderr is not None
    return next(line for line in process.stderr if " stop " in line)


@contextmanager
def live(folder: Path, *words: str) -> Iterator[Live]:
    """Start `weft WORDS` in a folder, and end it at the latest with the block."""
    process = Weft(
        words,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Live(folder, process)
        finally:
            process.kill()
