"""A run in a thread of this process that waits for a person: it asks, and then would be wider than was approved.

It is executed without a process of its own, and steered by its socket as any other; see `unconfined`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
from served import client_of, served
from waiting import until

from weft.runtime.errors import JournalError
from weft.runtime.execution.run import run
from weft.runtime.helping import away
from weft.runtime.journal import RunState
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.serving.server import Server
from weft.runtime.settings import Settings

__all__ = ["Going", "going"]

ASKING = '''"""Ask somebody, then everybody."""
from weft.primitives import agent, ask, parallel


async def main(args):
    said = await ask("Look at all?", choices=["all", "some"], default="some", timeout=600)
    return await parallel(agent(f"{said}: {n}", label=f"look:{n}") for n in range(int(args["wide"])))
'''


class Going:
    """A run in a thread: it asks, then begins a fan-out of three of which two were approved."""

    def __init__(self, folder: Path) -> None:
        self.project = Project(folder)
        self._thread = threading.Thread(target=self._execute)
        self._thread.start()
        until(lambda: self.project.root.exists() and bool(self.project.runs()))
        self.folder = self.project.runs()[-1]
        self.until(lambda state: bool(state.host_calls.unanswered))

    def _execute(self) -> None:
        async def go() -> None:
            agents = f"stub:{self.project.root.parent / 'stub.json'}"
            settings = Settings(budget_usd=5.0, model="anthropic:claude-sonnet-4-5", agents=agents)
            harness = parse_harness(ASKING, name="asking", filename="asking.py")
            await run(harness, {"wide": 3}, settings, self.project, approved={"7": 2}, people=away)

        anyio.run(go)

    def until(self, true: Callable[[RunState], bool]) -> RunState:
        """Wait until that is so, and return how the run stands then."""
        seen: list[RunState] = []

        def so() -> bool:
            try:
                seen.append(self.folder.state())
            except JournalError:  # it has just begun
                return False
            return true(seen[-1])

        until(so)
        return seen[-1]

    @property
    def control(self) -> str:
        """Return where it is told something."""
        return f"/api/v1/projects/{self.project.root.parent.name}/runs/{self.folder.id}/control"

    def end(self) -> None:
        """Wait for its end."""
        self._thread.join(60)
        assert not self._thread.is_alive()


@contextmanager
def going(folder: Path) -> Iterator[tuple[Server, Going]]:
    """Start one in a folder, serve it, and end both with the block."""
    (folder / "stub.json").write_text('{"default": {"result": "seen"}}')
    run = Going(folder)
    with served(folder) as server:
        try:
            yield server, run
        finally:
            with client_of(server.address.url, server.address.token) as client:
                client.post(run.control, json={"verb": "stop"})
            run.end()
