"""Slots: how many agents may be at work at the same time, of all, of each model and of each profile.

An agent that waits for its provider or for the budget has none meanwhile. In which order agents get one at first is
`queue`; what they do with it, `scheduler`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import anyio

from weft.runtime.clock import Clock
from weft.runtime.scheduling.queue import Group
from weft.runtime.working import WaitsFor

__all__ = ["Caps", "Room", "Slot", "Slots"]

Room = Callable[[str], bool]
"""Whether the provider of a model takes another agent right now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many agents may be at work at the same time, and how many a run may start."""

    concurrency: int
    max_agents: int
    models: dict[str, int] = field(default_factory=dict)
    """Narrower ones, by model."""
    profiles: dict[str, int] = field(default_factory=dict)
    """Narrower ones, by profile."""
    room: Room | None = None
    """Whether the provider of a model takes another agent right now; without it, whether none waits for it."""
    widened: Callable[[str, int], None] | None = None
    """Told how many requests of a model may be under way, where that is changed."""

    def told(self, limits: Mapping[str, int]) -> Caps:
        """Return them as people have changed them on the way: `concurrency`, `model:NAME`, `profile:NAME`."""
        models, profiles = dict(self.models), dict(self.profiles)
        for name, most in limits.items():
            kind, _, of = name.partition(":")
            if kind in ("model", "profile"):
                (models if kind == "model" else profiles)[of] = most
            if kind == "model" and self.widened is not None:
                self.widened(of, most)
        concurrency = limits.get("concurrency", self.concurrency)
        return replace(self, concurrency=concurrency, models=models, profiles=profiles)


@dataclass(slots=True, eq=False)
class Slot:
    """The place of one agent among those at work."""

    group: Group
    taken: bool = False


class Slots:
    """Gives out the slots of a run."""

    def __init__(self, caps: Caps, clock: Clock) -> None:
        self._caps = caps
        self._clock = clock
        self._taken: Counter[Group] = Counter()
        self._all_taken = 0
        self._waits: defaultdict[str, int] = defaultdict(int)
        """How many agents wait for each provider's limit, by model, and for the budget."""
        self._returning: list[tuple[Slot, anyio.Event]] = []
        """Those that have waited, and want a slot again."""

    @property
    def caps(self) -> Caps:
        """Return how many agents may be at work."""
        return self._caps

    def retune(self, limits: Mapping[str, int]) -> None:
        """Let other caps hold from here on; who has a slot keeps it, and so there may be too many for a while."""
        self._caps = self._caps.told(limits)

    @property
    def idle(self) -> bool:
        """Whether no slot is taken, and nobody waits."""
        return not (self._all_taken or any(self._waits.values()) or self._returning)

    def free(self) -> bool:
        """Whether another agent may start, as far as it is not a matter of its group."""
        return not self._waits["budget"] and self._below_cap()

    def free_for(self, group: Group) -> bool:
        """Whether another agent of this group may start, as far as that is a matter of its group."""
        return self._below_caps(group) and self._room(group[0])

    def take(self, group: Group) -> Slot:
        """Give a slot to an agent that starts."""
        slot = Slot(group)
        self._occupy(slot)
        return slot

    def give_back(self, slot: Slot) -> None:
        """Take back the slot of an agent that ends; it may have none just then."""
        if slot.taken:
            slot.taken = False
            self._taken[slot.group] -= 1
            self._all_taken -= 1

    @asynccontextmanager
    async def without(self, slot: Slot, reason: WaitsFor) -> AsyncIterator[None]:
        """Let an agent wait in the block without its slot, and then for a slot, before all that have not started.

        Meanwhile no agent starts that would only have to wait for the same.
        """
        what = slot.group[0] if reason == "limit" else reason
        self.give_back(slot)
        self._waits[what] += 1
        try:
            yield
        finally:
            self._waits[what] -= 1
        await self._again(slot)

    async def _again(self, slot: Slot) -> None:
        free = anyio.Event()
        entry = (slot, free)
        self._returning.append(entry)
        self.let_return()
        try:
            await self._clock.wait(free)
        finally:
            if entry in self._returning:  # cancelled before it was given one
                self._returning.remove(entry)

    def let_return(self) -> None:
        """Give free slots to those that have waited, as far as the caps allow."""
        for entry in list(self._returning):
            slot, free = entry
            if self._below_cap() and self._below_caps(slot.group):
                self._returning.remove(entry)
                self._occupy(slot)
                self._clock.wake(free)

    def _occupy(self, slot: Slot) -> None:
        slot.taken = True
        self._taken[slot.group] += 1
        self._all_taken += 1

    def _room(self, model: str) -> bool:
        # Whoever knows the provider knows better: one request that it holds back says little about the next.
        return not self._waits[model] if self._caps.room is None else self._caps.room(model)

    def _below_cap(self) -> bool:
        return self._all_taken < self._caps.concurrency

    def _below_caps(self, group: Group) -> bool:
        model, profile = group
        most_of_model = self._caps.models.get(model)
        most_of_profile = None if profile is None else self._caps.profiles.get(profile)
        return (most_of_model is None or self._count(0, model) < most_of_model) and (
            most_of_profile is None or self._count(1, profile) < most_of_profile
        )

    def _count(self, part: int, name: str | None) -> int:
        return sum(count for group, count in self._taken.items() if group[part] == name)
