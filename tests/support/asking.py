"""Agents that keep a list of who was asked, in a file: it outlives the process, however that ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.request import AgentError, AgentReply, AgentRequest

__all__ = ["COST", "Asking"]

COST = Spent(10, 5, 0.01)
"""What each answer costs."""


class Asking:
    """Answers each agent by its request alone, and notes its prompt before and after."""

    def __init__(
        self,
        folder: Path,
        *,
        lose: Collection[str] = (),
        answer: Callable[[AgentRequest], Any] | None = None,
        name: str = "asked.txt",
    ) -> None:
        """Answer `answer(request)`; lose the agents with these prompts."""
        self._path = folder / name
        self.lose = lose
        self._answer = answer or (lambda request: f"<{request.prompt}>")

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer."""
        self._note("asked", request)
        if request.prompt in self.lose:
            raise AgentError("refused", "not today")
        value = self._answer(request)
        self._note("answered", request)
        return AgentReply(value=value, spent=COST)

    def _note(self, what: str, request: AgentRequest) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.write(f"{what} {request.prompt}\n")

    @property
    def asked(self) -> Counter[str]:
        """How often each prompt was asked."""
        return self._noted("asked ")

    @property
    def answered(self) -> Counter[str]:
        """How often each prompt was answered."""
        return self._noted("answered ")

    def _noted(self, what: str) -> Counter[str]:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return Counter(line.removeprefix(what) for line in lines if line.startswith(what))

    def forget(self) -> None:
        """Begin a new list."""
        self._path.unlink(missing_ok=True)
