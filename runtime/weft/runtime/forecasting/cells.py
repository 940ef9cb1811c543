"""Rehearsed and recorded agents in cells: those of one run that are alike, with what they use together.

Everything that is learned and forecast is said of cells, so that a run of a thousand agents is some ten of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from weft.primitives.tools import SPAWNING
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.journal.events import AgentCalled, AgentFinished, Event
from weft.runtime.request import AgentRequest

__all__ = ["Call", "Cell", "Kind", "alike_in", "calls_of", "cell_of", "kind_of", "with_below"]

LOOKED_AT = 3
"""How many agents of a cell are looked at closely, to know what each uses."""

MOST_CELLS = 40
"""How many cells are told apart in a run."""

OTHERS = "…"
"""As which phase, and which kind, the agents count that are in none of them."""

UNSAID = 4
"""How many agents one is expected to have below it at most whose call does not say how many it may have."""

_WORD = re.compile(r"[^\W\d_]+")

WORDS = 4
"""How many words of a prompt tell agents without a label apart."""

Kind = tuple[str, str, str]
"""What agents have in common, from the general to the particular: the model; profile, label, tools and whether there is
a schema; the harness."""


@dataclass(frozen=True, slots=True)
class Call:
    """One agent as it was called in a run, in rehearsal or for real."""

    request: AgentRequest
    path: str = ""
    """Its call path: in which branch of which fan-out it stands, and so after which others."""
    answered: bool = True
    """Whether it was not lost or cancelled."""
    value: Any = None
    """What it answered."""

    @property
    def phase(self) -> str | None:
        """The phase that it counts for."""
        return self.request.phase


@dataclass(frozen=True, slots=True)
class Cell:
    """Agents of one run that are alike."""

    phase: str | None
    kind: Kind
    agents: int
    use: Use
    """Of all of them together, as counted from their calls alone."""


def with_below(calls: Sequence[Call], part: float) -> tuple[Call, ...]:
    """Return the agents of a rehearsed run with some below those that may ask others, which are not rehearsed.

    Args:
        calls: The agents of the run.
        part: How many there are of those that each may have, as a fraction.
    """
    added = [
        Call(replace(call.request, schema=None, tools=_spared(call.request), spawns=None), f"{call.path}/a0.{number}")
        for call in calls
        if not set(SPAWNING).isdisjoint(call.request.tools)
        for number in range(round(part * (UNSAID if call.request.spawns is None else call.request.spawns)))
    ]
    return (*calls, *added)


def _spared(request: AgentRequest) -> tuple[str, ...]:
    return tuple(name for name in request.tools if name not in SPAWNING)


def calls_of(events: Iterable[Event]) -> tuple[Call, ...]:
    """Return the agents that were called, in the order of their calls, from the events of a run."""
    called: dict[int, AgentCalled] = {}
    answers: dict[int, Any] = {}
    for event in events:
        if isinstance(event, AgentCalled):
            called[event.id] = event
        elif isinstance(event, AgentFinished):
            answers[event.id] = event.value
    return tuple(
        Call(event.request, event.path, number in answers, answers.get(number)) for number, event in called.items()
    )


def kind_of(request: AgentRequest, harness: str) -> Kind:
    """Return what kind of agent answers a request of a harness."""
    said = request.label if request.label is not None else " ".join(request.prompt.split(maxsplit=WORDS)[:WORDS])
    head = re.split(r"[:/#|(\[]", said, maxsplit=1)[0]
    words = _WORD.findall(head) or _WORD.findall(said)
    name = " ".join(words[:WORDS]).lower()
    parts = (request.profile or "", name, ",".join(request.tools), "schema" if request.schema is not None else "text")
    return request.model, "|".join(parts), harness


def alike_in(requests: Iterable[AgentRequest], harness: str) -> dict[tuple[str | None, Kind], list[AgentRequest]]:
    """Return the agents of a run by phase and kind; where these are very many, the small ones of a model together."""
    groups: dict[tuple[str | None, Kind], list[AgentRequest]] = {}
    for request in requests:
        groups.setdefault((request.phase, kind_of(request, harness)), []).append(request)
    if len(groups) <= MOST_CELLS:
        return groups
    few: dict[tuple[str | None, Kind], list[AgentRequest]] = {}
    for place, ((phase, kind), found) in enumerate(sorted(groups.items(), key=lambda group: -len(group[1]))):
        key = (phase, kind) if place < MOST_CELLS else (OTHERS, (kind[0], OTHERS, kind[2]))
        few.setdefault(key, []).extend(found)
    return few


def cell_of(phase: str | None, kind: Kind, requests: Sequence[AgentRequest], cold: Cold) -> Cell:
    """Return a cell; of many agents that are alike, some are looked at and stand for the others."""
    return Cell(phase, kind, len(requests), _together(requests, cold))


def _together(requests: Sequence[AgentRequest], cold: Cold) -> Use:
    step = max(1, len(requests) // LOOKED_AT)
    some = [cold.use(request) for request in requests[::step][:LOOKED_AT]]
    times = len(requests) / len(some)
    dollars = [use.usd for use in some if use.usd is not None]
    return Use(
        input=times * sum(use.input for use in some),
        output=times * sum(use.output for use in some),
        turns=times * sum(use.turns for use in some),
        seconds=times * sum(use.seconds for use in some),
        usd=times * sum(dollars) if len(dollars) == len(some) else None,
    )
