"""The parts of the budget that saved harnesses, and those below an agent, may use: what is opened within what."""

from __future__ import annotations

from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling
from weft.runtime.journal.accounts import NONE_UNSETTLED, Unsettled
from weft.runtime.money.limits import Limit

__all__ = ["Slices"]


class Slices:
    """Slices by the number of the call that opened them; `None` is where no slice is."""

    def __init__(self) -> None:
        self._with_outer: dict[int | None, dict[int | None, Limit]] = {None: {}}
        """Each with those around it, outermost first."""

    def around(self, number: int | None) -> dict[int | None, Limit]:
        """Return a slice and those around it, outermost first."""
        return self._with_outer[number]

    def full(self, number: int | None) -> str | None:
        """Return why no further agent has a place in a slice, or in one around it, if so."""
        for limit in self._with_outer[number].values():
            if limit.agents is not None and limit.asked >= limit.agents:
                return f"{limit.name} has asked as many agents as it may, {limit.agents:g}"
        return None

    def open(
        self,
        number: int,
        name: str,
        ceiling: Ceiling | None,
        *,
        within: int | None,
        spent: Spent | None = None,
        unsettled: Unsettled = NONE_UNSETTLED,
        agents: float | None = None,
    ) -> None:
        """Limit what the agents of a saved harness, or those below an agent, may use together.

        Args:
            number: Of its call.
            name: What it is, for people.
            ceiling: The most they may use; `None` for all that there is around it, also where that is raised.
            within: The slice that the call itself stands in.
            spent: What they have used before.
            unsettled: What of that is the most that requests can have cost whose end nobody knows.
            agents: How many it may ask; `None` for as many as the run.
        """
        limit = Limit(name, ceiling or Ceiling())
        limit.own = ceiling is not None
        limit.agents = agents
        limit.unsettled = unsettled
        limit.charge(spent or Spent())
        self._with_outer[number] = {**self._with_outer[within], number: limit}
