"""What a run has understood and what not: what its harness and its agents say of it, added up, in numbers and words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from weft.runtime.understood import Understood

__all__ = ["Understanding", "added_up", "not_understood", "take_in", "together"]

MOST_NAMED = 5
"""How many agents, and how many reasons, a line names."""

MOST_SHOWN = 8
"""Of how many kinds of things it is shown that they were not understood."""


@dataclass(slots=True)
class Understanding:
    """How much of one kind of thing was understood, all that was said of it added up."""

    what: str
    count: int = 0
    of: int = 0
    hints: dict[str, None] = field(default_factory=dict)
    """Why the others were not, each once."""
    agents: dict[str, None] = field(default_factory=dict)
    """Who did not understand all they were asked about."""
    nothing: bool = False
    """Whether somebody found none at all; what others found does not make up for it."""

    @property
    def whole(self) -> bool:
        """Whether there was anything, and all of it was understood."""
        return 0 < self.of == self.count and not self.nothing

    def text(self) -> str:
        """Return it as one line for people, as in `not understood: 2 of 6 files (read:a.bin, read:b.bin): not text`."""
        if self.whole:
            return f"understood: all of {self.of} {self.what}"
        missing = self.of - self.count
        head = f"not understood: {missing} of {self.of} {self.what}" if missing else f"nothing found: no {self.what}"
        if self.of and not missing:
            head += f" besides {self.of} that were understood"
        named = f" ({', '.join(_first(self.agents))})" if self.agents else ""
        hints = f": {'; '.join(_first(self.hints))}" if self.hints else ""
        return " ".join(f"{head}{named}{hints}".split())

    def take_in(self, said: Understood, agent: str | None = None) -> None:
        """Add what was said once more of the same kind of thing."""
        self.count, self.of = self.count + said.count, self.of + said.of
        self.nothing |= not said.of
        if not said.whole:
            self._explain([said.hint], [] if agent is None else [agent])

    def take_off(self, missed: Understanding) -> None:
        """Count as not understood what others say they did not understand of it."""
        if not self.of:
            self.count = self.of = missed.of
        self.count = max(0, self.count - (missed.of - missed.count))
        self.nothing |= missed.nothing
        self._explain(missed.hints, missed.agents)

    def _explain(self, hints: Iterable[str], agents: Iterable[str]) -> None:
        self.hints.update(dict.fromkeys(filter(None, hints)))
        self.agents.update(dict.fromkeys(agents))


def _first(texts: Collection[str]) -> list[str]:
    more = len(texts) - MOST_NAMED
    return [*islice(texts, MOST_NAMED), f"{more} more"] if more > 0 else [*texts]


def not_understood(understanding: Iterable[Understanding]) -> list[str]:
    """Return a line for each kind of thing that was not understood whole; of very many, for the first."""
    lines = [partial.text() for partial in understanding if not partial.whole]
    more = len(lines) - MOST_SHOWN
    return [*lines[:MOST_SHOWN], f"not understood: {more:,} more kinds of things"] if more > 0 else lines


def added_up(said: Iterable[Understood], by_agents: Iterable[tuple[str, Understood]]) -> list[Understanding]:
    """Return what was understood of each kind of thing, in the order in which it was first spoken of.

    Where the harness speaks of the same kind of thing as its agents, it has counted what they answered as understood;
    what they say they did not understand is taken off.

    Args:
        said: What the harness said.
        by_agents: What its agents say, each with its name.
    """
    agents: dict[str, Understanding] = {}
    for name, one in by_agents:
        take_in(agents, one, name)
    return together(said, agents)


def take_in(known: dict[str, Understanding], said: Understood, agent: str | None = None) -> None:
    """Add what was said once more to what is known of its kind of thing."""
    known.setdefault(said.what, Understanding(said.what)).take_in(said, agent)


def together(said: Iterable[Understood], agents: Mapping[str, Understanding]) -> list[Understanding]:
    """Return what `added_up` does, where what agents say was added up already; that stays as it is."""
    harness: dict[str, Understanding] = {}
    for one in said:
        take_in(harness, one)
    for what, heard in agents.items():
        if harness.setdefault(what, heard) is not heard and not heard.whole:
            harness[what].take_off(heard)
    return [*harness.values()]
