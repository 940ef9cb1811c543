"""The server of the dashboard at work, in a thread of this process; and a run that says again what one has said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from command import NOBODYS

from weft.runtime.journal import Journal
from weft.runtime.journal.events import Event
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.serving.projects import projects_of
from weft.runtime.serving.server import Server, server_for

__all__ = ["Message", "Replayed", "client_of", "messages", "served"]


@contextmanager
def served(*folders: Path, read_only: bool = False) -> Iterator[Server]:
    """Serve projects in a thread while the block lasts."""
    server = server_for(projects_of(folders), 0, read_only=read_only, user=Path(NOBODYS))
    thread = threading.Thread(target=server.serve_until_told)
    thread.start()
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


def client_of(url: str, token: str) -> httpx2.Client:
    """Return a program that knows the token."""
    return httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


@dataclass(frozen=True)
class Message:
    """One server-sent event."""

    event: str
    id: str | None
    data: Any


def messages(answer: httpx2.Response) -> Iterator[Message]:
    """Yield what a stream sends."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            data = fields.get("data", "")
            yield Message(fields["event"], fields.get("id"), json.loads(data) if data.startswith("{") else data)
            fields = {}


class Replayed:
    """A run that says again, when it is told to, what another one has said; who holds it executes it."""

    def __init__(self, folder: Path, events: list[tuple[float, Event]]) -> None:
        runs = Project(folder).root / "runs"
        path = runs / f"20261130-101010-{len(list(runs.iterdir())) if runs.exists() else 0:04}"
        path.mkdir(parents=True)
        self.folder = RunFolder(path)
        self.events = list(events)
        self._at = 0.0
        self._journal = Journal(self.folder.journal, self)

    def now(self) -> float:
        """Return the time that it is in the run; it is its own clock."""
        return self._at

    def say(self, number: int | None = None) -> None:
        """Say the next events; all that are left without a number."""
        for at, event in self.events[:number]:
            self._at = at
            self._journal.add(event)
        del self.events[: len(self.events) if number is None else number]
        self._journal.commit()

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()
