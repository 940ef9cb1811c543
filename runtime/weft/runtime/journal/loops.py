"""How the loops of a run have ended, added up by their places; what is shown of those that were cut off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from weft.primitives.rounds import LoopEnd, LoopHelper
from weft.runtime.journal.events import LoopEnded

__all__ = ["Loops", "Place", "cut_off", "take_in"]

MOST_SHOWN = 5
"""How many places are shown where loops were cut off."""

STILL: dict[LoopHelper, str] = {
    "until_dry": "had not run dry",
    "until_target": "had not reached its target",
    "while_budget": "had budget left",
}
"""What it means that a loop did not end by itself."""


@dataclass(slots=True)
class Loops:
    """All loops of one place that have ended in one way."""

    line: int | None
    workflow: str | None
    """The saved harness whose line it is; `None` for the run's own."""
    phase: str | None
    helper: LoopHelper
    ended: LoopEnd
    free: bool
    """Whether nothing but `max_rounds` could end them."""
    times: int = 0
    """How many there were."""
    rounds: int = 0
    """How many rounds they took together."""

    @property
    def cut_off(self) -> bool:
        """Whether they ended before they had come to an end by themselves."""
        return self.ended == "lost" or (self.ended == "cap" and not self.free)

    def text(self) -> str:
        """Return it as a line for people, as in `until_dry at line 12 was cut off at max_rounds, after 3 …`."""
        where = f"{self.helper} at line {self.line}" + (f" of {self.workflow}" if self.workflow else "")
        often = f", {self.times} times" if self.times > 1 else ""
        rounds = f"{self.rounds} round{'s' * (self.rounds != 1)}" + (" in all" if self.times > 1 else "")
        if self.ended == "lost":
            return f"{where} ended as the agents of two rounds in a row were all lost{often}, after {rounds}"
        if self.cut_off:
            return f"{where} was cut off at max_rounds{often}, after {rounds}, and {STILL[self.helper]}"
        return f"{where} ended ({self.ended}){often}, after {rounds}"


Place = tuple[str | None, int | None, str | None, LoopHelper, LoopEnd, bool]
"""Saved harness, line, phase, and how loops there ended."""


def take_in(loops: dict[Place, Loops], event: LoopEnded, workflow: str | None) -> Loops:
    """Add one more loop that has ended, in this saved harness, to those that are known; return those of its place."""
    place = (workflow, event.line, event.phase, event.helper, event.ended, event.free)
    fresh = Loops(event.line, workflow, event.phase, event.helper, event.ended, event.free)
    known = loops.setdefault(place, fresh)
    known.times += 1
    known.rounds += event.rounds
    return known


def cut_off(loops: Iterable[Loops]) -> list[str]:
    """Return a line for each place where loops were cut off before they ended by themselves; of many, the first."""
    lines = [one.text() for one in loops if one.cut_off]
    more = len(lines) - MOST_SHOWN
    return [*lines[:MOST_SHOWN], f"loops in {more} more places were cut off"] if more > 0 else lines
