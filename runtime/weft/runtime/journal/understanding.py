"""What a run has understood and what not: what its harness and its agents say of it, added up, in numbers and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from weft.runtime.understood import Understood

__all__ = ["Understanding", "added_up"]

MOST_NAMED = 5
"""How many agents a line names."""


@dataclass(slots=True)
class Understanding:
    """How much of one kind of thing was understood, all that was said of it added up."""

    what: str
    count: int = 0
    of: int = 0
    hints: list[str] = field(default_factory=list)
    """Why the others were not, each once."""
    agents: list[str] = field(default_factory=list)
    """Who did not understand all they were asked about."""

    @property
    def whole(self) -> bool:
        """Whether there was anything, and all of it was understood."""
        return 0 < self.of == self.count

    def text(self) -> str:
        """Return it as one line for people, as in `not understood: 2 of 6 files (read:a.bin, read:b.bin): not text`."""
        if self.whole:
            return f"understood: all of {self.of} {self.what}"
        missing = self.of - self.count
        head = f"not understood: {missing} of {self.of} {self.what}" if self.of else f"nothing found: no {self.what}"
        shown = [*self.agents[:MOST_NAMED]]
        if len(self.agents) > len(shown):
            shown.append(f"{len(self.agents) - len(shown)} more")
        named = f" ({', '.join(shown)})" if shown else ""
        return " ".join((head + named + (f": {'; '.join(self.hints)}" if self.hints else "")).split())

    def take_in(self, said: Understood, agent: str | None = None) -> None:
        """Add what was said once more of the same kind of thing."""
        self.count, self.of = self.count + said.count, self.of + said.of
        if not said.whole:
            self._explain([said.hint], [] if agent is None else [agent])

    def take_off(self, missed: Understanding) -> None:
        """Count as not understood what others say they did not understand of it."""
        if not self.of:
            self.count = self.of = missed.of
        self.count = max(0, self.count - (missed.of - missed.count))
        self._explain(missed.hints, missed.agents)

    def _explain(self, hints: Iterable[str], agents: Iterable[str]) -> None:
        self.hints = [*dict.fromkeys([*self.hints, *filter(None, hints)])]
        self.agents = [*dict.fromkeys([*self.agents, *agents])]


def added_up(said: Iterable[Understood], by_agents: Iterable[tuple[str, Understood]]) -> list[Understanding]:
    """Return what was understood of each kind of thing, in the order in which it was first spoken of.

    Where the harness speaks of the same kind of thing as its agents, it has counted what they answered as understood;
    what they say they did not understand is taken off.

    Args:
        said: What the harness said.
        by_agents: What its agents say, each with its name.
    """
    harness: dict[str, Understanding] = {}
    for one in said:
        harness.setdefault(one.what, Understanding(one.what)).take_in(one)
    agents: dict[str, Understanding] = {}
    for name, one in by_agents:
        agents.setdefault(one.what, Understanding(one.what)).take_in(one, name)
    for what, heard in agents.items():
        if harness.setdefault(what, heard) is not heard and not heard.whole:
            harness[what].take_off(heard)
    return [*harness.values()]
