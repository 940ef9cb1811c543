"""How simulated agents behave in one run: what the search varies. What they then say is `answering`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from weft.primitives.lost import Cause

__all__ = ["FULL", "NEW", "Leaf", "Manner", "Site", "Spot", "Style"]

Style = Literal["least", "plausible", "agreed", "wide", "odd"]
"""`least`: the shortest answer that fits. `plausible`: what an agent might say. `agreed`: the same, nearly always what
the harness looks for, and alike of all that are asked about the same. `wide`: lists as long as they may be, of items
that differ. `odd`: empty, long, hostile and strange texts among the others."""


class Site(NamedTuple):
    """A place of the harness that asks agents for one kind of answer."""

    line: int
    """Where it waits for them; 0 where that is unknown."""
    schema: str
    """What tells the schema of the answer from others."""


class Leaf(NamedTuple):
    """A choice in the answers of a site: a text, a number, an option, how long a list is."""

    site: Site
    path: tuple[str, ...]
    """Where in the answer, see `agents.walk.Chooser.path`."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What there is to choose at a leaf."""

    kind: Literal["text", "number", "option", "list"]
    options: tuple[Any, ...] = ()
    """Of an option."""
    least: int = 0
    """Of a list, how long it must be."""
    most: int | None = None
    """Of a list, how long it may be at most, where its schema says."""


FULL = "full"
"""As the length of a list: as long as it may be."""

NEW = object()
"""As a text or number: one that nobody has used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How simulated agents behave in one run. The same manner and knowledge give the same answers."""

    name: str = ""
    """What to call it in front of a person."""
    seed: int = 0
    style: Style = "plausible"
    fixed: Mapping[Leaf, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What is always chosen at some leaves: a value, `NEW`, or the length of a list or `FULL`."""
    lose_every: int | None = None
    """Lose every n-th agent."""
    lose_at: frozenset[Site] = frozenset()
    """Lose all agents of these."""
    spare: int = 0
    """How many of each fan-out there answer all the same."""
    lose_after: int | None = None
    """Lose all agents but so many, those that are called first."""
    cause: Cause | None = "provider"
    """Why they are lost; `None` for any reason there is, each agent for another."""
    slow: bool = False
    """Whether those that are asked first answer last."""
    limit_every: int | None = None
    """Let every n-th agent wait until its provider takes its request."""
    charge: float = 0.0
    """Which part of the ceiling each agent costs; where there is none, it is run with one."""
    priced: bool = False
    """Whether each agent costs what it is expected to, and is begun only where the ceiling holds the most it can."""
    choice: int | None = None
    """Which answer of a person is given; the default of the question without."""
    tools_fail: bool = False
    """Whether every tool fails that the harness calls itself."""
    saved_fail: bool = False
    """Whether no saved harness is found that the harness calls."""

    @property
    def loses(self) -> bool:
        """Whether any agent may be lost."""
        return bool(self.lose_every or self.lose_at) or self.lose_after is not None

    @property
    def timely(self) -> bool:
        """Whether agents take as long as they are expected to."""
        return not (self.slow or self.limit_every or self.charge)

    @property
    def usual(self) -> bool:
        """Whether such a run tells how many agents there may be: nothing in it is made to fail."""
        return not (self.loses or self.tools_fail or self.saved_fail)
